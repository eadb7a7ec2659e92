"""What the part engine finds in a CAD file and what it proposes: frozen, JSON in and out.

Lengths are mm, areas mm2, volumes mm3, times integer seconds, money integer minor units. Faces are named by
their index in the file's order (0-based), the same index that the picture carries as ``_FACE_ID``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from gonghe.engines.model.matching import Requirement
from gonghe.engines.model.part_features import Groove, ProfileSegment, Reach, Thread
from gonghe.engines.model.plain import from_plain, to_plain

FAMILIES = ("prismatic", "turned", "turn-mill", "sheet", "tube", "freeform", "outline", "assembly")

Vector = tuple[float, float, float]

DENSITY_KG_M3: Mapping[str, float] = {
    "steel": 7850.0,
    "stainless": 7930.0,
    "tool-steel": 7800.0,
    "cast-iron": 7200.0,
    "aluminium": 2700.0,
    "copper": 8960.0,
    "brass": 8500.0,
    "titanium": 4430.0,
    "nickel": 8200.0,
    "magnesium": 1800.0,
    "zinc": 6700.0,
    "plastic": 1200.0,
    "rubber": 1200.0,
    "composite": 1600.0,
    "ceramic": 3800.0,
    "glass": 2500.0,
    "wood": 650.0,
    "leather": 900.0,
    "textile": 400.0,
}
"""Density by material group, kg/m3, rounded typical values of EN material standards."""


class _Plain:
    """JSON in and out for the frozen types below."""

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """Plain dict of JSON values."""
        plain: dict[str, Any] = to_plain(self)
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of :meth:`to_json`; unknown keys are ignored."""
        return from_plain(cls, data)


@dataclass(frozen=True, slots=True)
class Family(_Plain):
    """A manufacturing family the part may belong to, with the reasons in words."""

    name: str
    confidence: float
    why: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.name not in FAMILIES:
            raise ValueError(f"unknown part family {self.name!r}; known are {', '.join(FAMILIES)}")
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"confidence must lie between 0 and 1, got {self.confidence}")


@dataclass(frozen=True, slots=True)
class Hole(_Plain):
    """A round hole: its narrowest cylinder, with what widens it at the mouth.

    ``depth_mm`` runs from the mouth to the end of the full diameter (a drill tip does not count), so it
    includes a counterbore or countersink. ``axis`` is a unit vector, ``position_mm`` a point of the axis at
    the mouth.
    """

    diameter_mm: float
    depth_mm: float
    through: bool
    axis: Vector
    position_mm: Vector = (0.0, 0.0, 0.0)
    counterbore_mm: float | None = None
    countersink_mm: float | None = None
    faces: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.diameter_mm <= 0 or self.depth_mm <= 0:
            raise ValueError(
                f"a hole needs a positive diameter and depth, got {self.diameter_mm} x {self.depth_mm}"
            )


@dataclass(frozen=True, slots=True)
class Bend(_Plain):
    """A bend of a sheet-metal part; ``angle_deg`` is what the flange turns away from flat."""

    angle_deg: float
    inner_radius_mm: float
    length_mm: float
    faces: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet(_Plain):
    """Sheet metal: constant thickness, number of bends, blank size when flattened, length to cut."""

    thickness_mm: float
    bends: int
    bend_list: tuple[Bend, ...] = ()
    cut_length_mm: float = 0.0
    flat_area_mm2: float = 0.0

    def __post_init__(self) -> None:
        if self.thickness_mm <= 0 or self.bends < 0:
            raise ValueError(
                f"a sheet needs a positive thickness, got {self.thickness_mm} mm, {self.bends} bends"
            )


@dataclass(frozen=True, slots=True)
class Milled(_Plain):
    """A ``flat``, ``keyway`` or ``cross_hole`` in a turned body; depth from the crest of the round.

    ``width_mm`` is the diameter of a cross hole, ``length_mm`` its length.
    """

    kind: str
    width_mm: float
    length_mm: float
    depth_mm: float
    faces: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Turned(_Plain):
    """A part that turns about an axis: its bar diameter, length and largest bore on the axis (0: none).

    ``point`` lies on the axis; ``milled`` is what lies beside it. ``profile`` is the half section, outside
    first, each from the part's lower end up.
    """

    axis: Vector
    diameter_mm: float
    length_mm: float
    bore_mm: float
    round_share: float
    point: Vector = (0.0, 0.0, 0.0)
    milled: tuple[Milled, ...] = ()
    profile: tuple[ProfileSegment, ...] = ()
    grooves: tuple[Groove, ...] = ()


@dataclass(frozen=True, slots=True)
class Tube(_Plain):
    """A hollow section of constant wall: ``section`` is ``round`` or ``rectangular``.

    ``outer_mm`` are the larger and the smaller outside size, ``length_mm`` the length to cut off (of a bent
    tube, of its centre line). ``end_angles_deg`` tell how far each end is from a square cut, None where the
    end is shaped. Bends carry the radius at their inside and the length of their centre line.
    """

    section: str
    outer_mm: tuple[float, float]
    wall_mm: float
    length_mm: float
    end_angles_deg: tuple[float | None, float | None]
    bend_list: tuple[Bend, ...] = ()
    holes_across: int = 0
    axis: Vector = (0.0, 0.0, 1.0)
    faces: tuple[int, ...] = ()
    inner_faces: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.section not in ("round", "rectangular"):
            raise ValueError(f"a tube is round or rectangular, got {self.section!r}")
        if not 0 < 2 * self.wall_mm < min(self.outer_mm) or self.length_mm <= 0:
            raise ValueError(
                f"a tube needs a length and a wall that leaves a bore, got {self.wall_mm} mm in "
                f"{min(self.outer_mm)} mm"
            )

    @property
    def section_mm2(self) -> float:
        """Area of metal in a square cut; corners of a rectangular one taken as sharp."""
        wide, narrow = self.outer_mm
        if self.section == "round":
            return math.pi * self.wall_mm * (wide - self.wall_mm)
        return 2 * self.wall_mm * (wide + narrow - 2 * self.wall_mm)

    @property
    def perimeter_mm(self) -> float:
        """Length of one square cut around the outside."""
        wide, narrow = self.outer_mm
        return math.pi * wide if self.section == "round" else 2 * (wide + narrow)


@dataclass(frozen=True, slots=True)
class Pocket(_Plain):
    """A milled recess with a flat floor.

    ``kind`` is ``pocket`` (walls all round), ``slot`` (open at two sides), ``step`` (open otherwise) or
    ``window`` (through, no floor). ``axis`` points out of the recess, to where the tool comes from;
    ``corner_radius_mm`` is the smallest inner corner between walls, 0 where they meet sharply, None where
    there is no corner.
    """

    kind: str
    depth_mm: float
    area_mm2: float
    corner_radius_mm: float | None
    axis: Vector
    faces: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rounding(_Plain):
    """Edges broken alike: ``kind`` is ``fillet`` (inner), ``round`` (outer) or ``chamfer``."""

    kind: str
    size_mm: float
    count: int
    faces: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Tolerance(_Plain):
    """One tolerance: a geometric one (``nominal_mm`` None) or a toleranced size, with its width and faces.

    ``grade`` is the ISO 286 grade of a size: the coarsest that still fits.
    """

    kind: str
    nominal_mm: float | None
    width_mm: float
    grade: int | None = None
    faces: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Tolerances(_Plain):
    """Product manufacturing information of an AP242 file.

    ``geometric`` counts what the CAD kernel understood, ``geometric_in_file`` the entities the file itself
    holds; the two differ where the kernel misses some. ``dimensions`` are counted once for the same faces,
    ``datums`` by letter. ``tightest_it`` is the finest ISO 286 grade of any size.
    """

    geometric: int
    dimensions: int
    datums: int
    geometric_in_file: int
    tightest_it: int | None = None
    kinds: tuple[tuple[str, int], ...] = ()
    items: tuple[Tolerance, ...] = ()


@dataclass(frozen=True, slots=True)
class Component(_Plain):
    """A component of an assembly and how often it occurs, with the path of names above it."""

    name: str
    count: int
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Warning_(_Plain):  # noqa: N801 - the bare name would hide the builtin
    """What a machinist would remark: ``code`` with ``params`` for programs, English ``message``, faces."""

    code: str
    message: str
    faces: tuple[int, ...] = ()
    params: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Question(_Plain):
    """What only the person who uploaded the file can answer, with the answers on offer."""

    code: str
    message: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartAnalysis(_Plain):
    """Everything read from one CAD file.

    ``unit`` is the file's own length unit; all figures are converted to mm. ``box_mm`` are the extents along
    x, y, z of the file, ``families`` come with the likeliest first. ``directions`` (out of the part) are
    those from which tools must come; ``reach``, of single parts cut from the solid, says what each reaches.
    ``deepest_pocket_ratio`` is the largest depth of a pocket over the diameter of the cutter that its
    corners allow, None without such corners.
    """

    format: str
    unit: str
    valid: bool
    volume_mm3: float
    area_mm2: float
    box_mm: Vector
    bodies: int
    faces: int
    families: tuple[Family, ...]
    holes: tuple[Hole, ...] = ()
    pockets: tuple[Pocket, ...] = ()
    roundings: tuple[Rounding, ...] = ()
    sheet: Sheet | None = None
    turned: Turned | None = None
    tube: Tube | None = None
    tolerances: Tolerances | None = None
    threads: tuple[Thread, ...] = ()
    reach: Reach | None = None
    components: tuple[Component, ...] = ()
    oriented_box_mm: Vector | None = None
    setups: int = 1
    directions: tuple[Vector, ...] = ()
    deepest_pocket_ratio: float | None = None
    minimum_wall_mm: float | None = None
    warnings: tuple[Warning_, ...] = ()
    questions: tuple[Question, ...] = ()
    triangles: int = 0
    seconds: float = 0.0
    peak_mb: float = 0.0

    def __post_init__(self) -> None:
        if not self.families:
            raise ValueError("an analysis needs at least one family")
        if self.volume_mm3 < 0 or self.area_mm2 <= 0:
            raise ValueError(
                f"volume and area must be positive, got {self.volume_mm3} mm3 and {self.area_mm2} mm2"
            )

    @property
    def family(self) -> str:
        """Name of the likeliest family."""
        return self.families[0].name

    def mass_kg(self, material: str) -> float:
        """Mass in kg when made of a material group.

        Raises
        ------
        KeyError
            When the group has no density in :data:`DENSITY_KG_M3`.
        """
        return self.volume_mm3 * 1e-9 * DENSITY_KG_M3[material]


@dataclass(frozen=True, slots=True)
class Assumption(_Plain):
    """One figure an estimate rests on: what it is, its value and unit, and where it comes from."""

    code: str
    value: float
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class ProposedOperation(_Plain):
    """A step of a proposed routing.

    ``after`` names the operation numbers that must be done before; ``run_s`` is per piece, ``setup_s`` per
    batch. ``basis`` says in words how the times were found.
    """

    number: int
    process: str
    name: str
    requirement: Requirement
    setup_s: int
    run_s: int
    after: tuple[int, ...] = ()
    stock: str = ""
    basis: str = ""

    def __post_init__(self) -> None:
        if self.number <= 0 or self.number in self.after:
            raise ValueError(f"operation number {self.number} must be positive and not wait for itself")
        if self.setup_s < 0 or self.run_s < 0:
            raise ValueError(f"operation {self.number}: times must not be negative")


@dataclass(frozen=True, slots=True)
class Range(_Plain):
    """A range of an estimate as its 10 %, 50 % and 90 % points."""

    p10: int
    p50: int
    p90: int

    def __post_init__(self) -> None:
        if not 0 <= self.p10 <= self.p50 <= self.p90:
            raise ValueError(f"a range must rise from p10 to p90, got {self.p10}, {self.p50}, {self.p90}")


@dataclass(frozen=True, slots=True)
class PriceBreak(_Plain):
    """Cost of the whole batch for a quantity."""

    quantity: int
    cost: Range


@dataclass(frozen=True, slots=True)
class Estimate(_Plain):
    """Cost of the whole quantity (minor units of ``currency``), work time (s), and what they rest on."""

    quantity: int
    currency: str
    cost: Range
    time_s: Range
    assumptions: tuple[Assumption, ...]
    breaks: tuple[PriceBreak, ...] = ()

    @property
    def cost_p10(self) -> int:
        """Cost that one batch in ten undercuts."""
        return self.cost.p10

    @property
    def cost_p50(self) -> int:
        """Cost that every second batch undercuts."""
        return self.cost.p50

    @property
    def cost_p90(self) -> int:
        """Cost that one batch in ten exceeds."""
        return self.cost.p90


@dataclass(frozen=True, slots=True)
class Alternative(_Plain):
    """Another way to make a part: its name, why one would take it, operations and estimate."""

    name: str
    why: str
    operations: tuple[ProposedOperation, ...]
    estimate: Estimate
