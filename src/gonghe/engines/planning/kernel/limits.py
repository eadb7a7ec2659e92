"""Limits on firms: which modes a job may use for the moment, and how far shares are over their caps."""

# mypy: disable-error-code="no-any-return"
# fields of records are read by name, which types cannot see

from __future__ import annotations

from gonghe.engines.planning.kernel.arrays import Data, State
from gonghe.engines.planning.kernel.jit import inner


@inner
def excess(d: Data, s: State) -> int:
    """Sum over the share caps of what lies over them, in millionths of the whole."""
    total = 0
    for cap in range((s.sums.size - 4) >> 1):
        part, whole = s.sums[4 + 2 * cap], s.sums[5 + 2 * cap]
        over = part * 1000 - d.terms[cap].permille * whole
        if over > 0:
            total += max(1, over * 1000 // whole)
    return total


@inner
def is_full(d: Data, s: State, job: int, firm: int) -> bool:
    """Whether a firm has reached a share cap that a job counts in."""
    for cap in range((s.sums.size - 4) >> 1):
        counts = (d.jobs[job].caps >> cap) & 1 and d.terms[cap].capped == firm
        if counts and s.sums[4 + 2 * cap] * 1000 >= d.terms[cap].permille * s.sums[5 + 2 * cap]:
            return True
    return False


@inner
def restrict(d: Data, s: State, job: int, chosen: int, full: bool) -> None:
    """Close the modes of firms outside the chosen set (-1: none), and of full firms when `full`."""
    for mode in range(d.ops[d.jobs[job].first].mode, d.ops[d.jobs[job + 1].first].mode):
        firm = d.lanes[d.modes[mode].lane].firm
        banned = chosen >= 0
        if chosen >= 0:
            for k in range(d.terms[chosen].member0, d.terms[chosen].member1):
                banned = banned and d.terms[k].member != firm
        if full and not banned:
            banned = is_full(d, s, job, firm)
        s.labels[mode].banned = 1 if banned else 0
