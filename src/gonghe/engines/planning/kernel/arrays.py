"""The arrays of the compiled core: what never changes (`Data`) and what the search changes (`State`).

Tables are record arrays (one row per object), which keeps the fields of an object together in memory and
the signature of compiled functions short.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Table = Any  # a record array, or one row of it: fields are read by name

INFINITY = 1 << 60
UNPLACED = 10**14  # price of a job that has no place at all

# objectives
COST, MAKESPAN, TARDINESS, FLOW = 0, 1, 2, 3

MOST = 8  # jobs removed at once, at most
# per-cent of seeds taken from the jobs that cost most
BIASED = 70


def _record(names: str) -> np.dtype[np.void]:
    return np.dtype([(name, np.int64) for name in names.split()])


# first: first operation; due INFINITY when open; rate: price of a second late; dest, source: site or -1;
# bound: 1 when a first place may not be found although there is one (time lags, limits); set0, set1: first
# and last+1 set of firms that may do it together, in `terms`; caps: bits of the share caps it counts in.
# J+1 rows.
JOBS = _record("first release due rate dest source bound set0 set1 caps")
# mode: first mode; pred: first predecessor in `preds`; next: number of successors. O+1 rows.
OPS = _record("mode job resumable family fixed next pred")
# work in seconds; planned: start in the reference plan or INFINITY; extra: row of `terms` when placing it
# needs more than its lane (set-up money, people, tools), otherwise 0. M rows.
MODES = _record("lane site work price early late planned extra")
# a predecessor, least seconds after it (before the way), most seconds after it or INFINITY
ARCS = _record("op wait span")
# Short tables side by side, because every further array makes every call slower:
# - kind of mode: break0, break1: first and last+1 break of its machine and people; need0, need1: likewise its
#   needs (row 0 needs nothing); money, seconds: what it counts in share caps; watch0, watch1: breaks
#   of whoever must be there for the first `load` seconds (watch1 0: for all of it, like its machine);
#   most, least: what a batch holds (0: no batch machine) and must hold; bulk: what the mode fills of it,
# - need: pool and units,
# - pool: first: room in the profile; size: units there are; unit: number of the first of them; user0, user1:
#   first and last+1 of its users,
# - user: an operation that may need a pool,
# - set of firms: member0, member1: first and last+1 member, a firm,
# - share cap: firm that is capped, permille, by: 1 for money, 0 for work,
# - site: leave0, leave1: first and last+1 pick-up window, in `breaks`.
TERMS = _record(
    "break0 break1 need0 need1 money seconds pool units first size unit user0 user1 user"
    " member0 member1 member capped permille by watch0 watch1 load leave0 leave1 most least bulk"
)
# units taken from a time on; the first entry of a profile holds the number of entries (in `used`)
LEVELS = _record("time used")
# first: room in the timetable; break0, break1: first and last+1 break; setup, fee: table of set-up seconds
# and money or -1; family: at the beginning or -1; firm: its organization. L+1 rows.
LANES = _record("first break0 break1 setup fee family firm")
# open: start minus all break time before it
BREAKS = _record("start end open")
SLOTS = _record("start end what")
PLACES = _record("start end mode")
VALUES = _record("done price guide late late_at floor")
# banned: 1 where limits close a mode for the moment
LABELS = _record("end value price banned")
JOURNAL = _record("changed is_changed")


class Data(NamedTuple):
    """A problem as flat integer tables.

    J jobs, O operations (those of a job side by side, in an order that respects precedence), M modes, L
    lanes (a machine of capacity k is k lanes), S sites, F set-up families, B breaks, P precedences.

    Values ("price") are in units of 1/3600 of the objective's unit for cost, of the unit itself otherwise;
    the search steers by `scale` x price + completion, so that of two equal schedules the earlier one wins.
    """

    jobs: Table
    ops: Table
    preds: Table  # (P)
    modes: Table
    lanes: Table
    breaks: Table
    terms: Table
    travel: Any  # (S, S) seconds
    fare: Any  # (S, S) price
    setups: Any  # (K, F, F) seconds or prices of set-ups
    objective: int
    begin: int  # nothing starts before
    grid: int
    scale: int
    move_price: int
    priced: int  # 0 when time alone matters
    toll: int  # price of 256 seconds on a machine that insertion adds when it compares chains
    pickups: int  # 1 when transport leaves some site in windows only


class State(NamedTuple):
    """A schedule under construction and the scratch space of the search."""

    slots: Table  # timetables of all lanes: start, end, operation or -1 for a reservation
    held: Ints  # (L) entries of a lane
    levels: Table  # profiles of all pools
    ops: Table  # (O) start, end, mode or -1
    jobs: Table  # (J) completion, price, guide, list of jobs that cost more than their floor, floor
    labels: Table  # (M) scratch of the insertion
    picks: Any  # (3, O) two rows of modes chosen by the insertion; starts put off for what must follow soon
    random: Any  # (1) uint64
    # (4 + 2 C) price and guide of the jobs, number of listed jobs, price of set-ups; for every share cap the
    # amount of its firm and the whole; with batch machines one more: what all batches miss to their least
    sums: Ints
    # (6, MOST) jobs taken out in the order they go back, as chosen, and their values; how long an insertion
    # would wait for a batch
    scratch: Any


class Best(NamedTuple):
    """Best schedule so far and the journal of jobs changed since it was kept."""

    ops: Table  # (O)
    jobs: Table  # (J) changed jobs; whether a job is among them
    sums: Ints  # (3) price, guide, number of changed jobs
