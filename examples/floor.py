"""A shop floor that works by itself: operators do what their plans say, by a told clock."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from cluster import Cluster

from gonghe import clock
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Role
from gonghe.apps.orders.models import Order
from gonghe.apps.plans.models import Plan
from gonghe.apps.workshop import handing, services
from gonghe.apps.workshop.flow import Flow, Key, Task
from gonghe.apps.workshop.models import Handover, JobOrder

PACKING = timedelta(minutes=15)
Action = Callable[[], None]


class Floor:
    """Plays the making of one order, from its job orders to the buyer's receipt."""

    def __init__(self, cluster: Cluster, order: Order, seed: int = 0) -> None:
        self.cluster = cluster
        self.order = order
        self.random = random.Random(seed)  # noqa: S311 - a repeatable play, no secret
        self.now = clock.now()
        self._queue: list[tuple[datetime, int, Action]] = []
        self._turn = count()
        self._begun: set[Key] = set()
        self._packing: set[tuple[Key, UUID]] = set()
        self._read: Flow | None = None
        self.breakdown: tuple[Key, Callable[[JobOrder], None]] | None = None

    def play(self, until: datetime | None = None) -> None:
        """Go on until nothing is left to do, or a moment is reached."""
        self._plan_starts()
        while self._queue and (until is None or self._queue[0][0] <= until):
            self.now, _turn, action = heapq.heappop(self._queue)
            with clock.telling(self.now):
                action()
                self._read = None
                self._plan_starts()
                self._plan_sendings()
        if until is not None:
            self._count(until)

    def _count(self, moment: datetime) -> None:
        """Operators report what is done of a running job, a little behind its plan."""
        for job in [job for one in self._flow().tasks if (job := self._flow().job(one))]:
            if job.state == JobOrder.State.RUNNING:
                share = (moment - job.planned_start) / (job.planned_end - job.planned_start)
                good = int(0.95 * min(share, 1.0) * job.quantity)
                if good:
                    with clock.telling(moment):
                        services.report(self._worker(job), job, good=good, scrap=0)

    def _at(self, moment: datetime, action: Action) -> None:
        heapq.heappush(self._queue, (max(moment, self.now), next(self._turn), action))

    def _plan_starts(self) -> None:
        """Every job whose pieces are there starts when its plan says so."""
        flow = self._flow()
        for task in flow.tasks:
            job = flow.job(task)
            if job and task.key not in self._begun and flow.waits_for(task) is None:
                if job.state != JobOrder.State.WAITING:
                    continue
                self._begun.add(task.key)
                self._at(job.planned_start, lambda key=task.key: self._start(key))

    def _start(self, key: Key) -> None:
        _task, job = self._job(key)
        if job.planned_start > self.now:  # moved by a re-plan meanwhile
            self._at(job.planned_start, lambda: self._start(key))
            return
        if self.breakdown and self.breakdown[0] == key:
            stop, self.breakdown = self.breakdown[1], None
            self._break(key, stop)
            return
        services.start(self._worker(job), job)
        self._at(self._end_of(job), lambda: self._finish(key))

    def _end_of(self, job: JobOrder) -> datetime:
        """Real work takes 94 to 100 % of its plan; calendars stay as they are."""
        left = job.planned_end - max(self.now, job.planned_start)
        return self.now + max(left, timedelta(minutes=15)) * self.random.uniform(0.94, 1.0)

    def _break(self, key: Key, stop: Callable[[JobOrder], None]) -> None:
        """The machine stops as the job should begin; the job follows its new plan."""
        _task, job = self._job(key)
        broken = job.equipment
        assert broken is not None
        stop(job)
        broken.refresh_from_db()
        acting = self._worker(job)
        self._at(broken.down_until or self.now, lambda: services.repaired(acting, broken))
        self._begun.discard(key)

    def _finish(self, key: Key) -> None:
        task, job = self._job(key)
        flow = self._flow()
        left = flow.at_hand(job)
        spare = flow.good(task) + left - task.operation.line.quantity
        scrap = 1 if spare > 0 and self.random.random() < 0.25 else 0
        services.finish(self._worker(job), job, good=left - scrap, scrap=scrap)

    def _plan_sendings(self) -> None:
        """Whatever waits to be handed on is packed and sent."""
        for parcel in self._flow().to_send():
            mark = (parcel.task.key, parcel.sender.pk)
            if mark not in self._packing:
                self._packing.add(mark)
                self._at(self.now + PACKING, lambda mark=mark: self._send(mark))

    def _send(self, mark: tuple[Key, UUID]) -> None:
        self._packing.discard(mark)
        for parcel in self._flow().to_send():
            if (parcel.task.key, parcel.sender.pk) == mark:
                acting = self.cluster.acting[parcel.sender.slug, Role.OPERATOR]
                handover = handing.send(acting, parcel.operation, quantity=parcel.pieces, lot=parcel.task.lot)
                self._at(self._arrival(parcel.task), lambda key=handover.pk: self._receive(key))

    def _arrival(self, task: Task) -> datetime:
        """Just before the next job, or when the plan says that the buyer gets it."""
        flow = self._flow()
        following = [job for one in flow.next(task) if (job := flow.job(one))]
        if following:
            return max(self.now + 2 * PACKING, following[0].planned_start - PACKING)
        plan = Plan.objects.get(order=self.order, state=Plan.State.IN_FORCE)
        return max(self.now + 2 * PACKING, plan.arrives_at)

    def _receive(self, key: UUID) -> None:
        handover = Handover.objects.select_related("order", "receiver").get(pk=key)
        if handover.receiver_id == self.order.organization_id:
            acting = self.cluster.buyer(handover.receiver.slug)
        else:
            acting = self.cluster.acting[handover.receiver.slug, Role.OPERATOR]
        handing.receive(acting, handover, accepted=handover.quantity)

    def _worker(self, job: JobOrder) -> Acting:
        return self.cluster.acting[job.organization.slug, Role.OPERATOR]

    def _flow(self) -> Flow:
        """The flow as it stands; read anew after every action."""
        if self._read is None:
            self.order.refresh_from_db()
            self._read = Flow(self.order)
        return self._read

    def _job(self, key: Key) -> tuple[Task, JobOrder]:
        job = (
            JobOrder.objects.exclude(state=JobOrder.State.CANCELLED)
            .select_related("operation__line__order__organization", "organization", "equipment")
            .get(operation_id=key[0], lot=key[1])
        )
        return self._flow().task(*key), job
