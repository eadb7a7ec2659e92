"""Read a calendar, from a file or from where it is shared, and say when it is busy."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from gonghe import clock
from gonghe.config import environment
from gonghe.connectors.errors import FetchError
from gonghe.connectors.web import Client
from gonghe.standards import icalendar
from gonghe.standards.icalendar import Span


def calendar(
    source: Annotated[str, typer.Argument(help="An iCalendar file, or its address: https://...")],
    *,
    start: Annotated[
        datetime | None, typer.Option(help="First moment, in the zone; today if left out.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=icalendar.MAX_WINDOW.days, help="Days from then on.")] = 14,
    zone: Annotated[str, typer.Option(help="Zone of the answer and of times that name none.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, times in UTC.")] = False,
) -> None:
    """Show when a calendar is busy and when it works; exit status 0 read, 2 refused."""
    try:
        where = ZoneInfo(zone or environment.value("GONGHE_ZONE"))
        first = start.replace(tzinfo=where) if start else _today(where)
        last = (first.replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=where)
        feed = icalendar.read(_content(source))
        busy, working = feed.busy(first, last, where), feed.working(first, last, where)
    except (FetchError, ValueError, KeyError, OSError) as error:
        typer.echo(" ".join(str(error).split()), err=True)
        raise typer.Exit(2) from None
    if as_json:
        told = {"busy": _plain(busy), "working": None if working is None else _plain(working)}
        typer.echo(json.dumps(told))
        return
    _show("Busy", busy, where)
    if working is not None:
        _show("Working hours", working, where)


def _content(source: str) -> bytes:
    if "://" in source:
        return Client(allowed=environment.networks("GONGHE_ALLOWED_NETWORKS")).get(source).body
    with Path(source).open("rb") as file:
        return file.read(icalendar.MAX_BYTES + 1)


def _today(zone: ZoneInfo) -> datetime:
    return clock.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _plain(spans: tuple[Span, ...]) -> list[list[str]]:
    return [[moment.astimezone(UTC).isoformat() for moment in span] for span in spans]


def _show(title: str, spans: tuple[Span, ...], zone: ZoneInfo) -> None:
    table = Table(title=title)
    for name in ("from", "until"):
        table.add_column(name)
    for span in spans:
        table.add_row(*(f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" for moment in span))
    Console().print(table)
