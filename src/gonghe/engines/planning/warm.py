"""Compile all kernels once, so that later starts find them in the cache."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gonghe.engines.planning.bounds import job_floors
from gonghe.engines.planning.chains import AnnealChain
from gonghe.engines.planning.compiled import compile_problem
from gonghe.engines.planning.generate import Network, generate
from gonghe.engines.planning.kernel.jit import FOLDER
from gonghe.engines.planning.kernel.timetable import hold
from gonghe.engines.planning.repair import RightShift


def warm() -> Path | None:
    """Run every kernel on a tiny network; returns the folder that keeps them, None without one."""
    compiled = compile_problem(generate(Network(jobs=4, machines=3, sites=2, objective="makespan")))
    chain = AnnealChain(compiled, job_floors(compiled), seed=0)
    chain.try_order(np.arange(4))
    chain.run([(1, 0.0)])
    chain.adopt(chain.places())
    chain.as_tabu(0).run([(1, 0.0)])
    RightShift(compiled, compiled.to_schedule(chain.places())).schedule()
    hold(compiled.data, compiled.new_state(0), 0, 0, 1)
    return None if FOLDER is None else FOLDER.path
