"""API of orders: create, read, change, match; drawings as multipart uploads."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Field, File, Form, Path, Router, Schema
from ninja.files import UploadedFile

from gonghe.apps.members import access as members
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.http import IDEMPOTENT, acting_of, write
from gonghe.apps.orders import access, services, words
from gonghe.apps.orders.api_applying import router as applying_router
from gonghe.apps.orders.api_assuming import router as assuming_router
from gonghe.apps.orders.matching import Option, match_order
from gonghe.apps.orders.models import Operation, Order, OrderLine
from gonghe.apps.orders.services import LineChange, LineIn, OperationIn
from gonghe.apps.orders.serving import serve

router = Router()
router.add_router("", applying_router)
router.add_router("", assuming_router)


class StepIn(Schema):
    """A step of a routing."""

    process: str = Field(description="Code of the process in the taxonomy.")
    name: str = Field("", max_length=100)
    properties: dict[str, float | str | list[str]] = Field(
        default={}, description="Property code -> number, word or words, for example tolerance_it: 7."
    )
    setup_s: int = Field(0, description="Set-up, seconds.")
    run_s: int = Field(0, description="Run, seconds a piece.")
    resumable: bool = Field(True, description="May be interrupted when the workshop closes.")
    number: int | None = Field(
        None, description="Place in the routing; by default after the last.", ge=1, le=9999
    )
    after: list[int] | None = Field(None, description="Numbers it waits for; by default the step before.")


class LineBody(Schema):
    """A part and how many of it."""

    part: str = Field("", max_length=60, description="Your part number; by default the name of the drawing.")
    name: str = Field("", max_length=120)
    revision: str = Field("", max_length=10)
    quantity: int = Field(1, description="Pieces; under an assembly, pieces in each.")
    material: str = "steel"
    material_supplier: str = Field("workshop", description="workshop or buyer")
    material_lead_days: int = Field(2, ge=0, le=365)
    overage_percent: Decimal | None = Field(None, ge=0, le=50, description="More pieces for expected scrap.")
    smallest_lot: int | None = Field(
        None,
        ge=1,
        description="Several workshops may share the pieces, so many or more each; null: none may.",
    )


class OrderLineIn(LineBody):
    """A line of a new order."""

    parent: int | None = Field(None, description="Place (0-based) of its assembly among these lines.")
    operations: list[StepIn] = []


class AddedLine(LineBody):
    """A part that comes to an order, sent beside its drawing."""

    into: UUID | None = Field(None, description="Line of the assembly it is built into.")


class OrderIn(Schema):
    """A new order."""

    title: str = Field(max_length=120)
    due: date = Field(description="Needed by the end of this day at the destination.")
    destination: UUID = Field(description="One of your sites.")
    lateness_per_hour: Decimal | None = Field(None, ge=0, description="What an hour late costs you.")
    lines: list[OrderLineIn]


class HeadIn(Schema):
    """New head of a draft."""

    title: str = Field(max_length=120)
    due: date
    destination: UUID
    lateness_per_hour: Decimal = Field(ge=0)


class LineChangeIn(Schema):
    """New values of a line; what is left out stays."""

    name: str | None = Field(None, max_length=120)
    quantity: int | None = None
    material: str | None = None
    material_supplier: str | None = None
    material_lead_days: int | None = Field(None, ge=0, le=365)
    overage_percent: Decimal | None = Field(None, ge=0, le=50)
    smallest_lot: int | None = Field(None, ge=0, description="0: all pieces stay together.")


class StepOut(Schema):
    """A step as it stands."""

    id: UUID
    number: int
    name: str
    requirement: dict[str, Any]
    setup_s: int
    run_s: int
    work_s: int = Field(description="Seconds for all pieces, set-up included.")
    resumable: bool
    after: list[UUID] = Field(description="Steps it waits for, of this line or of parts built into it.")
    basis: str


class LineOut(Schema):
    """A line as it stands."""

    id: UUID
    number: int
    parent: UUID | None
    part: str
    name: str
    revision: str
    frozen: bool
    material: str
    quantity: int
    per_parent: int | None
    pieces: int = Field(description="Pieces to make, scrap included.")
    material_supplier: str
    material_lead_days: int
    overage_percent: str
    smallest_lot: int | None
    analysis_state: str
    refusal: str
    drawing: UUID | None
    mesh: UUID | None
    thumbnail: UUID | None
    estimate: dict[str, Any] | None = Field(
        description="Ranges in minor units and seconds, with assumptions."
    )
    operations: list[StepOut]


class OrderShort(Schema):
    """An order in a list."""

    id: UUID
    code: str
    title: str
    state: str
    due: date
    indicative: dict[str, Any] | None = Field(description="Indicative promise; no firm has promised it.")


class OrderOut(OrderShort):
    """An order as it stands."""

    created_at: datetime
    destination: UUID
    currency: str
    lateness_per_hour: str
    lines: list[LineOut]


class OptionOut(Schema):
    """A firm that can or nearly can do a step."""

    organization: str
    name: str
    equipment: list[str]
    misses: list[str] = Field(description="Which property fails and by how much, in words.")


class StepMatchOut(Schema):
    """Who can do a step."""

    operation: UUID
    can: list[OptionOut]
    nearly: list[OptionOut]
    advice: str = Field(description="What to do when nobody can.")


class AnalysisOut(Schema):
    """What was found in a drawing."""

    state: str
    refusal: str
    job: UUID | None
    progress: int
    analysis: dict[str, Any] | None


@router.get("orders", response=list[OrderShort])
def list_orders(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """Your orders, newest first."""
    return [short(order) for order in access.visible_orders(acting_of(request, slug))]


@router.post("orders", response={201: OrderOut}, openapi_extra=IDEMPOTENT)
def create_order(request: HttpRequest, slug: Path[str], data: OrderIn) -> Any:
    """Place an order; parts without a drawing may bring their steps."""

    def create(acting: Acting) -> dict[str, Any]:
        order = services.create_order(
            acting,
            title=data.title,
            due=data.due,
            destination=members.get_site(acting, data.destination),
            lateness_per_hour=data.lateness_per_hour,
            lines=[_line_in(line) for line in data.lines],
        )
        return full(access.get_order(acting, order.pk))

    return write(request, slug, create, status=201)


@router.get("orders/{order_id}", response=OrderOut)
def get_order(request: HttpRequest, slug: Path[str], order_id: UUID) -> dict[str, Any]:
    """One order with its lines and steps."""
    return full(access.get_order(acting_of(request, slug), order_id))


@router.put("orders/{order_id}", response=OrderOut, openapi_extra=IDEMPOTENT)
def change_order(request: HttpRequest, slug: Path[str], order_id: UUID, data: HeadIn) -> Any:
    """Change the head of a draft."""

    def change(acting: Acting) -> dict[str, Any]:
        order = access.get_order(acting, order_id)
        site = members.get_site(acting, data.destination)
        fields = data.dict() | {"destination": site}
        return full(services.change_order(acting, order, **fields))

    return write(request, slug, change)


@router.post("orders/{order_id}/cancel", response=OrderOut, openapi_extra=IDEMPOTENT)
def cancel_order(request: HttpRequest, slug: Path[str], order_id: UUID) -> Any:
    """Take an order back that nobody has been promised."""

    def cancel(acting: Acting) -> dict[str, Any]:
        order = access.get_order(acting, order_id)
        services.cancel_order(acting, order)
        return full(order)

    return write(request, slug, cancel)


@router.get("orders/{order_id}/match", response=list[StepMatchOut])
def get_match(request: HttpRequest, slug: Path[str], order_id: UUID) -> list[dict[str, Any]]:
    """Every step: who can, who nearly can, and which property fails by how much."""
    acting = acting_of(request, slug)
    found = match_order(acting, access.get_order(acting, order_id))
    return [
        {
            "operation": step.operation.pk,
            "can": [_option(one) for one in step.can],
            "nearly": [_option(one) for one in step.nearly],
            "advice": step.advice,
        }
        for step in found.steps
    ]


@router.post("orders/{order_id}/lines", response={201: LineOut}, openapi_extra=IDEMPOTENT)
def add_line(
    request: HttpRequest,
    slug: Path[str],
    order_id: UUID,
    data: Form[AddedLine],
    drawing: File[UploadedFile | None] = None,
) -> Any:
    """Add a part to a draft, with its drawing (multipart) or without."""
    acting = acting_of(request, slug)
    order = access.get_order(acting, order_id)
    parent = access.get_line(acting, data.into) if data.into else None
    intake = services.take_in(acting, drawing.name or "", drawing.chunks()) if drawing else None
    line = LineIn(**data.dict(exclude={"into"}), drawing=intake)

    def add(acting: Acting) -> dict[str, Any]:
        return line_out(services.add_line(acting, order, line, into=parent))

    return write(request, slug, add, status=201, body=_same(line, data.into))


@router.patch("orders/lines/{line_id}", response=LineOut, openapi_extra=IDEMPOTENT)
def change_line(request: HttpRequest, slug: Path[str], line_id: UUID, data: LineChangeIn) -> Any:
    """Change a line of a draft; times and estimate follow."""

    def change(acting: Acting) -> dict[str, Any]:
        line = access.get_line(acting, line_id)
        return line_out(services.change_line(acting, line, LineChange(**data.dict())))

    return write(request, slug, change)


@router.delete("orders/lines/{line_id}", response={200: OrderOut}, openapi_extra=IDEMPOTENT)
def remove_line(request: HttpRequest, slug: Path[str], line_id: UUID) -> Any:
    """Take a line, and what is built into it, out of a draft."""

    def remove(acting: Acting) -> dict[str, Any]:
        line = access.get_line(acting, line_id)
        services.remove_line(acting, line)
        return full(line.order)

    return write(request, slug, remove)


@router.post("orders/lines/{line_id}/drawing", response=LineOut, openapi_extra=IDEMPOTENT)
def upload_drawing(request: HttpRequest, slug: Path[str], line_id: UUID, drawing: File[UploadedFile]) -> Any:
    """Give a line another drawing (multipart); a model is read again."""
    acting = acting_of(request, slug)
    line = access.get_line(acting, line_id)
    intake = services.take_in(acting, drawing.name or "", drawing.chunks())

    def attach(acting: Acting) -> dict[str, Any]:
        services.attach(acting, line, intake)
        return line_out(line)

    return write(request, slug, attach, body=intake.sha256.encode())


@router.get("orders/lines/{line_id}/analysis", response=AnalysisOut)
def get_analysis(request: HttpRequest, slug: Path[str], line_id: UUID) -> dict[str, Any]:
    """What was found in the drawing of a line, or how far the reading is."""
    line = access.get_line(acting_of(request, slug), line_id)
    job = access.reading_job(line)
    return {
        "state": line.revision.analysis_state,
        "refusal": words.refusal_text(line.revision),
        "job": job.pk if job else None,
        "progress": job.progress if job else 0,
        "analysis": line.revision.analysis,
    }


@router.post("orders/lines/{line_id}/analysis", response=LineOut, openapi_extra=IDEMPOTENT)
def read_again(request: HttpRequest, slug: Path[str], line_id: UUID) -> Any:
    """Have the drawing read once more."""

    def read(acting: Acting) -> dict[str, Any]:
        line = access.get_line(acting, line_id)
        services.read_again(acting, line)
        return line_out(access.get_line(acting, line_id))

    return write(request, slug, read)


@router.post("orders/lines/{line_id}/operations", response={201: StepOut}, openapi_extra=IDEMPOTENT)
def add_operation(request: HttpRequest, slug: Path[str], line_id: UUID, data: StepIn) -> Any:
    """Add a step to a line of a draft."""

    def add(acting: Acting) -> dict[str, Any]:
        line = access.get_line(acting, line_id)
        return step_out(services.save_operation(acting, line, _step_in(data)))

    return write(request, slug, add, status=201)


@router.put("orders/operations/{operation_id}", response=StepOut, openapi_extra=IDEMPOTENT)
def change_operation(request: HttpRequest, slug: Path[str], operation_id: UUID, data: StepIn) -> Any:
    """Change a step of a draft."""

    def change(acting: Acting) -> dict[str, Any]:
        operation = access.get_operation(acting, operation_id)
        saved = services.save_operation(acting, operation.line, _step_in(data), operation=operation)
        return step_out(saved)

    return write(request, slug, change)


@router.delete("orders/operations/{operation_id}", response=LineOut, openapi_extra=IDEMPOTENT)
def remove_operation(request: HttpRequest, slug: Path[str], operation_id: UUID) -> Any:
    """Take a step out of a draft."""

    def remove(acting: Acting) -> dict[str, Any]:
        operation = access.get_operation(acting, operation_id)
        services.remove_operation(acting, operation)
        return line_out(operation.line)

    return write(request, slug, remove)


@router.get("orders/documents/{document_id}", response={200: None})
def get_document(request: HttpRequest, slug: Path[str], document_id: UUID) -> StreamingHttpResponse:
    """A drawing, 3D picture (glTF) or thumbnail of yours."""
    return serve(request, access.get_document(acting_of(request, slug), document_id))


def short(order: Order) -> dict[str, Any]:
    """An order as a JSON-ready line of a list."""
    return {
        "id": str(order.pk),
        "code": order.code,
        "title": order.title,
        "state": order.state,
        "due": order.due.isoformat(),
        "indicative": order.indicative,
    }


def full(order: Order) -> dict[str, Any]:
    """An order as JSON-ready facts."""
    return short(order) | {
        "created_at": order.created_at.isoformat(),
        "destination": str(order.destination_id),
        "currency": order.currency,
        "lateness_per_hour": str(order.lateness_per_hour),
        "lines": [line_out(line) for line in access.lines_of(order)],
    }


def line_out(line: OrderLine) -> dict[str, Any]:
    """A line as JSON-ready facts."""
    revision = line.revision
    return {
        "id": str(line.pk),
        "number": line.number,
        "parent": _id(line.parent_id),
        "part": revision.part.number,
        "name": revision.part.name,
        "revision": revision.label,
        "frozen": revision.frozen_at is not None,
        "material": revision.material,
        "quantity": line.quantity,
        "per_parent": line.per_parent,
        "pieces": line.pieces,
        "material_supplier": line.material_supplier,
        "material_lead_days": line.material_lead_days,
        "overage_percent": str(line.overage_percent),
        "smallest_lot": line.smallest_lot,
        "analysis_state": revision.analysis_state,
        "refusal": words.refusal_text(revision),
        "drawing": _id(revision.drawing_id),
        "mesh": _id(revision.mesh_id),
        "thumbnail": _id(revision.thumbnail_id),
        "estimate": line.estimate,
        "operations": [step_out(step) for step in line.operations.all()],
    }


def step_out(operation: Operation) -> dict[str, Any]:
    """A step as JSON-ready facts."""
    return {
        "id": str(operation.pk),
        "number": operation.number,
        "name": operation.name,
        "requirement": operation.requirement,
        "setup_s": operation.setup_s,
        "run_s": operation.run_s,
        "work_s": operation.work_s,
        "resumable": operation.resumable,
        "after": [str(one.pk) for one in operation.after.all()],
        "basis": operation.basis,
    }


def _id(key: UUID | None) -> str | None:
    return str(key) if key else None


def _step_in(data: StepIn) -> OperationIn:
    values = data.dict()
    return OperationIn(**values | {"after": None if data.after is None else tuple(data.after)})


def _line_in(data: OrderLineIn) -> LineIn:
    values = data.dict() | {"operations": tuple(_step_in(one) for one in data.operations)}
    return LineIn(**values)


def _option(option: Option) -> dict[str, Any]:
    return {
        "organization": option.organization.slug,
        "name": option.organization.name,
        "equipment": list(option.equipment),
        "misses": list(option.misses),
    }


def _same(line: LineIn, into: UUID | None) -> bytes:
    """What makes two uploads the same request: the fields and the content of the file."""
    values = {name: str(getattr(line, name)) for name in LineIn.__slots__ if name != "drawing"}
    content = line.drawing.sha256 if line.drawing else ""
    return json.dumps([values, content, str(into)], sort_keys=True).encode()
