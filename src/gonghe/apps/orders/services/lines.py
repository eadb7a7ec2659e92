"""Lines of a draft: which revision of which part, how many, built into what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Max
from django.utils.translation import gettext as _

from gonghe.apps.audit.services import recording
from gonghe.apps.base import InvalidError
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.models import Document, Order, OrderLine, Part, Revision
from gonghe.apps.orders.services.guard import check_fields, check_lots, require_draft
from gonghe.apps.orders.services.inputs import MAX_PIECES, Intake, LineIn, check_line, take_in
from gonghe.apps.orders.services.reading import ask_reading, has_model
from gonghe.apps.orders.services.routing import place_operations, refresh_line, relink

DEFAULT_OVERAGE = Decimal(2)


def add_line(acting: Acting, order: Order, line: LineIn, *, into: OrderLine | None = None) -> OrderLine:
    """Add a part to a draft, as a part of its own or built into an assembly line.

    Raises
    ------
    InvalidError
        If it cannot be made.
    ConflictError
        If the order is no draft any more.
    """
    acting.require("orders")
    check_line(line)
    with recording(acting.principal) as record:
        require_draft(order)
        added = _place(acting, order, line, into)
        record("orders.line.added", objects={"order": order.pk, "line": added.pk})
        _finish(acting, [(added, line)])
    return added


def place_lines(acting: Acting, order: Order, lines: Sequence[LineIn]) -> list[OrderLine]:
    """Write the lines of a new order inside the caller's transaction."""
    placed: list[OrderLine] = []
    for line in lines:
        if line.parent is not None and not 0 <= line.parent < len(placed):
            raise InvalidError(
                _("A part is built into an assembly that comes before it in the list."), fields=["parent"]
            )
        placed.append(_place(acting, order, line, None if line.parent is None else placed[line.parent]))
    assemblies = {line.parent for line in lines}
    for place, (row, line) in enumerate(zip(placed, lines, strict=True)):
        if place in assemblies and line.overage_percent is None:
            row.overage_percent = Decimal(0)
            row.save(update_fields=["overage_percent"])
    for row in placed:
        refresh_quantity(row)
    _finish(acting, list(zip(placed, lines, strict=True)))
    return placed


@dataclass(frozen=True, slots=True)
class LineChange:
    """New values of a line; None leaves one as it is."""

    quantity: int | None = None
    material: str | None = None
    material_supplier: str | None = None
    material_lead_days: int | None = None
    overage_percent: Decimal | None = None
    name: str | None = None
    smallest_lot: int | None = None  # 0: all pieces stay together


def change_line(acting: Acting, line: OrderLine, change: LineChange) -> OrderLine:
    """Change a line of a draft; quantities below it, times and estimate follow at once.

    `quantity` of a line inside an assembly is the number in each assembly.

    Raises
    ------
    InvalidError
        If a value is impossible.
    ConflictError
        If the order is no draft any more.
    """
    acting.require("orders")
    present = line.per_parent or line.quantity
    part = line.revision.part
    wanted = LineIn(
        part=part.number,
        name=part.name if change.name is None else change.name,
        quantity=present if change.quantity is None else change.quantity,
        material=change.material or line.revision.material,
    )
    check_line(wanted)
    with recording(acting.principal) as record:
        require_draft(line.order)
        if wanted.material != line.revision.material:
            line.revision = _in_material(line.revision, wanted.material)
        if wanted.name != part.name:
            Part.objects.filter(pk=part.pk).update(name=wanted.name)
        for field in ("material_supplier", "material_lead_days", "overage_percent"):
            value = getattr(change, field)
            setattr(line, field, getattr(line, field) if value is None else value)
        if change.smallest_lot is not None:
            line.smallest_lot = change.smallest_lot or None
        if line.parent_id:
            line.per_parent = wanted.quantity
        else:
            line.quantity = wanted.quantity
        check_fields(line)
        check_lots(line)
        line.save()
        record("orders.line.changed", objects={"order": line.order_id, "line": line.pk})
        refresh_quantity(line)
    return line


def remove_line(acting: Acting, line: OrderLine) -> None:
    """Take a line, and what is built into it, out of a draft; its part and files stay known.

    Raises
    ------
    ConflictError
        If the order is no draft any more.
    InvalidError
        If this is its last line.
    """
    acting.require("orders")
    with recording(acting.principal) as record:
        require_draft(line.order)
        below = _below(line)
        if not OrderLine.objects.filter(order=line.order).exclude(pk__in=[one.pk for one in below]).exists():
            raise InvalidError(
                _("This is the only part of the order. Cancel the order, or add another part first."),
                code="last_line",
            )
        record("orders.line.removed", objects={"order": line.order_id, "line": line.pk})
        parent = line.parent
        line.delete()
        if parent is not None:
            relink(parent)


def upload_drawing(acting: Acting, line: OrderLine, name: str, chunks: Iterable[bytes]) -> Revision:
    """Give a line of a draft another drawing; a model is read again and its routing proposed anew.

    Raises
    ------
    InvalidError
        If the file cannot be taken in.
    ConflictError
        If the order is no draft any more.
    """
    acting.require("orders")
    intake = take_in(acting, name, chunks)
    return attach(acting, line, intake)


def attach(acting: Acting, line: OrderLine, intake: Intake) -> Revision:
    """The same for a file that is stored already."""
    acting.require("orders")
    with recording(acting.principal) as record:
        require_draft(line.order)
        wanted = LineIn(part=line.revision.part.number, material=line.revision.material, drawing=intake)
        line.revision = _revision(acting, wanted)
        line.save(update_fields=["revision"])
        line.operations.all().delete()
        record(
            "orders.drawing.uploaded",
            objects={"order": line.order_id, "line": line.pk, "revision": line.revision.pk},
            data={"sha256": intake.sha256, "size": intake.size},
        )
        refresh_line(line)
        if intake.is_model:
            ask_reading(acting.principal, line)
    return line.revision


def refresh_quantity(line: OrderLine) -> None:
    """Carry a quantity down through an assembly, and into requirements and estimates."""
    if line.parent is not None and line.per_parent:
        line.quantity = line.per_parent * line.parent.pieces
        if line.quantity > MAX_PIECES * 10:
            raise InvalidError(
                _("With these quantities one part is needed %d times. Order fewer assemblies.")
                % line.quantity,
                code="quantity",
                fields=["quantity"],
            )
        line.save(update_fields=["quantity"])
    refresh_line(line)
    for child in line.children.select_related("revision__part", "order"):
        child.parent = line
        refresh_quantity(child)


def _place(acting: Acting, order: Order, line: LineIn, parent: OrderLine | None) -> OrderLine:
    last = OrderLine.objects.filter(order=order).aggregate(last=Max("number"))["last"] or 0
    row = OrderLine(
        order=order,
        parent=parent,
        number=last + 1,
        revision=_revision(acting, line),
        quantity=line.quantity,
        per_parent=line.quantity if parent else None,
        material_supplier=line.material_supplier,
        material_lead_days=line.material_lead_days,
        overage_percent=DEFAULT_OVERAGE if line.overage_percent is None else line.overage_percent,
        smallest_lot=line.smallest_lot,
    )
    check_fields(row)
    check_lots(row)
    row.save()
    return row


def _finish(acting: Acting, placed: list[tuple[OrderLine, LineIn]]) -> None:
    """Give new lines their quantities and operations, have their drawings read, join assemblies."""
    for row, line in placed:
        refresh_quantity(row)
        if line.operations:
            place_operations(acting.principal, row, line.operations)
        elif has_model(row.revision):
            ask_reading(acting.principal, row)
    for parent in {row.parent for row, _line in placed if row.parent}:
        relink(parent)


def _revision(acting: Acting, line: LineIn) -> Revision:
    """The revision that this line means: a known one with the same content, or a new one."""
    number = (line.part.strip() or (line.drawing.stem if line.drawing else ""))[:60]
    part, _new = Part.objects.get_or_create(
        organization=acting.organization, number=number, defaults={"name": line.name.strip()[:120] or number}
    )
    sha256 = line.drawing.sha256 if line.drawing else None
    same = part.revisions.filter(material=line.material, drawing__sha256=sha256)
    if line.drawing is None and not line.revision:
        same = part.revisions.filter(material=line.material)
    if line.revision:
        named = part.revisions.filter(label=line.revision).first()
        same = same.filter(label=line.revision)
        if named is not None and line.drawing is None and named.material == line.material:
            return named
        if named is not None and not same.exists():
            raise InvalidError(
                _("Revision %(label)s of %(part)s has another drawing or material. Give a new letter.")
                % {"label": line.revision, "part": number},
                code="revision_taken",
                fields=["revision"],
            )
    found = same.order_by("-created_at").first()
    if found is not None:
        return found
    document = _document(acting, line.drawing) if line.drawing else None
    revision = Revision(
        part=part, label=line.revision or _next_label(part), material=line.material, drawing=document
    )
    check_fields(revision)
    revision.save()
    return revision


def _in_material(revision: Revision, material: str) -> Revision:
    """The same drawing in another material: changed in place while nobody else relies on it."""
    free = revision.frozen_at is None and revision.lines.count() == 1
    if not free:
        revision = Revision.objects.get(pk=revision.pk)
        revision = _copy(revision, label=_next_label(revision.part))
    revision.material = material
    revision.save()
    return revision


def _copy(revision: Revision, *, label: str) -> Revision:
    names = ("part", "drawing", "mesh", "thumbnail", "analysis_state", "analysis", "refusal_code", "refusal")
    return Revision(label=label, **{name: getattr(revision, name) for name in names})


def _document(acting: Acting, intake: Intake) -> Document:
    return Document.objects.create(
        organization=acting.organization,
        kind=Document.Kind.DRAWING,
        name=intake.name,
        sha256=intake.sha256,
        size=intake.size,
        media_type=intake.media_type,
    )


def _next_label(part: Part) -> str:
    """A, B, ... Z, AA, AB ...: the first that is free."""
    taken = set(part.revisions.values_list("label", flat=True))
    label = "A"
    while label in taken:
        label = _after(label)
    return label


def _after(label: str) -> str:
    head, last = label[:-1], label[-1]
    if last != "Z":
        return head + chr(ord(last) + 1)
    return (_after(head) if head else "A") + "A"


def _below(line: OrderLine) -> list[OrderLine]:
    """A line and everything that is built into it."""
    return [line, *(one for child in line.children.all() for one in _below(child))]
