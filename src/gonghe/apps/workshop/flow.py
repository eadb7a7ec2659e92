"""How pieces flow from operation to operation and from firm to firm: who holds them, who may go on.

Everything follows from what was reported: good pieces and scrap of job orders, pieces sent and accepted. A
firm's stock of an operation is what it made, less what it sent, plus what it accepted, less what it used in
the next operation. So a piece is always somewhere, also when a re-plan takes half-done work elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from gonghe.apps.members.models import Organization
from gonghe.apps.orders.lots import lot_text, shares
from gonghe.apps.orders.models import Operation, Order, OrderLine
from gonghe.apps.plans import access as plans
from gonghe.apps.workshop.models import Handover, JobOrder

State = JobOrder.State
OPEN_STATES = (State.WAITING, State.RUNNING, State.PAUSED, State.BLOCKED)
Key = tuple[UUID, int]  # operation and lot
BEGUN_STATES = (State.RUNNING, State.PAUSED, State.BLOCKED)


@dataclass(frozen=True, slots=True)
class Task:
    """An operation, or one lot of it: `pieces` to make, of which the order needs `wanted` good ones."""

    operation: Operation
    lot: int
    lots: int
    pieces: int
    wanted: int

    @property
    def key(self) -> Key:
        """What job orders and handovers of it have in common."""
        return self.operation.pk, self.lot

    @property
    def lot_text(self) -> str:
        """Which lot it is, and of how many pieces; empty where the line stays together."""
        return lot_text(self.lot, self.lots, self.pieces)


@dataclass(frozen=True, slots=True)
class Custody:
    """Pieces of a line that a firm holds; it bears their loss, also while they are on the way from it."""

    line: OrderLine
    holder: Organization
    pieces: int
    on_the_way_to: Organization | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """Pieces of a line that are lost, and the firm that bears it."""

    line: OrderLine
    bearer: Organization
    scrap: int
    rejected: int

    @property
    def pieces(self) -> int:
        """All of them."""
        return self.scrap + self.rejected


@dataclass(frozen=True, slots=True)
class Parcel:
    """Pieces that a firm has no more work on and has to hand on."""

    task: Task
    sender: Organization
    receiver: Organization
    pieces: int

    @property
    def operation(self) -> Operation:
        """The operation after which they are handed on."""
        return self.task.operation

    @property
    def query(self) -> str:
        """What tells the page of a parcel which lot is meant."""
        return f"?lot={self.task.lot}" if self.task.lots > 1 else ""


class Flow:
    """The job orders and handovers of one order, read once.

    Where the plan divides a line, every lot of it is a chain of its own: pieces of one never count for
    another.
    """

    def __init__(self, order: Order) -> None:
        self.order = order
        self.operations = list(
            Operation.objects.filter(line__order=order)
            .select_related("line__order", "line__parent", "line__revision__part")
            .prefetch_related("after")
            .order_by("line__number", "number")
        )
        self._after = {one.pk: {before.pk for before in one.after.all()} for one in self.operations}
        self._firms: dict[UUID, Organization] = {order.organization_id: order.organization}
        self.jobs: dict[Key, list[JobOrder]] = defaultdict(list)
        self.handovers: dict[Key, list[Handover]] = defaultdict(list)
        for job in JobOrder.objects.filter(operation__line__order=order).select_related(
            "organization", "equipment"
        ):
            self.jobs[job.operation_id, job.lot].append(job)
            self._firms[job.organization_id] = job.organization
        handovers = Handover.objects.filter(order=order).select_related("sender", "receiver", "line")
        for handover in handovers.order_by("sent_at", "number"):
            self.handovers[handover.after_operation_id, handover.lot].append(handover)
        sizes = plans.lots_of(order) if any(line.smallest_lot for line in self.lines()) else {}
        self.tasks = [task for one in self.operations for task in _tasks(one, sizes.get(one.line_id))]
        self._by_key = {task.key: task for task in self.tasks}

    def task(self, operation_id: UUID, lot: int = 1) -> Task:
        """An operation of the order, or one lot of it."""
        return self._by_key[operation_id, lot]

    def task_of(self, job: JobOrder) -> Task:
        """What a job order works on."""
        return self._by_key[job.operation_id, job.lot]

    def job(self, task: Task) -> JobOrder | None:
        """The job order that counts for a task."""
        return next((job for job in self.jobs[task.key] if job.state != State.CANCELLED), None)

    def good(self, task: Task) -> int:
        """Good pieces of a task, those of a workshop that had to stop included."""
        return sum(job.good for job in self.jobs[task.key])

    def missing(self, task: Task) -> int:
        """Good pieces that a finished task lacks of what the order needs."""
        return max(0, task.wanted - self.good(task)) if self.is_over(task) else 0

    def rejected(self, task: Task) -> int:
        """Pieces that were sent after a task and not accepted."""
        return sum(one.rejected or 0 for one in self.handovers[task.key])

    def given(self, task: Task) -> int | None:
        """Pieces that a task had to work on, all in all; None where it starts from material."""
        counts = [
            (self.good(before) - self.rejected(before)) // _pieces_in_one(before, task)
            for before in self.before(task)
        ]
        return min(counts) if counts else None

    def before(self, task: Task) -> list[Task]:
        """Tasks that must be done first; lines that run in lots stand alone, so the lot is the same."""
        after = self._after[task.operation.pk]
        return [one for one in self.tasks if one.lot == task.lot and one.operation.pk in after]

    def next(self, task: Task) -> list[Task]:
        """Tasks that follow."""
        own = task.operation.pk
        return [one for one in self.tasks if one.lot == task.lot and own in self._after[one.operation.pk]]

    def receiver(self, task: Task) -> Organization | None:
        """Who gets the pieces after a task: the next firm, the buyer at the end; None if nobody."""
        following = self.next(task)
        if not following:
            return self.order.organization
        jobs = (self.job(one) for one in following)
        return next((job.organization for job in jobs if job and job.state in OPEN_STATES), None)

    def must_travel(self, task: Task) -> bool:
        """Whether the pieces leave the firm after this task."""
        job, receiver = self.job(task), self.receiver(task)
        return job is not None and receiver is not None and receiver.pk != job.organization_id

    def is_over(self, task: Task) -> bool:
        """Whether nobody works on a task any more or will."""
        jobs = self.jobs[task.key]
        return bool(jobs) and all(job.state not in OPEN_STATES for job in jobs)

    def stock(self, task: Task, firm_id: UUID) -> int:
        """Pieces after a task that a firm holds and has not worked on since."""
        used = (
            self._used(following, firm_id) * _pieces_in_one(task, following) for following in self.next(task)
        )
        return self._gained(task, firm_id) - max(used, default=0)

    def at_hand(self, job: JobOrder) -> int:
        """Pieces that a job order can still report as good or scrap now."""
        task = self.task_of(job)
        counts = [
            self._gained(before, job.organization_id) // _pieces_in_one(before, task)
            for before in self.before(task)
        ]
        if not counts:
            return job.remaining
        return max(0, min(job.remaining, min(counts) - self._used(task, job.organization_id)))

    def to_come(self, job: JobOrder) -> int:
        """Pieces that are sent to a job order's firm, or wait to be sent to it."""
        return sum(self._coming(before, job.organization_id) for before in self.before(self.task_of(job)))

    def waits_for(self, task: Task) -> Task | None:
        """What keeps a task from starting: the first one before it that is not done or not here yet."""
        job = self.job(task)
        if job is not None and job.state != State.WAITING:
            return None
        for before in self.before(task):
            if job is None or not self.is_over(before) or not self._is_there(before, job):
                return before
        return None

    def under_way(self, task: Task) -> list[Handover]:
        """Handovers after a task that are not received yet."""
        return [one for one in self.handovers[task.key] if one.state == Handover.State.SENT]

    def to_send(self) -> list[Parcel]:
        """Pieces that wait to be handed on, and to whom."""
        return [parcel for task in self.tasks for parcel in self._parcels(task)]

    def stranded(self) -> list[JobOrder]:
        """Waiting job orders that can never start: what comes before is over and left no pieces."""
        found = []
        for task in self.tasks:
            job = self.job(task)
            if job is None or job.state != State.WAITING:
                continue
            before = self.waits_for(task)
            if before and self.is_over(before) and not self._coming(before, job.organization_id):
                found.append(job)
        return found

    def is_delivered(self) -> bool:
        """Whether the buyer has all pieces of every line that is made, or no more can come."""
        made = [one for one in self.tasks if self.jobs[one.key]]
        last = [one for one in made if one.operation.line.parent_id is None and not self.next(one)]
        buyer = self.order.organization_id
        return bool(last) and all(
            self.is_over(one) and (self.stock(one, buyer) >= one.wanted or self._is_settled(one))
            for one in last
        )

    def custody(self) -> list[Custody]:
        """Who holds what, line by line; empty before anything is made."""
        return [held for line in self.lines() for held in self._custody(line)]

    def losses(self) -> list[Loss]:
        """Scrap and rejected pieces, line by line, and who bears them."""
        found = []
        for line in self.lines():
            own = [one.key for one in self.tasks if one.operation.line_id == line.pk]
            for key, firm in self._firms.items():
                jobs = (job for one in own for job in self.jobs[one] if job.organization_id == key)
                sent = (row for one in own for row in self.handovers[one] if row.sender_id == key)
                loss = Loss(
                    line, firm, sum(job.scrap for job in jobs), sum(row.rejected or 0 for row in sent)
                )
                if loss.scrap or loss.rejected:
                    found.append(loss)
        return found

    def lines(self) -> list[OrderLine]:
        """Lines that have operations."""
        return list({operation.line_id: operation.line for operation in self.operations}.values())

    def _gained(self, task: Task, firm_id: UUID) -> int:
        """Pieces after a task that a firm made or accepted, less what it sent on."""
        made = sum(job.good for job in self.jobs[task.key] if job.organization_id == firm_id)
        handovers = self.handovers[task.key]
        sent = sum(one.quantity for one in handovers if one.sender_id == firm_id)
        accepted = sum(one.accepted or 0 for one in handovers if one.receiver_id == firm_id)
        return made - sent + accepted

    def _is_there(self, before: Task, job: JobOrder) -> bool:
        task = self.task_of(job)
        there = self._gained(before, job.organization_id) // _pieces_in_one(before, task)
        return there > self._used(task, job.organization_id)

    def _used(self, task: Task, firm_id: UUID) -> int:
        return sum(job.good + job.scrap for job in self.jobs[task.key] if job.organization_id == firm_id)

    def _coming(self, task: Task, firm_id: UUID) -> int:
        """Pieces after a task that are on the way to a firm, or wait to be sent to it."""
        on_the_way = (one.quantity for one in self.under_way(task) if one.receiver_id == firm_id)
        waiting = (one.pieces for one in self._parcels(task) if one.receiver.pk == firm_id)
        return sum(on_the_way) + sum(waiting)

    def _parcels(self, task: Task) -> Iterator[Parcel]:
        receiver = self.receiver(task)
        if receiver is None:
            return
        sent = sum(
            one.quantity if one.accepted is None else one.accepted
            for one in self.handovers[task.key]
            if one.receiver_id == receiver.pk
        )
        if sent >= task.wanted:
            return  # what a firm kept back is more than anybody needs
        for key, firm in self._firms.items():
            working = any(
                job.state in OPEN_STATES and job.organization_id == key for job in self.jobs[task.key]
            )
            pieces = 0 if working or key == receiver.pk else self.stock(task, key)
            if pieces > 0:
                yield Parcel(task, firm, receiver, pieces)

    def _is_settled(self, task: Task) -> bool:
        """Whether nothing of a task that is over can still reach anybody."""
        return not self.under_way(task) and not any(self._parcels(task))

    def _custody(self, line: OrderLine) -> Iterator[Custody]:
        own = [one for one in self.tasks if one.operation.line_id == line.pk]
        for key, firm in self._firms.items():
            pieces = sum(self.stock(one, key) for one in own) + sum(self._blanks(one, key) for one in own)
            if pieces > 0:
                yield Custody(line, firm, pieces)
        for handover in (one for task in own for one in self.under_way(task)):
            yield Custody(line, handover.sender, handover.quantity, handover.receiver)

    def _blanks(self, task: Task, firm_id: UUID) -> int:
        """Pieces in work where nothing comes before: they were material until now."""
        if self.before(task):
            return 0
        return sum(
            self.at_hand(job)
            for job in self.jobs[task.key]
            if job.organization_id == firm_id and job.state in BEGUN_STATES
        )


def _tasks(operation: Operation, sizes: tuple[int, ...] | None) -> list[Task]:
    """An operation as one task, or as one for each lot of its line."""
    line = operation.line
    if sizes is None:
        return [Task(operation, 1, 1, line.pieces, line.quantity)]
    wanted = shares(line.quantity, sizes)
    return [
        Task(operation, lot, len(sizes), pieces, good)
        for lot, (pieces, good) in enumerate(zip(sizes, wanted, strict=True), 1)
    ]


def _pieces_in_one(before: Task, task: Task) -> int:
    """Pieces of an earlier task that one piece of a later one takes."""
    earlier, later = before.operation.line, task.operation.line
    return 1 if earlier.pk == later.pk else earlier.per_parent or 1
