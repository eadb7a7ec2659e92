"""A routing that the engine refuses is told about in the language of the reader."""

from __future__ import annotations

import ast
import inspect
from decimal import Decimal

import pytest
from django.utils.translation import gettext, override

from gonghe.apps.technology.words import REASONS, routing_fault
from gonghe.engines.routing import FormulaError, Parameter, Step, TimeImpossibleError, template


def test_every_reason_of_the_engine_is_known() -> None:
    tree = ast.parse(inspect.getsource(template))
    said = {
        call.args[1].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "FormulaError"
        and isinstance(call.args[1], ast.Constant)
    }
    assert said == set(REASONS)


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_chinese_words(reason: str) -> None:
    with override("zh-hans"):
        assert gettext(reason) != reason


def test_a_fault_names_the_part_in_chinese() -> None:
    with pytest.raises(FormulaError) as fault:
        Parameter(code="length_mm", name="Length", unit="mm", low=Decimal(9), high=Decimal(5), usual=None)
    assert routing_fault(fault.value) == "“length_mm”: the range ends before it begins"
    with override("zh-hans"):
        assert routing_fault(fault.value) == "“length_mm”：范围的终点小于起点"


def test_an_impossible_time_names_the_process_in_chinese() -> None:
    step = Step(number=20, process="grinding", name="", setup="0", run="0", properties={}, after=None)
    with override("zh-hans"):
        assert routing_fault(TimeImpossibleError(step)) == "第 20 步（磨削）算不出可能的工时"
