"""Whatever is offered, held, confirmed, cancelled, used, broken or rescheduled: no hour is sold twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests import factories

from gonghe import clock
from gonghe.apps.base import ServiceError
from gonghe.apps.capacity import access, hours, offering, services
from gonghe.apps.capacity.models import CapacityOffer, Equipment, LedgerSlot, Reservation
from gonghe.apps.members.access import own_sites
from gonghe.apps.principal import SYSTEM

pytestmark = pytest.mark.django_db
State = Reservation.State
NOW = datetime(2026, 3, 1, tzinfo=UTC)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)  # 08:00 in Shanghai
HOUR = timedelta(hours=1)
TERMS = offering.Terms(
    title="Free hours",
    start=MONDAY,
    end=MONDAY + timedelta(days=2),
    min_hours=Decimal(1),
    max_hours=Decimal(6),
    per_hour=Decimal(100),
    notice_hours=0,
    cancel_fee_percent=50,
    visibility="members",
)
numbers = st.integers(0, 9)


class Hours(RuleBasedStateMachine):
    """Two machines, two offers that share one of them, two buyers; wrong wishes change nothing."""

    @initialize()
    def begin(self) -> None:
        self._atomic = transaction.atomic()
        self._atomic.__enter__()
        self.now = NOW
        self.people = factories.people()
        self.shift("17:00")
        site = own_sites(self.people.owner).get()
        calendar = access.own_calendars(self.people.owner).get()
        with clock.telling(self.now):
            first, second = (
                services.save_equipment(self.people.owner, code=code, name=code, site=site, calendar=calendar)
                for code in ("M1", "M2")
            )
            self.machines = [first, second]
            self.offers = [
                *offering.publish(self.people.owner, [first, second], TERMS),
                *offering.publish(
                    self.people.owner, [second], dataclasses.replace(TERMS, max_hours=Decimal(3))
                ),
            ]

    def teardown(self) -> None:
        if hasattr(self, "_atomic"):
            transaction.set_rollback(True)
            self._atomic.__exit__(None, None, None)

    @rule(offer=numbers, buyer=st.booleans(), hour=numbers, length=st.integers(1, 7))
    def hold(self, offer: int, buyer: bool, hour: int, length: int) -> None:
        who = self.people.buyer if buyer else self.people.rival
        wish = self.offers[offer % 2]
        self._wish(lambda: offering.hold(who, wish, MONDAY + HOUR * hour, Decimal(length)))

    @rule(number=numbers)
    def confirm(self, number: int) -> None:
        self._with(number, lambda one: offering.confirm(self._holder(one), one))

    @rule(number=numbers, by_holder=st.booleans())
    def cancel(self, number: int, by_holder: bool) -> None:
        self._with(
            number, lambda one: offering.cancel(self._holder(one) if by_holder else self.people.owner, one)
        )

    @rule(number=numbers)
    def use(self, number: int) -> None:
        self._with(number, lambda one: offering.use(self.people.owner, one))

    @rule()
    def expire(self) -> None:
        self._wish(offering.expire_due)

    @rule(minutes=st.sampled_from([10, 40, 300, 1500]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(machine=numbers, hour=numbers)
    def fail(self, machine: int, hour: int) -> None:
        start = MONDAY + HOUR * hour
        self._wish(lambda: services.mark_down(SYSTEM, self.machines[machine % 2], start, start + 3 * HOUR))

    @rule(machine=numbers)
    def repair(self, machine: int) -> None:
        self._wish(lambda: services.mark_up(SYSTEM, self.machines[machine % 2]))

    @rule(end=st.sampled_from(["10:00", "13:00", "17:00"]))
    def shift(self, end: str) -> None:
        weekly = [[day, "08:00", end] for day in range(5)]
        self._wish(lambda: services.save_calendar(self.people.owner, code="day", weekly=weekly))

    @invariant()
    def offers_agree_with_the_ledger(self) -> None:
        for offer in CapacityOffer.objects.all():
            quarters = LedgerSlot.objects.filter(reservation__offer=offer).count()
            assert offer.taken == quarters <= offer.max_quarters

    @invariant()
    def hours_that_are_not_at_risk_can_be_worked(self) -> None:
        ahead = hours.slot_of(getattr(self, "now", NOW))
        for one in Reservation.objects.filter(state__in=[State.HELD, State.CONFIRMED]):
            machine = Equipment.objects.select_related("site", "calendar").get(pk=one.equipment_id)
            slots = set(one.slots.filter(slot__gt=ahead).values_list("slot", flat=True))
            assert slots <= hours.slots_in(access.open_windows(machine, one.start, one.end))

    @invariant()
    def what_has_ended_holds_nothing(self) -> None:
        ended = [State.RELEASED, State.EXPIRED, State.CANCELLED]
        assert not LedgerSlot.objects.filter(reservation__state__in=ended).exists()

    def _wish(self, wish: Callable[[], object]) -> None:
        before = self._facts()
        try:
            with clock.telling(self.now), transaction.atomic():
                wish()
        except ServiceError:
            assert self._facts() == before

    def _with(self, number: int, step: Callable[[Reservation], object]) -> None:
        made = list(Reservation.objects.select_related("equipment").order_by("created_at", "pk"))
        if made:
            self._wish(lambda: step(made[number % len(made)]))

    def _holder(self, one: Reservation) -> factories.Acting:
        buyer = self.people.buyer
        return buyer if one.holder_id == buyer.organization.pk else self.people.rival

    @staticmethod
    def _facts() -> list[object]:
        return [
            sorted(LedgerSlot.objects.values_list("equipment", "slot")),
            sorted(Reservation.objects.values_list("pk", "state", "fee")),
            sorted(CapacityOffer.objects.values_list("pk", "taken")),
        ]


def test_no_history_sells_an_hour_twice() -> None:
    run_state_machine_as_test(
        Hours,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
