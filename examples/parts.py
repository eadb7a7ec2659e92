"""Write the example parts: STEP files with volume, area and holes known in closed form.

``python examples/parts.py OUTDIR`` writes one STEP file per part and ``parts.json`` with the exact figures.
Running it twice gives the same bytes.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from math import pi
from pathlib import Path

from OCP.APIHeaderSection import APIHeaderSection_MakeHeader
from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.BRepAlgoAPI import BRepAlgoAPI_Cut, BRepAlgoAPI_Fuse
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeEdge, BRepBuilderAPI_MakeFace, BRepBuilderAPI_MakeWire
from OCP.BRepFilletAPI import BRepFilletAPI_MakeFillet
from OCP.BRepPrimAPI import (
    BRepPrimAPI_MakeBox,
    BRepPrimAPI_MakeCylinder,
    BRepPrimAPI_MakePrism,
    BRepPrimAPI_MakeRevol,
)
from OCP.GC import GC_MakeArcOfCircle
from OCP.GeomAbs import GeomAbs_CurveType
from OCP.gp import gp_Ax1, gp_Ax2, gp_Dir, gp_Pnt, gp_Vec
from OCP.Interface import Interface_Static
from OCP.Message import Message
from OCP.ShapeUpgrade import ShapeUpgrade_UnifySameDomain
from OCP.STEPControl import STEPControl_StepModelType, STEPControl_Writer
from OCP.TCollection import TCollection_HAsciiString
from OCP.TopAbs import TopAbs_ShapeEnum
from OCP.TopExp import TopExp_Explorer
from OCP.TopoDS import TopoDS, TopoDS_Shape

STAMP = "2026-01-01T00:00:00"
Point = tuple[float, float, float]


@dataclass(frozen=True)
class Drill:
    """Holes of one size: diameter, full depth, through or blind, how many."""

    diameter_mm: float
    depth_mm: float
    through: bool
    count: int


@dataclass(frozen=True)
class Example:
    """A part and its exact figures (mm, mm2, mm3)."""

    name: str
    title_en: str
    title_zh: str
    family: str
    material: str
    volume_mm3: float
    area_mm2: float
    box_mm: Point
    holes: tuple[Drill, ...] = ()
    bends: int = 0
    thickness_mm: float | None = None
    shape: TopoDS_Shape = field(default=None, repr=False, compare=False)

    def record(self, file: str) -> dict[str, object]:
        """What ``parts.json`` says about the part."""
        figures = {key: value for key, value in asdict(self._bare()).items() if key != "shape"}
        return {"file": file, **figures, "hole_count": sum(hole.count for hole in self.holes)}

    def _bare(self) -> Example:
        return Example(**{**{k: getattr(self, k) for k in self.__dataclass_fields__}, "shape": None})


def box(at: Point, size: Point) -> TopoDS_Shape:
    """Block with its lowest corner at a point."""
    return BRepPrimAPI_MakeBox(gp_Pnt(*at), *size).Shape()


def cylinder(at: Point, direction: Point, diameter: float, height: float) -> TopoDS_Shape:
    """Cylinder standing on a point."""
    return BRepPrimAPI_MakeCylinder(gp_Ax2(gp_Pnt(*at), gp_Dir(*direction)), diameter / 2, height).Shape()


def fuse(*shapes: TopoDS_Shape) -> TopoDS_Shape:
    """Union, with seams between faces of one surface removed."""
    result = shapes[0]
    for shape in shapes[1:]:
        result = BRepAlgoAPI_Fuse(result, shape).Shape()
    clean = ShapeUpgrade_UnifySameDomain(result, True, True, False)
    clean.Build()
    return clean.Shape()


def cut(shape: TopoDS_Shape, *tools: TopoDS_Shape) -> TopoDS_Shape:
    """Difference."""
    for tool in tools:
        shape = BRepAlgoAPI_Cut(shape, tool).Shape()
    return shape


def outline(points: list[Point], arcs: dict[int, Point] | None = None) -> TopoDS_Shape:
    """Flat face; ``arcs`` gives a middle point for those sides (by number of first corner) that are arcs."""
    wire = BRepBuilderAPI_MakeWire()
    for number, start in enumerate(points):
        end = points[(number + 1) % len(points)]
        if arcs and number in arcs:
            curve = GC_MakeArcOfCircle(gp_Pnt(*start), gp_Pnt(*arcs[number]), gp_Pnt(*end)).Value()
            wire.Add(BRepBuilderAPI_MakeEdge(curve).Edge())
        else:
            wire.Add(BRepBuilderAPI_MakeEdge(gp_Pnt(*start), gp_Pnt(*end)).Edge())
    return BRepBuilderAPI_MakeFace(wire.Wire()).Face()


def extrude(face: TopoDS_Shape, along: Point) -> TopoDS_Shape:
    """Prism over a face."""
    return BRepPrimAPI_MakePrism(face, gp_Vec(*along)).Shape()


def revolve(profile: list[tuple[float, float]]) -> TopoDS_Shape:
    """Solid of revolution about z from corners (radius, height)."""
    face = outline([(radius, 0.0, height) for radius, height in profile])
    return BRepPrimAPI_MakeRevol(face, gp_Ax1(gp_Pnt(0, 0, 0), gp_Dir(0, 0, 1))).Shape()


def round_edges(shape: TopoDS_Shape, radius: float, axis: int) -> TopoDS_Shape:
    """Fillet all straight edges along a coordinate axis."""
    maker = BRepFilletAPI_MakeFillet(shape)
    edges = TopExp_Explorer(shape, TopAbs_ShapeEnum.TopAbs_EDGE)
    done = []
    while edges.More():
        edge = TopoDS.Edge(edges.Current())
        curve = BRepAdaptor_Curve(edge)
        straight = curve.GetType() == GeomAbs_CurveType.GeomAbs_Line
        along = straight and abs(curve.Line().Direction().Coord()[axis]) > 0.999
        if along and not any(edge.IsSame(item) for item in done):
            maker.Add(radius, edge)
            done.append(edge)
        edges.Next()
    return maker.Shape()


def ring(outer: float, inner: float) -> float:
    """Area between two circles given by diameter."""
    return pi * (outer**2 - inner**2) / 4


def bearing_bracket() -> Example:
    """Base plate with a rounded upright that carries a bearing bore."""
    length, width, base, thick, up, radius, bore, bolt = 110.0, 70.0, 9.0, 16.0, 61.0, 26.0, 32.0, 13.0
    top = base + up
    upright = extrude(
        outline(
            [(-radius, 0, base), (radius, 0, base), (radius, 0, top), (-radius, 0, top)],
            {2: (0, 0, top + radius)},
        ),
        (0, thick, 0),
    )
    body = fuse(box((-length / 2, -width / 2, 0), (length, width, base)), upright)
    bolts = [cylinder((side * 42.0, -18.0, 0), (0, 0, 1), bolt, base) for side in (-1, 1)]
    shape = cut(body, cylinder((0, 0, top), (0, 1, 0), bore, thick), *bolts)
    face = 2 * radius * up + pi * radius**2 / 2
    volume = length * width * base + (face - ring(bore, 0)) * thick - 2 * ring(bolt, 0) * base
    area = (
        2 * (length * width - 2 * ring(bolt, 0))
        - 2 * radius * thick
        + 2 * (length + width) * base
        + 2 * pi * bolt * base
    )
    area += 2 * (face - ring(bore, 0)) + 2 * thick * up + pi * radius * thick + pi * bore * thick
    return Example(
        "bearing-bracket", "Bearing bracket LP-40", "轴承支架 LP-40", "prismatic", "steel", volume, area,
        (length, width, top + radius), (Drill(bore, thick, True, 1), Drill(bolt, base, True, 2)), shape=shape,
    )  # fmt: skip


def flange() -> Example:
    """Turned flange with hub, bore and four bolt holes."""
    disc, thick, hub, height, bore, bolt, circle = 120.0, 12.0, 60.0, 28.0, 30.0, 11.0, 90.0
    body = revolve(
        [
            (bore / 2, 0),
            (disc / 2, 0),
            (disc / 2, thick),
            (hub / 2, thick),
            (hub / 2, thick + height),
            (bore / 2, thick + height),
        ]
    )
    at = [(circle / 2, 0.0), (0.0, circle / 2), (-circle / 2, 0.0), (0.0, -circle / 2)]
    shape = cut(body, *[cylinder((x, y, 0), (0, 0, 1), bolt, thick) for x, y in at])
    volume = ring(disc, bore) * thick + ring(hub, bore) * height - 4 * ring(bolt, 0) * thick
    area = (
        ring(disc, bore) * 2
        - 8 * ring(bolt, 0)
        + pi * (disc * thick + hub * height + bore * (thick + height))
    )
    area += 4 * pi * bolt * thick
    return Example(
        "flange", "Hub flange", "带毂法兰", "turned", "steel", volume, area, (disc, disc, thick + height),
        (Drill(bore, thick + height, True, 1), Drill(bolt, thick, True, 4)), shape=shape,
    )  # fmt: skip


def stepped_shaft() -> Example:
    """Shaft of three diameters with a chamfer at both ends."""
    (d1, l1), (d2, l2), (d3, l3), c = (30.0, 40.0), (40.0, 80.0), (25.0, 50.0), 1.0
    end = l1 + l2 + l3
    shape = revolve(
        [(0, 0), (d1 / 2 - c, 0), (d1 / 2, c), (d1 / 2, l1), (d2 / 2, l1), (d2 / 2, l1 + l2),
         (d3 / 2, l1 + l2), (d3 / 2, end - c), (d3 / 2 - c, end), (0, end)]
    )  # fmt: skip
    volume = ring(d1, 0) * (l1 - c) + ring(d2, 0) * l2 + ring(d3, 0) * (l3 - c)
    area = pi * (d1 * (l1 - c) + d2 * l2 + d3 * (l3 - c)) + ring(d2, d1) + ring(d2, d3)
    for diameter in (d1, d3):
        big, small = diameter / 2, diameter / 2 - c
        volume += pi * c / 3 * (big**2 + big * small + small**2)
        area += pi * small**2 + pi * (big + small) * c * 2**0.5
    return Example(
        "stepped-shaft",
        "Stepped shaft",
        "阶梯轴",
        "turned",
        "steel",
        volume,
        area,
        (d2, d2, end),
        shape=shape,
    )


def perforated_plate() -> Example:
    """Flat sheet with a grid of holes."""
    x, y, t, d, columns, rows, pitch = 200.0, 120.0, 3.0, 6.0, 10, 6, 18.0
    plate = box((0, 0, 0), (x, y, t))
    holes = [
        cylinder(
            (x / 2 + (i - (columns - 1) / 2) * pitch, y / 2 + (j - (rows - 1) / 2) * pitch, 0),
            (0, 0, 1),
            d,
            t,
        )
        for i in range(columns)
        for j in range(rows)
    ]
    count = columns * rows
    volume = (x * y - count * ring(d, 0)) * t
    area = 2 * (x * y - count * ring(d, 0)) + 2 * (x + y) * t + count * pi * d * t
    return Example(
        "perforated-plate", "Perforated plate", "冲孔板", "sheet", "stainless", volume, area, (x, y, t),
        (Drill(d, t, True, count),), thickness_mm=t, shape=cut(plate, *holes),
    )  # fmt: skip


def l_bracket() -> Example:
    """Sheet of 2 mm bent once, two holes in each flange."""
    t, r, a, b, width, d = 2.0, 3.0, 60.0, 40.0, 50.0, 6.6
    out = r + t
    s = 0.5**0.5
    profile = outline(
        [(a, 0, 0), (a, 0, t), (out, 0, t), (t, 0, out), (t, 0, b), (0, 0, b), (0, 0, out), (out, 0, 0)],
        {2: (out - r * s, 0, out - r * s), 6: (out - out * s, 0, out - out * s)},
    )
    body = extrude(profile, (0, width, 0))
    flat = [cylinder((40.0, y, 0), (0, 0, 1), d, t) for y in (12.0, 38.0)]
    upright = [cylinder((0, y, 26.0), (1, 0, 0), d, t) for y in (12.0, 38.0)]
    section = (a - out) * t + (b - out) * t + pi / 4 * (out**2 - r**2)
    skin = 2 * ((a - out) + (b - out)) + pi / 2 * (r + out)
    volume = section * width - 4 * ring(d, 0) * t
    area = skin * width + 2 * t * width + 2 * section - 8 * ring(d, 0) + 4 * pi * d * t
    return Example(
        "l-bracket", "Angle bracket", "角码", "sheet", "steel", volume, area, (a, width, b),
        (Drill(d, t, True, 4),), 1, t, cut(body, *flat, *upright),
    )  # fmt: skip


def u_channel() -> Example:
    """Sheet of 1.5 mm bent twice."""
    t, r, base, side, length = 1.5, 2.0, 60.0, 30.0, 160.0
    out, s = r + t, 0.5**0.5
    left = out - r * s, out - out * s
    profile = outline(
        [(out, 0, 0), (base - out, 0, 0), (base, 0, out), (base, 0, side), (base - t, 0, side),
         (base - t, 0, out), (base - out, 0, t), (out, 0, t), (t, 0, out), (t, 0, side),
         (0, 0, side), (0, 0, out)],
        {1: (base - left[1], 0, left[1]), 5: (base - left[0], 0, left[0]), 7: (left[0], 0, left[0]),
         11: (left[1], 0, left[1])},
    )  # fmt: skip
    section = (base - 2 * out) * t + 2 * (side - out) * t + 2 * pi / 4 * (out**2 - r**2)
    skin = 2 * (base - 2 * out) + 4 * (side - out) + pi * (r + out)
    return Example(
        "u-channel", "U channel", "U形槽", "sheet", "stainless", section * length,
        skin * length + 2 * t * length + 2 * section, (base, length, side), (), 2, t,
        extrude(profile, (0, length, 0)),
    )  # fmt: skip


def housing_block() -> Example:
    """Block with a deep pocket and four blind holes."""
    x, y, z, px, py, pz, r, d, depth = 120.0, 80.0, 50.0, 90.0, 50.0, 30.0, 8.0, 8.5, 20.0
    pocket = round_edges(box(((x - px) / 2, (y - py) / 2, z - pz), (px, py, pz)), r, 2)
    corners = [(dx, dy) for dx in (8.0, x - 8.0) for dy in (8.0, y - 8.0)]
    holes = [cylinder((dx, dy, z - depth), (0, 0, 1), d, depth) for dx, dy in corners]
    floor = px * py - (4 - pi) * r**2
    wall = 2 * (px + py) - (8 - 2 * pi) * r
    volume = x * y * z - floor * pz - 4 * ring(d, 0) * depth
    area = 2 * (x * y + y * z + z * x) + wall * pz + 4 * pi * d * depth
    return Example(
        "housing-block", "Valve housing", "阀体", "prismatic", "aluminium", volume, area, (x, y, z),
        (Drill(d, depth, False, 4),), shape=cut(box((0, 0, 0), (x, y, z)), pocket, *holes),
    )  # fmt: skip


def spacer() -> Example:
    """Plain ring."""
    outer, inner, height = 40.0, 20.0, 25.0
    shape = revolve([(inner / 2, 0), (outer / 2, 0), (outer / 2, height), (inner / 2, height)])
    volume = ring(outer, inner) * height
    area = 2 * ring(outer, inner) + pi * (outer + inner) * height
    return Example(
        "spacer", "Spacer ring", "隔套", "turned", "brass", volume, area, (outer, outer, height),
        (Drill(inner, height, True, 1),), shape=shape,
    )  # fmt: skip


def gear_blank() -> Example:
    """Wheel with a thinner web between hub and rim."""
    outer, rim, hub, bore, height, deep = 100.0, 80.0, 50.0, 30.0, 24.0, 6.0
    shape = revolve(
        [(bore / 2, 0), (hub / 2, 0), (hub / 2, deep), (rim / 2, deep), (rim / 2, 0), (outer / 2, 0),
         (outer / 2, height), (rim / 2, height), (rim / 2, height - deep), (hub / 2, height - deep),
         (hub / 2, height), (bore / 2, height)]
    )  # fmt: skip
    volume = ring(outer, bore) * height - 2 * ring(rim, hub) * deep
    area = 2 * ring(outer, bore) + pi * (outer + bore) * height + 2 * pi * (rim + hub) * deep
    return Example(
        "gear-blank", "Gear blank", "齿轮坯", "turned", "steel", volume, area, (outer, outer, height),
        (Drill(bore, height, True, 1),), shape=shape,
    )  # fmt: skip


def cover_plate() -> Example:
    """Plate with rounded corners and six counterbored holes."""
    x, y, t, r, d, head, deep = 140.0, 90.0, 14.0, 12.0, 7.0, 11.0, 6.0
    plate = round_edges(box((0, 0, 0), (x, y, t)), r, 2)
    at = [(dx, dy) for dx in (14.0, x / 2, x - 14.0) for dy in (14.0, y - 14.0)]
    tools = [cylinder((dx, dy, 0), (0, 0, 1), d, t) for dx, dy in at]
    tools += [cylinder((dx, dy, t - deep), (0, 0, 1), head, deep) for dx, dy in at]
    face, rim = x * y - (4 - pi) * r**2, 2 * (x + y) - (8 - 2 * pi) * r
    volume = face * t - 6 * (ring(d, 0) * (t - deep) + ring(head, 0) * deep)
    area = 2 * face + rim * t + 6 * (pi * d * (t - deep) + pi * head * deep - 2 * ring(d, 0))
    return Example(
        "cover-plate", "Cover plate", "盖板", "prismatic", "aluminium", volume, area, (x, y, t),
        (Drill(d, t, True, 6),), shape=cut(plate, *tools),
    )  # fmt: skip


def manifold_block() -> Example:
    """Block with two through channels, four ports on top and two at the side."""
    x, y, z = 100.0, 60.0, 50.0
    channels = [cylinder((0, dy, 16.0), (1, 0, 0), 12.0, x) for dy in (18.0, 42.0)]
    ports = [cylinder((dx, 30.0, z - 12.0), (0, 0, 1), 10.0, 12.0) for dx in (20.0, 40.0, 60.0, 80.0)]
    sides = [cylinder((dx, 0, 38.0), (0, 1, 0), 8.0, 15.0) for dx in (30.0, 70.0)]
    volume = x * y * z - 2 * ring(12, 0) * x - 4 * ring(10, 0) * 12 - 2 * ring(8, 0) * 15
    area = (
        2 * (x * y + y * z + z * x) + 2 * pi * 12 * x - 4 * ring(12, 0) + 4 * pi * 10 * 12 + 2 * pi * 8 * 15
    )
    return Example(
        "manifold-block", "Manifold block", "集成块", "prismatic", "steel", volume, area, (x, y, z),
        (Drill(12.0, x, True, 2), Drill(10.0, 12.0, False, 4), Drill(8.0, 15.0, False, 2)),
        shape=cut(box((0, 0, 0), (x, y, z)), *channels, *ports, *sides),
    )  # fmt: skip


def strap() -> Example:
    """Flat bar with round ends and two holes."""
    between, width, t, d = 95.0, 25.0, 5.0, 10.0
    r = width / 2
    face = outline(
        [(0, -r, 0), (between, -r, 0), (between, r, 0), (0, r, 0)], {1: (between + r, 0, 0), 3: (-r, 0, 0)}
    )
    holes = [cylinder((at, 0, 0), (0, 0, 1), d, t) for at in (0.0, between)]
    flat = between * width + pi * r**2 - 2 * ring(d, 0)
    volume = flat * t
    area = 2 * flat + (2 * between + pi * width + 2 * pi * d) * t
    return Example(
        "strap", "Connecting strap", "连接片", "sheet", "steel", volume, area, (between + width, width, t),
        (Drill(d, t, True, 2),), 0, t, cut(extrude(face, (0, 0, t)), *holes),
    )  # fmt: skip


MAKERS: tuple[Callable[[], Example], ...] = (
    bearing_bracket, flange, stepped_shaft, perforated_plate, l_bracket, u_channel, housing_block, spacer,
    gear_blank, cover_plate, manifold_block, strap,
)  # fmt: skip


def write_step(shape: TopoDS_Shape, name: str, path: Path) -> None:
    """Write a STEP AP214 file with a fixed time stamp, so that its bytes depend on the shape alone."""
    Message.DefaultMessenger_s().ChangePrinters().Clear()
    writer = STEPControl_Writer()
    Interface_Static.SetCVal_s("write.step.schema", "AP214IS")
    Interface_Static.SetCVal_s("write.step.product.name", name)
    writer.Transfer(shape, STEPControl_StepModelType.STEPControl_AsIs)
    header = APIHeaderSection_MakeHeader(writer.Model())
    header.SetName(TCollection_HAsciiString(name))
    header.SetTimeStamp(TCollection_HAsciiString(STAMP))
    header.SetAuthorValue(1, TCollection_HAsciiString("Gonghe"))
    header.SetOrganizationValue(1, TCollection_HAsciiString("Gonghe"))
    writer.Write(str(path))
    # the kernel numbers the products it writes in a process: that number is no property of the part
    named = re.sub(rf"'{re.escape(name)} \d+'".encode(), f"'{name}'".encode(), path.read_bytes())
    path.write_bytes(named)


def write_all(folder: Path) -> list[dict[str, object]]:
    """Write every example and ``parts.json``; what it holds."""
    folder.mkdir(parents=True, exist_ok=True)
    records = []
    for make in MAKERS:
        part = make()
        file = f"{part.name}.step"
        write_step(part.shape, part.name, folder / file)
        records.append(part.record(file))
    (folder / "parts.json").write_text(
        json.dumps(records, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    return records


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/parts.py OUTDIR")
    for entry in write_all(Path(sys.argv[1])):
        print(f"{entry['file']}: {entry['volume_mm3']:.3f} mm3")
