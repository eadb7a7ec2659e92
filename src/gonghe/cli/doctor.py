"""Check an installation and say what to do."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer
from rich.console import Console

from gonghe.cli.setup import ready


class Trouble(Exception):
    """Something is wrong; the message says what to do."""


def doctor() -> None:
    """Check database, files, clock, worker, and CAD engine; exit code 1 when something is wrong."""
    console = Console()
    wrong = 0
    for name, check in CHECKS:
        try:
            console.print(f"[green]ok[/]    {name}: {check()}")
        except Trouble as trouble:
            wrong += 1
            console.print(f"[red]wrong[/] {name}: {trouble}")
    raise typer.Exit(1 if wrong else 0)


def check_settings() -> str:
    """Settings load and the home folder takes files."""
    from gonghe.config import environment

    try:
        ready()
        folder = environment.home()
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except (environment.SettingError, OSError) as error:
        raise Trouble(str(error)) from error
    free = shutil.disk_usage(folder).free // 2**30
    if free < 1:
        raise Trouble(f"less than 1 GB is free in {folder}; make room.")
    return f"{folder}, {free} GB free"


def check_database() -> str:
    """The database answers and its tables are up to date."""
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        raise Trouble(f"it does not answer ({error}); check GONGHE_DATABASE_URL.") from error
    if missing:
        raise Trouble(f"{len(missing)} changes are missing; run gonghe migrate.")
    return connection.vendor


def check_files() -> str:
    """Every document's file is there and whole in size."""
    from gonghe.apps.orders.access import stored_documents
    from gonghe.apps.technology.access_sharing import stored_files

    documents = [(one.name, one.size, path) for one, path in stored_documents()]
    documents += [(one.name, one.size, path) for one, path in stored_files()]
    bad = [name for name, size, path in documents if not path.exists() or path.stat().st_size != size]
    if bad:
        raise Trouble(f"{len(bad)} files are missing or cut off, first {bad[0]}; restore them from a backup.")
    return f"{len(documents)} files whole"


def check_chain() -> str:
    """The record of events is unbroken."""
    from gonghe.apps.audit.services import verify

    result = verify()
    if not result.ok:
        raise Trouble(f"row {result.bad_position}: {result.reason}. Compare with a signed head you kept.")
    return f"{result.events} events, unbroken"


def check_worker() -> str:
    """Nothing waits for a worker that is not there."""
    from gonghe.apps.jobs.access import oldest_waiting

    waiting = oldest_waiting()
    if waiting and datetime.now(UTC) - waiting > timedelta(minutes=2):
        raise Trouble("a job has waited for more than 2 minutes; start gonghe serve or gonghe worker.")
    return "no job waits"


def check_cad() -> str:
    """OpenCASCADE loads and reads a part in its disposable process."""
    from gonghe.compute.sandbox import PartRefused, run_part
    from gonghe.engines.parts.sample import write_block

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "block.step"
        try:
            write_block(path, 40.0, 30.0, 20.0)
            analysis = run_part(path)
        except (PartRefused, ImportError) as error:
            raise Trouble(f"{error}; install libgl1 and run make setup again.") from error
    return f"reads a block of {analysis.volume_mm3:.0f} mm3"


def check_planner() -> str:
    """The planner's compiled code loads."""
    from gonghe.engines import planning

    return f"{planning.__name__} loads"


CHECKS: tuple[tuple[str, Callable[[], str]], ...] = (
    ("settings", check_settings),
    ("database", check_database),
    ("files", check_files),
    ("record of events", check_chain),
    ("worker", check_worker),
    ("CAD engine", check_cad),
    ("planner", check_planner),
)
