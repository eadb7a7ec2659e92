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
from gonghe.apps.orders.models import Operation, Order, OrderLine
from gonghe.apps.workshop.models import Handover, JobOrder

State = JobOrder.State
OPEN_STATES = (State.WAITING, State.RUNNING, State.PAUSED, State.BLOCKED)
BEGUN_STATES = (State.RUNNING, State.PAUSED, State.BLOCKED)


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

    operation: Operation
    sender: Organization
    receiver: Organization
    pieces: int


class Flow:
    """The job orders and handovers of one order, read once."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.operations = list(
            Operation.objects.filter(line__order=order)
            .select_related("line__order", "line__parent", "line__revision__part")
            .prefetch_related("after")
            .order_by("line__number", "number")
        )
        self._by_id = {operation.pk: operation for operation in self.operations}
        self._after = {one.pk: {before.pk for before in one.after.all()} for one in self.operations}
        self._firms: dict[UUID, Organization] = {order.organization_id: order.organization}
        self.jobs: dict[UUID, list[JobOrder]] = defaultdict(list)
        self.handovers: dict[UUID, list[Handover]] = defaultdict(list)
        for job in JobOrder.objects.filter(operation__line__order=order).select_related(
            "organization", "equipment"
        ):
            self.jobs[job.operation_id].append(job)
            self._firms[job.organization_id] = job.organization
        handovers = Handover.objects.filter(order=order).select_related("sender", "receiver", "line")
        for handover in handovers.order_by("sent_at", "number"):
            self.handovers[handover.after_operation_id].append(handover)

    def operation(self, operation_id: UUID) -> Operation:
        """An operation of the order, by its id."""
        return self._by_id[operation_id]

    def job(self, operation: Operation) -> JobOrder | None:
        """The job order that counts for an operation."""
        return next((job for job in self.jobs[operation.pk] if job.state != State.CANCELLED), None)

    def good(self, operation: Operation) -> int:
        """Good pieces of an operation, those of a workshop that had to stop included."""
        return sum(job.good for job in self.jobs[operation.pk])

    def missing(self, operation: Operation) -> int:
        """Good pieces that a finished operation lacks of what the order needs."""
        return max(0, operation.line.quantity - self.good(operation)) if self.is_over(operation) else 0

    def rejected(self, operation: Operation) -> int:
        """Pieces that were sent after an operation and not accepted."""
        return sum(one.rejected or 0 for one in self.handovers[operation.pk])

    def given(self, operation: Operation) -> int | None:
        """Pieces that an operation had to work on, all in all; None where it starts from material."""
        counts = [
            (self.good(before) - self.rejected(before)) // _pieces_in_one(before, operation)
            for before in self.before(operation)
        ]
        return min(counts) if counts else None

    def before(self, operation: Operation) -> list[Operation]:
        """Operations that must be done first."""
        return [one for one in self.operations if one.pk in self._after[operation.pk]]

    def next(self, operation: Operation) -> list[Operation]:
        """Operations that follow."""
        return [one for one in self.operations if operation.pk in self._after[one.pk]]

    def receiver(self, operation: Operation) -> Organization | None:
        """Who gets the pieces after an operation: the next firm, the buyer at the end; None if nobody."""
        following = self.next(operation)
        if not following:
            return self.order.organization
        jobs = (self.job(one) for one in following)
        return next((job.organization for job in jobs if job and job.state in OPEN_STATES), None)

    def must_travel(self, operation: Operation) -> bool:
        """Whether the pieces leave the firm after this operation."""
        job, receiver = self.job(operation), self.receiver(operation)
        return job is not None and receiver is not None and receiver.pk != job.organization_id

    def is_over(self, operation: Operation) -> bool:
        """Whether nobody works on an operation any more or will."""
        return bool(self.jobs[operation.pk]) and all(
            job.state not in OPEN_STATES for job in self.jobs[operation.pk]
        )

    def stock(self, operation: Operation, firm_id: UUID) -> int:
        """Pieces after an operation that a firm holds and has not worked on since."""
        used = (
            self._used(following, firm_id) * _pieces_in_one(operation, following)
            for following in self.next(operation)
        )
        return self._gained(operation, firm_id) - max(used, default=0)

    def at_hand(self, job: JobOrder) -> int:
        """Pieces that a job order can still report as good or scrap now."""
        operation = self._by_id[job.operation_id]
        counts = [
            self._gained(before, job.organization_id) // _pieces_in_one(before, operation)
            for before in self.before(operation)
        ]
        if not counts:
            return job.remaining
        return max(0, min(job.remaining, min(counts) - self._used(operation, job.organization_id)))

    def to_come(self, job: JobOrder) -> int:
        """Pieces that are sent to a job order's firm, or wait to be sent to it."""
        return sum(
            self._coming(before, job.organization_id) for before in self.before(self._by_id[job.operation_id])
        )

    def waits_for(self, operation: Operation) -> Operation | None:
        """What keeps an operation from starting: the first one before it that is not done or not here yet."""
        job = self.job(operation)
        if job is not None and job.state != State.WAITING:
            return None
        for before in self.before(operation):
            if job is None or not self.is_over(before) or not self._is_there(before, job):
                return before
        return None

    def under_way(self, operation: Operation) -> list[Handover]:
        """Handovers after an operation that are not received yet."""
        return [one for one in self.handovers[operation.pk] if one.state == Handover.State.SENT]

    def to_send(self) -> list[Parcel]:
        """Pieces that wait to be handed on, and to whom."""
        return [parcel for operation in self.operations for parcel in self._parcels(operation)]

    def stranded(self) -> list[JobOrder]:
        """Waiting job orders that can never start: what comes before is over and left no pieces."""
        found = []
        for operation in self.operations:
            job = self.job(operation)
            if job is None or job.state != State.WAITING:
                continue
            before = self.waits_for(operation)
            if before and self.is_over(before) and not self._coming(before, job.organization_id):
                found.append(job)
        return found

    def is_delivered(self) -> bool:
        """Whether the buyer has all pieces of every line that is made, or no more can come."""
        made = [one for one in self.operations if self.jobs[one.pk]]
        last = [one for one in made if one.line.parent_id is None and not self.next(one)]
        buyer = self.order.organization_id
        return bool(last) and all(
            self.is_over(one) and (self.stock(one, buyer) >= one.line.quantity or self._is_settled(one))
            for one in last
        )

    def custody(self) -> list[Custody]:
        """Who holds what, line by line; empty before anything is made."""
        return [held for line in self.lines() for held in self._custody(line)]

    def losses(self) -> list[Loss]:
        """Scrap and rejected pieces, line by line, and who bears them."""
        found = []
        for line in self.lines():
            own = [one.pk for one in self.operations if one.line_id == line.pk]
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

    def _gained(self, operation: Operation, firm_id: UUID) -> int:
        """Pieces after an operation that a firm made or accepted, less what it sent on."""
        made = sum(job.good for job in self.jobs[operation.pk] if job.organization_id == firm_id)
        handovers = self.handovers[operation.pk]
        sent = sum(one.quantity for one in handovers if one.sender_id == firm_id)
        accepted = sum(one.accepted or 0 for one in handovers if one.receiver_id == firm_id)
        return made - sent + accepted

    def _is_there(self, before: Operation, job: JobOrder) -> bool:
        operation = self._by_id[job.operation_id]
        there = self._gained(before, job.organization_id) // _pieces_in_one(before, operation)
        return there > self._used(operation, job.organization_id)

    def _used(self, operation: Operation, firm_id: UUID) -> int:
        return sum(job.good + job.scrap for job in self.jobs[operation.pk] if job.organization_id == firm_id)

    def _coming(self, operation: Operation, firm_id: UUID) -> int:
        """Pieces after an operation that are on the way to a firm, or wait to be sent to it."""
        on_the_way = (one.quantity for one in self.under_way(operation) if one.receiver_id == firm_id)
        waiting = (one.pieces for one in self._parcels(operation) if one.receiver.pk == firm_id)
        return sum(on_the_way) + sum(waiting)

    def _parcels(self, operation: Operation) -> Iterator[Parcel]:
        receiver = self.receiver(operation)
        if receiver is None:
            return
        sent = sum(
            one.quantity if one.accepted is None else one.accepted
            for one in self.handovers[operation.pk]
            if one.receiver_id == receiver.pk
        )
        if sent >= operation.line.quantity:
            return  # what a firm kept back is more than anybody needs
        for key, firm in self._firms.items():
            working = any(
                job.state in OPEN_STATES and job.organization_id == key for job in self.jobs[operation.pk]
            )
            pieces = 0 if working or key == receiver.pk else self.stock(operation, key)
            if pieces > 0:
                yield Parcel(operation, firm, receiver, pieces)

    def _is_settled(self, operation: Operation) -> bool:
        """Whether nothing of an operation that is over can still reach anybody."""
        return not self.under_way(operation) and not any(self._parcels(operation))

    def _custody(self, line: OrderLine) -> Iterator[Custody]:
        own = [one for one in self.operations if one.line_id == line.pk]
        for key, firm in self._firms.items():
            pieces = sum(self.stock(one, key) for one in own) + sum(self._blanks(one, key) for one in own)
            if pieces > 0:
                yield Custody(line, firm, pieces)
        for handover in (one for operation in own for one in self.under_way(operation)):
            yield Custody(line, handover.sender, handover.quantity, handover.receiver)

    def _blanks(self, operation: Operation, firm_id: UUID) -> int:
        """Pieces in work where nothing comes before: they were material until now."""
        if self.before(operation):
            return 0
        return sum(
            self.at_hand(job)
            for job in self.jobs[operation.pk]
            if job.organization_id == firm_id and job.state in BEGUN_STATES
        )


def _pieces_in_one(before: Operation, operation: Operation) -> int:
    """Pieces of an earlier operation that one piece of a later one takes."""
    return 1 if before.line_id == operation.line_id else before.line.per_parent or 1
