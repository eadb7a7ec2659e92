"""Ways to make a part, by family: the likeliest first, then what else a planner would weigh up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gonghe.engines.model.parts import Hole, Sheet, Turned
from gonghe.engines.parts import steps, tube_steps
from gonghe.engines.parts import stock as stocks
from gonghe.engines.parts.steps import Cutting, Step
from gonghe.engines.parts.stock import Stock
from gonghe.engines.parts.task import Task
from gonghe.engines.parts.vectors import parallel

FIVE_AXIS_FROM = 4
"""From this many clampings on, five axes are the likelier proposal."""

SECOND_FAMILY = 0.25
"""A second family this likely gets its own route."""

FREEFORM_FINISH = 3.0
"""Free-form surfaces are finished in narrow passes: this many times the time of flat ones."""

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
    three, five = _three_axis(task), _five_axis(task)
    if task.part.setups >= FIVE_AXIS_FROM:
        yield from (five, three)
    else:
        yield three
        if task.part.setups > 2:
            yield five


def _block(task: Task) -> tuple[Stock, Cutting]:
    stock = stocks.block(task.part, task.tables.general)
    removed = max(0.0, stock.volume_mm3 - task.part.volume_mm3)
    return stock, Cutting(removed, task.part.area_mm2, task.part.holes)


def _three_axis(task: Task) -> Route:
    stock, work = _block(task)
    clampings = task.part.setups
    mill = steps.mill(task, "milling-3axis", work, clampings)
    why = f"{clampings} clampings on a common machine"
    return Route("mill, three axes", why, (steps.saw(task, stock), mill, *_end(task, flat=True)), stock)


def _five_axis(task: Task) -> Route:
    stock, work = _block(task)
    mill = steps.mill(task, "milling-5axis", work, 2)
    why = f"2 clampings instead of {task.part.setups}, on a dearer machine"
    return Route("mill, five axes", why, (steps.saw(task, stock), mill, *_end(task, flat=True)), stock)


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
    others = _beside_the_axis(task, turned)
    round_area = task.part.area_mm2 * turned.round_share
    rest = task.part.area_mm2 - round_area
    saw = steps.saw(task, stock)
    turn = steps.turn(task, turned, "turning", Cutting(removed, round_area))
    if not others and turned.round_share >= MILLED_ONLY:
        yield Route("turn", "all of it turns about one axis", (saw, turn, *_end(task, turned=turned)), stock)
        return
    mill = steps.mill(task, "milling-3axis", Cutting(0.05 * rest, rest, others), 1)
    two = (saw, turn, mill, *_end(task, turned=turned))
    yield Route("turn, then mill", "two common machines", two, stock)
    whole = steps.turn(task, turned, "turn-mill", Cutting(removed, task.part.area_mm2, others))
    once = (saw, whole, *_end(task, turned=turned))
    yield Route("turn-mill centre", "one clamping, no transport in between, on a dearer machine", once, stock)


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


def _beside_the_axis(task: Task, turned: Turned) -> tuple[Hole, ...]:
    """Holes that are not bored on the lathe."""
    return tuple(
        hole
        for hole in task.part.holes
        if not parallel(hole.axis, turned.axis) or abs(hole.diameter_mm - turned.bore_mm) > 1e-3
    )


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
