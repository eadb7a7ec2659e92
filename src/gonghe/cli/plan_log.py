"""What `gonghe plan workshop-log` prints: lines for people and the report they come from."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from gonghe.engines.planning.workshop.log import Calendar
from gonghe.engines.planning.workshop.pooling import pooling_report
from gonghe.engines.planning.workshop.promises import promises_report
from gonghe.engines.planning.workshop.report import workshop_report
from gonghe.standards.eventlog.rows import LogRow

Printed = tuple[list[str], dict[str, Any]]

# What --promises settles by itself, and therefore does not take.
SETTLED_BY_PROMISES = {
    "rolling": "plans are made every second morning without foresight anyway",
    "seconds": "every plan has a fixed number of iterations",
    "threads": "every plan has a fixed number of iterations on one thread",
}


def misplaced(given: Collection[str], calendar: Calendar, *, promises: bool, pooling: bool) -> list[str]:
    """Options that were given but would change nothing, each with the reason.

    Parameters
    ----------
    given
        Names of the parameters that were written on the command line.
    """
    if promises and pooling:
        return ["choose one of --pooling and --promises"]
    found = []
    if "splits" in given and not pooling:
        found.append("--splits goes with --pooling only: there is nothing to split")
    if not promises:
        return found
    if "calendar" in given and calendar != "open":
        found.append("--promises takes no --calendar but open: hours of the log would give the work away")
    for name, reason in SETTLED_BY_PROMISES.items():
        if name in given:
            found.append(f"--promises takes no --{name}: {reason}")
    return found


def anew(rows: Iterable[LogRow], calendar: Calendar, **options: Any) -> Printed:
    """Planned against real lead times."""
    report = workshop_report(rows, calendar, **options)
    real, planned = report["real"], report["planned"]
    return [
        f"orders {report['orders']}, operations {report['operations']}, calendar {calendar}",
        f"real     mean lead {real['mean_lead_h']:.1f} h, median {real['median_lead_h']:.1f} h",
        f"planned  mean lead {planned['mean_lead_h']:.1f} h, median {planned['median_lead_h']:.1f} h",
        f"no plan  below {report['bound_h']:.1f} h mean lead",
        f"ratio    {report['ratio']:.2f}; later than real: {planned['later_than_real']}",
        f"after    {report['after_the_log']} orders end after the last report of the log",
    ], report


def pooling(rows: Iterable[LogRow], calendar: Calendar, **options: Any) -> Printed:
    """Two shops apart and together."""
    report = pooling_report(rows, calendar, **options)
    lines = [f"orders {report['orders']}, operations {report['operations']}, calendar {calendar}"]
    for row in report["splits"]:
        lines.append(
            f"split {row['seed']:<3} apart {row['apart_h']:.1f} h, together {row['together_h']:.1f} h, "
            f"ratio {row['ratio']:.2f}"
        )
    lines.append(f"median    ratio {report['ratio']:.2f}")
    return lines, report


def promises(rows: Iterable[LogRow], *, seed: int) -> Printed:
    """Promises that would have been kept."""
    report = promises_report(rows, seed=seed)
    if not report["promises"]:
        return ["the log is too short: there is nothing to promise after its first 14 days"], report
    return [
        f"promises {report['promises']} for {report['promised_orders']} orders on "
        f"{report['mornings']} mornings",
        f"kept     P90 {100 * report['kept_p90']:.0f} %, P50 {100 * report['kept_p50']:.0f} %",
        f"width    P90 lies {report['width_h']:.1f} h after P50 (median); "
        f"arrival {report['mean_lead_h']:.1f} h after the promise",
    ], report
