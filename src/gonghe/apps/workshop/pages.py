"""The facts that the shop floor's pages show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.base import NotFoundError
from gonghe.apps.capacity import access as capacity
from gonghe.apps.capacity.models import SLOT_SECONDS, Equipment
from gonghe.apps.market import access as market
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.models import Order
from gonghe.apps.workshop import access
from gonghe.apps.workshop.flow import OPEN_STATES, Flow, Task
from gonghe.apps.workshop.models import JobOrder, JobResponse

State = JobOrder.State
AHEAD = timedelta(days=60)
QUARTER = timedelta(seconds=SLOT_SECONDS)
SOON = 3


@dataclass(slots=True)
class Work:
    """A job order and what it can do now."""

    job: JobOrder
    flow: Flow

    @property
    def task(self) -> Task:
        """The operation, or the lot of it, that it works on."""
        return self.flow.task_of(self.job)

    @property
    def ready(self) -> bool:
        """Whether its pieces are there."""
        return self.flow.waits_for(self.task) is None

    @property
    def at_hand(self) -> int:
        """Pieces it can report now."""
        return self.flow.at_hand(self.job)

    @property
    def missing(self) -> int:
        """Good pieces that it cannot reach any more with what is at hand and to come."""
        if self.job.state not in OPEN_STATES:
            return self.flow.missing(self.task)
        if self.job.state == State.WAITING:
            return 0
        reachable = self.flow.good(self.task) + self.at_hand + self.flow.to_come(self.job)
        return max(0, self.task.wanted - reachable)

    @property
    def from_material(self) -> bool:
        """Whether it begins with material, not with pieces of an earlier operation."""
        return not self.flow.before(self.task)

    @property
    def planned(self) -> int:
        """Pieces that the plan has made by now."""
        job, now = self.job, clock.now()
        if now <= job.planned_start:
            return 0
        length = max(1.0, (job.planned_end - job.planned_start).total_seconds())
        return min(job.quantity, int(job.quantity * (now - job.planned_start).total_seconds() / length))


@dataclass(slots=True)
class Place:
    """A machine, or the bench, with what runs on it and what comes."""

    equipment: Equipment | None
    works: list[Work] = field(default_factory=list)
    help: JobResponse | None = None

    @property
    def now(self) -> Work | None:
        """What is begun on it."""
        return next((one for one in self.works if one.job.state != State.WAITING), None)

    @property
    def next(self) -> list[Work]:
        """What waits for it, soonest first."""
        return [one for one in self.works if one is not self.now][:SOON]

    @property
    def down(self) -> bool:
        """Whether the machine stands still."""
        return self.equipment is not None and self.equipment.status == Equipment.Status.DOWN

    @property
    def runs(self) -> bool:
        """Whether it makes pieces now."""
        return not self.down and self.now is not None and self.now.job.state == State.RUNNING

    @property
    def shown(self) -> Work | None:
        """The job that the screen is about: the one begun, else the next that can start, else the next."""
        return (
            self.now or next((one for one in self.works if one.ready), None) or next(iter(self.works), None)
        )

    @property
    def kind(self) -> str:
        """Its state, as screens draw it."""
        if self.down:
            return "down"
        if self.now is None:
            late = self.works and self.works[0].job.planned_start <= clock.now()
            return "blocked" if late and not self.works[0].ready else "idle"
        if self.now.job.state != State.RUNNING:
            return "blocked" if self.now.job.state == State.BLOCKED else "idle"
        return "setup" if _sets_up(self.now.job) else "producing"

    @property
    def label(self) -> str:
        """Words for its state where the usual ones do not say enough."""
        if self.kind == "idle" and self.now is not None:
            return _("paused")
        if self.kind == "blocked" and self.now is None:
            return _("waits for pieces")
        return ""

    @property
    def since(self) -> datetime | None:
        """Since when it is so, if that is known."""
        if self.down and self.equipment:
            return self.equipment.down_from
        return self.now.job.running_since if self.now else None


@dataclass(frozen=True, slots=True)
class Board:
    """A firm's shop floor at a glance."""

    places: tuple[Place, ...]
    idle: tuple[Equipment, ...]

    @property
    def machines(self) -> int:
        """How many machines the firm has."""
        return len(self.idle) + sum(place.equipment is not None for place in self.places)

    @property
    def running(self) -> int:
        """How many of its machines and benches make pieces."""
        return sum(place.runs for place in self.places)

    @property
    def down(self) -> list[Place]:
        """Machines that stand still."""
        return [place for place in self.places if place.down]

    @property
    def next(self) -> Work | None:
        """The job that can start next, else the one planned next."""
        waiting = [one for place in self.places for one in place.works if one.job.state == State.WAITING]
        waiting.sort(key=lambda one: one.job.planned_start)
        return next((one for one in waiting if one.ready), None) or next(iter(waiting), None)

    @property
    def all(self) -> list[Place]:
        """Machines with work or trouble, then idle ones."""
        return [*self.places, *(Place(one) for one in self.idle)]

    def made(self) -> tuple[int, int]:
        """Good pieces and all pieces of the jobs that are begun."""
        begun = [place.now.job for place in self.places if place.now]
        return sum(job.good for job in begun), sum(job.quantity for job in begun)


def board(acting: Acting) -> Board:
    """The acting firm's machines, with their jobs."""
    jobs = list(access.visible_job_orders(acting).filter(state__in=OPEN_STATES))
    flows = flows_of(job.operation.line.order for job in jobs)
    works: dict[UUID | None, list[Work]] = defaultdict(list)
    for job in jobs:
        works[job.equipment_id].append(Work(job, flows[job.operation.line.order_id]))
    calls = calls_for_help(jobs)
    machines = list(capacity.own_equipment(acting))
    places = [
        Place(one, works[one.pk], _called(calls, works[one.pk]))
        for one in machines
        if works[one.pk] or one.status == Equipment.Status.DOWN
    ]
    if works[None]:
        places.append(Place(None, works[None], _called(calls, works[None])))
    places.sort(key=_urgency)
    busy = {place.equipment.pk for place in places if place.equipment}
    return Board(tuple(places), tuple(one for one in machines if one.pk not in busy))


def place_of(acting: Acting, equipment_id: UUID | None) -> Place:
    """One machine with its jobs; the bench without an id.

    Raises
    ------
    NotFoundError
        If the acting firm has no such machine.
    """
    equipment = capacity.get_equipment(acting, equipment_id) if equipment_id else None
    jobs = list(access.visible_job_orders(acting).filter(state__in=OPEN_STATES, equipment=equipment))
    flows = flows_of(job.operation.line.order for job in jobs)
    return Place(equipment, [Work(job, flows[job.operation.line.order_id]) for job in jobs])


def flows_of(orders: Iterable[Order]) -> dict[UUID, Flow]:
    """The flow of each order, read once."""
    found = {order.pk: order for order in orders}
    return {key: Flow(order) for key, order in found.items()}


def calls_for_help(jobs: Iterable[JobOrder]) -> dict[UUID, JobResponse]:
    """Jobs whose newest report is a call for help."""
    newest: dict[UUID, JobResponse] = {}
    for response in JobResponse.objects.filter(job_order__in=[job.pk for job in jobs]).order_by("created_at"):
        newest[response.job_order_id] = response
    return {key: one for key, one in newest.items() if one.kind == JobResponse.Kind.HELP}


def done_at(job: JobOrder, left: int) -> datetime:
    """When the last of the pieces left is done, in the machine's working hours."""
    now = clock.now()
    begin = max(now, job.planned_start) if job.state == State.WAITING else now
    seconds = left * job.operation.run_s
    if job.good + job.scrap == 0:
        seconds += max(0, job.operation.setup_s - job.worked_until(now))
    if job.equipment is None or job.equipment.calendar_id is None:
        return begin + timedelta(seconds=seconds)
    # Windows lie on whole quarters: ask from the one that has begun.
    for start, end in capacity.open_windows(job.equipment, begin - QUARTER, begin + AHEAD):
        opens = max(start, begin)
        length = max(0, int((end - opens).total_seconds()))
        if seconds <= length:
            return opens + timedelta(seconds=seconds)
        seconds -= length
    return max(job.planned_end, begin)


def part_of(acting: Acting, job: JobOrder) -> dict[str, Any] | None:
    """Picture and model of a job's part, as far as the market lets the firm see them."""
    revision = job.operation.line.revision
    contract = (
        market.contracts(acting)
        .filter(order=job.operation.line.order, organization=acting.organization)
        .first()
    )
    call = contract.call_id if contract else None
    if call is None:
        return None

    def url(document_id: UUID | None) -> str:
        if document_id is None:
            return ""
        try:
            market.get_document(acting, call, document_id)
        except NotFoundError:
            return ""
        return reverse("market:document", args=[acting.organization.slug, call, document_id])

    part = {
        "id": "part",
        "src": url(revision.mesh_id),
        "png": url(revision.thumbnail_id),
        "drawing": url(revision.drawing_id),
        "label": str(revision.part),
    }
    return part if part["src"] or part["png"] or part["drawing"] else None


def _urgency(place: Place) -> tuple[bool, bool, datetime]:
    """Trouble first, then what runs, then what starts soonest."""
    soonest = place.works[0].job.planned_start if place.works else clock.now()
    return not place.down, not place.runs, soonest


def _sets_up(job: JobOrder) -> bool:
    return job.good + job.scrap == 0 and job.worked_until(clock.now()) < job.operation.setup_s


def _called(calls: dict[UUID, JobResponse], works: list[Work]) -> JobResponse | None:
    return next((calls[one.job.pk] for one in works if one.job.pk in calls), None)
