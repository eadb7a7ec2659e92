"""Each viewer sees its own part of a plan, and outsiders nothing."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories import signed_in
from tests.plans.making import Scene, shanghai

from gonghe import clock
from gonghe.apps.audit.services import settle
from gonghe.apps.base import ConflictError, ForbiddenError, NotFoundError
from gonghe.apps.capacity import services as capacity
from gonghe.apps.jobs.services import run_until_idle
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Disclosure
from gonghe.apps.plans import access, services, trying, whatif
from gonghe.apps.plans.asking import LIMIT
from gonghe.apps.plans.models import Plan, Question
from gonghe.apps.plans.reading import plan_view
from gonghe.apps.plans.sections import award_section, promise_section
from gonghe.apps.principal import SYSTEM


@pytest.fixture
def in_force(scene: Scene, proposed: Plan) -> Plan:
    """The awarded plan."""
    return services.accept_award(scene.buyer, proposed)


def test_a_proposed_award_is_the_buyers_alone(scene: Scene, proposed: Plan) -> None:
    assert access.get_plan(scene.buyer, proposed.pk) == proposed
    for other in (scene.owner, scene.fenghua, scene.peer, scene.rival, scene.office):
        with pytest.raises(NotFoundError):
            access.get_plan(other, proposed.pk)


def test_after_the_award_winners_see_it_and_losers_do_not(scene: Scene, in_force: Plan) -> None:
    assert access.get_plan(scene.owner, in_force.pk) == in_force
    for other in (scene.peer, scene.rival, scene.office):
        with pytest.raises(NotFoundError):
            access.get_plan(other, in_force.pk)


def test_the_buyer_sees_all_and_what_it_costs(scene: Scene, in_force: Plan) -> None:
    view = plan_view(scene.buyer, access.get_plan(scene.buyer, in_force.pk))
    assert [(item.operation, item.organization.name, item.price) for item in view.items] == [
        ("1/10 Mill", "Hengda Precision", Decimal("3300.00")),
        ("1/20 Grind", "Fenghua Grinding", Decimal("1100.00")),
    ]
    assert view.money.production == Decimal("4400.00")
    assert view.money.total == view.money.production + (view.money.transport or 0)
    assert [bar["label"] for bar in view.picture.gantt["bars"]] == ["10 Mill", "20 Grind"]
    assert view.picture.gantt["links"] == [
        {"from": str(scene.milling.pk), "to": str(scene.grinding.pk), "chain": True}
    ]


def test_a_page_says_each_number_once_and_how_good_the_plan_is_in_plain_words(
    scene: Scene, in_force: Plan
) -> None:
    client, page = signed_in(scene.buyer), reverse("plans:plan", args=["lanshan", in_force.pk])
    text = client.get(page).content.decode()
    assert '<td class="code">1/10</td><td class="full"><b>Mill</b>' in text
    assert "you pay it to the carrier, who is not named yet" in text
    assert in_force.cost["total"] == in_force.bound
    assert "yes: no plan can cost less" in text
    Plan.objects.filter(pk=in_force.pk).update(bound=in_force.cost["total"] * 0.977)
    assert "at most 2.3 % could be saved" in client.get(page).content.decode()


def test_a_firm_sees_its_own_work_and_price(scene: Scene, in_force: Plan) -> None:
    view = plan_view(scene.owner, access.get_plan(scene.owner, in_force.pk))
    assert [item.operation for item in view.items] == ["1/10 Mill"]
    assert (view.money.total, view.money.transport) == (Decimal("3300.00"), None)
    shown = str((view.picture, view.moves, view.voices, view.reasons, view.items))
    assert "Fenghua" not in shown
    assert str(scene.grinding.pk) not in shown


def test_others_hours_show_only_where_they_are_disclosed(scene: Scene, in_force: Plan) -> None:
    capacity.reserve(
        SYSTEM,
        equipment=scene.grinder,
        pieces=[(shanghai(12, "08:00"), shanghai(12, "10:00"))],
        holder=scene.rival.organization,
        purpose="secret customer",
    )

    def bars(acting: Acting) -> list[tuple[str, str]]:
        view = plan_view(acting, access.get_plan(acting, in_force.pk))
        assert "secret customer" not in str(view.picture)
        return [(bar["kind"], bar["label"]) for bar in view.picture.gantt["bars"]]

    assert bars(scene.buyer) == [("own", "10 Mill"), ("own", "20 Grind")]
    assert ("reserved", "reserved") in bars(scene.fenghua)
    Disclosure.objects.create(
        organization=scene.fenghua.organization, group="free_hours", level=Disclosure.Level.MEMBERS
    )
    assert ("taken", "") in bars(scene.buyer)


def test_reasons_say_not_available_of_others_and_more_of_oneself(scene: Scene) -> None:
    capacity.reserve(
        SYSTEM,
        equipment=scene.grinder,
        pieces=[(shanghai(10, "08:00"), shanghai(10, "16:00"))],
        holder=scene.rival.organization,
        purpose="secret customer",
    )
    plan = services.accept_award(scene.buyer, scene.proposed())
    told = plan_view(scene.buyer, plan).reasons
    assert told[0] == "The material is there on Saturday 7 March, 10:00."
    assert "Fenghua Grinding is not available until Wednesday 11 March, 08:00." in told
    assert "Mill at Hengda Precision takes 11.5 h, with breaks until Tuesday 10 March, 11:30." in told
    own = plan_view(scene.fenghua, plan).reasons
    assert "Grind at Fenghua Grinding takes 5.8 h." in own
    assert any(
        "G1 grinding is reserved until" in text or "G1 grinding is closed until" in text for text in own
    )
    assert not any("Hengda" in text for text in own)


def test_a_re_plan_shows_each_firm_its_own_moves(scene: Scene, in_force: Plan) -> None:
    with clock.telling(shanghai(6, "09:00")):
        capacity.mark_down(SYSTEM, scene.mill, shanghai(6, "09:00"), shanghai(20, "16:00"))
        settle()
        run_until_idle()
    plan = Plan.objects.filter(state="proposed", assignments__organization=scene.peer.organization).get()
    gives = plan_view(scene.owner, access.get_plan(scene.owner, plan.pk))
    (move,) = gives.moves
    assert (move.becomes, move.cost) == (None, Decimal("-3300.00"))
    assert "Mingde" not in str((gives.moves, gives.picture, gives.voices, gives.items, gives.reasons))
    takes = plan_view(scene.peer, access.get_plan(scene.peer, plan.pk))
    (move,) = takes.moves
    assert (move.was, move.cost) == (None, Decimal("4140.00"))
    assert "Hengda" not in str((takes.moves, takes.picture, takes.voices, takes.items, takes.reasons))
    assert "Fenghua" not in str((takes.moves, takes.picture, takes.voices, takes.items, takes.reasons))
    whole = plan_view(scene.buyer, access.get_plan(scene.buyer, plan.pk))
    assert whole.stop is not None
    assert whole.stop.machine == "Hengda Precision M1"
    assert {voice.name for voice in whole.voices} == {
        "Hengda Precision",
        "Mingde Milling",
        "Fenghua Grinding",
        "Lanshan Pump Works",
    }


def test_trying_a_move_is_priced_and_stores_nothing(scene: Scene, in_force: Plan) -> None:
    """Milling a day later: everything arrives a day later, for the same price."""
    before = Plan.objects.count()
    trial = trying.try_move(
        scene.buyer, in_force, bar=scene.milling.pk, row=str(scene.mill.pk), start=shanghai(10, "08:00")
    )
    assert (trial.start, trial.end, trial.as_asked) == (shanghai(10, "08:00"), shanghai(11, "11:30"), True)
    assert (trial.lateness_s, trial.cost) == (86_400, Decimal(0))
    late = trying.try_move(
        scene.buyer, in_force, bar=scene.milling.pk, row=str(scene.mill.pk), start=shanghai(10, "20:00")
    )
    assert (late.start, late.as_asked) == (shanghai(11, "08:00"), False)
    assert Plan.objects.count() == before


def test_trying_is_for_ones_own(scene: Scene, in_force: Plan) -> None:
    move = {"row": str(scene.grinder.pk), "start": shanghai(12, "08:00")}
    with pytest.raises(ConflictError, match="not yours"):
        trying.try_move(scene.owner, in_force, bar=scene.grinding.pk, **move)
    own = trying.try_move(scene.fenghua, in_force, bar=scene.grinding.pk, **move)
    assert own.cost is None
    with pytest.raises(ConflictError, match="no offer"):
        trying.try_move(
            scene.buyer, in_force, bar=scene.grinding.pk, row=str(scene.mill.pk), start=shanghai(12, "08:00")
        )


def test_what_if_is_answered_and_counted(scene: Scene, proposed: Plan) -> None:
    with pytest.raises(NotFoundError):
        whatif.ask(scene.rival, scene.order, scene.order.due)
    whatif.ask(scene.buyer, scene.order, shanghai(9, "08:00").date())
    run_until_idle()
    (answer,) = whatif.answers(scene.buyer, scene.order)
    assert (answer.in_time, answer.change) == (False, Decimal("0.00"))
    assert whatif.left(scene.buyer) == LIMIT - 1
    Question.objects.bulk_create(
        Question(organization=scene.buyer.organization, order=scene.order) for _ in range(LIMIT)
    )
    with pytest.raises(ConflictError, match="within the hour"):
        whatif.ask(scene.buyer, scene.order, scene.order.due)


def test_a_colleague_reads_but_does_not_decide(scene: Scene, proposed: Plan, acting_clerk: Acting) -> None:
    assert access.get_plan(acting_clerk, proposed.pk) == proposed
    with pytest.raises(ForbiddenError):
        services.accept_award(acting_clerk, proposed)
    proposed.refresh_from_db()
    assert proposed.state == "proposed"


def test_sections_follow_the_order(scene: Scene) -> None:
    assert promise_section(scene.buyer, scene.order)["kind"] == "none"
    assert award_section(scene.buyer, scene.order) is None
    plan = scene.proposed()
    assert promise_section(scene.buyer, scene.order)["kind"] == "proposed"
    services.accept_award(scene.buyer, plan)
    section = promise_section(scene.buyer, scene.order)
    assert (section["kind"], section["p90"]) == ("firm", plan.promise.p90)
    award = award_section(scene.buyer, scene.order)
    assert award is not None
    assert [item.place for item in award["view"].items] == ["1/10", "1/20"]


def test_pages_answer_and_hide(scene: Scene, in_force: Plan) -> None:
    page = signed_in(scene.buyer).get(f"/o/lanshan/plans/{in_force.pk}/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "9 times out of 10 by" in text
    assert "2 workshops" in text
    firm = signed_in(scene.owner).get(f"/o/hengda/plans/{in_force.pk}/").content.decode()
    assert "You make" in firm
    assert "Fenghua" not in firm
    for path in ("", "accept/", "answer/", "again/", "try/"):
        foreign = _ask(signed_in(scene.rival), f"/o/ruian/plans/{in_force.pk}/{path}", post=bool(path))
        nothing = _ask(signed_in(scene.rival), f"/o/ruian/plans/{uuid4()}/{path}", post=bool(path))
        assert foreign == nothing
        assert foreign[0] == 404


def test_index_says_what_waits(scene: Scene, proposed: Plan) -> None:
    text = signed_in(scene.buyer).get("/o/lanshan/plans/").content.decode()
    assert "waits to be accepted" in text
    services.accept_award(scene.buyer, proposed)
    text = signed_in(scene.owner).get("/o/hengda/plans/").content.decode()
    assert "is in force; nothing waits for you" in text
    text = signed_in(scene.rival).get("/o/ruian/plans/").content.decode()
    assert "No plan concerns you yet" in text


def _ask(client: Client, path: str, *, post: bool) -> tuple[int, bytes]:
    answer = client.post(path) if post else client.get(path)
    return answer.status_code, answer.content


def test_the_list_of_orders_shows_what_was_promised_at_what_price(scene: Scene, in_force: Plan) -> None:
    slug = scene.buyer.organization.slug
    page = signed_in(scene.buyer).get(reverse("web:orders", args=[slug])).content.decode()
    total = plan_view(scene.buyer, in_force).money.total
    assert "9 times out of 10" in page
    assert f"¥{total:,}" in page
    assert "estimate" not in page


def test_a_firm_without_machines_sees_its_orders_first(scene: Scene, in_force: Plan) -> None:
    slug = scene.buyer.organization.slug
    page = signed_in(scene.buyer).get(reverse("web:today", args=[slug])).content.decode()
    assert "Running and next" not in page
    assert in_force.order.code in page


def test_what_was_planned_stands_beside_what_was_reported(scene: Scene, in_force: Plan) -> None:
    with clock.telling(shanghai(9, "10:30")):
        services.report_progress(SYSTEM, scene.milling.pk, started_at=shanghai(9, "10:00"))
    view = plan_view(scene.buyer, access.get_plan(scene.buyer, in_force.pk))
    bars = {bar["id"]: bar for bar in view.picture.gantt["bars"]}
    planned = bars[f"planned:{scene.milling.pk}"]
    assert (planned["kind"], planned["of"]) == ("planned", str(scene.milling.pk))
    assert planned["start"] == shanghai(9, "08:00").isoformat()
    assert bars[str(scene.milling.pk)]["start"] == shanghai(9, "10:00").isoformat()
    assert view.picture.table[0]["note"].startswith("planned: Monday 9 March, 08:00 to Tuesday 10 March")
    assert f"planned:{scene.grinding.pk}" not in bars
    assert bars[str(scene.grinding.pk)]["order"] == f"{in_force.order.code}/1"
    assert bars[str(scene.grinding.pk)]["why"][-1].startswith("Grind at Fenghua Grinding takes")
