"""Found the example cluster in an installation: 24 workshops, 120 pieces of equipment, buyers, an office.

Everything goes the way a member would go: each workshop's spreadsheet is written and imported.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from pathlib import Path

from firms import BUYERS, FIRMS, OFFICE, Firm
from machines import KINDS, Kind

from gonghe.apps.capacity.workbook import import_workbook, vocabulary
from gonghe.apps.market import sealing
from gonghe.apps.market import services as market
from gonghe.apps.members import services as members
from gonghe.apps.members.acting import Acting, find_acting
from gonghe.apps.members.models import Organization, Role
from gonghe.apps.principal import SYSTEM
from gonghe.standards import workbook as sheets

ZONE = "Asia/Shanghai"
PASSPHRASE = "the key holder of the example cluster"  # noqa: S105 - of a made-up cluster
SHIFTS: dict[str, tuple[tuple[range, time, time], ...]] = {
    "day": ((range(5), time(8), time(12)), (range(5), time(13), time(17))),
    "two-shifts": (
        (range(5), time(6), time(12)),
        (range(5), time(13), time(22)),
        (range(5, 6), time(6), time(12)),
    ),
    "nights": ((range(6), time(0), time(0)),),
}
# Days off that fall on the same date every year.
HOLIDAYS = ((1, 1), (5, 1), (5, 2), (5, 3), (10, 1), (10, 2), (10, 3), (10, 4), (10, 5))
Tell = Callable[[str], None]


@dataclass(slots=True)
class Cluster:
    """Who is who after founding; `acting` by short name and role."""

    workshops: dict[str, Organization] = field(default_factory=dict)
    buyers: dict[str, Organization] = field(default_factory=dict)
    office: Organization | None = None
    acting: dict[tuple[str, str], Acting] = field(default_factory=dict)
    key_file: bytes = b""

    def owner(self, slug: str) -> Acting:
        """The owner of a workshop."""
        return self.acting[slug, Role.OWNER]

    def buyer(self, slug: str) -> Acting:
        """The buyer of a buying firm."""
        return self.acting[slug, Role.BUYER]


def found(years: range, tell: Tell) -> Cluster:
    """Found all members and let each workshop import its spreadsheet.

    Parameters
    ----------
    years
        Years whose holidays enter the calendars.
    tell
        Takes a line of progress.
    """
    cluster = Cluster()
    _found_office(cluster)
    for slug, name, name_en, latitude, longitude in BUYERS:
        cluster.buyers[slug] = join(cluster, slug, name, name_en, (Role.OWNER, Role.BUYER))
        place(cluster.owner(slug), latitude, longitude)
    for firm in FIRMS:
        cluster.workshops[firm.slug] = join(
            cluster, firm.slug, firm.name, firm.name_en, (Role.OWNER, Role.PLANNER, Role.OPERATOR)
        )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{firm.slug}.xlsx"
            sheets.write(path, workbook_of(firm, years), "en", vocabulary())
            import_workbook(cluster.owner(firm.slug), path)
    machines = sum(sum(firm.equipment.values()) for firm in FIRMS)
    tell(f"{len(FIRMS)} workshops joined with {machines} pieces of equipment, each by its own spreadsheet.")
    return cluster


def workbook_of(firm: Firm, years: range) -> sheets.Workbook:
    """The spreadsheet that a workshop would fill in."""
    site = sheets.SiteRow("main", firm.name, firm.name_en, firm.latitude, firm.longitude, ZONE)
    equipment, capabilities, rates = [], [], []
    used = sorted({KINDS[kind].calendar for kind in firm.equipment})
    for kind_code, count in firm.equipment.items():
        kind = KINDS[kind_code]
        for number in range(1, count + 1):
            code = f"{kind_code.upper()}-{number}"
            equipment.append(sheets.EquipmentRow(code, "main", kind.name, 1, kind.calendar, True))
            capabilities += _capabilities(code, kind)
            rates.append(
                sheets.RateRow(
                    code,
                    _price(kind.per_hour, firm),
                    _price(kind.per_setup, firm),
                    "CNY",
                    firm.published,
                    _price(kind.per_hour // 2, firm),
                )
            )
    calendars = [row for code in used for row in _calendar(code, years)]
    return sheets.Workbook((site,), tuple(equipment), tuple(capabilities), tuple(calendars), tuple(rates))


def _capabilities(code: str, kind: Kind) -> list[sheets.CapabilityRow]:
    rows = []
    for process in kind.processes:
        limits = {
            prop: {
                key: tuple(sorted(value)) if isinstance(value, list) else value
                for key, value in bounds.items()
            }
            for prop, bounds in (kind.limits | kind.by_process.get(process, {})).items()
        }
        rows.append(sheets.CapabilityRow(code, process, False, limits))
    return rows


def _calendar(code: str, years: range) -> list[sheets.CalendarRow]:
    shifts = [
        sheets.CalendarRow(code, weekday, start, end) for days, start, end in SHIFTS[code] for weekday in days
    ]
    return shifts + [
        sheets.CalendarRow(code, holiday=date(year, month, day)) for year in years for month, day in HOLIDAYS
    ]


def _price(base: int, firm: Firm) -> Decimal:
    return (Decimal(base) * firm.level / 100).quantize(Decimal("1"))


def join(cluster: Cluster, slug: str, name: str, name_en: str, roles: tuple[str, ...]) -> Organization:
    """Found a member with one person for each role."""
    organization = members.create_organization(SYSTEM, name=name, slug=slug, name_en=name_en)
    _people(cluster, organization, roles)
    return organization


def _people(cluster: Cluster, organization: Organization, roles: tuple[str, ...]) -> None:
    for role in roles:
        user = members.add_person(
            SYSTEM,
            organization,
            email=f"{role}@{organization.slug}.example",
            name=f"{organization.name_en} {role}",
            role=role,
        )
        cluster.acting[organization.slug, role] = find_acting(user, organization.slug)


def place(acting: Acting, latitude: float, longitude: float) -> None:
    """Give a member its one site."""
    members.save_site(
        acting,
        code="main",
        name=acting.organization.name,
        latitude=Decimal(str(latitude)),
        longitude=Decimal(str(longitude)),
    )


def _found_office(cluster: Cluster) -> None:
    slug, name, name_en, latitude, longitude = OFFICE
    office = members.create_organization(
        SYSTEM, name=name, slug=slug, name_en=name_en, kind=Organization.Kind.OFFICE
    )
    _people(cluster, office, (Role.OWNER, Role.OFFICE))
    place(cluster.owner(slug), latitude, longitude)
    cluster.office = office
    cluster.key_file, public = sealing.new_key_file(PASSPHRASE)
    market.register_key_holder(SYSTEM, office, public)
