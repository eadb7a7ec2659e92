"""Transport between sites: when it leaves and when it arrives."""

# mypy: disable-error-code="no-any-return"
# fields of records are read by name, which types cannot see

from __future__ import annotations

from gonghe.engines.planning.kernel.arrays import INFINITY, Data
from gonghe.engines.planning.kernel.jit import hot, inner
from gonghe.engines.planning.kernel.timetable import end_after


@inner
def _pickup(d: Data, site: int, time: int) -> int:
    """First moment from `time` on at which transport leaves a site; INFINITY when none does any more."""
    low, high = d.terms[site].leave0, d.terms[site].leave1
    if low == high:
        return time
    k = end_after(d.breaks, low, high, time)
    return max(time, d.breaks[k].start) if k < high else INFINITY


@hot
def arrive(d: Data, origin: int, site: int, time: int) -> int:
    """When what is ready at `time` at one site is at the other; at least INFINITY when it never leaves."""
    if d.pickups and origin != site:
        time = _pickup(d, origin, time)
    return time + d.travel[origin, site]


@hot
def arrive_late(d: Data, origin: int, site: int, time: int) -> int:
    """`arrive`, but after the last pick-up transport leaves at once: how a plan goes on that has slipped."""
    there = arrive(d, origin, site, time)
    return time + d.travel[origin, site] if there >= INFINITY else there
