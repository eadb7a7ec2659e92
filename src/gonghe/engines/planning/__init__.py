"""Joint planning: one schedule for many workshops, with a bound, a check and an explanation."""

from gonghe.engines.planning.check import Violation, check
from gonghe.engines.planning.costs import CostBreakdown, Evaluation, evaluate
from gonghe.engines.planning.disturbances import (
    CalendarChanged,
    Cancelled,
    Disturbance,
    Late,
    MachineDown,
    Rush,
    Scrap,
    UnknownObject,
)
from gonghe.engines.planning.explain import Reason, explain
from gonghe.engines.planning.history import Finished, Spread, learned, spread_of
from gonghe.engines.planning.promise import Empirical, JobPromise, Lognormal, promise
from gonghe.engines.planning.replan import Move, Proposal, replan
from gonghe.engines.planning.solver import NoFeasiblePlan, Point, Result, solve

__all__ = [
    "CalendarChanged",
    "Cancelled",
    "CostBreakdown",
    "Disturbance",
    "Empirical",
    "Evaluation",
    "Finished",
    "JobPromise",
    "Late",
    "Lognormal",
    "MachineDown",
    "Move",
    "NoFeasiblePlan",
    "Point",
    "Proposal",
    "Reason",
    "Result",
    "Rush",
    "Scrap",
    "Spread",
    "UnknownObject",
    "Violation",
    "check",
    "evaluate",
    "explain",
    "learned",
    "promise",
    "replan",
    "solve",
    "spread_of",
]
