"""Bring together what chains did to different jobs of the same schedule."""

# mypy: disable-error-code="no-any-return"
# fields of records are read by name, which types cannot see

from __future__ import annotations

from gonghe.engines.planning.kernel.arrays import Best, Data, State
from gonghe.engines.planning.kernel.insertion import ONE, ZERO, insert, remove, settle
from gonghe.engines.planning.kernel.jit import entry, inner
from gonghe.engines.planning.kernel.search import note
from gonghe.engines.planning.kernel.timetable import find_place, place, withdraw


@inner
def _copied(d: Data, s: State, job: int, other: State) -> bool:
    """Place a job as it stands in another schedule; False (and nothing placed) where that room is taken."""
    first, last = d.jobs[job].first, d.jobs[job + 1].first
    for op in range(first, last):
        if d.ops[op].fixed:
            continue
        mode = other.ops[op].mode
        pos = -1
        if mode >= 0:
            start, end, pos = find_place(d, s, op, mode, other.ops[op].start, ONE)
            if start != other.ops[op].start or end != other.ops[op].end:
                pos = -1
        if pos < 0:
            for k in range(first, op):
                if not d.ops[k].fixed:
                    withdraw(d, s, k)
            return False
        place(d, s, op, mode, pos, start, end)
    settle(d, s, job)
    return True


@entry
def merge(d: Data, s: State, b: Best, other: State, moved: Best) -> int:
    """Carry the jobs that `moved` lists over from another schedule and empty that list.

    The two schedules differ in disjoint sets of jobs. Where both put work into the same gap, `s` stays and
    the other job is inserted anew; returns how often that happened.
    """
    for k in range(moved.sums[2]):
        job = moved.jobs[k].changed
        moved.jobs[job].is_changed = 0
        remove(d, s, job)
        note(b, job)
    failed = 0
    for k in range(moved.sums[2]):
        job = moved.jobs[k].changed
        if not _copied(d, s, job, other):
            moved.jobs[failed].changed = job
            failed += 1
    for k in range(failed):
        insert(d, s, moved.jobs[k].changed, ZERO)
    moved.sums[2] = 0
    return failed
