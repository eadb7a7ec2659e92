"""A licensed routing template becomes the steps of an order line."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from gonghe.apps.audit.services import recording
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.models import OrderLine
from gonghe.apps.orders.services.guard import require_draft
from gonghe.apps.orders.services.inputs import OperationIn, check_operation
from gonghe.apps.orders.services.routing import last_steps, place_operations
from gonghe.apps.technology import usage
from gonghe.apps.technology.models import Licence, Usage


def apply_licence(
    acting: Acting, line: OrderLine, licence: Licence, values: Mapping[str, Decimal | None]
) -> Usage:
    """Replace the steps of a line of a draft by those of a licensed template; the estimate follows at once.

    Raises
    ------
    InvalidError
        If a value lies outside what the template holds for, or a step makes no sense.
    ConflictError
        If the order is no draft any more, or the licence allows no new use or not for so many pieces.
    """
    acting.require("orders")
    wanted = [
        OperationIn(
            process=one.process,
            name=one.name,
            properties=dict(one.properties),
            setup_s=one.setup_s,
            run_s=one.run_s,
            number=one.number,
            after=one.after,
        )
        for one in usage.worked_steps(licence, values)
    ]
    for step in wanted:
        check_operation(step)
    before = _figures(line)
    with recording(acting.principal) as record:
        require_draft(line.order)
        line.operations.all().delete()
        place_operations(acting.principal, line, wanted)
        line.refresh_from_db(fields=["estimate"])
        used = usage.begin_use(
            acting,
            licence,
            line_id=line.pk,
            label=f"{line.order.code} {line.revision.part.number}"[:120],
            planned=line.pieces,
            operations=_ordered(line),
            values={code: str(value) for code, value in values.items() if value is not None},
            effect={"before": before, "after": _figures(line)},
        )
        record(
            "orders.licence.applied",
            objects={"order": line.order_id, "line": line.pk, "licence": licence.pk},
            data={"operations": len(wanted)},
        )
    return used


def _figures(line: OrderLine) -> dict[str, Any] | None:
    """Middle and ends of the price (minor units), and the middle of the work (seconds)."""
    found = line.estimate
    if not found:
        return None
    cost = found["cost"]
    return {"low": cost["p10"], "middle": cost["p50"], "high": cost["p90"], "time_s": found["time_s"]["p50"]}


def _ordered(line: OrderLine) -> list[Any]:
    """Ids of the steps, one for which no other waits at the end."""
    end = max(last_steps(line), key=lambda one: one.number).pk
    return [*(key for key in line.operations.values_list("pk", flat=True) if key != end), end]
