"""Show the whole loop on an example cluster, then serve it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from gonghe.cli.setup import ready
from gonghe.config.environment import CHECKOUT, home, value

ZONE = ZoneInfo("Asia/Shanghai")
WEEKS_BACK = 5
DONE = "demo.json"


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
            os.environ.pop("GONGHE_DATABASE_URL", None)  # the example never enters a database in use
            _play("once", as_json, real)
        return
    if not (home() / DONE).exists():
        _make(home(), as_json, real)
    ready()
    _links(port)
    from gonghe.cli.serve import serve

    serve(port=port)


def _make(target: Path, as_json: bool, real: Path | None) -> None:
    """Make the example beside the installation and move it in whole: a demonstration cut off leaves nothing.

    The settings of this process belong to the folder in which it was made, so it starts itself anew.
    """
    if (target / "gonghe.sqlite3").exists() or value("GONGHE_DATABASE_URL"):
        _say("This installation holds data of its own. Set GONGHE_HOME to an empty folder for the example.")
        raise typer.Exit(2)
    lock = (target / "making.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        _say("Another process is making the example here. Wait for it, or stop it first.")
        raise typer.Exit(2) from error
    making = target / "making"
    shutil.rmtree(making, ignore_errors=True)
    shutil.rmtree(target / "keys", ignore_errors=True)
    os.environ["GONGHE_HOME"] = str(making)
    report = _play("everything", as_json, real)
    (making / DONE).write_text(json.dumps(report))
    from django.db import connections

    connections.close_all()
    for path in sorted(making.iterdir(), key=lambda one: one.name == DONE):
        path.rename(target / path.name)
    making.rmdir()
    os.environ["GONGHE_HOME"] = str(target)
    os.execv(sys.argv[0], sys.argv)  # noqa: S606 - this very command


def _play(what: str, as_json: bool, real: Path | None) -> dict[str, Any]:
    from gonghe.cli.serve import migrate

    migrate()
    sys.path.insert(0, str(CHECKOUT / "examples"))
    import play  # type: ignore[import-not-found]

    report: dict[str, Any] = getattr(play, what)(_monday(), _say, real)
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
