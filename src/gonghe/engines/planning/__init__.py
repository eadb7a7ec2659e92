"""Joint planning: one schedule for the machines of many workshops, with a bound, a check and an explanation."""

from gonghe.engines.planning.check import Violation, check
from gonghe.engines.planning.costs import CostBreakdown, evaluate
from gonghe.engines.planning.solver import NoFeasiblePlan, Point, Result, solve

__all__ = [
    "CostBreakdown",
    "NoFeasiblePlan",
    "Point",
    "Result",
    "Violation",
    "check",
    "evaluate",
    "solve",
]
