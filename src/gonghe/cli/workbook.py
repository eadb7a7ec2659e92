"""Bring a firm's equipment in: from the spreadsheet of `gonghe template`, or from its production log."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from gonghe.cli.setup import ready

if TYPE_CHECKING:
    from gonghe.apps.base import ServiceError

SHELLS = {".aasx", ".json"}
SLUG = typer.Option(help="Short name of the organisation, as in its address /o/<slug>/.")
DAY = typer.Option(formats=["%Y-%m-%d"], help="Any day of the week whose orders are put on the machines.")
ONTO = typer.Option(formats=["%Y-%m-%d"], help="Lay the orders onto the week of this day instead.")


def template(
    file: Annotated[Path, typer.Argument(help="The .xlsx file to write.")],
    language: Annotated[str, typer.Option(help="Language of headers and notes: en or zh.")] = "en",
) -> None:
    """Write the spreadsheet of a firm: sites, equipment, calendars, rates and certificates."""
    ready()
    from gonghe.apps.capacity.workbook import write_template

    if language not in {"en", "zh"}:
        raise typer.BadParameter("Give en or zh.", param_hint="--language")
    write_template(file, language)
    typer.echo(f"{file}: fill it in, then run: gonghe import {file} --organization SLUG")


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="The filled-in .xlsx file, or shells: .aasx, .json."
        ),
    ],
    organization: Annotated[str, SLUG],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Import a member spreadsheet or shells, all or nothing; importing them again changes nothing."""
    ready()
    from gonghe.apps.base import ServiceError
    from gonghe.apps.capacity.shells import import_shells
    from gonghe.apps.capacity.workbook import import_workbook
    from gonghe.apps.members.access import installation_acting

    left_out: tuple[str, ...] = ()
    try:
        if file.suffix.lower() in SHELLS:
            found = import_shells(installation_acting(organization), file.read_bytes())
            done, left_out = found.done, found.left_out
        else:
            done = import_workbook(installation_acting(organization), file)
    except ServiceError as error:
        _refuse(error, as_json=as_json)
    for line in left_out:
        typer.echo(line, err=True)
    if as_json:
        typer.echo(json.dumps({"added": done.added, "changed": done.changed}))
    elif done.nothing:
        typer.echo("Everything in the file is here already; nothing was changed.")
    else:
        for word, counts in (("added", done.added), ("changed", done.changed)):
            for kind, count in counts.items():
                typer.echo(f"{word}: {count} {kind}")


def export(
    file: Annotated[Path, typer.Argument(help="The file to write: .xlsx, or shells as .aasx or .json.")],
    organization: Annotated[str, SLUG],
    language: Annotated[str, typer.Option(help="Language of headers: en or zh.")] = "en",
) -> None:
    """Write what a firm has into a spreadsheet or shells that another installation can import."""
    ready()
    from gonghe.apps.base import ServiceError
    from gonghe.apps.capacity.shells import export_shells
    from gonghe.apps.capacity.workbook import export_workbook
    from gonghe.apps.members.access import installation_acting

    if language not in {"en", "zh"}:
        raise typer.BadParameter("Give en or zh.", param_hint="--language")
    try:
        acting = installation_acting(organization)
        if file.suffix.lower() in SHELLS:
            file.write_bytes(export_shells(acting, as_json=file.suffix.lower() == ".json"))
        else:
            export_workbook(acting, file, language)
    except ServiceError as error:
        _refuse(error, as_json=False)
    typer.echo(f"{file}: import it elsewhere with: gonghe import {file} --organization SLUG")


def import_log(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="The production log: CSV, or XES by its name .xes."),
    ],
    organization: Annotated[str, SLUG],
    week: Annotated[datetime, DAY],
    zone: Annotated[str, typer.Option(help="Time zone of the log; empty is that of the first site.")] = "",
    onto: Annotated[datetime | None, ONTO] = None,
) -> None:
    """Derive equipment, working hours and past times from a log, and book the real orders of one week."""
    ready()
    from gonghe.apps.base import ServiceError
    from gonghe.apps.capacity.logbook import import_log as run
    from gonghe.apps.members.access import installation_acting

    try:
        done = run(
            installation_acting(organization),
            file,
            week.date(),
            zone=zone,
            onto=onto.date() if onto else None,
        )
    except ServiceError as error:
        _refuse(error, as_json=False)
    typer.echo(f"equipment: {done.equipment}, added or changed: {done.changed}")
    typer.echo(f"orders in the log: {done.orders}, reservations made: {done.reservations}")
    for name in done.without_process:
        typer.echo(f"no known process in the name: {name}; give it a capability on its page")
    for reason in done.left_out:
        typer.echo(f"left out: {reason}", err=True)


def _refuse(error: ServiceError, *, as_json: bool) -> None:
    """Say what is wrong, every cell of it, and end the command."""
    cells = error.details.get("cells", [])
    if as_json:
        typer.echo(json.dumps({"error": {"code": error.code, "message": error.message, "cells": cells}}))
        raise typer.Exit(1)
    console = Console(stderr=True)
    console.print(error.message, style="bold", markup=False)
    if cells:
        table = Table("where", "what is there", "what would be right")
        for cell in cells:
            table.add_row(cell["where"], cell["message"], cell["hint"])
        console.print(table)
    raise typer.Exit(1)
