"""Problem and award of a case small enough to work out by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.plans import making
from tests.plans.making import NOW, Scene, shanghai

from gonghe.apps.plans import geography
from gonghe.apps.plans.awarding import draft_of
from gonghe.apps.plans.models import Plan
from gonghe.apps.plans.problem import epoch_of
from gonghe.apps.plans.routing import due_moment, steps_of


def test_epoch_is_the_next_quarter() -> None:
    assert epoch_of(NOW) == NOW
    assert epoch_of(NOW + timedelta(seconds=1)) == NOW + timedelta(minutes=15)


def test_due_is_the_end_of_the_day_at_the_destination(scene: Scene) -> None:
    assert due_moment(scene.order) == shanghai(19, "00:00")


def test_steps_carry_overage_order_and_material(scene: Scene) -> None:
    first, second = steps_of(scene.order)
    assert (first.pieces, first.seconds, first.lead) == (62, 40_800, timedelta(days=2))
    assert (second.seconds, second.after, second.lead) == (20_400, (str(scene.milling.pk),), timedelta())


def test_a_leg_is_great_circle_with_detour_at_van_speed(scene: Scene) -> None:
    hengda, lanshan = scene.mill.site, scene.order.destination
    km = geography.road_km(hengda, lanshan)
    assert km == pytest.approx(45.3, abs=0.1)  # 34.8 km great circle x 1.3
    assert geography.road_seconds(km, 900) == 6300  # 30 min + 1 h 0.4 min, up to the quarter
    assert geography.road_cost(km, "CNY") == pytest.approx(8000 + 400 * 45.3, abs=40)


def test_the_problem_holds_bids_and_open_offers(scene: Scene) -> None:
    draft, _steps = draft_of(scene.call())
    milling, grinding = draft.problem.jobs[0].operations
    # 46 quarters of milling: bid 3,300; open offers 120 + 300 x 11.5 h and 360 x 11.5 h. 23 quarters of
    # grinding.
    assert sorted((mode.work, mode.cost) for mode in milling.modes) == [
        (41_400, 330_000),
        (41_400, 357_000),
        (41_400, 414_000),
    ]
    assert sorted((mode.work, mode.cost) for mode in grinding.modes) == [(20_700, 110_000), (20_700, 115_000)]
    assert draft.problem.grid == 900
    assert draft.problem.jobs[0].release == 2 * 86_400


def test_the_plan_is_the_one_worked_out_by_hand(scene: Scene, proposed: Plan) -> None:
    milling, grinding = proposed.assignments.order_by("start")
    # Material on Saturday 10:00, so Monday 08:00; 8 h on Monday, 3.5 h on Tuesday.
    assert (milling.equipment, milling.start, milling.end) == (
        scene.mill,
        shanghai(9, "08:00"),
        shanghai(10, "11:30"),
    )
    assert milling.pieces == [
        [shanghai(9, "08:00").isoformat(), shanghai(9, "16:00").isoformat()],
        [shanghai(10, "08:00").isoformat(), shanghai(10, "11:30").isoformat()],
    ]
    # Half an hour of handling next door, 4 h on Tuesday, 1.75 h on Wednesday.
    assert (grinding.equipment, grinding.start, grinding.end) == (
        scene.grinder,
        shanghai(10, "12:00"),
        shanghai(11, "09:45"),
    )
    assert proposed.arrives_at == shanghai(11, "11:30")
    assert (milling.price, grinding.price) == (Decimal("3300.00"), Decimal("1100.00"))
    assert proposed.cost["production"] == 440_000
    assert proposed.cost["lateness"] == 0
    assert proposed.cost["transport"] == 8000 + geography.road_cost(
        geography.road_km(scene.grinder.site, scene.order.destination), "CNY"
    )
    assert proposed.bound <= proposed.cost["total"]


def test_promise_comes_from_simulated_runs(proposed: Plan) -> None:
    promise = proposed.promise
    assert proposed.arrives_at - timedelta(days=1) < promise.p50 <= promise.p90
    assert sum(runs for _day, runs in promise.histogram) == 500
    assert promise.on_time >= 95


def test_hours_of_others_are_hard(scene: Scene) -> None:
    from gonghe.apps.capacity import services as capacity

    other = making.an_order(scene.buyer)
    capacity.reserve(
        scene.owner.principal,
        equipment=scene.grinder,
        pieces=[(shanghai(10, "08:00"), shanghai(10, "16:00"))],
        holder=scene.rival.organization,
        purpose=other.code,
    )
    plan = scene.proposed()
    grinding = plan.assignments.get(operation=scene.grinding)
    assert (grinding.start, grinding.end) == (shanghai(11, "08:00"), shanghai(11, "13:45"))


def test_binding_window_is_a_machine_of_its_own(scene: Scene) -> None:
    from tests.market.making import private_key

    from gonghe.apps.market import services as market
    from gonghe.apps.market.models import Call
    from gonghe.apps.market.offers import BidItemIn
    from gonghe.apps.plans.awarding import solve_award

    call = market.open_call(
        scene.buyer,
        scene.order,
        organizations=[scene.peer.organization],
        closes_at=NOW + timedelta(days=1),
        bids_valid_until=NOW + timedelta(days=10),
    )
    window = BidItemIn(
        scene.milling.pk,
        Decimal("2000.00"),
        41_400,
        earliest=shanghai(9, "06:00"),
        latest=shanghai(9, "20:00"),
    )
    market.submit_bid(scene.peer, call, [window])
    market.open_bids(private_key(), scene.office, call)
    plan = solve_award(scene.buyer.principal, Call.objects.get(pk=call.pk))
    milling = plan.assignments.get(operation=scene.milling)
    assert (milling.equipment, milling.organization) == (None, scene.peer.organization)
    assert (milling.start, milling.end) == (shanghai(9, "06:00"), shanghai(9, "17:30"))
