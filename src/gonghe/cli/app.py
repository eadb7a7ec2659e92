"""Puts the commands together; each module of this folder holds one."""

from __future__ import annotations

import os
from importlib import import_module

import typer

# command -> module of this folder; the module has a function of the command's name with "-" as "_",
# or a sub-application called `app`
COMMANDS = {
    "demo": "demo",
    "serve": "serve",
    "worker": "serve",
    "migrate": "serve",
    "template": "workbook",
    "import": "workbook",
    "export": "workbook",
    "import-log": "workbook",
    "plan": "plan",
    "part": "part",
    "calendar": "calendar",
    "doctor": "doctor",
    "sign-in-link": "people",
    "keyholder": "keyholder",
    "audit": "audit",
}


def main() -> None:
    """Run the `gonghe` command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gonghe.config.settings")
    build()()


def build() -> typer.Typer:
    """The command with all its sub-commands."""
    root = typer.Typer(
        help="Gonghe: many small manufacturers working as one flexible factory.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for command, name in COMMANDS.items():
        module = import_module(f"gonghe.cli.{name}")
        sub = getattr(module, "app", None)
        if isinstance(sub, typer.Typer):
            root.add_typer(sub, name=command)
        else:
            function = command.replace("-", "_")
            root.command(command)(getattr(module, f"{function}_" if function == "import" else function))
    return root
