"""Joint planning: one schedule for many workshops, with a bound, a check and an explanation."""

from gonghe.engines.planning.answers.choices import Choice, choices
from gonghe.engines.planning.answers.disturbances import (
    CalendarChanged,
    Cancelled,
    Disturbance,
    Late,
    MachineDown,
    Rush,
    Scrap,
    UnknownObject,
)
from gonghe.engines.planning.answers.explain import Reason, explain
from gonghe.engines.planning.answers.history import Finished, Spread, learned, spread_of
from gonghe.engines.planning.answers.in_the_way import InTheWay, in_the_way
from gonghe.engines.planning.answers.obstacles import Obstacle
from gonghe.engines.planning.answers.promise import Empirical, JobPromise, Lognormal, promise
from gonghe.engines.planning.answers.remedies import Remedy, remedies
from gonghe.engines.planning.answers.remedy_ideas import Idea
from gonghe.engines.planning.answers.replan import Move, MovePrices, Proposal, replan
from gonghe.engines.planning.checker.check import Violation, check
from gonghe.engines.planning.costs import CostBreakdown, Evaluation, evaluate
from gonghe.engines.planning.search.solver import NoFeasiblePlan, Point, Result, solve

__all__ = [
    "CalendarChanged",
    "Cancelled",
    "Choice",
    "CostBreakdown",
    "Disturbance",
    "Empirical",
    "Evaluation",
    "Finished",
    "Idea",
    "InTheWay",
    "JobPromise",
    "Late",
    "Lognormal",
    "MachineDown",
    "Move",
    "MovePrices",
    "NoFeasiblePlan",
    "Obstacle",
    "Point",
    "Proposal",
    "Reason",
    "Remedy",
    "Result",
    "Rush",
    "Scrap",
    "Spread",
    "UnknownObject",
    "Violation",
    "check",
    "choices",
    "evaluate",
    "explain",
    "in_the_way",
    "learned",
    "promise",
    "remedies",
    "replan",
    "solve",
    "spread_of",
]
