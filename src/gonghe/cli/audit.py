"""Check the record of what happened, and hand out signed heads of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from gonghe.cli.setup import ready

app = typer.Typer(help="The record of what happened: prove that it was not rewritten.", no_args_is_help=True)


@app.command()
def head() -> None:
    """Print the signed end of the chain; keep it somewhere else."""
    ready()
    from gonghe.apps.audit.services import sign_head

    signed = sign_head()
    typer.echo(
        json.dumps(
            {"position": signed.position, "hash": signed.hash, "signature": signed.signature}, indent=2
        )
    )


@app.command()
def verify(
    held: Annotated[Path | None, typer.Argument(help="A signed head that you kept, as JSON.")] = None,
) -> None:
    """Recompute the whole chain; exit code 1 names the first bad row."""
    ready()
    from gonghe.apps.audit.models import SignedHead
    from gonghe.apps.audit.services import settle, verify_head
    from gonghe.apps.audit.services import verify as verify_chain

    settle()
    earlier = SignedHead(**json.loads(held.read_text())) if held else None
    if earlier and not verify_head(earlier):
        typer.echo("This head was not signed by this installation.", err=True)
        raise typer.Exit(1)
    result = verify_chain(earlier)
    if not result.ok:
        typer.echo(f"Row {result.bad_position} is bad: {result.reason}.", err=True)
        raise typer.Exit(1)
    typer.echo(f"{result.events} events, unbroken.")
