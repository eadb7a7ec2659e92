"""Let people in."""

from __future__ import annotations

from typing import Annotated

import typer

from gonghe.cli.setup import ready


def sign_in_link(
    email: Annotated[str, typer.Argument(help="E-mail address of a person who is known here.")],
    minutes: Annotated[int, typer.Option(min=1, max=10080, help="How long the link opens the door.")] = 30,
) -> None:
    """Print a one-click link for a person; it works once."""
    ready()
    from django.conf import settings
    from django.urls import reverse

    from gonghe.apps.members import access, services

    user = access.find_person(email)
    if user is None:
        typer.echo(f"Nobody here has the address {email}. Invite them on the page of their firm.", err=True)
        raise typer.Exit(1)
    token = services.make_sign_in_link(user, minutes=minutes)
    typer.echo(settings.ORIGIN + reverse("members:sign_in_link", args=[token]))
