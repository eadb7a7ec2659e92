"""Transport by distance in the `gonghe-problem/1` format: positions of sites become matrices.

Great circle: haversine on a sphere of the mean radius of the Earth (6,371.0088 km, IUGG). Plane: the straight
line. Both are lengthened by `detour`, because roads are not straight, and rounded to whole metres, so that
every machine reads the same seconds from a file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gonghe.engines.model.planning_base import shown

if TYPE_CHECKING:
    from gonghe.engines.model.planning import Matrix
    from gonghe.engines.model.planning_json import Reader

Position = tuple[float, float]

EARTH_RADIUS_KM = 6371.0088
SITE_KEYS = frozenset({"id", "position"})
MEASURES = ("great_circle", "plane")
DEFAULTS: Mapping[str, float] = {
    "seconds_per_km": 80.0,  # 45 km/h
    "fixed_seconds": 1800.0,  # loading, unloading and papers
    "detour": 1.3,  # roads beside the straight line: 1.2 to 1.4 in most networks
    "cost_per_km": 0.0,
    "fixed_cost": 0.0,
}
DISTANCE_KEYS = frozenset({"measure", *DEFAULTS})
NAME = "transport_by_distance"
LARGEST = 10**9  # of every figure
FARTHEST_KM = 100_000  # of a position on the plane from its origin


@dataclass(frozen=True, slots=True)
class Sites:
    """Sites in the order of the file; a position is (latitude, longitude) in degrees or (x, y) in km."""

    names: tuple[str, ...]
    positions: tuple[Position | None, ...]


def read_sites(reader: Reader, data: Mapping[str, Any]) -> Sites:
    """Sites written as names, or as objects with a name and a position."""
    found: list[tuple[str, Position | None]] = []
    for number, value in enumerate(reader.rows(data, "sites", "problem")):
        if isinstance(value, str):
            found.append((value, None))
        elif isinstance(value, Mapping):
            found.extend(_site(reader, value, f"sites[{number}]"))
        else:
            message = f"sites must hold texts only, or objects with id and position, got {shown(value)}"
            reader.faults.add("not_text", message, "problem")
    return Sites(tuple(name for name, _ in found), tuple(position for _, position in found))


def _site(reader: Reader, value: Mapping[str, Any], where: str) -> list[tuple[str, Position | None]]:
    row = reader.keys(value, SITE_KEYS, where)
    name, position = row.get("id"), row.get("position")
    if not isinstance(name, str) or not name:
        reader.faults.add("empty", f"id must be a non-empty text, got {shown(name)}", where)
        return []
    if position is None:
        return [(name, None)]
    if not (isinstance(position, list) and len(position) == 2 and all(map(_finite, position))):
        message = f"position must be two finite numbers, got {shown(position)}"
        reader.faults.add("position", message, f"site {name!r}")
        position = (0.0, 0.0)
    return [(name, (float(position[0]), float(position[1])))]


def _finite(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) <= LARGEST  # false for NaN too


def matrices_by_distance(
    reader: Reader, data: Mapping[str, Any], sites: Sites, grid: int
) -> tuple[Matrix, Matrix]:
    """Seconds (rounded up to the grid) and minor units between every two sites; none after a fault.

    A way has `fixed_seconds` and `seconds_per_km`, `fixed_cost` and `cost_per_km`; within a site both are 0.
    """
    rule = reader.keys(data[NAME], DISTANCE_KEYS, NAME)
    before = len(reader.faults.issues)
    if data.get("transport_seconds") or data.get("transport_cost"):
        reader.faults.add(
            "transport_twice", f"give either {NAME} or the matrices transport_seconds and transport_cost"
        )
    measure = rule.get("measure", MEASURES[0])
    if measure not in MEASURES:
        message = f"measure must be one of {', '.join(MEASURES)}, got {shown(measure)}"
        reader.faults.add("measure", message, NAME)
    figures = {name: _figure(reader, rule, name) for name in DEFAULTS}
    positions = [
        _place(reader, name, position, measure)
        for name, position in zip(sites.names, sites.positions, strict=True)
    ]
    if len(reader.faults.issues) > before:
        return (), ()
    metres = [[_metres(a, b, measure, figures["detour"]) for b in positions] for a in positions]
    step = max(1, grid)  # a wrong grid is told by the problem itself
    seconds = tuple(
        tuple(0 if i == j else _seconds(one, figures, step) for j, one in enumerate(row))
        for i, row in enumerate(metres)
    )
    cost = tuple(
        tuple(0 if i == j else _cost(one, figures, reader.minor) for j, one in enumerate(row))
        for i, row in enumerate(metres)
    )
    return seconds, cost if any(map(any, cost)) else ()


def _figure(reader: Reader, rule: Mapping[str, Any], name: str) -> float:
    value = rule.get(name, DEFAULTS[name])
    least = 1 if name == "detour" else 0
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or math.isnan(value):
        reader.faults.add("not_number", f"{name} must be a finite number, got {shown(value)}", NAME)
    elif value < least:
        reader.faults.add("too_small", f"{name} must be at least {least}, got {shown(value)}", NAME)
    elif value > LARGEST:
        reader.faults.add("too_large", f"{name} must be at most {LARGEST}, got {shown(value)}", NAME)
    else:
        return float(value)
    return DEFAULTS[name]


def _place(reader: Reader, name: str, position: Position | None, measure: Any) -> Position:
    where = f"site {name!r}"
    if position is None:
        message = f"has no position: {NAME} needs one for every site"
        reader.faults.add("no_position", message, where)
        return 0.0, 0.0
    first, second = position
    if measure == "great_circle" and not (abs(first) <= 90 and abs(second) <= 180):
        message = f"position must be latitude (-90 to 90) and longitude (-180 to 180), got {list(position)}"
        reader.faults.add("position", message, where)
    if measure == "plane" and max(abs(first), abs(second)) > FARTHEST_KM:
        message = f"position must be within {FARTHEST_KM} km of the origin, got {list(position)}"
        reader.faults.add("position", message, where)
    return position


def _metres(origin: Position, target: Position, measure: str, detour: float) -> int:
    km = math.dist(origin, target) if measure == "plane" else _great_circle_km(origin, target)
    return round(km * detour * 1000)


def _great_circle_km(origin: Position, target: Position) -> float:
    north, south = math.radians(origin[0]), math.radians(target[0])
    east = math.radians(target[1] - origin[1])
    chord = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))


def _seconds(metres: int, figures: Mapping[str, float], grid: int) -> int:
    whole = figures["fixed_seconds"] + metres * figures["seconds_per_km"] / 1000
    return math.ceil(whole / grid) * grid


def _cost(metres: int, figures: Mapping[str, float], minor: int) -> int:
    units = figures["fixed_cost"] + metres * figures["cost_per_km"] / 1000
    return int(units * minor + 0.5)
