"""Operations on tubes: laser or saw, drill, bend."""

from __future__ import annotations

import math

from gonghe.engines.model.parts import Tube
from gonghe.engines.parts import times
from gonghe.engines.parts.steps import SHEET_IT, Cutting, Properties, Step, wanted_grade
from gonghe.engines.parts.stock import Stock
from gonghe.engines.parts.task import Task

LOAD_S = 15.0
"""Feeding one piece of tube into a tube laser from its magazine."""


def _size(task: Task, tube: Tube, length: float) -> Properties:
    return {
        "diameter_mm": round(tube.outer_mm[0], 3),
        "length_mm": round(length, 3),
        "thickness_mm": round(tube.wall_mm, 3),
        "mass_kg": round(task.mass_kg, 3),
    }


def cut_by_laser(task: Task, tube: Tube) -> Step:
    """Both ends and all openings in one go on a tube laser."""
    openings = sum(math.pi * hole.diameter_mm for hole in task.part.holes)
    openings += sum(pocket.area_mm2 / tube.wall_mm for pocket in task.part.pockets if pocket.kind == "window")
    length = 2 * tube.perimeter_mm + openings
    pierces = 2 + len(task.part.holes)
    material = task.tables.material(task.material)
    seconds = times.laser(length, pierces, tube.wall_mm, material, task.tables.general) + LOAD_S
    setup = task.tables.process("laser-cutting-tube").setup_s
    properties = {**_size(task, tube, tube.length_mm), "tolerance_it": float(SHEET_IT)}
    basis = f"{length:.5g} mm cut, {pierces} pierced"
    return Step("laser-cutting-tube", "Cut the tube and its openings", properties, setup, seconds, basis)


def cut_by_saw(task: Task, tube: Tube, stock: Stock) -> Step:
    """Both ends on a saw, mitred where asked for."""
    seconds = times.sawing(stock.section_mm2, task.tables.material(task.material)) + 20
    mitred = any(tube.end_angles_deg)
    setup = task.tables.process("saw").setup_s
    properties = {
        "diameter_mm": round(tube.outer_mm[0], 3),
        "length_mm": round(tube.length_mm, 3),
    }
    name = f"Saw {stock.note}" + (", mitred" if mitred else "")
    basis = f"section {stock.section_mm2 / 100:.4g} cm2 at the sawing rate"
    return Step("saw", name, dict(properties), setup, seconds, basis)


def drill(task: Task, tube: Tube) -> Step:
    """Holes across on a drill press, clamped once for every two."""
    work = Cutting(0.0, 0.0, task.part.holes)
    general, material = task.tables.general, task.tables.material(task.material)
    clampings = (len(work.holes) + 1) // 2
    seconds = times.drilling(work.holes, material, general) + clampings * times.clamping(
        task.mass_kg, general
    )
    setup = task.tables.process("drilling").setup_s
    properties = {**_size(task, tube, tube.length_mm), "tolerance_it": float(wanted_grade(task))}
    name = f"Drill {len(work.holes)} hole{'s' if len(work.holes) > 1 else ''}"
    return Step("drilling", name, properties, setup, seconds, f"{clampings} clampings")


def bend(task: Task, tube: Tube) -> Step:
    """Bend on a tube bender: one stroke per bend."""
    bends = len(tube.bend_list)
    seconds = times.bending(bends, task.mass_kg, task.tables.general)
    setup = task.tables.process("tube-bending").setup_s
    properties = {"diameter_mm": round(tube.outer_mm[0], 3), "tolerance_it": float(SHEET_IT)}
    name = f"{bends} tube bend{'s' if bends > 1 else ''}"
    return Step("tube-bending", name, dict(properties), setup, seconds, f"{bends} strokes")
