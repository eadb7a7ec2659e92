"""Whatever firms report, send, accept and re-plan in any order: no piece appears, none disappears."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests import factories
from tests.workshop import making
from tests.workshop.making import Floor

from gonghe import clock
from gonghe.apps.base import ServiceError
from gonghe.apps.workshop import handing, services
from gonghe.apps.workshop.models import Handover, JobOrder

NAMES = ("Mill", "Grind", "Coat")
pytestmark = pytest.mark.django_db


class Pieces(RuleBasedStateMachine):
    """The chain of three firms; wrong wishes are refused and change nothing."""

    floor: Floor

    @initialize()
    def _begin(self) -> None:
        self._atomic = transaction.atomic()
        self._atomic.__enter__()
        self._clock = clock.telling(making.NOW)
        self._clock.__enter__()
        self.floor = making.chain(factories.people())

    def teardown(self) -> None:
        if hasattr(self, "_atomic"):
            self._clock.__exit__(None, None, None)
            transaction.set_rollback(True)
            self._atomic.__exit__(None, None, None)

    def _wish(self, wish: Callable[[], object]) -> None:
        before = self._facts()
        try:
            with transaction.atomic():
                wish()
        except (ServiceError, JobOrder.DoesNotExist):
            assert self._facts() == before

    def _facts(self) -> list[object]:
        return [
            *JobOrder.objects.order_by("pk").values_list("pk", "state", "good", "scrap", "quantity"),
            *Handover.objects.order_by("pk").values_list("pk", "quantity", "accepted"),
        ]

    @rule(name=st.sampled_from(NAMES))
    def start(self, name: str) -> None:
        self._wish(lambda: self.floor.start(name))

    @rule(name=st.sampled_from(NAMES), good=st.integers(0, 40), scrap=st.integers(0, 4))
    def report(self, name: str, good: int, scrap: int) -> None:
        self._wish(
            lambda: services.report(self.floor.worker(name), self.floor.job(name), good=good, scrap=scrap)
        )

    @rule(name=st.sampled_from(NAMES), short=st.integers(0, 3), scrap=st.integers(0, 3))
    def finish(self, name: str, short: int, scrap: int) -> None:
        def wish() -> None:
            left = self.floor.flow().at_hand(self.floor.job(name))
            self.floor.make(name, max(0, left - scrap - short), min(scrap, left))

        self._wish(wish)

    @rule(data=st.data(), kept=st.integers(0, 2))
    def send(self, data: st.DataObject, kept: int) -> None:
        parcels = self.floor.flow().to_send()
        if parcels:
            parcel = data.draw(st.sampled_from(parcels))
            sender = self.floor.firms[parcel.sender.slug]
            quantity = max(1, parcel.pieces - kept)
            handing.send(sender, parcel.operation, quantity=quantity)

    @rule(data=st.data(), rejected=st.sampled_from([0, 0, 0, 1, 3]))
    def receive(self, data: st.DataObject, rejected: int) -> None:
        waiting = list(Handover.objects.filter(state="sent").order_by("number"))
        if waiting:
            one = data.draw(st.sampled_from(waiting))
            self.floor.receive(one, max(0, one.quantity - rejected))

    @precondition(lambda self: self.floor.plan.version < 4)
    @rule(name=st.sampled_from(NAMES), firm=st.sampled_from(["hengda", "fenghua", "taihe"]))
    def replan(self, name: str, firm: str) -> None:
        self.floor.replan(name, firm)

    @invariant()
    def nothing_appears_or_disappears(self) -> None:
        if not hasattr(self, "floor"):
            return
        flow = self.floor.flow()
        mill, grind, coat = flow.tasks
        firms = [acting.organization.pk for acting in self.floor.firms.values()]
        held = sum(flow.stock(one, firm) for one in flow.tasks for firm in firms)
        under_way = sum(row.quantity for one in flow.tasks for row in flow.under_way(one))
        rejected = sum(flow.rejected(one) for one in flow.tasks)
        scrap = sum(job.scrap for one in (grind, coat) for job in flow.jobs[one.key])
        assert flow.good(mill) == held + under_way + rejected + scrap
        assert all(flow.stock(one, firm) >= 0 for one in flow.tasks for firm in firms)
        shown = sum(one.pieces for one in flow.custody())
        blanks = sum(flow.at_hand(job) for job in flow.jobs[mill.key] if job.state in {"running", "paused"})
        assert shown == held + under_way + blanks
        made = sum(job.good + job.scrap for job in flow.jobs[mill.key])
        assert made <= 61
        assert flow.good(grind) <= flow.good(mill)
        assert flow.good(coat) <= flow.good(grind)


def test_pieces_are_neither_invented_nor_lost(db: None) -> None:
    run_state_machine_as_test(
        Pieces,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
