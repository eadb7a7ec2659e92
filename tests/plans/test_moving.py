"""A bar moved by hand: priced before it counts, proposed by a button, in force when all agree."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from tests.factories import signed_in
from tests.plans.making import Scene, shanghai

from gonghe.apps.base import ConflictError
from gonghe.apps.capacity import access as capacity_access
from gonghe.apps.capacity import services as capacity
from gonghe.apps.plans import access, asking, services, trying
from gonghe.apps.plans.models import Plan
from gonghe.apps.principal import SYSTEM


@pytest.fixture
def in_force(scene: Scene, proposed: Plan) -> Plan:
    """The awarded plan: milling from Monday 9 March, grinding after it."""
    return services.accept_award(scene.buyer, proposed)


def later(scene: Scene) -> dict[str, object]:
    """Milling on the same machine, from Tuesday 10 March, 08:00."""
    return {"bar": scene.milling.pk, "row": str(scene.mill.pk), "start": shanghai(10, "08:00")}


def test_a_trial_says_who_is_touched(scene: Scene, in_force: Plan) -> None:
    trial = trying.try_move(scene.buyer, in_force, **later(scene))  # type: ignore[arg-type]
    assert trial.touched == ("Fenghua Grinding", "Hengda Precision")
    own = trying.try_move(scene.owner, in_force, **later(scene))  # type: ignore[arg-type]
    assert own.touched == ("another firm",)


def test_a_trial_says_what_is_in_the_way_to_each_as_far_as_it_is_his(scene: Scene, in_force: Plan) -> None:
    capacity.reserve(
        SYSTEM,
        equipment=scene.grinder,
        pieces=[(shanghai(16, "08:00"), shanghai(16, "16:00"))],
        holder=scene.rival.organization,
        purpose="secret customer",
    )
    wish = {"bar": scene.grinding.pk, "row": str(scene.grinder.pk), "start": shanghai(16, "09:00")}
    trial = trying.try_move(scene.buyer, in_force, **wish)  # type: ignore[arg-type]
    assert not trial.as_asked
    assert trial.why == ("Fenghua Grinding is not available until Tuesday 17 March, 08:00.",)
    (own,) = trying.try_move(scene.fenghua, in_force, **wish).why  # type: ignore[arg-type]
    assert own in {
        "G1 grinding is reserved until Tuesday 17 March, 08:00.",
        "G1 grinding is closed until Tuesday 17 March, 08:00.",
    }


def test_a_move_is_a_proposal_until_all_agree(scene: Scene, in_force: Plan) -> None:
    made = services.propose_move(scene.buyer, in_force, **later(scene))  # type: ignore[arg-type]
    assert (made.state, made.kind, made.based_on, made.label) == ("proposed", "replan", in_force, "by_hand")
    assert made.change == {"cost": 0, "lateness_s": 86_400}
    asked = {one.organization.slug: one.state for one in made.consents.all()}
    assert asked == {"lanshan": "agreed", "hengda": "asked", "fenghua": "asked"}
    services.answer(scene.owner, made, agree=True)
    in_force.refresh_from_db()
    assert in_force.state == "in_force"
    services.answer(scene.fenghua, made, agree=True)
    made.refresh_from_db()
    assert made.state == "in_force"
    booked = capacity_access.booked([scene.mill.pk], shanghai(9, "00:00"), shanghai(12, "00:00"))
    starts = [one.start for one in booked[scene.mill.pk] if one.operation_id == scene.milling.pk]
    assert min(starts) == shanghai(10, "08:00")


def test_a_proposed_award_is_replaced_by_its_changed_version(scene: Scene, proposed: Plan) -> None:
    made = services.propose_move(scene.buyer, proposed, **later(scene))  # type: ignore[arg-type]
    assert (made.state, made.kind, made.version) == ("proposed", "award", proposed.version + 1)
    proposed.refresh_from_db()
    assert proposed.state == "superseded"
    assert made.assignments.get(operation=scene.milling).start == shanghai(10, "08:00")
    assert services.accept_award(scene.buyer, made).state == "in_force"


def test_what_cannot_be_is_refused_and_changes_nothing(scene: Scene, in_force: Plan) -> None:
    before = Plan.objects.count()
    with pytest.raises(ConflictError, match="not yours"):
        services.propose_move(
            scene.owner,
            in_force,
            bar=scene.grinding.pk,
            row=str(scene.grinder.pk),
            start=shanghai(12, "08:00"),
        )
    there = in_force.assignments.get(operation=scene.milling).start
    with pytest.raises(ConflictError, match="already"):
        services.propose_move(
            scene.buyer,
            in_force,
            bar=scene.milling.pk,
            row=str(scene.mill.pk),
            start=there - timedelta(minutes=1),
        )
    assert Plan.objects.count() == before


def test_the_page_proposes_once_however_often_it_is_sent(scene: Scene, in_force: Plan) -> None:
    client = signed_in(scene.buyer)
    wish = {"bar": str(scene.milling.pk), "row": str(scene.mill.pk), "start": "2026-03-10T00:00:00.000Z"}
    tried = client.post(reverse("plans:try", args=["lanshan", in_force.pk]), wish).content.decode()
    assert "Propose this change" in tried
    assert "Fenghua Grinding, Hengda Precision" in tried
    assert Plan.objects.count() == 1
    key = tried.split('name="key" value="')[1].split('"')[0]
    address = reverse("plans:move", args=["lanshan", in_force.pk])
    first = client.post(address, wish | {"key": key})
    second = client.post(address, wish | {"key": key})
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert Plan.objects.count() == 2


def test_a_rival_proposes_nothing(scene: Scene, in_force: Plan) -> None:
    wish = {"bar": str(scene.milling.pk), "row": str(scene.mill.pk), "start": "2026-03-10T00:00:00.000Z"}
    client = signed_in(scene.rival)
    real = client.post(reverse("plans:move", args=["ruian", in_force.pk]), wish)
    none = client.post(reverse("plans:move", args=["ruian", uuid4()]), wish)
    assert (real.status_code, real.content) == (none.status_code, none.content)
    assert real.status_code == 404
    assert Plan.objects.count() == 1


def test_a_refused_move_counts_as_a_question(scene: Scene, in_force: Plan) -> None:
    left = asking.left(scene.buyer)
    wish = {"bar": str(scene.grinding.pk), "row": str(scene.mill.pk), "start": "2026-03-12T00:00:00.000Z"}
    answer = signed_in(scene.buyer).post(reverse("plans:move", args=["lanshan", in_force.pk]), wish)
    assert answer.status_code == 409
    assert "no offer" in answer.content.decode()
    assert asking.left(scene.buyer) == left - 1


def test_the_firm_whose_work_moves_sees_the_proposal(scene: Scene, in_force: Plan) -> None:
    made = services.propose_move(scene.buyer, in_force, **later(scene))  # type: ignore[arg-type]
    assert access.get_plan(scene.owner, made.pk) == made
    page = signed_in(scene.owner).get(reverse("plans:plan", args=["hengda", made.pk])).content.decode()
    assert "Moved by hand" in page or "Agree for" in page
    assert "Fenghua" not in page
