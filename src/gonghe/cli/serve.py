"""Serve the pages, work in the background, bring the database up to date."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from gonghe.cli.setup import ready


def serve(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Serve pages and API, with background workers in the same process."""
    migrate()
    from gonghe.cli.server import run

    run(host, port)


def worker(threads: Annotated[int, typer.Option(help="Worker threads.")] = 1) -> None:
    """Do background work without serving pages; stop it with Ctrl-C."""
    ready()
    from gonghe.apps.jobs.worker import Workers

    workers = Workers(threads)
    workers.start()
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        workers.stop()


def migrate() -> None:
    """Make or update the database of this installation."""
    ready()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
