"""The shop floor's pages: what they say, that their keys work, and that strangers see nothing."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories import signed_in
from tests.workshop.making import NOW, Floor, machine

from gonghe.apps.market.models import Call, CallInvitation, Contract, KeyHolder
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.models import Document, Order, Revision
from gonghe.apps.workshop import services
from gonghe.apps.workshop.models import Handover, JobResponse


def shown(floor: Floor, slug: str, name: str, *args: Any, client: Client | None = None) -> str:
    """Visible text of a page, blanks joined."""
    answer = (client or signed_in(floor.firms[slug])).get(
        reverse(f"workshop:{name}", args=[slug, *args]), follow=True
    )
    assert answer.status_code == 200
    return text_of(answer)


def text_of(answer: Any) -> str:
    body = re.sub(r"(?s)<script.*?</script>|<svg.*?</svg>", "", answer.content.decode())
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body))


def press(floor: Floor, slug: str, name: str, *args: Any, client: Client | None = None, **fields: Any) -> Any:
    client = client or signed_in(floor.firms[slug])
    return client.post(reverse(f"workshop:{name}", args=[slug, *args]), fields, follow=True)


def test_the_language_is_switched_on_the_screen_beside_a_machine(floor: Floor) -> None:
    client = signed_in(floor.firms["hengda"])
    page = reverse("workshop:job", args=["hengda", floor.job("Mill").pk])
    assert f'name="next" value="{page}"' in client.get(page).content.decode()
    there = client.post(reverse("set_language"), {"language": "zh-hans", "next": page}, follow=True)
    assert there.request["PATH_INFO"] == page
    assert '<button class="button plain" name="language" value="en" lang="en">English</button>' in (
        there.content.decode()
    )


class TestOverview:
    def test_without_jobs_it_says_what_to_do(self, client_owner: Client, acting_owner: Acting) -> None:
        machine(acting_owner)
        text = text_of(client_owner.get(reverse("workshop:index", args=["hengda"])))
        assert "No job waits. Job orders come with an award." in text
        assert "See open calls" in text

    def test_a_firm_without_machines_is_led_to_its_orders(self, floor: Floor) -> None:
        client_buyer = signed_in(floor.people.buyer)
        text = text_of(client_buyer.get(reverse("workshop:index", args=["lanshan"])))
        assert "No job waits" not in text
        assert "Your firm has no machines here; other workshops make your orders." in text
        assert "See how far your orders are" in text
        floor.make("Mill", 61)
        floor.receive(floor.send("Mill", 61), 61)
        floor.make("Grind", 61)
        floor.receive(floor.send("Grind", 61), 61)
        floor.make("Coat", 61)
        floor.send("Coat", 61)
        text = text_of(client_buyer.get(reverse("workshop:index", args=["lanshan"])))
        assert "1 delivery is on its way to you." in text
        assert "Confirm what arrived" in text

    def test_what_runs_and_what_comes(self, floor: Floor) -> None:
        floor.start("Mill")
        text = shown(floor, "hengda", "index")
        assert "1 of 1 machine runs; nothing else waits." in text
        assert "M1" in text
        assert "0 of 61" in text
        assert "Grind" not in text

    def test_what_has_to_be_sent_and_received(self, floor: Floor) -> None:
        floor.make("Mill", 60, 1)
        assert "60 pieces for Fenghua Grinding." in shown(floor, "hengda", "index")
        floor.send("Mill", 60)
        assert "1 handover is on its way to you." in shown(floor, "fenghua", "index")
        assert "Nothing waits to be sent." in shown(floor, "hengda", "index")

    def test_a_stopped_machine_comes_first(self, floor: Floor) -> None:
        floor.start("Mill")
        services.breakdown(floor.worker("Mill"), floor.job("Mill"), until=NOW + timedelta(hours=5))
        assert "M1 is down until 15:20. 0 of 1 machine runs;" in shown(floor, "hengda", "index")

    def test_the_wall_counts_machines_and_pieces(self, floor: Floor) -> None:
        floor.start("Mill")
        services.report(floor.worker("Mill"), floor.job("Mill"), good=12, scrap=0)
        text = shown(floor, "hengda", "wall")
        assert "1 of 1 machine runs; 12 of 61 pieces made." in text
        assert "10:20" in text


class TestOperator:
    def test_it_goes_to_the_next_job(self, floor: Floor) -> None:
        text = shown(floor, "hengda", "operator")
        # 61 minutes of work after an hour of set-up, from 10:20 on.
        assert "Next: Mill, 61 pieces; done about 12:21." in text
        assert "Next: Mill" in shown(floor, "hengda", "machine", floor.machines["hengda"].pk)

    def test_it_says_when_nothing_waits(self, floor: Floor) -> None:
        floor.make("Mill", 61)
        assert "No job waits for M1." in shown(floor, "hengda", "machine", floor.machines["hengda"].pk)

    def test_the_keys_of_a_job(self, floor: Floor) -> None:
        job = floor.job("Mill").pk
        assert "61 pieces to go; the last is done about" in text_of(press(floor, "hengda", "start", job))
        press(floor, "hengda", "report", job, good=1, scrap=0)
        press(floor, "hengda", "report", job, good=0, scrap=1)
        assert "Paused; 59 pieces to go." in text_of(press(floor, "hengda", "pause", job))
        press(floor, "hengda", "start", job)
        text = text_of(press(floor, "hengda", "finish", job, good=59, scrap=0))
        assert "Done. 60 pieces go to Fenghua Grinding now." in text
        job_order = floor.job("Mill")
        assert (job_order.good, job_order.scrap, job_order.state) == (60, 1, "finished")

    def test_a_key_pressed_twice_counts_once(self, floor: Floor) -> None:
        floor.start("Mill")
        client, key = signed_in(floor.firms["hengda"]), uuid.uuid4().hex
        for _press in range(2):
            press(floor, "hengda", "report", floor.job("Mill").pk, client=client, good=1, scrap=0, key=key)
        assert floor.job("Mill").good == 1
        press(
            floor,
            "hengda",
            "report",
            floor.job("Mill").pk,
            client=client,
            good=1,
            scrap=0,
            key=uuid.uuid4().hex,
        )
        assert floor.job("Mill").good == 2

    def test_wrong_numbers_come_back_with_what_was_typed(self, floor: Floor) -> None:
        floor.start("Mill")
        answer = press(floor, "hengda", "finish", floor.job("Mill").pk, good=70, scrap=0, note="first lot")
        assert answer.status_code == 422
        assert "Only 61 pieces are left to report. Give 61 or fewer." in text_of(answer)
        assert 'value="70"' in answer.content.decode()
        assert 'value="first lot"' in answer.content.decode()
        assert floor.job("Mill").state == "running"

    def test_waiting_for_pieces(self, floor: Floor) -> None:
        text = shown(floor, "fenghua", "job", floor.job("Grind").pk)
        assert "Wait with Grind: the pieces are not here yet." in text
        assert "Mill" not in text

    def test_scrap_that_leaves_too_few_is_said_and_can_be_made_again(self, floor: Floor) -> None:
        floor.start("Mill")
        services.report(floor.worker("Mill"), floor.job("Mill"), good=50, scrap=4)
        text = shown(floor, "hengda", "job", floor.job("Mill").pk)
        assert "3 good pieces short of the 60 that the order needs." in text
        press(floor, "hengda", "more", floor.job("Mill").pk, pieces=3)
        assert "good pieces short" not in shown(floor, "hengda", "job", floor.job("Mill").pk)

    def test_breakdown_help_and_repair(self, floor: Floor) -> None:
        floor.start("Mill")
        job = floor.job("Mill").pk
        text = text_of(press(floor, "hengda", "help", job, note="spindle noise"))
        assert "Help was called at 10:20. spindle noise" in text
        assert JobResponse.objects.filter(kind="help").count() == 1
        assert "calls for help" in shown(floor, "hengda", "index")
        text = text_of(press(floor, "hengda", "breakdown", job, until="2026-03-10T08:00", note="bearing"))
        assert "M1 is down, until about Tue 10, 08:00." in text
        text = text_of(press(floor, "hengda", "repaired", floor.machines["hengda"].pk))
        assert "Paused; 61 pieces to go." in text
        answer = press(floor, "hengda", "breakdown", job, until="2026-03-08T08:00")
        assert "Give a time in the future" in text_of(answer)

    def test_a_colleague_without_the_role_sees_no_keys(self, floor: Floor) -> None:
        clerk = signed_in(floor.people.buyer)
        floor.replan("Coat", "lanshan")
        text = shown(floor, "lanshan", "job", floor.job("Coat").pk, client=clerk)
        assert "Call for help" not in text

    def test_the_part_is_shown_as_far_as_the_market_lets_the_firm_see_it(self, floor: Floor) -> None:
        line = floor.order.lines.get()
        mesh = Document.objects.create(
            organization=floor.order.organization,
            kind=Document.Kind.MESH,
            name="bracket.glb",
            sha256="0" * 64,
            size=3,
            media_type="model/gltf-binary",
        )
        Revision.objects.filter(pk=line.revision_id).update(mesh=mesh)
        holder = KeyHolder.objects.create(organization=floor.people.office.organization, public_key="0" * 64)
        call = Call.objects.create(
            order=floor.order, key_holder=holder, closes_at=NOW, bids_valid_until=NOW, state="awarded"
        )
        call.lines.add(line)
        CallInvitation.objects.create(call=call, organization=floor.firms["hengda"].organization)
        Contract.objects.update(call=call)
        path = reverse("market:document", args=["hengda", call.pk, mesh.pk])
        answer = signed_in(floor.firms["hengda"]).get(
            reverse("workshop:job", args=["hengda", floor.job("Mill").pk])
        )
        assert f'src="{path}"' in answer.content.decode()


class TestHandover:
    def test_send_print_receive(self, floor: Floor) -> None:
        floor.make("Mill", 61)
        operation = floor.operation("Mill").pk
        assert "61 pieces wait to go to Fenghua Grinding." in shown(floor, "hengda", "send", operation)
        answer = press(floor, "hengda", "send", operation, quantity=62)
        assert "Send between 1 and 61." in text_of(answer)
        text = text_of(press(floor, "hengda", "send", operation, quantity=61, note="in two crates"))
        assert "61 pieces are on their way from Hengda Precision to Fenghua Grinding." in text
        assert "in two crates" in text
        note = Handover.objects.get()
        assert "Confirm receipt" in shown(floor, "fenghua", "handover", note.pk)
        text = text_of(press(floor, "fenghua", "receive", note.pk, accepted=59, note="2 scratched"))
        assert "Fenghua Grinding accepted 59 of 61 pieces." in text
        assert "2 rejected pieces are the loss of Hengda Precision." in text
        assert "2 scratched" in text
        answer = press(floor, "fenghua", "receive", note.pk, accepted=61)
        assert "The receipt was confirmed already." in text_of(answer)
        assert f"{note.number} Hengda Precision to Fenghua Grinding" in shown(floor, "lanshan", "handovers")

    def test_settlement(self, floor: Floor) -> None:
        key = floor.order.pk
        assert "worked out when the order is delivered" in shown(floor, "lanshan", "settlement", key)
        floor.make("Mill", 61)
        floor.receive(floor.send("Mill", 61), 61)
        floor.make("Grind", 60, 1)
        floor.receive(floor.send("Grind", 60), 58)
        floor.make("Coat", 58)
        floor.receive(floor.send("Coat", 58), 58)
        text = shown(floor, "lanshan", "settlement", key)
        assert "¥18,545.41: ¥18,133.33 for 3 workshops, ¥412.08 for transport." in text
        assert "you pay it to the carrier, who is not named yet ¥412.08" in text
        assert "¥200 are taken off" in text
        text = shown(floor, "fenghua", "settlement", key)
        assert "You get ¥5,800 for" in text
        assert "Hengda" not in text
        assert "ransport" not in text
        assert "Agreed on 9 March, 10:20." in text_of(press(floor, "lanshan", "agree", key))
        floor.order.refresh_from_db()
        assert floor.order.state == Order.State.SETTLED
        assert "Only a delivered order" in text_of(press(floor, "lanshan", "agree", key))


class TestStrangers:
    @pytest.mark.parametrize("who", ["ruian", "taihe"])
    def test_foreign_and_random_are_the_same(self, floor: Floor, who: str) -> None:
        floor.make("Mill", 61)
        note = floor.send("Mill", 61)
        acting = floor.people.rival if who == "ruian" else floor.firms["taihe"]
        client = signed_in(acting)
        known: list[tuple[str, Any, bool]] = [
            ("job", floor.job("Grind").pk, False),
            ("start", floor.job("Grind").pk, True),
            ("finish", floor.job("Grind").pk, True),
            ("help", floor.job("Grind").pk, True),
            ("machine", floor.machines["hengda"].pk, False),
            ("repaired", floor.machines["hengda"].pk, True),
            ("send", floor.operation("Mill").pk, False),
            ("handover", note.pk, False),
            ("receive", note.pk, True),
            ("agree", floor.order.pk, True),
        ]
        if who == "ruian":
            known.append(("settlement", floor.order.pk, False))
        for name, key, post in known:
            answers = []
            for one in (key, uuid.uuid4()):
                path = reverse(f"workshop:{name}", args=[who, one])
                answers.append(client.post(path) if post else client.get(path))
            assert [one.status_code for one in answers] == [404, 404], name
            assert answers[0].content == answers[1].content, name

    def test_an_outsider_is_sent_away(self, floor: Floor) -> None:
        client = signed_in(floor.people.outsider)
        for name in ("index", "wall", "operator", "handovers"):
            assert client.get(reverse(f"workshop:{name}", args=["hengda"])).status_code == 404
        assert Client().get(reverse("workshop:index", args=["hengda"])).status_code == 302
