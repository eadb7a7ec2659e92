"""Planned against real lead times of a production log, with every assumption."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from gonghe.engines.planning.rolling import Rolling
from gonghe.engines.planning.solver import solve
from gonghe.engines.planning.workshop import (
    ASSUMPTIONS,
    CALENDAR_WORDS,
    FORESIGHT,
    HINDSIGHT,
    Calendar,
    lead_of,
    read_workshop,
    workshop_problem,
)
from gonghe.standards.eventlog.rows import LogRow

DAILY_ITERATIONS = 1500


def workshop_report(
    rows: Iterable[LogRow], calendar: Calendar, *, rolling: bool = False, seconds: float = 20.0, seed: int = 0
) -> dict[str, Any]:
    """Lead times as they were and as planned.

    With `rolling` the log is played through day by day (see `Rolling`); otherwise one plan is made in
    hindsight within `seconds`. `verified` tells that the independent checker passed the hindsight plan; the
    played day needs none.
    """
    shop = read_workshop(rows)
    verified = True
    if rolling:
        completion = Rolling(shop, calendar, DAILY_ITERATIONS, seed).run()
    else:
        result = solve(workshop_problem(shop, calendar), seconds=seconds, seed=seed)
        completion, verified = result.completion, result.verified
    real = lead_of(shop, {order.name: order.end for order in shop.orders})
    planned = lead_of(shop, completion)
    return {
        "orders": len(shop.orders),
        "operations": sum(len(order.steps) for order in shop.orders),
        "real": {"mean_lead_h": real.mean_lead_h, "median_lead_h": real.median_lead_h},
        "planned": asdict(planned),
        "ratio": planned.mean_lead_h / real.mean_lead_h,
        "calendar": calendar,
        "rolling": rolling,
        "assumptions": [*ASSUMPTIONS, CALENDAR_WORDS[calendar], FORESIGHT if rolling else HINDSIGHT],
        "verified": verified,
    }
