"""API of the shop floor: job orders and reports, handovers, settlements."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Path, Router, Schema
from pydantic import AwareDatetime

from gonghe.apps.capacity import access as capacity
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.http import IDEMPOTENT, acting_of, write
from gonghe.apps.workshop import access, handing, services, settling
from gonghe.apps.workshop.flow import Parcel
from gonghe.apps.workshop.models import Handover, JobOrder, Settlement

router = Router()


class JobOrderOut(Schema):
    """A job order: what to make on which machine, when, and how far it is."""

    id: UUID
    order: str = Field(description="Code of the order.")
    operation: str
    lot: int = Field(description="Which lot of its line, from 1.")
    lots: int = Field(description="In how many lots the line runs; 1 where it stays together.")
    equipment: str | None
    planned_start: datetime
    planned_end: datetime
    quantity: int
    good: int
    scrap: int
    state: str


class ParcelOut(Schema):
    """Pieces that wait to be handed on."""

    operation: UUID
    lot: int
    lots: int
    order: str
    name: str
    receiver: str
    pieces: int


class StepOut(Schema):
    """An operation of an order and how far it is."""

    operation: UUID
    lot: int
    lots: int
    number: int
    name: str
    state: str = Field(description="State of its job order; empty before one is dispatched.")
    organization: str
    equipment: str
    good: int
    scrap: int
    missing: int = Field(description="Good pieces lacking of what the order needs, once it is over.")


class CustodyOut(Schema):
    """Who holds pieces of a line; the holder bears their loss, also while they are on the way."""

    part: str
    holder: str
    pieces: int
    on_the_way_to: str


class LossOut(Schema):
    """Pieces that are lost, and who bears it."""

    part: str
    bearer: str
    scrap: int
    rejected: int


class MakingOut(Schema):
    """How far an order is: all of it for its buyer, its own part for a workshop."""

    order: str
    state: str
    steps: list[StepOut]
    custody: list[CustodyOut]
    losses: list[LossOut]


class HandoverOut(Schema):
    """Work passing from firm to firm."""

    id: UUID
    number: str
    order: str
    lot: int
    lots: int
    sender: str
    receiver: str
    quantity: int
    accepted: int | None
    rejected: int | None
    state: str
    sent_at: datetime
    received_at: datetime | None


class SettlementOut(Schema):
    """What one firm gets for an order."""

    id: UUID
    order: str
    organization: str
    amount: Decimal
    currency: str
    agreed_at: datetime | None
    items: list[dict[str, str]]


class CountIn(Schema):
    """Pieces reported."""

    good: int = Field(ge=0)
    scrap: int = Field(0, ge=0)
    note: str = Field("", max_length=300)


class BreakdownIn(Schema):
    """A machine that stopped, and when it is expected to run again."""

    until: AwareDatetime
    note: str = Field("", max_length=300)


class MoreIn(Schema):
    """Pieces made again from new material."""

    pieces: int = Field(ge=1)


class HelpIn(Schema):
    """What the operator needs help with."""

    note: str = Field("", max_length=300)


class SendIn(Schema):
    """Pieces handed to the next firm or the buyer."""

    operation: UUID = Field(description="The operation after which they are sent, as `/to-send` names it.")
    lot: int = Field(1, ge=1, description="Which lot of it, where its line runs in several.")
    quantity: int = Field(ge=1)
    note: str = Field("", max_length=300)


class ReceiveIn(Schema):
    """Pieces accepted of those that arrived."""

    accepted: int = Field(ge=0)
    note: str = Field("", max_length=300)


@router.get("/job-orders", response=list[JobOrderOut])
def list_job_orders(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """Job orders of your own machines."""
    return [_job(job) for job in access.visible_job_orders(acting_of(request, slug))]


@router.get("/job-orders/{uuid:job_id}", response=JobOrderOut)
def get_job_order(request: HttpRequest, slug: Path[str], job_id: UUID) -> dict[str, Any]:
    """One job order."""
    return _job(access.get_job_order(acting_of(request, slug), job_id))


@router.post("/job-orders/{uuid:job_id}/start", response=JobOrderOut, openapi_extra=IDEMPOTENT)
def start(request: HttpRequest, slug: Path[str], job_id: UUID) -> Any:
    """Begin, or go on."""
    return write(request, slug, lambda acting: _done(acting, job_id, services.start))


@router.post("/job-orders/{uuid:job_id}/pause", response=JobOrderOut, openapi_extra=IDEMPOTENT)
def pause(request: HttpRequest, slug: Path[str], job_id: UUID) -> Any:
    """Stop for a while."""
    return write(request, slug, lambda acting: _done(acting, job_id, services.pause))


@router.post("/job-orders/{uuid:job_id}/report", response=JobOrderOut, openapi_extra=IDEMPOTENT)
def report(request: HttpRequest, slug: Path[str], job_id: UUID, body: CountIn) -> Any:
    """Report pieces while the job goes on."""
    return write(request, slug, lambda acting: _done(acting, job_id, services.report, **body.dict()))


@router.post("/job-orders/{uuid:job_id}/finish", response=JobOrderOut, openapi_extra=IDEMPOTENT)
def finish(request: HttpRequest, slug: Path[str], job_id: UUID, body: CountIn) -> Any:
    """Report the last pieces and end the job."""
    return write(request, slug, lambda acting: _done(acting, job_id, services.finish, **body.dict()))


@router.post("/job-orders/{uuid:job_id}/breakdown", response=JobOrderOut, openapi_extra=IDEMPOTENT)
def breakdown(request: HttpRequest, slug: Path[str], job_id: UUID, body: BreakdownIn) -> Any:
    """Report that the machine stopped."""
    return write(request, slug, lambda acting: _done(acting, job_id, services.breakdown, **body.dict()))


@router.post("/job-orders/{uuid:job_id}/more", response=JobOrderOut, openapi_extra=IDEMPOTENT)
def make_more(request: HttpRequest, slug: Path[str], job_id: UUID, body: MoreIn) -> Any:
    """Make pieces again that became scrap, from new material."""
    return write(request, slug, lambda acting: _done(acting, job_id, services.make_more, **body.dict()))


@router.post("/job-orders/{uuid:job_id}/help", response=JobOrderOut, openapi_extra=IDEMPOTENT)
def call_for_help(request: HttpRequest, slug: Path[str], job_id: UUID, body: HelpIn) -> Any:
    """Call the planner of your firm to the machine."""
    return write(request, slug, lambda acting: _done(acting, job_id, services.call_for_help, **body.dict()))


@router.post("/equipment/{uuid:equipment_id}/repaired", openapi_extra=IDEMPOTENT)
def repaired(request: HttpRequest, slug: Path[str], equipment_id: UUID) -> Any:
    """Report that a machine runs again."""

    def action(acting: Acting) -> dict[str, str]:
        equipment = capacity.get_equipment(acting, equipment_id)
        services.repaired(acting, equipment)
        return {"equipment": equipment.code, "status": equipment.status}

    return write(request, slug, action)


@router.get("/making/{uuid:order_id}", response=MakingOut)
def making(request: HttpRequest, slug: Path[str], order_id: UUID) -> dict[str, Any]:
    """How far an order is that you buy or work on."""
    acting = acting_of(request, slug)
    return _making(access.making(acting, access.get_order_in_work(acting, order_id)))


@router.get("/to-send", response=list[ParcelOut])
def list_to_send(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """Your pieces that wait to be handed on."""
    return [_parcel(one) for one in access.work_to_send(acting_of(request, slug))]


@router.post("/handovers", response={201: HandoverOut}, openapi_extra=IDEMPOTENT)
def send(request: HttpRequest, slug: Path[str], body: SendIn) -> Any:
    """Hand pieces on."""

    def action(acting: Acting) -> dict[str, Any]:
        operation = access.get_operation_of_own(acting, body.operation)
        return _plain(_handover(handing.send(acting, operation, **body.dict(exclude={"operation"}))))

    return write(request, slug, action, status=201)


@router.get("/handovers", response=list[HandoverOut])
def list_handovers(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """Handovers that you send, receive or pay for."""
    return [_handover(one) for one in access.visible_handovers(acting_of(request, slug))]


@router.get("/handovers/{uuid:handover_id}", response=HandoverOut)
def get_handover(request: HttpRequest, slug: Path[str], handover_id: UUID) -> dict[str, Any]:
    """One handover."""
    return _handover(access.get_handover(acting_of(request, slug), handover_id))


@router.post("/handovers/{uuid:handover_id}/receive", response=HandoverOut, openapi_extra=IDEMPOTENT)
def receive(request: HttpRequest, slug: Path[str], handover_id: UUID, body: ReceiveIn) -> Any:
    """Confirm what arrived."""

    def action(acting: Acting) -> dict[str, Any]:
        handing.receive(acting, access.get_handover_to_receive(acting, handover_id), **body.dict())
        return _plain(_handover(access.get_handover(acting, handover_id)))

    return write(request, slug, action)


@router.get("/settlements", response=list[SettlementOut])
def list_settlements(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """What you get, and what you pay."""
    return [_settlement(one) for one in access.visible_settlements(acting_of(request, slug))]


@router.post("/orders/{uuid:order_id}/settle", response=list[SettlementOut], openapi_extra=IDEMPOTENT)
def settle(request: HttpRequest, slug: Path[str], order_id: UUID) -> Any:
    """Agree to the amounts of a delivered order."""

    def action(acting: Acting) -> list[dict[str, Any]]:
        settling.agree(acting, access.get_order_to_settle(acting, order_id))
        rows = access.visible_settlements(acting).filter(order_id=order_id)
        return [_plain(_settlement(one)) for one in rows]

    return write(request, slug, action)


def _done(acting: Acting, job_id: UUID, service: Any, **values: Any) -> dict[str, Any]:
    service(acting, access.get_job_order(acting, job_id), **values)
    return _plain(_job(access.get_job_order(acting, job_id)))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """The same with times, ids and amounts as text: what is kept of an answer is JSON."""
    return {
        key: value
        if value is None or isinstance(value, int | str | list)
        else (value.isoformat() if isinstance(value, datetime) else str(value))
        for key, value in row.items()
    }


def _job(job: JobOrder) -> dict[str, Any]:
    return {
        "id": job.pk,
        "order": job.operation.line.order.code,
        "operation": f"{job.operation.number} {job.operation.name}",
        "equipment": job.equipment.code if job.equipment else None,
        **{
            key: getattr(job, key)
            for key in ("lot", "lots", "planned_start", "planned_end", "quantity", "good", "scrap", "state")
        },
    }


def _parcel(one: Parcel) -> dict[str, Any]:
    return {
        "operation": one.operation.pk,
        "lot": one.task.lot,
        "lots": one.task.lots,
        "order": one.operation.line.order.code,
        "name": f"{one.operation.number} {one.operation.name}",
        "receiver": one.receiver.name,
        "pieces": one.pieces,
    }


def _making(found: access.Making) -> dict[str, Any]:
    return {
        "order": found.order.code,
        "state": found.order.state,
        "steps": [_step(one) for one in found.steps],
        "custody": [
            {
                "part": one.line.revision.part.number,
                "holder": one.holder.name,
                "pieces": one.pieces,
                "on_the_way_to": one.on_the_way_to.name if one.on_the_way_to else "",
            }
            for one in found.custody
        ],
        "losses": [
            {
                "part": one.line.revision.part.number,
                "bearer": one.bearer.name,
                "scrap": one.scrap,
                "rejected": one.rejected,
            }
            for one in found.losses
        ],
    }


def _step(one: access.Step) -> dict[str, Any]:
    return {
        "operation": one.operation.pk,
        "lot": one.task.lot,
        "lots": one.task.lots,
        "number": one.operation.number,
        "name": one.operation.name,
        "state": one.job.state if one.job else "",
        "organization": one.job.organization.name if one.job else "",
        "equipment": one.job.equipment.code if one.job and one.job.equipment else "",
        "good": one.good,
        "scrap": one.scrap,
        "missing": one.missing,
    }


def _handover(one: Handover) -> dict[str, Any]:
    keys = ("number", "lot", "lots", "quantity", "accepted", "rejected", "state", "sent_at", "received_at")
    return {
        "id": one.pk,
        "order": one.order.code,
        "sender": one.sender.name,
        "receiver": one.receiver.name,
        **{key: getattr(one, key) for key in keys},
    }


def _settlement(one: Settlement) -> dict[str, Any]:
    return {
        "id": one.pk,
        "order": one.order.code,
        "organization": one.organization.name,
        **{key: getattr(one, key) for key in ("amount", "currency", "agreed_at", "items")},
    }
