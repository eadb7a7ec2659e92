"""Planned against real lead times of a production log, with every assumption.

Every figure with `rolling` off is hindsight: the plan knows durations and releases that nobody knew then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from gonghe.engines.model.planning import Schedule
from gonghe.engines.planning.bounds.floors import job_floors, lower_bound
from gonghe.engines.planning.checker.check import check
from gonghe.engines.planning.compiled.compiled import compile_problem
from gonghe.engines.planning.costs import evaluate
from gonghe.engines.planning.search.solver import solve
from gonghe.engines.planning.workshop.floor import Floor
from gonghe.engines.planning.workshop.log import HOUR, Calendar, lead_of, read_workshop
from gonghe.engines.planning.workshop.problem import Truth, workshop_truth
from gonghe.engines.planning.workshop.rolling import Knowledge, Morning, Ranking
from gonghe.standards.eventlog.rows import LogRow

ASSUMPTIONS = (
    "an order's consecutive reports on one resource are one operation; its time is the union of their spans",
    "an operation that has begun stays on its machine until it is done; closed hours only interrupt it",
    "a resource runs as many orders at a time as cover 95% of its busy time",
    "an order is released at its first report, its routing is known then; breakdown reports are no work",
    "set-up hours are those of the log: sequences are not credited with saved set-ups",
    "after the last report of the log every machine is open",
)
CALENDAR_WORDS: dict[Calendar, str] = {
    "exact": "machines are open exactly in the seconds in which they really worked",
    "worked": "machines are open in the clock hours in which they really worked, and in no others",
    "pattern": "machines are open in those hours of the week in which they ever worked",
    "open": "machines are always open",
}
OWN = "every operation stays on the resource that really did it"
TWINS = (
    "an operation may go to a resource whose name differs only in its number if an order{} of the same part "
    "was routed there; it takes as long there"
)
SEQUENCE = "operations of an order follow each other in the order of their first reports, without overlap"
OVERLAP = (
    "operations of an order that overlapped may overlap as far as they did: one is cut where a later one "
    "began (which waits for what was done before) and where an earlier one ended (for which the rest waits)"
)
HINDSIGHT = "hindsight: durations and releases are known from the start, so this is a limit, not a saving"
FORESIGHT = (
    "ranked anew every morning from released orders only, durations estimated from work that was finished "
    "by then; no closed hour is foreseen"
)


def workshop_report(
    rows: Iterable[LogRow],
    calendar: Calendar,
    *,
    rolling: bool = False,
    own_machines: bool = False,
    in_sequence: bool = False,
    seconds: float | None = 20.0,
    iterations: int | None = None,
    threads: int = 1,
    seed: int = 0,
) -> dict[str, Any]:
    """Lead times as they were and as planned.

    With `rolling` the log is played through day by day; otherwise one plan is made in hindsight within
    `seconds` or `iterations` on `threads`, in which operations of an order may overlap as they really did
    unless they are to go `in_sequence` (played ones always do). `verified` tells that the independent checker
    found no fault in what was planned or played, against the real durations and hours; `after_the_log` counts
    orders that end after its last report; no plan at all has a mean lead time below `bound_h`.
    """
    shop = read_workshop(rows)
    overlap = not rolling and not in_sequence
    truth = workshop_truth(shop, calendar, own_machines=own_machines, overlap=overlap)
    if rolling:
        schedule = played(truth, own_machines)
    else:
        schedule = in_hindsight(truth, seconds, seed, iterations, threads)
    completion = evaluate(truth.problem, schedule).completion
    real = lead_of(shop, {order.name: order.end for order in shop.orders})
    planned = lead_of(shop, completion)
    return {
        "orders": len(shop.orders),
        "operations": sum(len(order.steps) for order in shop.orders),
        "real": {"mean_lead_h": real.mean_lead_h, "median_lead_h": real.median_lead_h},
        "planned": asdict(planned),
        "ratio": planned.mean_lead_h / real.mean_lead_h,
        "bound_h": _bound(truth) / HOUR / len(shop.orders),
        "after_the_log": sum(1 for end in completion.values() if end > shop.until),
        "calendar": calendar,
        "rolling": rolling,
        "assumptions": [
            *ASSUMPTIONS,
            OVERLAP if overlap else SEQUENCE,
            *_words(calendar, rolling, own_machines),
        ],
        "verified": not check(truth.problem, schedule),
    }


def _bound(truth: Truth) -> int:
    compiled = compile_problem(truth.problem)
    return lower_bound(compiled, job_floors(compiled))


def _words(calendar: Calendar, rolling: bool, own_machines: bool) -> tuple[str, ...]:
    twins = TWINS.format(" released before" if rolling else "")
    return CALENDAR_WORDS[calendar], OWN if own_machines else twins, FORESIGHT if rolling else HINDSIGHT


def played(truth: Truth, own_machines: bool) -> Schedule:
    """The days as they would have gone, each planned with what was known on its morning."""
    known = Morning(truth.orders, own_machines)
    return Floor(truth.problem, Ranking(truth.problem, known)).play()


def in_hindsight(
    truth: Truth, seconds: float | None, seed: int, iterations: int | None = None, threads: int = 1
) -> Schedule:
    """One plan that knows everything; a plan in sequence starts from the floor played with full knowledge."""
    start = Floor(truth.problem, Ranking(truth.problem, Knowledge())).play() if truth.in_sequence else None
    result = solve(
        truth.problem, seconds=seconds, iterations=iterations, seed=seed, threads=threads, start=start
    )
    return result.schedule
