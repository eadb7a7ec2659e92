"""Search of capabilities beside a plain SQL filter, over many machines in a temporary installation.

    python -m benchmarks.search --machines 100000 --firms 2500 --rounds 20

Makes firms and machines from a seed, asks every sentence in turn in three ways and prints a Markdown table of
milliseconds: in process (the first 50 answers and near misses, in words), as a page through the whole of
Django, and a SQL query that filters by process and limits and sorts by nothing; and the first question after
a firm added a capability. The database is SQLite unless
GONGHE_DATABASE_URL names another, which must be empty.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

SENTENCES = (
    "laser cutting, 3 mm aluminium, 1,500 x 3,000, within 30 km, ISO 9001",
    "五轴 钛合金 400×300×200 IT6",
    "cylindrical grinding, Ø80, 60 HRC, Ra 0.4",
    "3-axis milling steel 450 x 300 x 100 IT8 within 50 km",
    "turning Ø80 steel IT7",
    "milling",
)
PROCESSES = (
    "laser-cutting",
    "milling-3axis",
    "milling-5axis",
    "turning",
    "grinding-cylindrical",
    "welding",
    "injection-moulding",
    "sewing",
    "bending",
    "drilling",
)
MATERIALS = ("steel", "aluminium", "titanium", "stainless", "copper", "plastic")
SHOWN = 50
SEED = 7


def limits(draw: random.Random) -> dict[str, Any]:
    """What one machine states."""
    stated: dict[str, Any] = {
        code: {"max": draw.choice(sizes)}
        for code, sizes in (
            ("envelope_x_mm", (300, 500, 800, 1500, 3050)),
            ("envelope_y_mm", (250, 400, 600, 1530)),
            ("envelope_z_mm", (150, 300, 500)),
            ("diameter_mm", (60, 100, 250)),
            ("thickness_mm", (2, 6, 12)),
            ("hardness_hrc", (45, 62)),
        )
        if draw.random() < 0.8
    }
    stated["tolerance_it"] = {"min": draw.choice((5, 6, 7, 8))}
    stated["roughness_ra_um"] = {"min": draw.choice((0.2, 0.4, 0.8, 1.6))}
    stated["material_group"] = {"set": draw.sample(MATERIALS, 3)}
    if draw.random() < 0.6:
        stated["certificate"] = {"set": ["ISO 9001"]}
    return stated


def fill(machines: int, firms: int) -> Any:
    """Firms around one place with as many machines each, and a person of the first one."""
    from gonghe.apps.capacity.models import Equipment
    from gonghe.apps.members.acting import find_acting
    from gonghe.apps.members.models import Organization, Role, Site
    from gonghe.apps.members.services import add_person
    from gonghe.apps.principal import SYSTEM
    from gonghe.apps.technology.models import Capability

    draw = random.Random(SEED)  # noqa: S311
    members = [Organization(name=f"Firm {at:05}", slug=f"firm-{at}") for at in range(firms)]
    Organization.objects.bulk_create(members)
    sites = [
        Site(
            organization=one,
            code="main",
            name="Works",
            latitude=Decimal(str(round(28 + draw.random(), 5))),
            longitude=Decimal(str(round(120 + draw.random(), 5))),
        )
        for one in members
    ]
    Site.objects.bulk_create(sites)
    for first in range(0, machines, 10_000):
        numbers = range(first, min(first + 10_000, machines))
        can = [
            Capability(
                organization=members[at % firms], process=draw.choice(PROCESSES), constraints=limits(draw)
            )
            for at in numbers
        ]
        those = [
            Equipment(
                organization=members[at % firms],
                site=sites[at % firms],
                code=f"M{at}",
                name=f"Machine {at}",
                released=False,
            )
            for at in numbers
        ]
        Capability.objects.bulk_create(can, batch_size=2000)
        Equipment.objects.bulk_create(those, batch_size=2000)
        link = Equipment.capabilities.through
        link.objects.bulk_create(
            [
                link(equipment_id=machine.pk, capability_id=one.pk)
                for machine, one in zip(those, can, strict=True)
            ],
            batch_size=2000,
        )
    user = add_person(SYSTEM, members[0], email="buyer@example.org", name="Buyer", role=Role.OWNER)
    return find_acting(user, members[0].slug)


def sql_filter(text: str) -> int:
    """The plain way: rows whose process and limits fit; no near misses, no distance, no usual reach."""
    from gonghe.apps.capacity.models import Equipment
    from gonghe.engines.matching import Taxonomy, understand

    taxonomy = Taxonomy.load()
    requirement = understand(text, taxonomy).requirement()
    assert requirement is not None
    rows = Equipment.objects.filter(
        capabilities__process__in=taxonomy.satisfying(requirement.process), capabilities__active=True
    )
    for code, wanted in requirement.properties.items():
        if isinstance(wanted, int | float):
            bound = "min" if taxonomy.property(code).better == "smaller" else "max"
            way = "lte" if bound == "min" else "gte"
            rows = rows.filter(**{f"capabilities__constraints__{code}__{bound}__{way}": wanted})
        else:
            for word in (wanted,) if isinstance(wanted, str) else wanted:
                rows = rows.filter(**{f"capabilities__constraints__{code}__set__icontains": word})
    return len(list(rows.select_related("organization", "site")[:SHOWN]))


def timed(ask: Callable[[str], object], rounds: int) -> list[float]:
    """Milliseconds of every question, all sentences in turn."""
    took = []
    for _round in range(rounds):
        for text in SENTENCES:
            began = time.perf_counter()
            ask(text)
            took.append((time.perf_counter() - began) * 1000)
    return took


def timed_changes(acting: Any, rounds: int) -> list[float]:
    """Milliseconds of the first question after each of some changes of one firm."""
    from gonghe.apps.capacity.finding import find
    from gonghe.apps.technology.services import save_capability

    took = []
    for at in range(rounds):
        save_capability(acting, process="turning", constraints={"diameter_mm": {"max": 100 + at}})
        began = time.perf_counter()
        find(acting, SENTENCES[0])
        took.append((time.perf_counter() - began) * 1000)
    return took


def row(name: str, took: list[float]) -> str:
    """One line of the table."""
    p95 = statistics.quantiles(took, n=20)[-1]
    return f"| {name} | {statistics.median(took):.1f} | {p95:.1f} | {max(took):.1f} | {len(took)} |"


def measure(machines: int, firms: int, rounds: int) -> None:
    """Fill the database, ask, print."""
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from gonghe.apps.capacity.catalogue_now import current
    from gonghe.apps.capacity.finding import find

    call_command("migrate", verbosity=0)
    acting = fill(machines, firms)
    client = Client()
    client.force_login(acting.user)

    def ours(text: str) -> None:
        found = find(acting, text)
        assert found.can[:SHOWN] or found.nearly[:SHOWN]
        _both = found.can[:SHOWN], found.nearly[:SHOWN]

    def page(text: str) -> None:
        answer = client.get(f"/o/{acting.organization.slug}/capacity/find/", {"q": text})
        assert answer.status_code == 200

    began = time.perf_counter()
    current()
    reading = time.perf_counter() - began
    for text in SENTENCES:
        page(text)
    load = os.getloadavg()[0]
    print(f"{machines:,} machines of {firms:,} firms, seed {SEED}, {connection.vendor}, load {load:.1f},")
    print(f"{platform.machine()}, {os.cpu_count()} cores; reading all of it into columns: {reading:.1f} s\n")
    print("| way | p50 ms | p95 ms | longest ms | questions |\n| --- | --- | --- | --- | --- |")
    print(row("ours, in process", timed(ours, rounds)))
    print(row("ours, as a page", timed(page, rounds)))
    print(row("ours, first question after a change", timed_changes(acting, rounds)))
    print(row("plain SQL filter", timed(sql_filter, max(1, rounds // 4))))


def main() -> None:
    """Read the arguments and measure in an installation that is gone afterwards."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--machines", type=int, default=100_000)
    parser.add_argument("--firms", type=int, default=2_500)
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["GONGHE_HOME"] = home
        os.environ["DJANGO_SETTINGS_MODULE"] = "gonghe.config.settings"
        import django

        django.setup()
        from django.test.utils import setup_test_environment

        setup_test_environment()
        measure(given.machines, given.firms, given.rounds)


if __name__ == "__main__":
    main()
