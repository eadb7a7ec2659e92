"""`gonghe keyholder`: make the neutral key, and open sealed bids with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn
from uuid import UUID

import typer
from rich.console import Console

from gonghe.cli.setup import ready

app = typer.Typer(
    help="Make the neutral key holder's key, and open the bids of a call with it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
out = Console()
SHORTEST_PASSPHRASE = 12
Office = Annotated[
    str, typer.Option("--office", help="Short name of the cluster office: registers the key here.")
]
Passphrase = Annotated[str, typer.Option(prompt=True, hide_input=True, help="Passphrase of the key file.")]


@app.command("new")
def new(
    file: Annotated[Path, typer.Argument(help="Where the key file is written; keep it off this machine.")],
    passphrase: Annotated[
        str,
        typer.Option(
            prompt=True,
            hide_input=True,
            confirmation_prompt=True,
            help="Passphrase of the key file, at least 12 characters.",
        ),
    ],
    office: Office = "",
) -> None:
    """Make a key: the file for the key holder, its public half for the installation."""
    ready()
    from gonghe.apps.audit.keys import write_once
    from gonghe.apps.base import ServiceError
    from gonghe.apps.market import sealing, services
    from gonghe.apps.members.access import get_organization
    from gonghe.apps.principal import SYSTEM

    if file.exists():
        _fail(f"{file} exists. Choose another name: a key is never written over.")
    if len(passphrase) < SHORTEST_PASSPHRASE:
        _fail("Choose a passphrase of at least 12 characters.")
    pem, public = sealing.new_key_file(passphrase)
    write_once(file, pem)
    if office:
        try:
            services.register_key_holder(SYSTEM, get_organization(office), public)
        except ServiceError as error:
            _fail(error.message)
    out.print(f"Key file: {file} (keep it safe; without it no bid can ever be opened)")
    out.print(f"Public key: {public}", soft_wrap=True)
    if not office:
        out.print("Register the public key under Market, Register a new key, or with --office.")


@app.command("open")
def open_(
    call: Annotated[UUID, typer.Argument(help="Id of the call, as in its address.")],
    key: Annotated[Path, typer.Option("--key", help="The key holder's key file.", exists=True)],
    passphrase: Passphrase,
    buyer_key: Annotated[
        Path | None, typer.Option(help="Key file of a buyer who opens in the platform's place.", exists=True)
    ] = None,
    *,
    without_damaged: Annotated[bool, typer.Option(help="Open the others when a bid was changed.")] = False,
) -> None:
    """Open all bids of a call at once, after it has closed."""
    ready()
    from gonghe.apps.base import ServiceError
    from gonghe.apps.market import sealing, services
    from gonghe.apps.market.models import Call
    from gonghe.apps.principal import SYSTEM

    found = Call.objects.select_related("order", "key_holder").filter(pk=call).first()
    if found is None:
        _fail("There is no such call. Copy its id from the address of its page.")
    try:
        holder = sealing.read_key_file(key.read_bytes(), passphrase)
        buyer = _buyers(buyer_key) if buyer_key else None
        opened = services.open_bids(
            holder, SYSTEM, found, buyer_private_key=buyer, without_damaged=without_damaged
        )
    except sealing.KeyFileError as error:
        _fail(str(error))
    except ServiceError as error:
        _fail(error.message)
    out.print(f"{len(opened)} bids of {found.order.code} are open; the buyer sees them now.")


def _buyers(file: Path) -> bytes:
    from gonghe.apps.market import sealing

    asked: str = typer.prompt("Buyer's passphrase", hide_input=True)
    return sealing.read_key_file(file.read_bytes(), asked)


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
