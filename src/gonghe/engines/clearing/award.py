"""From opened bids to an award: the bids that the cheapest joint plan uses win.

Every bid item is a mode of its operation; the plan weighs prices, transport and lateness together, so a
dearer bid wins where it saves more in transport or lateness than it costs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gonghe.engines.model.planning import Assignment, Job, Mode, Operation, PlanningError, Problem, ShareCap
from gonghe.engines.planning import Result, solve


@dataclass(frozen=True, slots=True)
class Item:
    """What a bid offers for one operation (seconds, minor units, bounds of start and end)."""

    job: str
    operation: str
    machine: str
    duration: int
    cost: int
    setup: int = 0
    earliest: int | None = None
    latest: int | None = None


@dataclass(frozen=True, slots=True)
class Bid:
    """An opened bid (or an open offer) of one organization; each item can win by itself."""

    id: str
    organization: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class WantedOperation:
    """A step that needs a workshop. `after` as in `Operation`; `modes` are ways that are there already."""

    id: str
    after: tuple[str, ...] | None = None
    resumable: bool = False
    family: str = ""
    modes: tuple[Mode, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order line of a call. Fields as in `Job`."""

    id: str
    operations: tuple[WantedOperation, ...]
    release: int = 0
    due: int | None = None
    weight: int = 1
    lateness_cost_per_hour: int = 0
    destination: str | None = None
    source: str | None = None
    excluded: tuple[str, ...] = ()
    most_firms: int | None = None


class NoBid(PlanningError):
    """Nobody offers to do some operations; `operations` lists them as (job, operation)."""

    def __init__(self, operations: Iterable[tuple[str, str]]) -> None:
        self.operations = tuple(operations)
        names = ", ".join(f"{job}/{operation}" for job, operation in self.operations)
        super().__init__(f"no bid and no offer for: {names}. Extend the call or invite more workshops.")


@dataclass(frozen=True, slots=True)
class Award:
    """Who gets what.

    `won` maps a bid to the assignments it won, `lost` names the bids that won nothing, `by_organization` is
    the money per organization in minor units (production only), `result` the whole plan.
    """

    result: Result
    problem: Problem
    won: Mapping[str, tuple[Assignment, ...]]
    lost: tuple[str, ...]
    by_organization: Mapping[str, int] = field(default_factory=dict)


def problem_from_bids(base: Problem, wanted: Sequence[Wanted], bids: Sequence[Bid]) -> Problem:
    """The planning problem of a call: `base` gives sites, machines, transport and the jobs already planned.

    Raises
    ------
    NoBid
        When operations have neither a bid nor a mode of their own; it lists all of them.
    ProblemError
        When bids name unknown machines or windows too short for their own work.
    """
    offers: dict[tuple[str, str], list[Mode]] = defaultdict(list)
    for bid in bids:
        for item in bid.items:
            mode = Mode(
                machine=item.machine,
                duration=item.duration,
                cost=item.cost,
                setup=item.setup,
                bid=bid.id,
                earliest=item.earliest,
                latest=item.latest,
            )
            offers[item.job, item.operation].append(mode)
    bare = [
        (want.id, operation.id)
        for want in wanted
        for operation in want.operations
        if not operation.modes and not offers[want.id, operation.id]
    ]
    if bare:
        raise NoBid(bare)
    jobs = tuple(_job(want, offers) for want in wanted)
    return replace(base, jobs=(*base.jobs, *jobs))


def _job(want: Wanted, offers: Mapping[tuple[str, str], list[Mode]]) -> Job:
    operations = tuple(
        Operation(
            id=operation.id,
            modes=(*operation.modes, *offers[want.id, operation.id]),
            after=operation.after,
            resumable=operation.resumable,
            family=operation.family,
        )
        for operation in want.operations
    )
    return Job(
        id=want.id,
        operations=operations,
        release=want.release,
        due=want.due,
        weight=want.weight,
        lateness_cost_per_hour=want.lateness_cost_per_hour,
        destination=want.destination,
        source=want.source,
        excluded=want.excluded,
        most_firms=want.most_firms,
    )


def award(
    base: Problem,
    wanted: Sequence[Wanted],
    bids: Sequence[Bid],
    *,
    share_caps: Sequence[ShareCap] = (),
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
    on_progress: Callable[[int, int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Award:
    """Plan the call together with what is planned already, and name the winners.

    A share cap that names no jobs is one over the lines of the call.

    Raises
    ------
    NoBid, ProblemError
        As `problem_from_bids`.
    NoFeasiblePlan
        When the windows of the bids, the limits and the reservations leave no room for some order.
    """
    names = tuple(want.id for want in wanted)
    caps = tuple(cap if cap.jobs else replace(cap, jobs=names) for cap in share_caps)
    problem = problem_from_bids(base, wanted, bids)
    problem = replace(problem, share_caps=(*problem.share_caps, *caps))
    result = solve(
        problem,
        seconds=seconds,
        iterations=iterations,
        seed=seed,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    won: dict[str, list[Assignment]] = defaultdict(list)
    for row in result.schedule:
        if row.bid is not None:
            won[row.bid].append(row)
    return Award(
        result=result,
        problem=problem,
        won={bid: tuple(rows) for bid, rows in won.items()},
        lost=tuple(bid.id for bid in bids if bid.id not in won),
        by_organization=_money(bids, won),
    )


def _money(bids: Sequence[Bid], won: Mapping[str, list[Assignment]]) -> dict[str, int]:
    money: dict[str, int] = defaultdict(int)
    for bid in bids:
        prices = {(item.job, item.operation, item.machine): item.cost for item in bid.items}
        for row in won.get(bid.id, ()):
            money[bid.organization] += prices[row.job, row.operation, row.machine]
    return dict(money)
