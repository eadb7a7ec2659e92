"""Scenarios of an order: worked out as jobs, compared, adopted as proposals; never another firm's."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from tests.factories import signed_in
from tests.plans.making import NOW, Scene, shanghai

from gonghe import clock
from gonghe.apps.base import ConflictError, NotFoundError
from gonghe.apps.capacity import services as capacity
from gonghe.apps.jobs.models import Job
from gonghe.apps.jobs.services import run_until_idle
from gonghe.apps.plans import scenarios, services
from gonghe.apps.plans.asking import LIMIT, left
from gonghe.apps.plans.models import Plan
from gonghe.apps.plans.picture import sketch
from gonghe.apps.plans.scenarios import Scenario
from gonghe.apps.plans.wishes import CHEAPEST, EARLIEST, Wish
from gonghe.apps.principal import SYSTEM

HOUR = 3600


@pytest.fixture
def in_force(scene: Scene, proposed: Plan) -> Plan:
    """The awarded plan: hengda mills for 3,300 from Monday 9 March."""
    return services.accept_award(scene.buyer, proposed)


def worked_out(scene: Scene, wish: Wish) -> Scenario:
    """The scenario, after its job ran."""
    scenarios.ask(scene.buyer, scene.order, wish)
    run_until_idle()
    return scenarios.scenarios(scene.buyer, scene.order)[0]


def test_without_a_machine_the_work_goes_elsewhere_and_is_priced(scene: Scene, in_force: Plan) -> None:
    wish = Wish(without=str(scene.mill.pk), without_name="Hengda M1")
    found = worked_out(scene, wish)
    assert (found.state, found.words, found.adoptable) == (Job.State.DONE, "without Hengda M1", True)
    machines = {row["operation"]: row["machine"] for row in found.rows}
    assert machines[str(scene.milling.pk)] == str(scene.peer_mill.pk)
    assert found.change is not None
    assert found.change >= Decimal("840.00")  # 4,140 at mingde's list price instead of 3,300, and the way
    assert Plan.objects.count() == 1


def test_overtime_brings_the_date_nearer_but_cannot_be_adopted(scene: Scene, in_force: Plan) -> None:
    found = worked_out(scene, Wish(overtime_h=4))
    assert found.words == "4 hours of overtime a day"
    assert found.earlier_s > 0
    ends = [datetime.fromisoformat(row["end"]) for row in found.rows]
    assert max(ends) < max(row.end for row in in_force.assignments.all())
    assert not found.adoptable
    assert found.job is not None
    with pytest.raises(ConflictError, match="only shows"):
        services.adopt(scene.buyer, scene.order, found.job)


def test_overtime_costs_what_the_firms_publish_and_the_rest_is_named(scene: Scene, in_force: Plan) -> None:
    """Hengda publishes 90 an hour; fenghua's price is nobody's business, so it only comes on top."""
    usual = worked_out(scene, Wish(overtime_h=4))
    assert (usual.overtime, {firm.slug for firm in usual.unsaid}) == (0, {"hengda"})
    terms = {"overtime_per_hour": Decimal(90), "published": True}
    capacity.save_rate(scene.owner, scene.mill, per_hour=Decimal(300), per_setup=Decimal(120), **terms)
    with clock.telling(NOW + timedelta(minutes=15)):
        priced = worked_out(scene, Wish(overtime_h=4))
    assert priced.unsaid == []
    milled = next(row for row in priced.rows if row["machine"] == str(scene.mill.pk))
    end = datetime.fromisoformat(milled["end"])
    assert (milled["start"], end) == (shanghai(9, "08:00").isoformat(), shanghai(9, "19:30"))
    assert priced.overtime == Decimal("315.00")  # from 16:00 to 19:30
    assert usual.change is not None
    assert priced.change == usual.change + priced.overtime


def test_finished_work_stays_in_the_picture_of_a_scenario(scene: Scene, in_force: Plan) -> None:
    """Milling is done on M1; only grinding can still be planned otherwise."""
    with clock.telling(shanghai(10, "12:00")):
        services.report_progress(
            SYSTEM, scene.milling.pk, started_at=shanghai(9, "08:00"), finished_at=shanghai(10, "11:00")
        )
        found = worked_out(scene, Wish(weight=EARLIEST))
        url = reverse("plans:scenarios", args=["lanshan", scene.order.pk])
        page = signed_in(scene.buyer).get(url)
        drawn = sketch(scene.buyer, scene.order, found.rows)
    assert page.status_code == 200
    bars = {bar["id"]: bar for bar in drawn.gantt["bars"] if bar["kind"] != "planned"}
    milled = bars[str(scene.milling.pk)]
    assert (milled["row"], milled["kind"]) == (str(scene.mill.pk), "done")
    assert bars[str(scene.grinding.pk)]["kind"] == "own"


def test_another_day_and_other_weights(scene: Scene, in_force: Plan) -> None:
    late = worked_out(scene, Wish(due=date(2026, 3, 9), weight=CHEAPEST))
    assert (late.in_time, late.words) == (False, "needed by 9 March, as cheap as possible")
    with clock.telling(NOW + timedelta(minutes=15)):
        early = worked_out(scene, Wish(weight=EARLIEST))
    assert early.later_s <= 0
    assert [one.words for one in scenarios.scenarios(scene.buyer, scene.order)] == [early.words, late.words]


def test_what_nobody_else_can_do_is_said(scene: Scene, in_force: Plan) -> None:
    found = worked_out(scene, Wish(without=str(scene.grinder.pk), without_name="Fenghua G1"))
    assert found.state == Job.State.FAILED
    assert found.message == "Without Fenghua G1 nobody offers one of the operations."


def test_an_adopted_scenario_is_a_proposal_as_it_was_shown(scene: Scene, in_force: Plan) -> None:
    found = worked_out(scene, Wish(without=str(scene.mill.pk), without_name="Hengda M1"))
    assert found.job is not None
    made = services.adopt(scene.buyer, scene.order, found.job)
    assert (made.state, made.kind, made.label, made.based_on) == ("proposed", "replan", "scenario", in_force)
    shown = {row["operation"]: row["start"] for row in found.rows}
    assert {str(row.operation_id): row.start.isoformat() for row in made.assignments.all()} == shown
    assert {one.organization.slug: one.state for one in made.consents.all()}["mingde"] == "asked"
    in_force.refresh_from_db()
    assert in_force.state == "in_force"


def test_a_scenario_that_no_longer_fits_is_not_adopted(scene: Scene, in_force: Plan) -> None:
    found = worked_out(scene, Wish(without=str(scene.mill.pk), without_name="Hengda M1"))
    assert found.job is not None
    capacity.reserve(
        SYSTEM,
        equipment=scene.peer_mill,
        pieces=[(shanghai(day, "08:00"), shanghai(day, "16:00")) for day in (9, 10, 11)],
        holder=scene.rival.organization,
        purpose="secret customer",
    )
    with pytest.raises(ConflictError, match="Work it out again"):
        services.adopt(scene.buyer, scene.order, found.job)
    assert Plan.objects.count() == 1


def test_before_the_award_a_scenario_replaces_the_proposal(scene: Scene, proposed: Plan) -> None:
    found = worked_out(scene, Wish(without=str(scene.mill.pk), without_name="Hengda M1"))
    assert found.job is not None
    made = services.adopt(scene.buyer, scene.order, found.job)
    assert (made.kind, made.state, made.version) == ("award", "proposed", proposed.version + 1)
    assert services.accept_award(scene.buyer, made).state == "in_force"


def test_scenarios_are_ones_own_and_counted(scene: Scene, in_force: Plan) -> None:
    with pytest.raises(NotFoundError):
        scenarios.ask(scene.owner, scene.order, Wish(overtime_h=1))
    with pytest.raises(NotFoundError):
        scenarios.scenarios(scene.fenghua, scene.order)
    with pytest.raises(ConflictError, match="at least one thing"):
        scenarios.ask(scene.buyer, scene.order, Wish())
    found = worked_out(scene, Wish(overtime_h=1))
    assert left(scene.buyer) == LIMIT - 1
    assert found.job is not None
    with pytest.raises(NotFoundError):
        services.adopt(scene.rival, scene.order, found.job)
    with pytest.raises(NotFoundError):
        services.adopt(scene.buyer, scene.order, uuid4())


def test_the_page_compares_two_and_adopts_one(scene: Scene, in_force: Plan) -> None:
    client = signed_in(scene.buyer)
    page = reverse("plans:scenarios", args=["lanshan", scene.order.pk])
    text = client.get(page).content.decode()
    assert "Change one thing and see what it would mean." in text
    key = text.split('name="key" value="')[1].split('"')[0]
    wish = {"key": key, "without": str(scene.mill.pk), "overtime": "0", "weight": "usual", "due": ""}
    first, again = client.post(page, wish), client.post(page, wish)
    assert first["Location"] == again["Location"]
    assert Job.objects.filter(kind=scenarios.KIND).count() == 1
    run_until_idle()
    done = client.get(first["Location"].rstrip("/") + "/done/")
    text = client.get(done["Location"].split("#")[0]).content.decode()
    assert text.count("<plan-gantt") == 2
    assert "without Hengda Precision" in text
    (made,) = [one for one in scenarios.scenarios(scene.buyer, scene.order) if one.adoptable]
    address = reverse("plans:adopt", args=["lanshan", scene.order.pk, made.job])
    answer = client.post(address, {"key": key})
    assert answer.status_code == 302
    assert client.post(address, {"key": key})["Location"] == answer["Location"]
    assert Plan.objects.filter(label="scenario").count() == 1


def test_a_rival_cannot_tell_scenarios_from_nothing(scene: Scene, in_force: Plan) -> None:
    found = worked_out(scene, Wish(overtime_h=1))
    for seat, slug in ((scene.rival, "ruian"), (scene.owner, "hengda")):
        client = signed_in(seat)
        for name, extra in (("plans:scenarios", []), ("plans:adopt", [found.job])):
            real = client.post(reverse(name, args=[slug, scene.order.pk, *extra]))
            none = client.post(reverse(name, args=[slug, uuid4(), *extra]))
            assert (real.status_code, real.content) == (404, none.content)
