"""Show the whole loop on an example cluster, then serve it."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from gonghe.cli.setup import ready
from gonghe.config.environment import CHECKOUT, home

ZONE = ZoneInfo("Asia/Shanghai")
WEEKS_BACK = 5


def demo(
    once: Annotated[bool, typer.Option("--once", help="Run the loop and stop; do not serve.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object on stdout, progress on stderr.")
    ] = False,
    real: Annotated[Path | None, typer.Option(help="Folder of real parts and a real workshop log.")] = None,
    port: Annotated[int, typer.Option(help="Port to serve on.")] = 8000,
) -> None:
    """Found an example cluster, send one order round the loop, then serve the pages."""
    if once:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["GONGHE_HOME"] = folder
            _once(as_json, real)
        return
    if (home() / "demo.json").exists():
        _say("The example cluster is there already.")
        ready()
    else:
        report = _once(as_json, real)
        (home() / "demo.json").write_text(json.dumps(report))
    _links(port)
    from gonghe.cli.serve import serve

    serve(port=port)


def _once(as_json: bool, real: Path | None) -> dict[str, Any]:
    from gonghe.cli.serve import migrate

    migrate()
    sys.path.insert(0, str(CHECKOUT / "examples"))
    import play  # type: ignore[import-not-found]

    report: dict[str, Any] = play.everything(_monday(), _say, real)
    if as_json:
        typer.echo(json.dumps(report, indent=2, ensure_ascii=False))
    return report


def _monday() -> datetime:
    """Monday morning some weeks ago, so that the loop's last day lies before today."""
    today = datetime.now(ZONE).date()
    monday = today - timedelta(days=today.weekday(), weeks=WEEKS_BACK)
    return datetime.combine(monday, time(8), ZONE).astimezone(UTC)


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _links(port: int) -> None:
    """Print who can sign in."""
    from gonghe.apps.members.access import person_by_email
    from gonghe.apps.members.services import make_sign_in_link

    _say("\nWho can sign in (one click, valid for a day):")
    for email, about in PEOPLE.items():
        token = make_sign_in_link(person_by_email(email), minutes=24 * 60, single_use=False)
        _say(f"  {about:<58} http://127.0.0.1:{port}/sign-in/{token}/")
    _say("\nLook first: as the buyer, open the order “Bearing units LP-40” and follow it to payment.")
    _say("Stop with Ctrl-C.\n")


PEOPLE = {
    "buyer@lanshan.example": "buyer at Lanshan Pump Works: orders and promises",
    "owner@hengda.example": "owner of Hengda Precision: what needs me now",
    "planner@hengda.example": "planner at Hengda Precision: bids and the plan",
    "operator@hengda.example": "operator at Hengda Precision: the next job",
    "office@yongjiang.example": "Yong River Cluster Office: opens sealed bids",
}
