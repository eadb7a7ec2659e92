"""The arrays of the compiled core: what never changes (`Data`) and what the search changes (`State`)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

INFINITY = 1 << 60
UNPLACED = 10**14  # price of a job that has no place at all

# objectives
COST, MAKESPAN, TARDINESS, FLOW = 0, 1, 2, 3

# per-cent of seeds taken from the jobs that cost most
BIASED = 70


class Data(NamedTuple):
    """A problem as flat integer arrays.

    J jobs, O operations (those of a job side by side, in an order that respects precedence), M modes, L lanes (a
    machine of capacity k is k lanes), S sites, F set-up families, B breaks, P precedences.

    Values ("price") are in units of 1/3600 of the objective's unit for cost, of the unit itself otherwise; the search
    steers by `scale` x price + completion, so that of two equal schedules the earlier one wins.
    """

    job_op: Ints  # (J+1) first operation of a job
    job_release: Ints  # (J)
    job_due: Ints  # (J) INFINITY when open
    job_rate: Ints  # (J) price of a second late
    job_dest: Ints  # (J) site or -1
    job_source: Ints  # (J) site or -1
    op_mode: Ints  # (O+1) first mode of an operation
    op_job: Ints  # (O)
    op_resumable: Ints  # (O) 0/1
    op_family: Ints  # (O)
    op_fixed: Ints  # (O) 0/1
    op_next: Ints  # (O) number of successors
    pred_ptr: Ints  # (O+1)
    pred: Ints  # (P)
    mode_lane: Ints  # (M)
    mode_site: Ints  # (M)
    mode_work: Ints  # (M) seconds
    mode_price: Ints  # (M)
    mode_early: Ints  # (M)
    mode_late: Ints  # (M)
    mode_ref: Ints  # (M) planned start, INFINITY when there is none
    lane_ptr: Ints  # (L+1) room of a lane in the timetable arrays
    lane_break: Ints  # (L, 2) first and last+1 break
    lane_setup: Ints  # (L) set-up table or -1
    lane_family: Ints  # (L) family at the beginning, -1 unknown
    break_start: Ints  # (B)
    break_end: Ints  # (B)
    break_open: Ints  # (B) start minus all break time before it
    travel: Any  # (S, S) seconds
    fare: Any  # (S, S) price
    setups: Any  # (K, F, F) seconds
    objective: int
    begin: int  # nothing starts before
    grid: int
    scale: int
    move_price: int
    priced: int  # 0 when time alone matters


class State(NamedTuple):
    """A schedule under construction and the scratch space of the search."""

    start: Ints  # timetable of all lanes
    end: Ints
    what: Ints  # operation or -1 for a reservation
    count: Ints  # (L)
    op_start: Ints  # (O)
    op_end: Ints  # (O)
    op_mode: Ints  # (O) -1 when not placed
    job_done: Ints  # (J) completion at the destination
    job_price: Ints  # (J)
    job_guide: Ints  # (J)
    late: Ints  # (J) jobs that cost something avoidable, in any order
    late_at: Ints  # (J) position in `late` or -1
    label_end: Ints  # (M) scratch of the insertion
    label_value: Ints  # (M)
    label_price: Ints  # (M)
    pick: Ints  # (O) modes chosen by the insertion
    pick2: Ints  # (O)
    floor: Ints  # (J) least price the job can have
    random: Any  # (1) uint64
    sums: Ints  # (3) price, guide, number of late jobs


class Best(NamedTuple):
    """Best schedule so far and the journal of jobs changed since it was kept."""

    op_start: Ints
    op_end: Ints
    op_mode: Ints
    changed: Ints  # (J) jobs changed since
    is_changed: Ints  # (J) 0/1
    sums: Ints  # (3) price, guide, number of changed jobs
