"""Writes without end and says what is stored; made to be killed.

`python -m tests.concurrency.writer KIND FIRST DATABASE` prints every number from FIRST on once it is stored.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import count

import django

WEEK = 7 * 96  # quarter hours
Write = Callable[[int], str]  # stores a number, answers the id of what it made


def main(kind: str, first: int, database: str) -> None:
    """Send each write twice, as an impatient client would."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "gonghe.config.settings"
    django.setup()
    from django.db import connection

    connection.settings_dict["NAME"] = database
    from gonghe.apps.audit.idempotency import once
    from gonghe.apps.principal import SYSTEM

    write = {"capability": capabilities, "hold": holds}[kind]()
    for number in count(first):
        key = f"{kind}-{number}"

        def act(number: int = number) -> tuple[int, dict[str, str]]:
            return 201, {"id": write(number)}

        first_answer = once(SYSTEM, kind, key, b"", act)
        again = once(SYSTEM, kind, key, b"", act)
        assert again.replayed
        assert again.body == first_answer.body
        print(number, flush=True)


def capabilities() -> Write:
    """Capabilities of a firm, the number as their largest batch."""
    from gonghe.apps.members.acting import find_acting
    from gonghe.apps.members.models import User
    from gonghe.apps.technology import services

    acting = find_acting(User.objects.get(email="owner@hengda.example.org"), "hengda")

    def write(number: int) -> str:
        limits = {"batch_pieces": {"max": number}}
        return str(services.save_capability(acting, process="turning", constraints=limits).pk)

    return write


def holds() -> Write:
    """Quarter hours of offers of a week each, the number counting them from the first offer's start."""
    from gonghe.apps.capacity import offering
    from gonghe.apps.capacity.models import CapacityOffer
    from gonghe.apps.members.acting import find_acting
    from gonghe.apps.members.models import User

    acting = find_acting(User.objects.get(email="buyer@lanshan.example.org"), "lanshan")
    offers = list(CapacityOffer.objects.order_by("start"))

    def write(number: int) -> str:
        offer, quarter = offers[number // WEEK], number % WEEK
        start = offer.start + timedelta(minutes=15 * quarter)
        return str(offering.hold(acting, offer, start, Decimal("0.25")).pk)

    return write


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
