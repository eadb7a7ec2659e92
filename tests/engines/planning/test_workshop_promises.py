"""Promises of a made-up log: only what was known by then counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from gonghe.engines.planning.workshop.floor import DAY
from gonghe.engines.planning.workshop.log import HOUR, read_workshop
from gonghe.engines.planning.workshop.promises import (
    RARE,
    WARM,
    Past,
    outlook_of,
    promises_kept,
    promises_report,
)
from gonghe.standards.eventlog.rows import LogRow

MONDAY = datetime(2012, 1, 2, tzinfo=UTC)


def row(order: str, resource: str, start: float, length: float) -> LogRow:
    at = MONDAY + timedelta(hours=start)
    return LogRow(1, order, "", resource, "run", at, at + timedelta(hours=length), 1, "ring")


def log(days: int) -> list[LogRow]:
    """Two orders a day that are sawn and milled, each 3 h give or take."""
    random = np.random.default_rng(5)
    rows: list[LogRow] = []
    for number in range(2 * days):
        start = 12.0 * number
        lengths = 3 * np.exp(0.4 * random.standard_normal(2))
        rows.append(row(f"j{number:03}", "saw", start, lengths[0]))
        rows.append(row(f"j{number:03}", "mill", start + lengths[0] + 1, lengths[1]))
    return rows


def test_nothing_after_the_morning_is_known() -> None:
    morning = 20 * DAY
    rows = log(40)
    cut = MONDAY + timedelta(seconds=morning)
    changed = [
        r if r.start < cut else row(r.order, r.resource, (r.start - MONDAY).total_seconds() / HOUR, 0.1)
        for r in rows
    ]
    first, second = Past(read_workshop(rows)), Past(read_workshop(changed))
    first.until(morning)
    second.until(morning)
    assert first.finished == second.finished
    assert first.estimates.by_resource == second.estimates.by_resource
    assert len(first.finished) == 2 * 40 - WARM
    mine = outlook_of(read_workshop(rows), first, morning)
    other = outlook_of(read_workshop(changed), second, morning)
    assert mine.estimated == other.estimated
    assert mine.real != other.real
    assert len(mine.promised) == 14


def test_resources_without_history_share_a_group() -> None:
    shop = read_workshop(log(20))
    past = Past(shop)
    assert past.group(shop.orders[0].steps[0]) == RARE
    past.until(10 * DAY)
    assert past.group(shop.orders[0].steps[0]) == "saw"


def test_promises_of_a_calm_shop_are_kept() -> None:
    """Durations of one distribution, little waiting: P90 holds about nine times in ten, P50 half the time."""
    kept = promises_kept(read_workshop(log(80)))
    p90 = np.mean([row.arrival <= row.p90 for row in kept])
    p50 = np.mean([row.arrival <= row.p50 for row in kept])
    assert len(kept) > 350
    assert 0.8 <= p90 <= 0.97
    assert 0.35 <= p50 <= 0.65
    assert all(row.p50 <= row.p90 for row in kept)


def test_a_short_log_promises_nothing() -> None:
    report = promises_report(log(10))
    assert (report["promises"], report["kept_p90"]) == (0, None)
