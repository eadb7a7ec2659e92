"""Compile all kernels once, so that later starts find them in the cache."""

from __future__ import annotations

from pathlib import Path

from gonghe.engines.model.planning import Objective
from gonghe.engines.planning.answers.repair import RightShift
from gonghe.engines.planning.compiled.compiled import compile_problem
from gonghe.engines.planning.generate import Network, generate
from gonghe.engines.planning.kernel.jit import FOLDER
from gonghe.engines.planning.kernel.timetable import hold
from gonghe.engines.planning.search.solver import solve

ITERATIONS = 900  # few enough that no proof is tried
SEARCHED: tuple[Objective, ...] = ("makespan", "flow")  # tabu search and load; relaxation


def warm() -> Path | None:
    """Run every kernel on a tiny network; returns the folder that keeps them, None without one."""
    for objective in SEARCHED:
        problem = generate(Network(jobs=8, machines=3, sites=2, objective=objective))
        schedule = solve(problem, iterations=ITERATIONS).schedule
    compiled = compile_problem(problem)
    RightShift(compiled, schedule).schedule()
    hold(compiled.data, compiled.new_state(0), 0, 0, 1)
    return None if FOLDER is None else FOLDER.path
