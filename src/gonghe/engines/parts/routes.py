"""Ways to make a part, by family: the likeliest first, then what else a planner would weigh up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gonghe.engines.model.parts import Hole, PartAnalysis, Sheet, Turned
from gonghe.engines.parts import steps, tube_steps
from gonghe.engines.parts import stock as stocks
from gonghe.engines.parts.steps import Cutting, Step
from gonghe.engines.parts.stock import Stock
from gonghe.engines.parts.task import Task

FIVE_AXIS_FROM = 4
"""From this many clampings on, five axes are the likelier proposal."""

SECOND_FAMILY = 0.25
"""A second family this likely gets its own route."""

FREEFORM_FINISH = 3.0
"""Free-form surfaces are finished in narrow passes: this many times the time of flat ones."""

SPINDLE_MM = 65.0
"""Bar that passes the spindle of usual lathes with a 10-inch chuck."""

LONGEST_FED = 5.0
"""Length over diameter that stands out of a collet without a tailstock."""

DRILLED_ONLY = 0.75
"""Share of round surface from which holes are all that is beside the axis."""

MILLED_ONLY = 0.97
"""Share of round surface below which a turned part needs milling too."""


@dataclass(frozen=True, slots=True)
class Route:
    """One way: its name, why one would take it, its steps in order and the stock."""

    name: str
    why: str
    steps: tuple[Step, ...]
    stock: Stock


def routes(task: Task) -> tuple[Route, ...]:
    """All ways worth comparing, without doubles; at least one."""
    found: dict[tuple[str, ...], Route] = {}
    likely = [
        family.name
        for number, family in enumerate(task.part.families)
        if number == 0 or family.confidence >= SECOND_FAMILY
    ]
    for family in likely:
        for route in WAYS[family](task):
            found.setdefault(tuple(step.process for step in route.steps), route)
    return tuple(found.values())


def _milled(task: Task) -> Iterator[Route]:
    three, five, plate = _three_axis(task), _five_axis(task), _from_plate(task)
    if task.part.setups >= FIVE_AXIS_FROM or machine_for(task.part) != "3-axis":
        yield from (five, three)
    else:
        yield from (three, five)
    if plate is not None:
        yield plate


def machine_for(part: PartAnalysis) -> str:
    """The least machine that reaches all of a part, as far as known."""
    return part.reach.machine if part.reach is not None else "3-axis"


def _clampings(part: PartAnalysis) -> tuple[int, int]:
    """Clampings on three axes, tilts for undercuts included, and how many of them want a tilted fixture."""
    if part.reach is None:
        return part.setups, 0
    tilts = {axis for cut in part.reach.undercuts for axis in cut.tilted_to}
    oblique = sum(not item.square for item in part.reach.setups)
    return part.setups + len(tilts), oblique + len(tilts)


def _block(task: Task) -> tuple[Stock, Cutting]:
    stock = stocks.block(task.part, task.tables.general)
    removed = max(0.0, stock.volume_mm3 - task.part.volume_mm3)
    return stock, Cutting(removed, task.part.area_mm2, task.part.holes)


def _three_axis(task: Task) -> Route:
    stock, work = _block(task)
    clampings, tilted = _clampings(task.part)
    mill = steps.mill(task, "milling-3axis", work, clampings, tilted)
    why = f"{clampings} clampings on a common machine"
    if tilted:
        why += f", {tilted} of them on a tilted fixture"
    return Route("mill, three axes", why, (steps.saw(task, stock), mill, *_end(task, flat=True)), stock)


def _five_axis(task: Task) -> Route:
    stock, work = _block(task)
    mill = steps.mill(task, "milling-5axis", work, 2)
    clampings, _ = _clampings(task.part)
    why = f"2 clampings instead of {clampings}, on a dearer machine"
    if clampings <= 2:
        why = "five sides in the first clamping, the last in the second, on a dearer machine"
    return Route("mill, five axes", why, (steps.saw(task, stock), mill, *_end(task, flat=True)), stock)


def _from_plate(task: Task) -> Route | None:
    """A rectangle cut from plate by laser, then milled; None where the plate would be too thick to cut."""
    thickness = min(task.part.box_mm) + 2 * task.tables.general.milling_allowance_mm
    if thickness > task.tables.material(task.material).laser_m_min[-1][0]:
        return None
    stock, (block, work) = stocks.plate(task.part, task.tables.general), _block(task)
    removed = work.removed_mm3 - task.tables.general.saw_kerf_mm * block.section_mm2
    clampings, tilted = _clampings(task.part)
    process = "milling-3axis" if machine_for(task.part) == "3-axis" else "milling-5axis"
    if process == "milling-5axis":
        clampings, tilted = 2, 0
    cut = steps.cut_plate(task, thickness)
    mill = steps.mill(
        task, process, Cutting(max(0.0, removed), work.surface_mm2, work.holes), clampings, tilted
    )
    return Route(
        "cut from plate, mill", "no sawing; plate on stock", (cut, mill, *_end(task, flat=True)), stock
    )


def _end(task: Task, *, flat: bool = False, turned: Turned | None = None) -> tuple[Step, ...]:
    """Grind if need be, deburr, inspect."""
    ground: tuple[Step, ...] = ()
    if steps.is_ground(task):
        if turned is not None:
            ground = (steps.grind_round(task, turned),)
        elif flat:
            ground = (steps.grind_flat(task),)
    return (*ground, steps.deburr(task), steps.inspect(task))


def _turned(task: Task) -> Iterator[Route]:
    turned = task.part.turned
    if turned is None:
        yield from _milled(task)
        return
    stock = stocks.bar(task.part, task.tables.general)
    removed = max(0.0, stock.volume_mm3 - task.part.volume_mm3)
    others = steps.beside_axis(task.part, turned)
    round_area = task.part.area_mm2 * turned.round_share
    rest = task.part.area_mm2 - round_area
    saw = steps.saw(task, stock)
    turn = steps.turn(task, turned, "turning", Cutting(removed, round_area))
    whole = steps.turn(task, turned, "turn-mill", Cutting(removed, task.part.area_mm2, others))
    once = (saw, whole, *_end(task, turned=turned))
    centre = Route(
        "turn-mill centre", "one clamping, no transport in between, on a dearer machine", once, stock
    )
    if not others and turned.round_share >= MILLED_ONLY:
        yield Route("turn", "all of it turns about one axis", (saw, turn, *_end(task, turned=turned)), stock)
        yield from _bar_fed(task, turned, ())
        yield centre
        return
    mill = steps.mill(task, "milling-3axis", Cutting(0.05 * rest, rest, others), 1)
    two = (saw, turn, mill, *_end(task, turned=turned))
    yield Route("turn, then mill", "two common machines", two, stock)
    yield centre
    if _only_drilled(turned, others):
        drill = steps.drill(task, others)
        pressed = (saw, turn, drill, *_end(task, turned=turned))
        yield Route("turn, then drill", "two plain machines; holes by jig or marking out", pressed, stock)
    yield from _bar_fed(task, turned, (mill,))


def _only_drilled(turned: Turned, others: Sequence[Hole]) -> bool:
    """Whether beside the axis there are but holes that a drill press makes."""
    kinds = {item.kind for item in turned.milled}
    small = all(hole.diameter_mm <= steps.DRILLED_UP_TO_MM for hole in others)
    return bool(others) and small and kinds <= {"cross_hole"} and turned.round_share >= DRILLED_ONLY


def _bar_fed(task: Task, turned: Turned, after: tuple[Step, ...]) -> Iterator[Route]:
    """Turned from the bar and parted off, where the bar goes through a usual spindle."""
    stock = stocks.bar_fed(task.part, task.tables.general)
    bar = stocks.next_bar(turned.diameter_mm + task.tables.general.turning_allowance_mm)
    if bar > SPINDLE_MM or turned.length_mm > LONGEST_FED * turned.diameter_mm:
        return
    solid = stocks.bar(task.part, task.tables.general)
    removed = max(0.0, solid.volume_mm3 - task.part.volume_mm3)
    work = Cutting(removed, task.part.area_mm2 * turned.round_share)
    turn = steps.turn_from_bar(task, turned, work, bar)
    why = "no sawing, no loading by hand; pays for series"
    yield Route("turn from the bar", why, (turn, *after, *_end(task, turned=turned)), stock)


def _turn_milled(task: Task) -> Iterator[Route]:
    """The ways of a turned part, the centre that does all in one clamping first."""
    yield from sorted(_turned(task), key=lambda route: "turn-mill" not in {s.process for s in route.steps})


def _tube(task: Task) -> Iterator[Route]:
    tube = task.part.tube
    if tube is None:
        yield from _milled(task)
        return
    stock = stocks.tube(task.part, task.tables.general)
    bend = (tube_steps.bend(task, tube),) if tube.bend_list else ()
    end = (steps.deburr(task, 2 * tube.perimeter_mm), *bend, steps.inspect(task))
    bent = " and bend" if bend else ""
    laser = (tube_steps.cut_by_laser(task, tube), *end)
    drill = (tube_steps.drill(task, tube),) if task.part.holes else ()
    saw = (tube_steps.cut_by_saw(task, tube, stock), *drill, *end)
    sawn = Route(f"saw{', drill' if drill else ''}{bent}", "common machines", saw, stock)
    why = "ends and openings in one clamping"
    cut = Route(f"tube laser{bent}", why, laser, stock)
    shaped = None in tube.end_angles_deg or any(pocket.kind == "window" for pocket in task.part.pockets)
    yield cut
    if not shaped:  # a saw makes flat cuts only
        yield sawn


def _sheet(task: Task) -> Iterator[Route]:
    sheet = task.part.sheet
    if sheet is None:
        yield from _milled(task)
        return
    stock = stocks.blank(task.part, task.tables.general)
    if task.material == "textile":
        sewn = (steps.cut_cloth(task, sheet), steps.sew(task, sheet), steps.inspect(task))
        yield Route("cut and sew", "cloth", sewn, stock)
        return
    yield _laser(task, sheet, stock)
    if task.part.faces:  # an outline alone has no solid to mill
        yield _from_solid(task, sheet)


def _laser(task: Task, sheet: Sheet, stock: Stock) -> Route:
    bend = (steps.bend(task, sheet),) if sheet.bends else ()
    cut = (steps.cut_blank(task, sheet), steps.deburr(task, sheet.cut_length_mm))
    name = "laser and bend" if sheet.bends else "laser"
    return Route(name, "sheet of constant thickness", (*cut, *bend, steps.inspect(task)), stock)


def _from_solid(task: Task, sheet: Sheet) -> Route:
    stock, work = _block(task)
    mill = steps.mill(task, "milling-3axis", work, 2)
    why = "closer tolerances and sharp corners" + (", no bend radius" if sheet.bends else "")
    return Route("mill from solid", why, (steps.saw(task, stock), mill, *_end(task, flat=True)), stock)


def _freeform(task: Task) -> Iterator[Route]:
    stock, work = _block(task)
    slow = Cutting(work.removed_mm3, FREEFORM_FINISH * work.surface_mm2, work.holes)
    mill = steps.mill(task, "milling-5axis", slow, 2)
    yield Route("mill, five axes", "free-form surfaces", (steps.saw(task, stock), mill, *_end(task)), stock)
    powder = Stock("powder or filament", 1.1 * task.part.volume_mm3, 0.0)
    grown = (steps.print_part(task), *_end(task))
    yield Route("print", "no tooling; coarser surface and tolerance", grown, powder)


def _assembled(task: Task) -> Iterator[Route]:
    stock = Stock("parts made elsewhere", 0.0, 0.0)
    yield Route("assemble", f"{task.part.bodies} bodies", (steps.assemble(task), steps.inspect(task)), stock)


WAYS: dict[str, Callable[[Task], Iterator[Route]]] = {
    "prismatic": _milled,
    "turned": _turned,
    "turn-mill": _turn_milled,
    "sheet": _sheet,
    "tube": _tube,
    "outline": _sheet,
    "freeform": _freeform,
    "assembly": _assembled,
}
