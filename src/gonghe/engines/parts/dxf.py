"""Flat outlines from DXF: closed contours, area, cut length."""

from __future__ import annotations

import io
import math

import ezdxf
from ezdxf import path as dxf_path
from ezdxf import recover
from ezdxf.document import Drawing

from gonghe.engines.model.parts import Family, Hole, PartAnalysis, Question, Sheet, Warning_
from gonghe.engines.parts.advice import size_questions
from gonghe.engines.parts.errors import NoSolid, UnreadableFile

Point = tuple[float, float]

DRAWN = {"LINE", "ARC", "CIRCLE", "LWPOLYLINE", "POLYLINE", "SPLINE", "ELLIPSE"}
SAG_MM = 0.005
JOIN_MM = 0.01
UNITS = {
    1: ("in", 25.4),
    2: ("ft", 304.8),
    4: ("mm", 1.0),
    5: ("cm", 10.0),
    6: ("m", 1000.0),
    13: ("um", 0.001),
}
"""DXF header variable $INSUNITS: symbol and mm per unit."""
NOMINAL_MM = 2.0
"""Thickness used until the uploader says which."""


def analyse_dxf(data: bytes) -> PartAnalysis:
    """Area inside the outer contours less the inner ones, as a flat sheet of nominal thickness.

    Raises
    ------
    UnreadableFile
        When the drawing cannot be read.
    NoSolid
        When it has no closed contour.
    """
    drawing = _open(data)
    unit, factor = UNITS.get(int(drawing.header.get("$INSUNITS", 0)), ("mm", 1.0))
    lines, circles = _lines(drawing, factor)
    loops, loose = _chain(lines)
    if not loops:
        raise NoSolid("The drawing holds no closed contour. Join the lines of the outline and export again.")
    nesting = [_depth(loop, loops) for loop in loops]
    area = sum(
        _area(loop) * (1 if depth % 2 == 0 else -1) for loop, depth in zip(loops, nesting, strict=True)
    )
    cut = sum(_length(loop) for loop in loops)
    xs, ys = [p[0] for loop in loops for p in loop], [p[1] for loop in loops for p in loop]
    box = (max(xs) - min(xs), max(ys) - min(ys), NOMINAL_MM)
    warnings, questions = size_questions(unit, box)
    if loose:
        warnings.append(
            Warning_("open_contour", f"{loose} lines belong to no closed contour; they are left out.")
        )
    questions.append(
        Question(
            "thickness", "How thick is the sheet, in mm?", ("1", "1.5", "2", "3", "4", "5", "6", "8", "10")
        )
    )
    outers = sum(1 for depth in nesting if depth % 2 == 0)
    return PartAnalysis(
        format="dxf", unit=unit, valid=not loose, volume_mm3=area * NOMINAL_MM,
        area_mm2=2 * area + cut * NOMINAL_MM, box_mm=box, bodies=outers, faces=0,
        families=(Family("outline", 0.95, (f"{len(loops)} closed contours in one plane",)),),
        holes=tuple(
            Hole(2 * radius, NOMINAL_MM, True, (0.0, 0.0, 1.0), (*centre, 0.0))
            for centre, radius in circles
            if _is_hole(centre, radius, loops, nesting)
        ),
        sheet=Sheet(NOMINAL_MM, 0, (), cut, area),
        warnings=tuple(warnings), questions=tuple(questions),
    )  # fmt: skip


def _is_hole(centre: Point, radius: float, loops: list[list[Point]], nesting: list[int]) -> bool:
    """Whether a drawn circle lies inside an outer contour that is larger than itself."""
    larger = 1.01 * math.pi * radius**2
    return any(
        depth == 0 and _area(loop) > larger and _inside(centre, loop)
        for loop, depth in zip(loops, nesting, strict=True)
    )


def _open(data: bytes) -> Drawing:
    try:
        drawing, auditor = recover.read(io.BytesIO(data))
    except (OSError, ezdxf.DXFError, ValueError, IndexError, KeyError, UnicodeError) as error:
        raise UnreadableFile("The DXF file is damaged. Save it again, as DXF R2010 or later.") from error
    if auditor.has_errors:
        raise UnreadableFile(
            f"The DXF file has {len(auditor.errors)} errors. Save it again, as DXF R2010 or later."
        )
    return drawing


def _lines(drawing: Drawing, factor: float) -> tuple[list[list[Point]], list[tuple[Point, float]]]:
    """Every drawn entity as a polyline in mm; circles also by centre and radius."""
    lines, circles = [], []
    for entity in drawing.modelspace():
        if entity.dxftype() not in DRAWN:
            continue
        points = [
            (p.x * factor, p.y * factor) for p in dxf_path.make_path(entity).flattening(SAG_MM / factor)
        ]
        if len(points) > 1:
            lines.append(points)
        if entity.dxftype() == "CIRCLE":
            centre = entity.dxf.center
            circles.append(((centre.x * factor, centre.y * factor), entity.dxf.radius * factor))
    return lines, circles


def _chain(lines: list[list[Point]]) -> tuple[list[list[Point]], int]:
    """Join polylines end to end into closed loops; also how many stay open."""
    loops = [line for line in lines if math.dist(line[0], line[-1]) <= JOIN_MM]
    waiting = [line for line in lines if math.dist(line[0], line[-1]) > JOIN_MM]
    loose = 0
    while waiting:
        chain, used = list(waiting.pop()), 1
        while math.dist(chain[0], chain[-1]) > JOIN_MM:
            found = _next(chain[-1], waiting)
            if found is None:
                break
            chain.extend(found[1:])
            used += 1
        if math.dist(chain[0], chain[-1]) <= JOIN_MM:
            loops.append(chain)
        else:
            loose += used
    return loops, loose


def _next(end: Point, waiting: list[list[Point]]) -> list[Point] | None:
    for number, line in enumerate(waiting):
        if math.dist(line[0], end) <= JOIN_MM:
            return waiting.pop(number)
        if math.dist(line[-1], end) <= JOIN_MM:
            return waiting.pop(number)[::-1]
    return None


def _area(loop: list[Point]) -> float:
    """Shoelace formula."""
    pairs = zip(loop, loop[1:] + loop[:1], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def _length(loop: list[Point]) -> float:
    return sum(math.dist(a, b) for a, b in zip(loop, loop[1:] + loop[:1], strict=True))


def _depth(loop: list[Point], loops: list[list[Point]]) -> int:
    """In how many other loops a loop lies."""
    return sum(
        1 for other in loops if other is not loop and _area(other) > _area(loop) and _inside(loop[0], other)
    )


def _inside(point: Point, loop: list[Point]) -> bool:
    """Even-odd rule."""
    inside = False
    for a, b in zip(loop, loop[1:] + loop[:1], strict=True):
        if (a[1] > point[1]) != (b[1] > point[1]):
            inside ^= point[0] < a[0] + (point[1] - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
    return inside
