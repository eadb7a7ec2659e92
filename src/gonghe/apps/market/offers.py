"""What a bid says, before it is sealed and after it is opened."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.base import InvalidError
from gonghe.apps.capacity import access as capacity
from gonghe.apps.market.models import Call
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.models import Operation

CENT = Decimal("0.01")
MOST = Decimal(10) ** 10
LONGEST_S = 366 * 24 * 3600


@dataclass(frozen=True, slots=True)
class BidItemIn:
    """An offer for one operation: price for the whole quantity with set-up, working time in seconds.

    Either equipment whose calendar the joint planner may see, or a binding window (`earliest`, `latest`).
    Price and time stay out of `repr`, so that no trace of a program prints them.
    """

    operation_id: UUID
    price: Decimal = field(repr=False)
    duration_s: int = field(repr=False)
    equipment_id: UUID | None = None
    earliest: datetime | None = None
    latest: datetime | None = None


def called_operations(call: Call) -> list[Operation]:
    """Operations of the called lines, in the order of lines and routing."""
    return list(Operation.objects.filter(line__calls=call).select_related("line__revision__part"))


def check(acting: Acting, call: Call, items: Iterable[BidItemIn]) -> list[BidItemIn]:
    """The same items, once every one of them can be kept.

    Raises
    ------
    InvalidError
        If any is wrong; `details["items"]` holds all errors, each with operation, field and message.
    """
    offered = list(items)
    known = {one.pk for one in called_operations(call)}
    planner_may_see = {
        one.pk for one in capacity.own_equipment(acting) if one.released and one.calendar_id is not None
    }
    errors: list[dict[str, str]] = []
    if not offered:
        raise InvalidError(_("Give a price for at least one operation."), code="empty_bid", items=[])
    for place, item in enumerate(offered):
        twice = item.operation_id in {one.operation_id for one in offered[:place]}
        for at, message in _mistakes(item, known, planner_may_see, twice=twice):
            errors.append({"operation": str(item.operation_id), "field": at, "message": message})
    if errors:
        raise InvalidError(
            _("The bid was not sent: correct the marked fields."), code="invalid_bid", items=errors
        )
    return offered


def _mistakes(
    item: BidItemIn, known: set[UUID], planner_may_see: set[UUID], *, twice: bool
) -> Iterable[tuple[str, str]]:
    if item.operation_id not in known:
        yield "operation", _("This operation is not part of the call.")
    if twice:
        yield "operation", _("Offer each operation once.")
    if not item.price.is_finite() or not 0 < item.price < MOST:
        yield "price", _("Give a price above 0.")
    elif item.price != item.price.quantize(CENT):
        yield "price", _("Give the price with at most two decimals.")
    if not 0 < item.duration_s <= LONGEST_S:
        yield "duration", _("Give a working time above 0, at most a year.")
    if item.equipment_id is not None and item.equipment_id not in planner_may_see:
        yield (
            "equipment",
            _("Choose equipment whose calendar is open to the joint planner, or give earliest and latest."),
        )
    yield from _window_mistakes(item)


def _window_mistakes(item: BidItemIn) -> Iterable[tuple[str, str]]:
    start, end = item.earliest, item.latest
    if item.equipment_id is None and (start is None or end is None):
        yield "earliest", _("Without equipment, give earliest start and latest end: they bind you.")
    if end is not None and end <= clock.now():
        yield "latest", _("The latest end has passed. Give a later one.")
    if start is None or end is None:
        return
    if start >= end:
        yield "latest", _("The latest end must be after the earliest start.")
    elif end - start < timedelta(seconds=item.duration_s):
        yield "latest", _("The work does not fit between earliest start and latest end.")


def encode(items: Iterable[BidItemIn]) -> bytes:
    """Items as bytes to be sealed."""
    return json.dumps([_as_json(item) for item in items], separators=(",", ":")).encode()


def decode(plain: bytes) -> list[BidItemIn]:
    """Items of an opened bid.

    Raises
    ------
    ValueError
        If the bytes are not what :func:`encode` wrote.
    """
    try:
        return [_from_json(one) for one in json.loads(plain)]
    except (KeyError, TypeError, ArithmeticError) as error:
        raise ValueError("An opened bid has an unknown form.") from error


def _as_json(item: BidItemIn) -> dict[str, Any]:
    optional = {
        "equipment": item.equipment_id and str(item.equipment_id),
        "earliest": item.earliest and item.earliest.isoformat(),
        "latest": item.latest and item.latest.isoformat(),
    }
    return {
        "operation": str(item.operation_id),
        "price": str(item.price),
        "duration_s": item.duration_s,
    } | {key: value for key, value in optional.items() if value}


def _from_json(value: dict[str, Any]) -> BidItemIn:
    def moment(key: str) -> datetime | None:
        return datetime.fromisoformat(value[key]) if key in value else None

    return BidItemIn(
        operation_id=UUID(value["operation"]),
        price=Decimal(value["price"]),
        duration_s=int(value["duration_s"]),
        equipment_id=UUID(value["equipment"]) if "equipment" in value else None,
        earliest=moment("earliest"),
        latest=moment("latest"),
    )
