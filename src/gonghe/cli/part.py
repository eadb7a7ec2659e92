"""Read one CAD file and say what part it is, how it is made, how long that takes and what it costs."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from gonghe.compute.sandbox import PartRefused, run_part
from gonghe.engines.model.parts import PartAnalysis
from gonghe.engines.parts import Report, report

PICTURE = typer.Option(help="Write the part in 3D there, as binary glTF.")
THUMBNAIL = typer.Option(help="Write a picture of 512 x 512 pixels there.")


def part(
    file: Annotated[Path, typer.Argument(help="STEP, STL, 3MF or DXF; zip and gzip are unpacked.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    glb: Annotated[Path | None, PICTURE] = None,
    png: Annotated[Path | None, THUMBNAIL] = None,
    material: Annotated[str, typer.Option(help="Material group, such as steel or aluminium.")] = "steel",
    quantity: Annotated[int, typer.Option(min=1, help="Pieces in the batch.")] = 1,
) -> None:
    """Analyse a CAD file in a disposable process; exit status 0 analysed, 2 refused."""
    try:
        analysis = run_part(file, glb=glb, png=png)
        found = report(analysis, material=material, quantity=quantity)
    except PartRefused as refused:
        typer.echo(" ".join(refused.message.split()), err=True)
        raise typer.Exit(2) from None
    except (ValueError, OSError) as error:
        typer.echo(" ".join(str(error).split()), err=True)
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps(as_object(found), ensure_ascii=False))
    else:
        show(found, material, quantity)


def as_object(found: Report) -> dict[str, Any]:
    """The JSON of ``gonghe part --json``: the analysis, with routing and estimate beside it."""
    analysis = found.analysis.to_json()
    estimate = found.estimate.to_json()
    return {
        "family": analysis.pop("families"),
        **analysis,
        "operations": [operation.to_json() for operation in found.operations],
        "alternatives": [alternative.to_json() for alternative in found.alternatives],
        "assumptions": estimate.pop("assumptions"),
        "estimate": estimate,
    }


def show(found: Report, material: str, quantity: int) -> None:
    """The same for people."""
    console, part_ = Console(), found.analysis
    x, y, z = part_.box_mm
    console.print(
        f"[bold]{part_.family}[/], {x:.4g} x {y:.4g} x {z:.4g} mm, {_mass(part_, material)} {material}"
    )
    for family in part_.families:
        console.print(f"  {family.confidence:.0%} {family.name}: {'; '.join(family.why)}", highlight=False)
    for line in _features(part_):
        console.print(f"  {line}", highlight=False)
    table = Table("op", "process", "what", "set-up", "per piece", title=f"Routing for {quantity} pieces")
    for op in found.operations:
        table.add_row(str(op.number), op.process, op.name, _time(op.setup_s), _time(op.run_s))
    console.print(table)
    cost, currency = found.estimate.cost, found.estimate.currency
    console.print(
        f"cost {cost.p10 / 100:,.2f} to {cost.p90 / 100:,.2f} {currency}, likeliest {cost.p50 / 100:,.2f}",
        highlight=False,
    )
    for way in found.alternatives:
        other = way.estimate.cost
        console.print(
            f"or {way.name}: {other.p10 / 100:,.2f} to {other.p90 / 100:,.2f} {currency}; {way.why}",
            highlight=False,
        )
    messages = [item.message for item in part_.warnings] + [item.message for item in part_.questions]
    for message in messages:
        console.print(f"- {message}", highlight=False, markup=False)


def _features(analysis: PartAnalysis) -> list[str]:
    lines = []
    if analysis.sheet is not None:
        lines.append(f"sheet {analysis.sheet.thickness_mm:.4g} mm, {analysis.sheet.bends} bends")
    if analysis.tube is not None:
        tube = analysis.tube
        lines.append(
            f"{tube.section} tube {' x '.join(f'{size:.4g}' for size in tube.outer_mm)} mm, wall "
            f"{tube.wall_mm:.3g} mm, {tube.length_mm:.4g} mm long, {len(tube.bend_list)} bends"
        )
    if analysis.turned is not None:
        lines += [
            f"{item.kind.replace('_', ' ')} {item.width_mm:.4g} wide, {item.depth_mm:.4g} mm deep"
            for item in analysis.turned.milled
        ]
        lines += [
            f"groove {item.side}, {item.width_mm:.4g} wide, {item.depth_mm:.4g} deep, "
            f"at {item.position_mm:.4g} mm"
            for item in analysis.turned.grooves
        ]
    if analysis.reach is not None:
        lines.append(f"reached on {analysis.reach.machine} in {len(analysis.reach.setups)} set-ups")
    named = Counter(
        f"thread {item.designation}{' (guess)' if item.guess else ''}" for item in analysis.threads
    )
    lines += [f"{count} x {name}" for name, count in named.items()]
    sizes: dict[str, int] = {}
    for hole in analysis.holes:
        kind = "through" if hole.through else f"{hole.depth_mm:.4g} deep"
        size = f"hole {hole.diameter_mm:.4g} mm, {kind}"
        sizes[size] = sizes.get(size, 0) + 1
    lines += [f"{count} x {size}" for size, count in sizes.items()]
    return lines


def _mass(analysis: PartAnalysis, material: str) -> str:
    return f"{analysis.mass_kg(material):.3g} kg"


def _time(seconds: int) -> str:
    return f"{seconds // 60} min" if seconds >= 600 else f"{seconds} s"
