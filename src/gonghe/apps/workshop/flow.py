"""How pieces flow from operation to operation and from firm to firm: who holds them, who may go on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from gonghe.apps.members.models import Organization
from gonghe.apps.orders.models import Operation, Order, OrderLine
from gonghe.apps.workshop.models import Handover, JobOrder


@dataclass(frozen=True, slots=True)
class Custody:
    """Who holds the pieces of a line, how many, and who bears their loss."""

    line: OrderLine
    holder: Organization
    bearer: Organization
    pieces: int
    on_the_way_to: Organization | None
    after: Operation | None


class Flow:
    """The job orders and handovers of one order, read once."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.operations = list(
            Operation.objects.filter(line__order=order)
            .select_related("line", "line__parent", "line__revision__part")
            .prefetch_related("after")
            .order_by("line__number", "number")
        )
        jobs = JobOrder.objects.filter(operation__line__order=order).select_related(
            "organization", "equipment"
        )
        self._all_jobs: dict[UUID, list[JobOrder]] = defaultdict(list)
        for job in jobs:
            self._all_jobs[job.operation_id].append(job)
        handovers = Handover.objects.filter(order=order).select_related("sender", "receiver", "line")
        self.handovers: dict[UUID, list[Handover]] = defaultdict(list)
        for handover in handovers.order_by("sent_at"):
            self.handovers[handover.after_operation_id].append(handover)
        self._by_id = {operation.pk: operation for operation in self.operations}

    def job(self, operation: Operation) -> JobOrder | None:
        """The job order that counts for an operation."""
        jobs = self._all_jobs[operation.pk]
        return next((job for job in jobs if job.state != JobOrder.State.CANCELLED), None)

    def good(self, operation: Operation) -> int:
        """Good pieces of an operation, those of a workshop that had to stop included."""
        return sum(job.good for job in self._all_jobs[operation.pk])

    def before(self, operation: Operation) -> list[Operation]:
        """Operations that must be done first."""
        return [self._by_id[one.pk] for one in operation.after.all() if one.pk in self._by_id]

    def next(self, operation: Operation) -> list[Operation]:
        """Operations that follow."""
        return [one for one in self.operations if operation.pk in {before.pk for before in one.after.all()}]

    def receiver(self, operation: Operation) -> Organization | None:
        """Who gets the pieces after an operation: the next firm, the buyer at the end, None while unplanned."""
        following = self.next(operation)
        if not following:
            return self.order.organization
        job = self.job(following[0])
        return job.organization if job else None

    def must_travel(self, operation: Operation) -> bool:
        """Whether the pieces leave the firm after this operation."""
        job, receiver = self.job(operation), self.receiver(operation)
        return job is not None and receiver is not None and receiver.pk != job.organization_id

    def arrived(self, operation: Operation) -> int:
        """Accepted pieces of an operation that were received elsewhere."""
        return sum(one.accepted or 0 for one in self.handovers[operation.pk])

    def ready_pieces(self, operation: Operation) -> int | None:
        """Pieces that an operation can work on now; None where it starts from material."""
        counts = []
        for before in self.before(operation):
            there = self.arrived(before) if self.must_travel(before) else self.good(before)
            per_piece = before.line.per_parent if before.line_id != operation.line_id else 1
            counts.append(there // (per_piece or 1))
        return min(counts) if counts else None

    def waits_for(self, operation: Operation) -> Operation | None:
        """The first operation before this one whose pieces are not there yet."""
        for before in self.before(operation):
            job = self.job(before)
            done = job is not None and job.state == JobOrder.State.FINISHED
            if not done or (self.must_travel(before) and not self.arrived(before)):
                return before
        return None

    def to_send(self) -> list[tuple[JobOrder, Organization]]:
        """Finished work that must travel and was not sent yet, with its receiver."""
        waiting = []
        for operation in self.operations:
            job, receiver = self.job(operation), self.receiver(operation)
            finished = job is not None and job.state == JobOrder.State.FINISHED
            if (
                job
                and receiver
                and finished
                and self.must_travel(operation)
                and not self.handovers[operation.pk]
            ):
                waiting.append((job, receiver))
        return waiting

    def custody(self) -> list[Custody]:
        """Who holds what, line by line: the sender holds and bears until receipt, the receiver from then on."""
        return [held for line in self._lines() if (held := self._custody(line)) is not None]

    def _lines(self) -> list[OrderLine]:
        return list({operation.line_id: operation.line for operation in self.operations}.values())

    def _custody(self, line: OrderLine) -> Custody | None:
        found: Custody | None = None
        for operation in self.operations:
            job = self.job(operation)
            if operation.line_id != line.pk or job is None:
                continue
            started = job.state not in {JobOrder.State.WAITING, JobOrder.State.CANCELLED}
            if found is None or started:
                pieces = self.good(operation) if job.state == JobOrder.State.FINISHED else job.quantity
                found = Custody(line, job.organization, job.organization, pieces, None, operation)
            for handover in self.handovers[operation.pk]:
                found = _after(handover, operation)
        return found

    def is_delivered(self) -> bool:
        """Whether the buyer has received the last pieces of every line that he ordered."""
        last = [one for one in self.operations if one.line.parent_id is None and not self.next(one)]
        return bool(last) and all(self.arrived(one) or not self.must_travel(one) for one in last)


def _after(handover: Handover, operation: Operation) -> Custody:
    if handover.state == Handover.State.SENT:
        return Custody(
            handover.line, handover.sender, handover.sender, handover.quantity, handover.receiver, operation
        )
    return Custody(
        handover.line, handover.receiver, handover.receiver, handover.accepted or 0, None, operation
    )
