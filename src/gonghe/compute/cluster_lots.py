"""Open lots on a cluster: every worker looks for the best division with a seed of its own.

The divisions race on the workers as they do in one process (`engines.planning.search.splitting`), only that
every worker changes other lines. The best division of all is settled, and what is left of the budget goes
into its schedule: chains on all workers that share the best. With an iteration budget the same seed and
number of chains give the same schedule.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gonghe.compute.seats import crew_of
from gonghe.engines.model.planning import Problem, Schedule
from gonghe.engines.planning import NoFeasiblePlan, Result
from gonghe.engines.planning import solve as solve_here
from gonghe.engines.planning.lots import as_planned
from gonghe.engines.planning.search.solver import Budget, Point, Progress, result_of
from gonghe.engines.planning.search.splitting import PRUNED

if TYPE_CHECKING:
    from distributed import Client

LOOK = 0.1  # seconds between looks at the workers
TELL = 0.25  # seconds between two reports of a worker, and between two looks for a wish to stop


@dataclass(frozen=True, slots=True)
class Refused:
    """What a `NoFeasiblePlan` says, in a form that travels."""

    jobs: tuple[str, ...]
    partial: Schedule
    batches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Errand:
    """What a worker is sent to do; `topic` names its reports and the wish to stop."""

    topic: str
    seconds: float | None
    iterations: int | None
    gap: float


def look_for_lots(
    problem: Problem, start: Schedule | None, errand: Errand, number: int, seed: int
) -> Result | Refused:
    """Divide and plan the lines; runs on a worker."""
    try:
        return solve_here(
            problem,
            seconds=errand.seconds,
            iterations=errand.iterations,
            seed=seed,
            start=start,
            gap=errand.gap,
            on_progress=_reporter(errand.topic, number),
            should_stop=_stop_asked(errand.topic),
        )
    except NoFeasiblePlan as error:
        return Refused(error.jobs, error.partial, error.batches)


def _reporter(topic: str, number: int) -> Progress:
    from distributed import get_worker

    worker, told = get_worker(), float("-inf")

    def report(objective: int, bound: int, iterations: int) -> None:
        nonlocal told
        if time.monotonic() - told >= TELL:
            told = time.monotonic()
            worker.log_event(topic, [number, objective, bound, iterations])

    return report


def _stop_asked(topic: str) -> Callable[[], bool]:
    """Looks now and then whether the wish is there; a yes stays a yes."""
    from distributed import Event

    wish, looked, answer = Event(topic), time.monotonic(), False  # type: ignore[no-untyped-call]

    def asked() -> bool:
        nonlocal looked, answer
        if not answer and time.monotonic() - looked >= TELL:
            looked, answer = time.monotonic(), bool(wish.is_set())  # type: ignore[no-untyped-call]
        return answer

    return asked


class _Board:
    """Where the workers stand; shows the best of them."""

    def __init__(self, on_progress: Progress | None) -> None:
        self.on_progress = on_progress
        self.shown: list[list[int]] = []
        self.standing: dict[int, list[int]] = {}

    def note(self, event: tuple[float, list[int]]) -> None:
        """Take a report; called from the thread that listens."""
        number, *told = event[1]
        self.standing[number] = told

    def show(self) -> None:
        """Pass on what is new."""
        told = list(self.standing.values())
        if self.on_progress is None or not told or told == self.shown:
            return
        self.shown = told
        self.on_progress(
            min(one[0] for one in told), max(one[1] for one in told), sum(one[2] for one in told)
        )


def solve_lots(
    problem: Problem,
    client: Client,
    seats: Sequence[str],
    budget: Budget,
    seed: int,
    start: Schedule | None,
    on_progress: Progress | None,
) -> Result:
    """Plan a problem that has lines with open lots, with one search in each of the seats.

    Raises
    ------
    NoFeasiblePlan
        When no worker finds a place for every job.
    """
    began = time.perf_counter()
    found = _divisions(problem, client, seats, budget, seed, start, on_progress)
    results = [one for one in found if isinstance(one, Result)]
    if not results:
        best = min((one for one in found if isinstance(one, Refused)), key=lambda one: len(one.jobs))
        raise NoFeasiblePlan(best.jobs, best.partial, best.batches)
    first = min(results, key=lambda one: one.objective)
    bound, spent = max(one.lower_bound for one in results), sum(one.iterations for one in results)
    if budget.enough(first.objective, bound):
        return replace(first, iterations=spent, seconds=time.perf_counter() - began)
    left = _left(budget, spent, time.perf_counter() - began)
    settled = as_planned(problem, first.schedule)
    watch = (
        None
        if on_progress is None
        else lambda objective, _bound, more: on_progress(objective, bound, spent + more)
    )
    second = solve_here(
        settled,
        seconds=left.seconds,
        iterations=left.iterations,
        seed=seed,
        threads=len(seats),
        start=first.schedule,
        crew=crew_of(settled, client, seats),
        gap=budget.gap,
        on_progress=watch,
        should_stop=budget.should_stop,
    )
    return _together(problem, first, second, bound, spent, began)


def _left(budget: Budget, spent: int, elapsed: float) -> Budget:
    seconds = None if budget.seconds is None else max(0.0, budget.seconds - elapsed)
    return replace(
        budget,
        seconds=seconds,
        iterations=None if budget.iterations is None else max(0, budget.iterations - spent),
    )


def _together(
    problem: Problem, first: Result, second: Result, bound: int, spent: int, began: float
) -> Result:
    """Both phases as one result; the bound holds for every division."""
    best = min(first, second, key=lambda one: one.objective)
    elapsed = time.perf_counter() - began
    since = elapsed - second.seconds
    later = [Point(since + one.seconds, spent + one.iterations, one.objective) for one in second.trace]
    trace = (*first.trace, *(one for one in later if one.objective < first.objective))
    return result_of(
        problem, best.schedule, bound, spent + second.iterations, elapsed, first.first_seconds, trace
    )


def _divisions(
    problem: Problem,
    client: Client,
    seats: Sequence[str],
    budget: Budget,
    seed: int,
    start: Schedule | None,
    on_progress: Progress | None,
) -> list[Result | Refused]:
    """What every worker finds, in the order of the seats."""
    from distributed import Event

    topic, board = f"gonghe-lots-{uuid.uuid4().hex}", _Board(on_progress)
    errand = Errand(topic, *_share(budget, len(seats)), budget.gap)
    wish = Event(topic, client)  # type: ignore[no-untyped-call]
    parcel = client.scatter(problem, hash=False)  # type: ignore[no-untyped-call]
    client.subscribe_topic(topic, board.note)  # type: ignore[no-untyped-call]
    futures = [
        client.submit(look_for_lots, parcel, start, errand, number, seed + number, pure=False, workers=[seat])
        for number, seat in enumerate(seats)
    ]
    try:
        _wait(futures, wish, budget, board)
    except BaseException:
        wish.set()  # type: ignore[no-untyped-call] # whoever waits no longer leaves no work behind
        raise
    finally:
        client.unsubscribe_topic(topic)  # type: ignore[no-untyped-call]
    found: list[Result | Refused] = client.gather(futures)  # type: ignore[no-untyped-call]
    return found


def _share(budget: Budget, count: int) -> tuple[float | None, int | None]:
    """Seconds and iterations of each worker: the divisions get as much as in one process."""
    seconds = None if budget.seconds is None else budget.seconds * PRUNED
    return seconds, None if budget.iterations is None else int(budget.iterations * PRUNED) // count


def _wait(futures: Sequence[Any], wish: Any, budget: Budget, board: _Board) -> None:
    """Until all are done; a wish to stop goes out to the workers once."""
    asked = False
    while not all(one.done() for one in futures):
        if not asked and budget.should_stop is not None and budget.should_stop():
            wish.set()
            asked = True
        board.show()
        time.sleep(LOOK)
