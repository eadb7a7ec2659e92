"""Lots: a line whose pieces are made side by side in several workshops, and how each lot is called."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gonghe.joining import joined

MOST_LOTS = 4  # more would be more papers and transports than a small workshop wants to follow
MARK = "#"


def step_name(operation_id: UUID, lot: int, lots: int) -> str:
    """Name of an operation, or of one lot of it, in planning problems and pictures: `id` or `id#2`."""
    return f"{operation_id}{MARK}{lot}" if lots > 1 else str(operation_id)


def read_step_name(name: str) -> tuple[UUID, int]:
    """Operation and lot (1 where there is only one) behind such a name; `ValueError` when it is none."""
    operation, _mark, lot = name.partition(MARK)
    return UUID(operation), int(lot or 1)


def lot_text(lot: int, lots: int, pieces: int | None = None) -> str:
    """Write "lot 2 of 3, 40 pieces"; nothing where the line stays together."""
    if lots < 2:
        return ""
    name = _("lot %(lot)d of %(lots)d") % {"lot": lot, "lots": lots}
    if pieces is None:
        return name
    return joined(", ", (name, ngettext("%d piece", "%d pieces", pieces) % pieces))


def shares(total: int, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """A whole number shared out in proportion to the sizes, without a rest: 60 by (42, 20) is (40, 20)."""
    found, below, given = [], 0, 0
    for size in sizes:
        below += size
        upto = total * below // sum(sizes)
        found.append(upto - given)
        given = upto
    return tuple(found)
