"""A plan as one viewer may see it: rows and bars of the picture, and the same as a table.

In another firm's row only operations of the viewer's own orders appear; its busy hours only where that firm
shows its free hours to the viewer, and never whose they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.capacity import access as capacity
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Organization
from gonghe.apps.orders.lots import lot_text
from gonghe.apps.orders.models import Operation, Order
from gonghe.apps.plans.access import visible_assignments
from gonghe.apps.plans.models import Assignment, Plan
from gonghe.apps.plans.situation import is_done
from gonghe.apps.plans.storing import changed
from gonghe.apps.plans.viewing import Eyes, eyes_of
from gonghe.apps.plans.words import moment_text, reasons_by_operation
from gonghe.joining import joined

MARGIN = timedelta(days=1)
Bar = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Picture:
    """Data of `<plan-gantt>` and the rows of its table twin."""

    gantt: dict[str, Any]
    table: list[dict[str, Any]]


def picture(acting: Acting, plan: Plan, zone: str) -> Picture:
    """The plan as the acting organisation sees it; reasons are told in the zone's wall-clock time."""
    eyes = eyes_of(acting)
    rows = list(visible_assignments(acting, plan))
    before = _before(acting, plan)
    shown = [*rows, *before]
    if not shown:
        return Picture({"rows": [], "bars": [], "links": []}, [])
    start = min(row.start for row in shown) - MARGIN
    end = max(row.end for row in shown) + MARGIN
    why = reasons_by_operation(eyes, plan, rows, zone)
    bars = [_bar(plan, row) | {"why": why.get(row.name, [])} for row in rows]
    bars += [_planned(row, bar) for row, bar in zip(rows, bars, strict=True) if _differs(row)]
    bars += [_was(plan, row) for row in before]
    bars += _busy(eyes, plan, shown, start, end)
    gantt = {
        "rows": _rows(eyes, shown, start, end),
        "bars": bars,
        "links": _links(rows),
    } | _opening(start + MARGIN, end)
    return Picture(gantt, [_line(eyes, plan, row) for row in rows])


def sketch(acting: Acting, order: Order, rows: Sequence[Mapping[str, Any]]) -> Picture:
    """A schedule that is not stored, as the buyer of the order sees it.

    Parameters
    ----------
    rows
        operation, organization, machine (ids), lot, lots, quantity, start, end (ISO 8601), critical: of
        `scenarios`.
    """
    plan = Plan(order=order, state=Plan.State.SUPERSEDED, kind=Plan.Kind.AWARD)
    assignments = unsaved(plan, rows)
    if not assignments:
        return Picture({"rows": [], "bars": [], "links": []}, [])
    eyes = eyes_of(acting)
    start = min(row.start for row in assignments) - MARGIN
    end = max(row.end for row in assignments) + MARGIN
    gantt = {
        "rows": _rows(eyes, assignments, start, end),
        "bars": [_bar(plan, row) for row in assignments],
        "links": _links(assignments),
    } | _opening(start + MARGIN, end)
    return Picture(gantt, [_line(eyes, plan, row) for row in assignments])


def unsaved(plan: Plan, rows: Sequence[Mapping[str, Any]]) -> list[Assignment]:
    """Rows of a scenario as assignments that are not stored."""
    machines = [found for row in rows if (found := _machine_of(row))]
    equipment = {
        str(one.pk): one
        for one in Equipment.objects.filter(pk__in=machines).select_related(
            "organization", "site", "calendar"
        )
    }
    firms = Organization.objects.in_bulk([UUID(row["organization"]) for row in rows])
    operations = Operation.objects.select_related("line").prefetch_related("after")
    by_id = {str(one.pk): one for one in operations.filter(pk__in=[row["operation"] for row in rows])}
    return [
        Assignment(
            plan=plan,
            operation=by_id[row["operation"]],
            lot=row.get("lot", 1),
            lots=row.get("lots", 1),
            quantity=row.get("quantity", 0),
            organization=firms[UUID(row["organization"])],
            equipment=equipment.get(_machine_of(row) or ""),
            start=datetime.fromisoformat(row["start"]),
            end=datetime.fromisoformat(row["end"]),
            actual_end=datetime.fromisoformat(row["end"]) if is_done(row["machine"]) else None,
            critical=row["critical"],
        )
        for row in rows
        if row["operation"] in by_id
    ]


def _machine_of(row: Mapping[str, Any]) -> str | None:
    """Id of the equipment of a row; None for a binding window."""
    found: str | None = row.get("equipment") if is_done(row["machine"]) else row["machine"]
    return None if found is None or found.startswith("window:") else found


def overview(acting: Acting, assignments: Sequence[Assignment]) -> Picture:
    """Everything that is planned on the acting firm's own machines."""
    eyes = eyes_of(acting)
    if not assignments:
        return Picture({"rows": [], "bars": [], "links": []}, [])
    start = min(row.start for row in assignments) - MARGIN
    end = max(row.end for row in assignments) + MARGIN
    slug = acting.organization.slug
    bars = [
        _bar(row.plan, row)
        | {"id": str(row.pk), "label": f"{row.plan.order.code} {row.operation.number}{_lot_mark(row)}"}
        | {"url": reverse("plans:plan", args=[slug, row.plan_id]), "order": row.plan.order.code}
        for row in assignments
    ]
    bars += [_planned(row, bar) for row, bar in zip(assignments, bars, strict=True) if _differs(row)]
    gantt = {
        "rows": _rows(eyes, assignments, start, end),
        "bars": bars,
        "links": [],
    } | _opening(start + MARGIN, end)
    return Picture(gantt, [_line(eyes, row.plan, row) for row in assignments])


def _opening(start: datetime, end: datetime) -> dict[str, str]:
    """Where the picture opens: at the present moment while the work runs, else where the work begins."""
    now = clock.now()
    found = {"start": _iso(start), "end": _iso(end)}
    return found | {"now": _iso(now)} if start <= now <= end else found


def operation_place(row: Assignment) -> str:
    """`1/20`: line and operation number."""
    return f"{row.operation.line.number}/{row.operation.number}"


def operation_name(row: Assignment) -> str:
    """`1/20 Mill`: line, operation number and name, and which lot it is."""
    name = f"{operation_place(row)} {row.operation.label}"
    lot = lot_text(row.lot, row.lots, row.quantity)
    return joined(", ", (name, lot)) if lot else name


def _before(acting: Acting, plan: Plan) -> list[Assignment]:
    """Where moved operations were, as far as the viewer saw them there."""
    if plan.based_on is None:
        return []
    new = {row.name: row for row in plan.assignments.all()}
    return [
        row
        for row in visible_assignments(acting, plan.based_on)
        if row.name in new and changed(row, new[row.name])
    ]


def _row_id(row: Assignment) -> str:
    return str(row.equipment_id) if row.equipment_id else f"firm:{row.organization_id}"


def _rows(eyes: Eyes, shown: Iterable[Assignment], start: datetime, end: datetime) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in sorted(shown, key=lambda one: (not eyes.owns(one.organization_id), one.start)):
        own = eyes.owns(row.organization_id)
        found.setdefault(
            _row_id(row),
            {
                "id": _row_id(row),
                "organization": row.organization.local_name,
                "equipment": eyes.machine(row.equipment),
                "own": own,
            }
            | ({"breaks": _breaks(row.equipment, start, end)} if _shows_hours(eyes, row.equipment) else {}),
        )
    return list(found.values())


def _shows_hours(eyes: Eyes, equipment: Equipment | None) -> bool:
    return equipment is not None and equipment.organization_id in eyes.free_hours


def _breaks(equipment: Equipment | None, start: datetime, end: datetime) -> list[list[str]]:
    closed, at = [], start
    for opens, closes in capacity.open_windows(equipment, start, end) if equipment else ():
        if opens > at:
            closed.append([_iso(at), _iso(opens)])
        at = closes
    return [*closed, [_iso(at), _iso(end)]] if at < end else closed


def _bar(plan: Plan, row: Assignment) -> Bar:
    proposed = plan.state == Plan.State.PROPOSED and (row.moved or plan.kind == Plan.Kind.AWARD)
    kind = "done" if row.actual_end else "proposed" if proposed else "own"
    return {
        "id": row.name,
        "row": _row_id(row),
        "note": joined("; ", filter(None, (lot_text(row.lot, row.lots, row.quantity), _note(row)))),
        "start": _iso(row.actual_start or row.start),
        "end": _iso(row.actual_end or row.end),
        "label": f"{row.operation.number} {row.operation.label}{_lot_mark(row)}",
        "order": _order_name(plan, row),
        "kind": kind,
        "chain": row.critical,
        "movable": plan.state in {Plan.State.PROPOSED, Plan.State.IN_FORCE} and row.actual_start is None,
    }


def _lot_mark(row: Assignment) -> str:
    """Short enough for a bar: ` · 2/3`."""
    return f" · {row.lot}/{row.lots}" if row.lots > 1 else ""


def _order_name(plan: Plan, row: Assignment) -> str:
    return f"{plan.order.code}/{row.operation.line.number}"


def _differs(row: Assignment) -> bool:
    """Whether the shop floor reported other times than were planned."""
    return (row.actual_start or row.start, row.actual_end or row.end) != (row.start, row.end)


def _planned(row: Assignment, beside: Bar) -> Bar:
    """What was planned, drawn beside the bar of what really was."""
    name = f"planned:{beside['id']}"
    bar = _span(name, _row_id(row), row.start, row.end, kind="planned", label="")
    return bar | {"of": beside["id"], "order": beside["order"]}


def _was(plan: Plan, row: Assignment) -> Bar:
    return {
        "id": f"was:{row.name}",
        "row": _row_id(row),
        "start": _iso(row.start),
        "end": _iso(row.end),
        "label": str(row.operation.number),
        "order": _order_name(plan, row),
        "kind": "was",
        "movable": False,
    }


def _busy(eyes: Eyes, plan: Plan, shown: Sequence[Assignment], start: datetime, end: datetime) -> list[Bar]:
    """Other work on the viewer's own machines, busy hours that firms show it, and stops."""
    equipment = {row.equipment.pk: row.equipment for row in shown if row.equipment is not None}
    readable = [key for key, one in equipment.items() if _shows_hours(eyes, one)]
    own = {row.operation_id for row in shown}
    bars: list[Bar] = []
    for key, bookings in capacity.booked(readable, start, end).items():
        mine = eyes.owns(equipment[key].organization_id)
        for number, booking in enumerate(bookings):
            if booking.operation_id not in own:
                kind, label = ("reserved", _("reserved")) if mine else ("taken", "")
                bars.append(
                    _span(f"busy:{key}:{number}", key, booking.start, booking.end, kind=kind, label=label)
                )
    for key, one in equipment.items():
        hit = plan.disturbance and plan.disturbance.get("equipment") == str(key)
        if one.down_from is not None and (hit or key in readable):
            until = min(one.down_until or end, end)
            if one.down_from < until:
                label = _("down") if eyes.owns(one.organization_id) else _("not available")
                bars.append(_span(f"down:{key}", key, one.down_from, until, kind="down", label=label))
    return bars


def _span(name: str, row: UUID | str, start: datetime, end: datetime, *, kind: str, label: str) -> Bar:
    return {
        "id": name,
        "row": str(row),
        "start": _iso(start),
        "end": _iso(end),
        "label": label,
        "kind": kind,
        "movable": False,
    }


def _links(rows: Sequence[Assignment]) -> list[dict[str, Any]]:
    shown = {(row.operation_id, row.lot): row for row in rows}
    return [
        {"from": earlier.name, "to": row.name, "chain": row.critical and earlier.critical}
        for row in rows
        for before in row.operation.after.all()
        if (earlier := shown.get((before.pk, row.lot))) is not None
    ]


def _line(eyes: Eyes, plan: Plan, row: Assignment) -> dict[str, Any]:
    return {
        "order": plan.order.code,
        "operation": operation_name(row),
        "organization": row.organization.local_name,
        "equipment": eyes.machine(row.equipment),
        "start": row.actual_start or row.start,
        "end": row.actual_end or row.end,
        "note": _note(row),
    }


def _note(row: Assignment) -> str:
    if not _differs(row):
        return _("moved") if row.moved else ""
    zone = row.equipment.site.time_zone if row.equipment else settings.TIME_ZONE
    return _("planned: %(start)s to %(end)s") % {
        "start": moment_text(row.start, zone),
        "end": moment_text(row.end, zone),
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
