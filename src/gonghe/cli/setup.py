"""Makes Django ready inside a command; only commands that touch the installation pay for it."""

from __future__ import annotations

import django


def ready() -> None:
    """Load settings and apps."""
    django.setup()
