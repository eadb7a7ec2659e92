"""What a job costs and takes when it has the machines to itself: the floor under every schedule."""

from __future__ import annotations

from gonghe.engines.planning.kernel.arrays import Data, Ints, State
from gonghe.engines.planning.kernel.insertion import ZERO, choose
from gonghe.engines.planning.kernel.jit import entry


@entry
def alone(d: Data, s: State, rate: int, price: Ints, done: Ints) -> None:
    """Fill price and completion (both J) of the best chain of every job on the empty timetable."""
    for job in range(s.jobs.size):
        price[job], done[job] = choose(d, s, job, rate, ZERO, ZERO)
