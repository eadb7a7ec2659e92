"""From an analysis to a routing: a DAG of operations with requirement and times, and its estimate."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from gonghe.engines.model.matching import Requirement
from gonghe.engines.model.parts import Estimate, Hole, PartAnalysis, ProposedOperation
from gonghe.engines.parts import stock as stocks
from gonghe.engines.parts import times
from gonghe.engines.parts.estimate import estimate
from gonghe.engines.parts.stock import Stock
from gonghe.engines.parts.tables import Tables
from gonghe.engines.parts.task import Task
from gonghe.engines.parts.vectors import parallel

Properties = dict[str, float | str | tuple[str, ...]]

DRILLED_UP_TO_MM = 32.0
GROUND_FROM_IT = 6
"""Grades this fine or finer are ground after cutting (usual grades of processes, ISO 286-1 practice)."""
FIVE_AXIS_FROM = 4
"""From this many clampings on, one five-axis clamping is the better proposal."""


@dataclass(frozen=True, slots=True)
class Step:
    """An operation before it gets its number."""

    process: str
    name: str
    properties: Properties
    setup_s: float
    run_s: float
    basis: str


@dataclass(frozen=True, slots=True)
class Cutting:
    """What a milling operation has to do: volume to remove, surface to finish, holes to drill."""

    removed_mm3: float
    surface_mm2: float
    holes: tuple[Hole, ...]

    def basis(self, drilled: int) -> str:
        """In words."""
        cubic, square = self.removed_mm3 / 1000, self.surface_mm2 / 100
        return f"{cubic:.4g} cm3 removed, {square:.4g} cm2 finished, {drilled} holes drilled"


def propose(
    analysis: PartAnalysis, *, material: str, quantity: int, tables: Tables
) -> tuple[tuple[ProposedOperation, ...], Estimate]:
    """The likeliest routing and what it will cost.

    Parameters
    ----------
    material : str
        Material group, such as ``steel``.
    quantity : int
        Pieces in the batch.
    tables : Tables
        Figures to reckon with.

    Raises
    ------
    ValueError
        When the quantity is not positive or the tables lack the material.
    """
    task = Task(analysis, material, quantity, tables)
    steps, stock = ROUTES[analysis.family](task)
    operations = number(task, [*steps, *_finishing(task)], stock)
    return operations, estimate(task, operations, stock)


def number(task: Task, steps: list[Step], stock: Stock) -> tuple[ProposedOperation, ...]:
    """Chain steps into operations 10, 20, ...; the first carries the stock."""
    general: Properties = {"material_group": task.material, "batch_pieces": float(task.quantity)}
    return tuple(
        ProposedOperation(
            number=10 * (index + 1),
            process=step.process,
            name=step.name,
            requirement=Requirement(step.process, {**general, **step.properties}),
            setup_s=round(step.setup_s),
            run_s=max(1, round(step.run_s)),
            after=(10 * index,) if index else (),
            stock=stock.note if index == 0 else "",
            basis=step.basis,
        )
        for index, step in enumerate(steps)
    )


def _envelope(part: PartAnalysis, allowance: float = 0.0) -> Properties:
    """Longest side along x: how a part is put on a machine table."""
    x, y, z = (round(value + allowance, 3) for value in sorted(part.box_mm, reverse=True))
    return {"envelope_x_mm": x, "envelope_y_mm": y, "envelope_z_mm": z}


def _grade(task: Task) -> int:
    tolerances = task.part.tolerances
    return tolerances.tightest_it if tolerances and tolerances.tightest_it else task.tables.general.usual_it


def _cutting_grade(task: Task) -> float:
    """Grade asked of the cutting machine: what is ground later need not be cut finer than IT 8."""
    return float(_grade(task)) if _grade(task) > GROUND_FROM_IT else 8.0


def _saw(task: Task, stock: Stock) -> Step:
    size = math.sqrt(4 * stock.section_mm2 / math.pi)
    seconds = times.sawing(stock.section_mm2, task.tables.material(task.material)) + 20
    return Step(
        "saw",
        f"Saw {stock.note}",
        {"diameter_mm": round(size, 3)},
        task.tables.process("saw").setup_s,
        seconds,
        f"section {stock.section_mm2 / 100:.4g} cm2 at the sawing rate",
    )


def _mill(task: Task, process: str, work: Cutting, clampings: int) -> Step:
    general, material = task.tables.general, task.tables.material(task.material)
    drilled = [hole for hole in work.holes if hole.diameter_mm <= DRILLED_UP_TO_MM]
    seconds = (
        times.milling(work.removed_mm3, work.surface_mm2, material)
        + times.drilling(drilled, material, general)
        + clampings * times.clamping(task.mass_kg, general)
        + 4 * general.tool_change_s
    )
    setup = task.tables.process(process).setup_s + (clampings - 1) * general.setup_per_clamping_s
    properties = {
        **_envelope(task.part),
        "mass_kg": round(task.mass_kg, 3),
        "tolerance_it": _cutting_grade(task),
    }
    name = f"Mill{' and drill' if drilled else ''}, {clampings} clamping{'s' if clampings > 1 else ''}"
    basis = work.basis(len(drilled))
    return Step(process, name, properties, setup, seconds, basis)


def _prismatic(task: Task) -> tuple[list[Step], Stock]:
    stock = stocks.block(task.part, task.tables.general)
    removed = max(0.0, stock.volume_mm3 - task.part.volume_mm3)
    many = task.part.setups >= FIVE_AXIS_FROM
    process, clampings = ("milling-5axis", 2) if many else ("milling-3axis", max(2, task.part.setups))
    mill = _mill(task, process, Cutting(removed, task.part.area_mm2, task.part.holes), clampings)
    ground = [_grind_flat(task)] if _grade(task) <= GROUND_FROM_IT else []
    return [_saw(task, stock), mill, *ground], stock


def _freeform(task: Task) -> tuple[list[Step], Stock]:
    stock = stocks.block(task.part, task.tables.general)
    removed = max(0.0, stock.volume_mm3 - task.part.volume_mm3)
    # free-form surfaces are finished in narrow passes: three times the time of flat ones
    mill = _mill(task, "milling-5axis", Cutting(removed, 3 * task.part.area_mm2, task.part.holes), 2)
    return [_saw(task, stock), mill], stock


def _turned(task: Task) -> tuple[list[Step], Stock]:
    turned, general = task.part.turned, task.tables.general
    if turned is None:
        return _prismatic(task)
    stock = stocks.bar(task.part, general)
    material = task.tables.material(task.material)
    on_axis = tuple(
        hole for hole in task.part.holes if parallel(hole.axis, turned.axis) and _central(task, hole)
    )
    others = tuple(hole for hole in task.part.holes if hole not in on_axis)
    removed = max(0.0, stock.volume_mm3 - task.part.volume_mm3)
    seconds = (
        times.turning(removed, task.part.area_mm2 * turned.round_share, material)
        + 2 * times.clamping(task.mass_kg, general)
        + 4 * general.tool_change_s
    )
    properties: Properties = {
        "diameter_mm": round(turned.diameter_mm, 3),
        "length_mm": round(turned.length_mm, 3),
        "mass_kg": round(task.mass_kg, 3),
        "tolerance_it": _cutting_grade(task),
    }
    basis = (
        f"{removed / 1000:.4g} cm3 removed, {task.part.area_mm2 * turned.round_share / 100:.4g} cm2 finished"
    )
    steps = [
        _saw(task, stock),
        Step(
            "turning", "Turn, two sides", properties, task.tables.process("turning").setup_s, seconds, basis
        ),
    ]
    rest = (1 - turned.round_share) * task.part.area_mm2
    if others or turned.round_share < 0.97:
        steps.append(_mill(task, "milling-3axis", Cutting(0.05 * rest, rest, others), 1))
    if _grade(task) <= GROUND_FROM_IT:
        steps.append(_grind_round(task))
    return steps, stock


def _central(task: Task, hole: Hole) -> bool:
    return task.part.turned is not None and abs(hole.diameter_mm - task.part.turned.bore_mm) < 1e-3


def _grind_round(task: Task) -> Step:
    turned = task.part.turned
    if turned is None:
        raise ValueError("cylindrical grinding needs a turned part")
    surface = 0.4 * math.pi * turned.diameter_mm * turned.length_mm
    properties: Properties = {
        "diameter_mm": round(turned.diameter_mm, 3),
        "length_mm": round(turned.length_mm, 3),
        "tolerance_it": float(_grade(task)),
    }
    seconds = times.grinding(surface) + times.clamping(task.mass_kg, task.tables.general)
    setup = task.tables.process("grinding-cylindrical").setup_s
    return Step(
        "grinding-cylindrical",
        f"Grind to IT {_grade(task)}",
        properties,
        setup,
        seconds,
        f"40 % of the outside, {surface / 100:.4g} cm2",
    )


def _grind_flat(task: Task) -> Step:
    x, y, _ = sorted(task.part.box_mm, reverse=True)
    seconds = times.grinding(2 * x * y) + 2 * times.clamping(task.mass_kg, task.tables.general)
    properties = {**_envelope(task.part), "tolerance_it": float(_grade(task))}
    setup = task.tables.process("grinding-surface").setup_s
    return Step(
        "grinding-surface",
        f"Grind to IT {_grade(task)}",
        properties,
        setup,
        seconds,
        f"both main sides, {2 * x * y / 100:.4g} cm2",
    )


def _sheet(task: Task) -> tuple[list[Step], Stock]:
    sheet, general = task.part.sheet, task.tables.general
    if sheet is None:
        return _prismatic(task)
    stock = stocks.blank(task.part, general)
    if task.material == "textile":
        return _garment(task), stock
    material = task.tables.material(task.material)
    side = math.sqrt(sheet.flat_area_mm2)
    pierces = 1 + len(task.part.holes)
    flat = (
        _envelope(task.part)
        if sheet.bends == 0
        else {"envelope_x_mm": round(side, 1), "envelope_y_mm": round(side, 1)}
    )
    cut: Properties = {key: flat[key] for key in ("envelope_x_mm", "envelope_y_mm")}
    cut |= {"thickness_mm": round(sheet.thickness_mm, 3), "tolerance_it": 12.0}
    seconds = times.laser(sheet.cut_length_mm, pierces, sheet.thickness_mm, material, general) + 5
    steps = [
        Step(
            "laser-cutting",
            "Cut the blank",
            cut,
            task.tables.process("laser-cutting").setup_s,
            seconds,
            f"{sheet.cut_length_mm:.5g} mm cut, {pierces} pierced",
        )
    ]
    steps.append(_deburr(task))
    if sheet.bends:
        length = max(bend.length_mm for bend in sheet.bend_list)
        bend: Properties = {
            "length_mm": round(length, 3),
            "thickness_mm": round(sheet.thickness_mm, 3),
            "tolerance_it": 12.0,
        }
        setup = task.tables.process("bending").setup_s
        steps.append(
            Step(
                "bending",
                f"{sheet.bends} bend{'s' if sheet.bends > 1 else ''}",
                bend,
                setup,
                times.bending(sheet.bends, task.mass_kg, general),
                f"{sheet.bends} strokes",
            )
        )
    return steps, stock


def _garment(task: Task) -> list[Step]:
    sheet = task.part.sheet
    length = sheet.cut_length_mm if sheet else 0.0
    cutting, sewing = task.tables.process("cutting-textile"), task.tables.process("sewing")
    return [
        Step(
            "cutting-textile", "Cut the cloth", {}, cutting.setup_s, length / 60, "60 mm of outline a second"
        ),
        Step("sewing", "Sew", {}, sewing.setup_s, length / 15, "15 mm of seam a second"),
    ]


def _assembly(task: Task) -> tuple[list[Step], Stock]:
    bodies = task.part.bodies
    properties = {**_envelope(task.part), "mass_kg": round(task.mass_kg, 3)}
    setup = task.tables.process("assembly").setup_s
    join = Step(
        "assembly",
        f"Assemble {bodies} parts",
        properties,
        setup,
        45.0 * bodies,
        "45 s a part; the parts themselves are estimated from their own files",
    )
    return [join], Stock("parts made elsewhere", 0.0, 0.0)


def _deburr(task: Task) -> Step:
    sheet = task.part.sheet
    flat = sheet is not None and task.part.family in ("sheet", "outline")
    length = sheet.cut_length_mm if sheet is not None and flat else 4 * sum(task.part.box_mm)
    length += sum(2 * math.pi * hole.diameter_mm for hole in task.part.holes if not flat)
    seconds = length / task.tables.general.deburr_mm_s + 10
    return Step(
        "deburring",
        "Deburr",
        {"mass_kg": round(task.mass_kg, 3)},
        task.tables.process("deburring").setup_s,
        seconds,
        f"{length:.5g} mm of edge",
    )


def _finishing(task: Task) -> list[Step]:
    """Deburr (sheet metal had that before bending) and inspect."""
    general = task.tables.general
    seconds = general.inspect_share * (general.inspect_s + general.inspect_s_per_hole * len(task.part.holes))
    inspect = Step(
        "inspection",
        "Inspect",
        {**_envelope(task.part), "tolerance_it": float(_grade(task))},
        task.tables.process("inspection").setup_s,
        seconds,
        f"{general.inspect_share:.0%} of the pieces",
    )
    cut = task.part.family in ("prismatic", "turned", "freeform")
    return [_deburr(task), inspect] if cut else [inspect]


ROUTES: dict[str, Callable[[Task], tuple[list[Step], Stock]]] = {
    "prismatic": _prismatic,
    "turned": _turned,
    "sheet": _sheet,
    "outline": _sheet,
    "freeform": _freeform,
    "assembly": _assembly,
}
