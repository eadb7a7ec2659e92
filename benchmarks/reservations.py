"""Hold hours of offers with many clients at once: the whole service beside the same one without its guards.

    scripts/with-postgres .venv/bin/python -m benchmarks.reservations --clients 40 --seconds 20

Every client holds hours of random offers through the whole service: idempotency record, look at the free
hours, reservation, event with its audience, chain. "Without guards" is the same code with the locks, the
conditional update and the constraints taken away, as somebody would write it who reads and then inserts. Both
run in turns on the same machines and weeks, and what was sold twice is counted in the ledger. The database is
SQLite unless GONGHE_DATABASE_URL names another, which must be empty.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

MACHINES, WEEKS, LEAST, MOST = 10, 4, 4, 12  # offers are one machine in one week; quarter hours of a hold
OFFERED = Decimal(7 * 24)  # hours of an offer
PROCESSES = 4
# everybody wants about the same hours: quarter hours by which they move in a second, and their number
PACE, SPREAD = 8, 4


@dataclass(frozen=True, slots=True)
class Load:
    """What the clients of one process do."""

    clients: int
    seconds: float
    guarded: bool
    seed: int


def fill() -> None:
    """A firm with machines that never close, a week of each on offer to all members, and a buyer."""
    from gonghe.apps.capacity import offering
    from gonghe.apps.capacity.models import Calendar, Equipment
    from gonghe.apps.members.acting import find_acting
    from gonghe.apps.members.models import Disclosure, Organization, Role, Site
    from gonghe.apps.members.services import add_person
    from gonghe.apps.principal import SYSTEM

    firms = [Organization.objects.create(name=name, slug=name) for name in ("seller", "buyer")]
    users = [
        add_person(SYSTEM, firm, email=f"{firm.slug}@example.org", name=firm.name, role=Role.OWNER)
        for firm in firms
    ]
    seller = find_acting(users[0], "seller")
    site = Site.objects.create(
        organization=firms[0], code="main", name="Works", time_zone="UTC", latitude=30, longitude=120
    )
    always = Calendar.objects.create(
        organization=firms[0], code="always", weekly=[[day, "00:00", "00:00"] for day in range(7)]
    )
    monday = datetime(2030, 1, 7, tzinfo=UTC)
    for number in range(MACHINES):
        machine = Equipment.objects.create(
            organization=firms[0], site=site, calendar=always, code=f"M{number}", name=f"Machine {number}"
        )
        terms = offering.Terms(
            title=f"M{number}",
            start=monday,
            end=monday + timedelta(days=7),
            min_hours=Decimal(LEAST) / 4,
            max_hours=OFFERED,
            per_hour=Decimal(100),
            visibility=Disclosure.Level.MEMBERS,
        )
        offering.publish(seller, [machine], terms, weeks=WEEKS)


def unguard() -> None:
    """Take the guards out of this process: no locks, no update of what an offer has left."""
    from gonghe.apps.capacity import ledger, offering
    from gonghe.apps.capacity.models import Equipment

    def read(equipment_ids: Iterable[UUID]) -> dict[UUID, Equipment]:
        found = Equipment.objects.filter(pk__in=set(equipment_ids)).select_related("site", "calendar")
        return {one.pk: one for one in found.order_by("pk")}

    ledger.lock = read
    offering._take_from_offer = lambda *_: None


def constraints(on: bool) -> None:
    """Put the two constraints on the tables, or take them off."""
    from django.db import connection

    from gonghe.apps.capacity.models import CapacityOffer, LedgerSlot

    with connection.schema_editor() as editor:
        for model, name in (
            (LedgerSlot, "capacity_no_hour_twice"),
            (CapacityOffer, "capacity_offer_not_oversold"),
        ):
            found = next(one for one in model._meta.constraints if one.name == name)
            (editor.add_constraint if on else editor.remove_constraint)(model, found)


def client(load: Load, number: int, offers: list[Any], until: float, took: list[tuple[float, bool]]) -> None:
    """Hold hours of random offers until the time is over; seconds and success of every attempt."""
    from django.db import connection

    from gonghe.apps.audit.idempotency import once
    from gonghe.apps.base import ConflictError
    from gonghe.apps.capacity import offering
    from gonghe.apps.members.acting import find_acting
    from gonghe.apps.members.models import User

    acting = find_acting(User.objects.get(email="buyer@example.org"), "buyer")
    draw = random.Random(f"{load.seed} {number}")  # noqa: S311
    while time.time() < until:
        offer, quarters = draw.choice(offers), draw.randint(LEAST, MOST)
        wished = int(PACE * (load.seconds - until + time.time())) + draw.randrange(SPREAD)
        start = offer.start + timedelta(minutes=15 * wished)

        def hold(offer: Any = offer, start: datetime = start, quarters: int = quarters) -> tuple[int, Any]:
            made = offering.hold(acting, offer, start, Decimal(quarters) / 4)
            return 201, {"id": str(made.pk)}

        began, done = time.perf_counter(), False
        with suppress(ConflictError):
            once(acting.principal, "POST /reservations", str(uuid4()), b"", hold)
            done = True
        took.append((time.perf_counter() - began, done))
    connection.close()


def clients(load: Load, results: Any) -> None:
    """One process with some of the clients, each in a thread."""
    import django

    django.setup()
    from gonghe.apps.capacity.models import CapacityOffer

    if not load.guarded:
        unguard()
    offers = list(CapacityOffer.objects.all())
    took: list[tuple[float, bool]] = []
    until = time.time() + load.seconds
    threads = [
        threading.Thread(target=client, args=(load, number, offers, until, took))
        for number in range(load.clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put(took)


def run(
    number: int, seconds: float, seed: int, *, guarded: bool
) -> tuple[list[tuple[float, bool]], int, int]:
    """All clients for some seconds on empty books; attempts, quarter hours in the ledger, sold twice."""
    from django.db import connection
    from django.db.models import Count

    from gonghe.apps.capacity.models import CapacityOffer, LedgerSlot, Reservation

    if not guarded:
        constraints(False)
    connection.close()
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [
        context.Process(
            target=clients, args=(Load(number // PROCESSES, seconds, guarded, seed + at * 1000), results)
        )
        for at in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    took = [attempt for _worker in workers for attempt in results.get()]
    for worker in workers:
        worker.join()
    sold = LedgerSlot.objects.count()
    hours = LedgerSlot.objects.values("equipment", "slot").annotate(times=Count("id")).filter(times__gt=1)
    twice = sum(one["times"] - 1 for one in hours)
    LedgerSlot.objects.all().delete()
    Reservation.objects.all().delete()
    CapacityOffer.objects.update(taken=0)
    if not guarded:
        constraints(True)
    return took, sold, twice


def measure(number: int, seconds: float, rounds: int) -> None:
    """Both ways in turns, then a table."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    fill()
    rates: dict[bool, list[float]] = {True: [], False: []}
    print(f"{number} clients in {PROCESSES} processes, {seconds:g} s a run, {connection.vendor}, ", end="")
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| way | attempts/s | p50 ms | p95 ms | held | quarter hours | sold twice |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for turn in range(rounds):
        for guarded in (True, False):
            took, sold, twice = run(number, seconds, turn, guarded=guarded)
            if guarded:
                assert not twice
            rates[guarded].append(len(took) / seconds)
            times = [1000 * one for one, _done in took]
            p95, held = statistics.quantiles(times, n=20)[-1], sum(done for _one, done in took)
            name = "whole service" if guarded else "without guards"
            print(
                f"| {name} | {rates[guarded][-1]:.0f} | {statistics.median(times):.1f} | {p95:.1f} "
                f"| {held} | {sold} | {twice} |",
                flush=True,
            )
    print(f"\nmedian ratio {statistics.median(rates[True]) / statistics.median(rates[False]):.2f}")


def main() -> None:
    """Read the arguments and measure in an installation that is gone afterwards."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--clients", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["GONGHE_HOME"] = home
        os.environ["DJANGO_SETTINGS_MODULE"] = "gonghe.config.settings"
        import django

        django.setup()
        measure(given.clients, given.seconds, given.rounds)


if __name__ == "__main__":
    main()
