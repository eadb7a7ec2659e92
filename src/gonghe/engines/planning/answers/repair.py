"""Right-shift repair of a schedule, alone or for many drawn durations."""

from __future__ import annotations

import numpy as np

from gonghe.engines.model.planning import Schedule
from gonghe.engines.planning.compiled.compiled import Compiled
from gonghe.engines.planning.costs import Travel
from gonghe.engines.planning.kernel.arrays import PLACES, Ints
from gonghe.engines.planning.kernel.repair import shift


class RightShift:
    """The repair policy of a schedule: same machines, same order, nothing earlier than planned.

    Raises
    ------
    ValueError
        When the schedule leaves out an operation of the problem.
    """

    def __init__(self, compiled: Compiled, schedule: Schedule) -> None:
        self.compiled = compiled
        self.travel = Travel(compiled.problem)
        d = compiled.data
        self.mode, self.planned, _ = compiled.arrays(schedule, as_lanes_allow=False)
        fixed = d.ops["fixed"][:-1] == 1
        self.mode = np.where(fixed, d.ops["mode"][:-1], self.mode)
        self.state = compiled.new_state(0)
        self.planned = np.where(fixed, self.state.ops["start"], self.planned)
        if (self.mode < 0).any():
            row = int(np.argmin(self.mode))
            job, operation = compiled.operations[row]
            name = compiled.problem.jobs[job].id
            raise ValueError(f"the schedule has no valid place for operation {operation} of job {name!r}")
        # rows of a job are already in an order that respects precedence, so a stable sort keeps it; what runs
        # in batches takes time, so that nothing after it is planned for the same moment
        in_batch = d.terms["most"][d.modes["extra"][self.mode]] > 0
        lane = np.where(in_batch, d.modes["lane"][self.mode], -1)
        self.order = np.lexsort((np.arange(len(self.mode)), lane, self.planned)).astype(np.int64)
        self.units = int(d.terms["size"].sum())
        self.work = d.modes["work"][self.mode].astype(np.int64)

    def run(self, work: Ints) -> tuple[Ints, Ints]:
        """Start and end (O each) when operations take `work` seconds (O)."""
        start, end = np.zeros_like(self.planned), np.zeros_like(self.planned)
        lanes = len(self.state.held)
        last, free = np.zeros(lanes, np.int64), np.zeros(lanes, np.int64)
        units = np.zeros(self.units, np.int64)
        shift(
            self.compiled.data,
            self.state,
            self.order,
            self.mode,
            self.planned,
            work,
            start,
            end,
            last,
            free,
            units,
        )
        return start, end

    def arrival(self, end: Ints) -> Ints:
        """Completion of every job at its destination (J) for given ends (O)."""
        d = self.compiled.data
        jobs = d.jobs[:-1]
        target = jobs["dest"][d.ops["job"][:-1]]
        site = d.modes["site"][self.mode]
        way = np.where(target >= 0, d.travel[site, np.maximum(target, 0)], 0)
        last = d.ops["next"][:-1] == 0
        if d.pickups:
            end = end.copy()
            for op in np.flatnonzero(last & (target >= 0) & (target != site)):
                origin = self.compiled.problem.sites[site[op]]
                end[op] = self.travel.leaves(origin, self.compiled.problem.sites[target[op]], int(end[op]))
        reach = np.where(last, end + way, np.iinfo(np.int64).min)
        return np.asarray(np.maximum.reduceat(reach, jobs["first"]))

    def schedule(self) -> Schedule:
        """The repaired schedule with the planned durations."""
        start, end = self.run(self.work)
        places = np.zeros(len(start), PLACES)
        places["start"], places["end"], places["mode"] = start, end, self.mode
        return self.compiled.to_schedule(places)
