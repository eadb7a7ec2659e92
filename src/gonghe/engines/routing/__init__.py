"""Routing templates: a routing with parameters becomes the steps of one part."""

from gonghe.engines.routing.template import (
    FormulaError,
    Parameter,
    ParameterMissingError,
    ParameterOutOfRangeError,
    ParameterUnknownError,
    RoutingTemplate,
    Step,
    TemplateError,
    TimeImpossibleError,
    WorkedStep,
)

__all__ = [
    "FormulaError",
    "Parameter",
    "ParameterMissingError",
    "ParameterOutOfRangeError",
    "ParameterUnknownError",
    "RoutingTemplate",
    "Step",
    "TemplateError",
    "TimeImpossibleError",
    "WorkedStep",
]
