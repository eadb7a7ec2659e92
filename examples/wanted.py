"""What the buyers of the example cluster order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.services import LineIn, OperationIn, take_in

CHUNK = 2**16
TITLE = "Bearing units LP-40"
UNITS = 40
# Steps that a drawing does not show and a planner adds to the proposed routing: part -> steps.
ADDED = {
    "stepped-shaft": (
        OperationIn(
            "hardening",
            "Harden and temper to 55 HRC",
            {"hardness_hrc": 55, "material_group": "steel", "envelope_x_mm": 170, "envelope_y_mm": 40},
            setup_s=3600,
            run_s=180,
            resumable=False,
        ),
        OperationIn(
            "grinding-cylindrical",
            "Grind seats to IT6",
            {
                "tolerance_it": 6,
                "material_group": "steel",
                "diameter_mm": 40,
                "length_mm": 170,
                "hardness_hrc": 55,
            },
            setup_s=2700,
            run_s=420,
        ),
    ),
    "u-channel": (
        OperationIn(
            "painting",
            "Powder coat",
            {"material_group": "steel", "coating_um": 80, "envelope_x_mm": 200, "envelope_y_mm": 80},
            setup_s=1800,
            run_s=120,
        ),
    ),
}


def chunks(path: Path) -> Iterator[bytes]:
    """A file in pieces."""
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece


def bearing_unit(acting: Acting, parts: Path, units: int = UNITS) -> list[LineIn]:
    """An assembly of a milled bracket, a turned and ground shaft and a sheet metal guard."""
    assembly = LineIn(
        part="LP-40",
        name="Bearing unit",
        quantity=units,
        operations=(
            OperationIn(
                "mechanical-assembly",
                "Assemble",
                {"envelope_x_mm": 200, "envelope_y_mm": 120, "envelope_z_mm": 120, "mass_kg": 6},
                setup_s=1800,
                run_s=600,
            ),
        ),
    )
    return [
        assembly,
        *(
            _part(acting, parts / f"{name}.step", 0)
            for name in ("bearing-bracket", "stepped-shaft", "u-channel")
        ),
    ]


def loose_parts(acting: Acting, files: list[Path], quantity: int) -> list[LineIn]:
    """One line a file."""
    return [_part(acting, path, None, quantity) for path in files]


def rain_jackets() -> list[LineIn]:
    """A garment order: no CAD file, the routing is written by hand."""
    textile = {"material_group": "textile"}
    return [
        LineIn(
            part="RJ-26",
            name="Rain jacket",
            material="textile",
            quantity=300,
            operations=(
                OperationIn(
                    "cutting-textile", "Cut, 40 plies", textile | {"plies": 40}, setup_s=2400, run_s=40
                ),
                OperationIn("sewing", "Sew and tape seams", textile, setup_s=3600, run_s=260),
                OperationIn("finishing-textile", "Press, check, fold", textile, setup_s=900, run_s=90),
            ),
        )
    ]


def _part(acting: Acting, path: Path, parent: int | None, quantity: int = 1) -> LineIn:
    return LineIn(
        part=path.stem, quantity=quantity, drawing=take_in(acting, path.name, chunks(path)), parent=parent
    )
