"""Found a small cluster in this installation and print how its people get in, as JSON on standard output.

Run in a process of its own, with GONGHE_HOME set: a browser test then meets an installation as a
person would, not the database of the test process.
"""

from __future__ import annotations

import json
import os
import sys
from decimal import Decimal
from pathlib import Path

import django

from gonghe.config.environment import CHECKOUT

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gonghe.config.settings")
django.setup()
sys.path.insert(0, str(CHECKOUT / "examples"))

import parts  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.urls import reverse  # noqa: E402

from gonghe.apps.capacity import services as capacity  # noqa: E402
from gonghe.apps.market import sealing  # noqa: E402
from gonghe.apps.market import services as market  # noqa: E402
from gonghe.apps.members import services as members  # noqa: E402
from gonghe.apps.members.acting import Acting, find_acting  # noqa: E402
from gonghe.apps.members.models import Organization, Role, Site  # noqa: E402
from gonghe.apps.principal import SYSTEM  # noqa: E402
from gonghe.apps.technology import services as technology  # noqa: E402

ROUND_THE_CLOCK = [[day, "00:00", "00:00"] for day in range(7)]
METAL = {"material_group": {"set": ["steel", "aluminium"]}, "tolerance_it": {"min": 6}}
LINK_MINUTES = 60
# slug -> name, English name, latitude, longitude, roles
PLACES = {
    "lanshan": ("岚山泵业", "Lanshan Pump Works", "28.12330", "120.98410", (Role.OWNER, Role.BUYER)),
    "hengda": ("恒达精密", "Hengda Precision", "28.00120", "120.65740", (Role.OWNER, Role.OPERATOR)),
    "mingde": (
        "明德检测", "Mingde Finishing", "28.01200", "120.66800", (Role.OWNER, Role.PLANNER, Role.OPERATOR)
    ),
    "ruian": ("瑞安模具", "Ruian Mould", "27.77840", "120.65500", (Role.OWNER,)),
}  # fmt: skip
# slug, code, name, processes, price of an hour
MACHINES = (
    ("hengda", "S1", "带锯床", ("saw",), 90),
    ("hengda", "M3", "加工中心", ("milling-3axis",), 200),
    ("mingde", "B1", "检验台", ("deburring", "inspection"), 70),
    ("ruian", "S9", "带锯床", ("saw",), 270),
    ("ruian", "M9", "加工中心", ("milling-3axis",), 600),
)


def main(folder: Path) -> dict[str, object]:
    """Everything; `folder` gets the key file."""
    call_command("migrate", verbosity=0, interactive=False)
    office = members.create_organization(
        SYSTEM, name="甬江集群办公室", name_en="Cluster Office", slug="office", kind=Organization.Kind.OFFICE
    )
    people = {"office": _person(office, Role.OFFICE)}
    for slug, place in PLACES.items():
        people |= _firm(slug, *place)
    for machine in MACHINES:
        _machine(people[f"{machine[0]}-owner"], *machine[1:])
    passphrase = "brass gauge block"
    pem, public = sealing.new_key_file(passphrase)
    (folder / "office.key").write_bytes(pem)
    part = parts.bearing_bracket()
    parts.write_step(part.shape, part.name, folder / f"{part.name}.step")
    market.register_key_holder(SYSTEM, office, public)
    links = {
        name: reverse(
            "members:sign_in_link", args=[members.make_sign_in_link(acting.user, minutes=LINK_MINUTES)]
        )
        for name, acting in people.items()
    }
    return {
        "links": links,
        "drawing": str(folder / f"{part.name}.step"),
        "key_file": str(folder / "office.key"),
        "passphrase": passphrase,
    }


def _firm(
    slug: str, name: str, name_en: str, latitude: str, longitude: str, roles: tuple[str, ...]
) -> dict[str, Acting]:
    firm = members.create_organization(SYSTEM, name=name, name_en=name_en, slug=slug)
    people = {f"{slug}-{role}": _person(firm, role) for role in roles}
    owner = people[f"{slug}-owner"]
    members.save_site(
        owner, code="main", name=f"{name}一厂", latitude=Decimal(latitude), longitude=Decimal(longitude)
    )
    return people


def _person(firm: Organization, role: str) -> Acting:
    email = f"{role}@{firm.slug}.example"
    return find_acting(
        members.add_person(SYSTEM, firm, email=email, name=f"{firm.name} {role}", role=role), firm.slug
    )


def _machine(owner: Acting, code: str, name: str, processes: tuple[str, ...], per_hour: int) -> None:
    calendar = capacity.save_calendar(owner, code="always", weekly=ROUND_THE_CLOCK)
    able = [technology.save_capability(owner, process=process, constraints=METAL) for process in processes]
    site = Site.objects.get(organization=owner.organization)
    machine = capacity.save_equipment(
        owner, code=code, name=name, site=site, calendar=calendar, capabilities=able
    )
    capacity.save_rate(owner, machine, per_hour=Decimal(per_hour), per_setup=Decimal(60), published=True)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
