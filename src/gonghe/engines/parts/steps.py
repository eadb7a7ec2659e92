"""Single operations: process, requirement and times of each, from a task and the textbook formulas."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gonghe.engines.model.part_features import Thread
from gonghe.engines.model.parts import Hole, PartAnalysis, Sheet, Turned
from gonghe.engines.parts import times
from gonghe.engines.parts.stock import Stock
from gonghe.engines.parts.task import Task
from gonghe.engines.parts.vectors import parallel

Properties = dict[str, float | str | tuple[str, ...]]

DRILLED_UP_TO_MM = 32.0
GROUND_FROM_IT = 6
"""Grades this fine or finer are ground after cutting (usual grades of processes, ISO 286-1 practice)."""
BEFORE_GRINDING_IT = 8
SHEET_IT = 12
"""Usual grade of laser cutting and bending."""
BAR_FEED_S = 12.0
"""Feeding and clamping a bar by the machine itself."""
PRESS_S = 15.0
"""Moving to the next hole and back on a drill press, by hand."""
TOOLS = 4
"""Tools of a usual job besides drills: face, rough, finish, chamfer."""


@dataclass(frozen=True, slots=True)
class Step:
    """An operation before it gets its number; ``run_s`` is per piece."""

    process: str
    name: str
    properties: Properties
    setup_s: float
    run_s: float
    basis: str


@dataclass(frozen=True, slots=True)
class Cutting:
    """What a cutting operation has to do: volume to remove, surface to finish, holes to drill."""

    removed_mm3: float
    surface_mm2: float
    holes: tuple[Hole, ...] = ()

    @property
    def drilled(self) -> tuple[Hole, ...]:
        """Holes made with a drill; larger ones are milled or bored out and count as removed volume."""
        return tuple(hole for hole in self.holes if hole.diameter_mm <= DRILLED_UP_TO_MM)

    @property
    def basis(self) -> str:
        """In words."""
        cubic, square = self.removed_mm3 / 1000, self.surface_mm2 / 100
        drilled = f", {len(self.drilled)} holes drilled" if self.drilled else ""
        return f"{cubic:.4g} cm3 removed, {square:.4g} cm2 finished{drilled}"


def envelope(part: PartAnalysis) -> Properties:
    """Longest side along x: how a part is put on a machine table."""
    x, y, z = (round(value, 3) for value in sorted(part.box_mm, reverse=True))
    return {"envelope_x_mm": x, "envelope_y_mm": y, "envelope_z_mm": z}


def wanted_grade(task: Task) -> int:
    """Finest ISO 286 grade in the file, or the usual one."""
    tolerances = task.part.tolerances
    if tolerances is not None and tolerances.tightest_it is not None:
        return tolerances.tightest_it
    return task.tables.general.usual_it


def is_ground(task: Task) -> bool:
    """Whether the finest size needs grinding."""
    return wanted_grade(task) <= GROUND_FROM_IT


def _cutting_grade(task: Task) -> float:
    return float(BEFORE_GRINDING_IT if is_ground(task) else wanted_grade(task))


def _bar_size(turned: Turned) -> Properties:
    return {"diameter_mm": round(turned.diameter_mm, 3), "length_mm": round(turned.length_mm, 3)}


def _mass(task: Task) -> Properties:
    return {"mass_kg": round(task.mass_kg, 3)}


def saw(task: Task, stock: Stock) -> Step:
    """Cut the stock to length."""
    size = math.sqrt(4 * stock.section_mm2 / math.pi)
    seconds = times.sawing(stock.section_mm2, task.tables.material(task.material)) + 20
    basis = f"section {stock.section_mm2 / 100:.4g} cm2 at the sawing rate"
    setup = task.tables.process("saw").setup_s
    return Step("saw", f"Saw {stock.note}", {"diameter_mm": round(size, 3)}, setup, seconds, basis)


def mill(task: Task, process: str, work: Cutting, clampings: int, tilted: int = 0) -> Step:
    """Mill and drill in one or more clampings, some of them on a tilted fixture.

    Undercuts are milled with form cutters where it goes at all; a tilted fixture is set up twice as long.
    """
    general, material = task.tables.general, task.tables.material(task.material)
    threads = _threads(task, work, task.part.turned is None)
    seconds = (
        times.milling(work.removed_mm3, work.surface_mm2, material)
        + times.drilling(work.drilled, material, general)
        + times.form_cutting(_hidden_mm2(task.part), material, general)
        + times.threading(threads, material, general)
        + clampings * times.clamping(task.mass_kg, general)
        + TOOLS * general.tool_change_s
    )
    setup = task.tables.process(process).setup_s + (clampings - 1 + tilted) * general.setup_per_clamping_s
    properties = {**envelope(task.part), **_mass(task), "tolerance_it": _cutting_grade(task)}
    name = f"Mill{' and drill' if work.drilled else ''}, {clampings} clamping{'s' if clampings > 1 else ''}"
    hidden = _hidden_mm2(task.part)
    basis = work.basis + _counted(threads, "thread")
    basis += f", {hidden / 100:.3g} cm2 with form cutters" if hidden else ""
    return Step(process, name, properties, setup, seconds, basis)


def _hidden_mm2(part: PartAnalysis) -> float:
    cuts = part.reach.undercuts if part.reach is not None else ()
    return sum(cut.area_mm2 for cut in cuts if not cut.tilted_to)


def turn(task: Task, turned: Turned, process: str, work: Cutting) -> Step:
    """Turn both sides; on a turn-mill centre the holes and flats go with it."""
    general, material = task.tables.general, task.tables.material(task.material)
    threads = _threads(task, work, True)
    seconds = (
        times.turning(work.removed_mm3, work.surface_mm2, material)
        + times.grooving(turned.grooves, material, general)
        + times.threading(threads, material, general)
        + times.drilling(work.drilled, material, general)
        + 2 * times.clamping(task.mass_kg, general)
        + TOOLS * general.tool_change_s
    )
    properties = {**_bar_size(turned), **_mass(task), "tolerance_it": _cutting_grade(task)}
    name = "Turn and mill complete" if process == "turn-mill" else "Turn, two sides"
    basis = work.basis + _counted(turned.grooves, "groove") + _counted(threads, "thread")
    return Step(process, name, properties, task.tables.process(process).setup_s, seconds, basis)


def _counted(things: Sequence[object], name: str) -> str:
    return f", {len(things)} {name}{'s' if len(things) > 1 else ''}" if things else ""


def _threads(task: Task, work: Cutting, others: bool) -> tuple[Thread, ...]:
    """Stated threads that a step cuts: those in its holes and, of the main step, all that are in no hole."""
    mine = {face for hole in work.holes for face in hole.faces}
    beside = {face for hole in _beside(task.part) for face in hole.faces} - mine
    return tuple(
        thread
        for thread in task.part.threads
        if not thread.guess and (mine & set(thread.faces) or (others and not beside & set(thread.faces)))
    )


def _beside(part: PartAnalysis) -> tuple[Hole, ...]:
    return beside_axis(part, part.turned) if part.turned is not None else ()


def beside_axis(part: PartAnalysis, turned: Turned) -> tuple[Hole, ...]:
    """Holes that are not bored on the lathe."""
    return tuple(
        hole
        for hole in part.holes
        if not parallel(hole.axis, turned.axis) or abs(hole.diameter_mm - turned.bore_mm) > 1e-3
    )


def turn_from_bar(task: Task, turned: Turned, work: Cutting, bar_mm: float) -> Step:
    """Turn one side from a bar that feeds itself, part off, turn the other side in a second clamping."""
    general, material = task.tables.general, task.tables.material(task.material)
    threads = _threads(task, work, True)
    seconds = (
        times.turning(work.removed_mm3, work.surface_mm2, material)
        + times.grooving(turned.grooves, material, general)
        + times.threading(threads, material, general)
        + times.parting(bar_mm, material)
        + BAR_FEED_S
        + times.clamping(task.mass_kg, general)
        + TOOLS * general.tool_change_s
    )
    properties = {**_bar_size(turned), **_mass(task), "tolerance_it": _cutting_grade(task)}
    setup = task.tables.process("turning").setup_s + general.setup_per_clamping_s
    made = _counted(turned.grooves, "groove") + _counted(threads, "thread")
    basis = f"{work.basis}{made}, parted off"
    return Step(
        "turning",
        "Turn from the bar",
        properties,
        setup,
        seconds,
        basis,
    )


def drill(task: Task, holes: tuple[Hole, ...]) -> Step:
    """Drill on a press in a jig, clamped once for each direction; position by jig or marking out."""
    general, material = task.tables.general, task.tables.material(task.material)
    ways = {tuple(round(abs(value), 2) for value in hole.axis) for hole in holes}
    seconds = times.drilling(holes, material, general) + len(ways) * times.clamping(task.mass_kg, general)
    seconds += PRESS_S * len(holes)
    seconds += times.threading(_threads(task, Cutting(0.0, 0.0, holes), False), material, general)
    properties: Properties = {
        "diameter_mm": round(max(hole.diameter_mm for hole in holes), 3),
        "depth_mm": round(max(hole.depth_mm for hole in holes), 3),
        **_mass(task),
        "tolerance_it": float(wanted_grade(task)),
    }
    setup = task.tables.process("drilling").setup_s + (len(ways) - 1) * general.setup_per_clamping_s
    name = f"Drill {len(holes)} hole{'s' if len(holes) > 1 else ''}"
    return Step(
        "drilling", name, properties, setup, seconds, f"{len(ways)} clampings, {PRESS_S:g} s a hole by hand"
    )


def grind_round(task: Task, turned: Turned) -> Step:
    """Grind the fits of a turned part, taken as 40 % of its outside."""
    surface = 0.4 * math.pi * turned.diameter_mm * turned.length_mm
    seconds = times.grinding(surface) + times.clamping(task.mass_kg, task.tables.general)
    properties = {**_bar_size(turned), "tolerance_it": float(wanted_grade(task))}
    return _grind(
        task, "grinding-cylindrical", properties, seconds, f"40 % of the outside, {surface / 100:.4g} cm2"
    )


def grind_flat(task: Task) -> Step:
    """Grind the two main sides."""
    x, y, _ = sorted(task.part.box_mm, reverse=True)
    seconds = times.grinding(2 * x * y) + 2 * times.clamping(task.mass_kg, task.tables.general)
    properties = {**envelope(task.part), "tolerance_it": float(wanted_grade(task))}
    return _grind(
        task, "grinding-surface", properties, seconds, f"both main sides, {2 * x * y / 100:.4g} cm2"
    )


def _grind(task: Task, process: str, properties: Properties, seconds: float, basis: str) -> Step:
    name = f"Grind to IT {wanted_grade(task)}"
    return Step(process, name, properties, task.tables.process(process).setup_s, seconds, basis)


def cut_plate(task: Task, thickness_mm: float) -> Step:
    """Cut a rectangle with allowance from plate, to be milled."""
    general, material = task.tables.general, task.tables.material(task.material)
    x, y, _ = (value + 2 * general.milling_allowance_mm for value in sorted(task.part.box_mm, reverse=True))
    seconds = times.laser(2 * (x + y), 1, thickness_mm, material, general) + 5
    properties: Properties = {
        "envelope_x_mm": round(x, 1),
        "envelope_y_mm": round(y, 1),
        "thickness_mm": round(thickness_mm, 3),
    }
    setup = task.tables.process("laser-cutting").setup_s
    return Step(
        "laser-cutting", "Cut the blank", properties, setup, seconds, f"{2 * (x + y):.5g} mm cut, 1 pierced"
    )


def cut_blank(task: Task, sheet: Sheet) -> Step:
    """Cut the flat pattern with a laser."""
    x, y, _ = sorted(task.part.box_mm, reverse=True)
    if sheet.bends:  # flattened it is larger than its box; as if it were square
        x = y = math.sqrt(sheet.flat_area_mm2)
    properties: Properties = {
        "envelope_x_mm": round(x, 1),
        "envelope_y_mm": round(y, 1),
        "thickness_mm": round(sheet.thickness_mm, 3),
        "tolerance_it": float(SHEET_IT),
    }
    pierces = 1 + len(task.part.holes)
    material = task.tables.material(task.material)
    seconds = times.laser(sheet.cut_length_mm, pierces, sheet.thickness_mm, material, task.tables.general) + 5
    setup = task.tables.process("laser-cutting").setup_s
    basis = f"{sheet.cut_length_mm:.5g} mm cut, {pierces} pierced"
    return Step("laser-cutting", "Cut the blank", properties, setup, seconds, basis)


def bend(task: Task, sheet: Sheet) -> Step:
    """Bend on a press brake."""
    properties: Properties = {
        "length_mm": round(max(item.length_mm for item in sheet.bend_list), 3),
        "thickness_mm": round(sheet.thickness_mm, 3),
        "tolerance_it": float(SHEET_IT),
    }
    seconds = times.bending(sheet.bends, task.mass_kg, task.tables.general)
    name = f"{sheet.bends} bend{'s' if sheet.bends > 1 else ''}"
    setup = task.tables.process("bending").setup_s
    return Step("bending", name, properties, setup, seconds, f"{sheet.bends} strokes")


def cut_cloth(task: Task, sheet: Sheet) -> Step:
    """Cut a textile outline."""
    setup = task.tables.process("cutting-textile").setup_s
    return Step(
        "cutting-textile", "Cut the cloth", {}, setup, sheet.cut_length_mm / 60, "60 mm of outline a second"
    )


def sew(task: Task, sheet: Sheet) -> Step:
    """Sew along a textile outline."""
    setup = task.tables.process("sewing").setup_s
    return Step("sewing", "Sew", {}, setup, sheet.cut_length_mm / 15, "15 mm of seam a second")


def print_part(task: Task) -> Step:
    """Build the part additively."""
    volume = task.part.volume_mm3 / 1000
    seconds = 3600 * volume / task.tables.general.additive_cm3_h
    setup = task.tables.process("additive").setup_s
    basis = f"{volume:.4g} cm3 at {task.tables.general.additive_cm3_h:g} cm3/h"
    return Step("additive", "Print", envelope(task.part), setup, seconds, basis)


def assemble(task: Task) -> Step:
    """Put the bodies of an assembly together."""
    bodies = task.part.bodies
    properties = {**envelope(task.part), **_mass(task)}
    setup = task.tables.process("assembly").setup_s
    basis = "45 s a part; the parts themselves are estimated from their own files"
    return Step("assembly", f"Assemble {bodies} parts", properties, setup, 45.0 * bodies, basis)


def deburr(task: Task, length: float | None = None) -> Step:
    """Break the edges; ``length`` in mm where it is known, otherwise from box and holes."""
    if length is None:
        length = 4 * sum(task.part.box_mm)
        length += sum(2 * math.pi * hole.diameter_mm for hole in task.part.holes)
    seconds = length / task.tables.general.deburr_mm_s + 10
    setup = task.tables.process("deburring").setup_s
    return Step("deburring", "Deburr", _mass(task), setup, seconds, f"{length:.5g} mm of edge")


def inspect(task: Task) -> Step:
    """Check a share of the pieces, longer with more holes."""
    general = task.tables.general
    seconds = general.inspect_share * (general.inspect_s + general.inspect_s_per_hole * len(task.part.holes))
    properties = {**envelope(task.part), "tolerance_it": float(wanted_grade(task))}
    setup = task.tables.process("inspection").setup_s
    return Step(
        "inspection", "Inspect", properties, setup, seconds, f"{general.inspect_share:.0%} of the pieces"
    )
