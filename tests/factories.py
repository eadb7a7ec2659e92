"""The people, firms and places that tests share; made through the services, as in real life."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.test import Client

from gonghe.apps.members import services
from gonghe.apps.members.acting import Acting, find_acting
from gonghe.apps.members.facts import facts_of
from gonghe.apps.members.identity import verify_fact
from gonghe.apps.members.models import Organization, Role, Site, User
from gonghe.apps.principal import SYSTEM

PLACES = {
    "hengda": (Decimal("28.00120"), Decimal("120.65740")),
    "lanshan": (Decimal("28.12330"), Decimal("120.98410")),
    "ruian": (Decimal("27.77840"), Decimal("120.65500")),
}


@dataclass(frozen=True, slots=True)
class People:
    """Everybody, each acting for their firm."""

    owner: Acting
    planner: Acting
    operator: Acting
    colleague: Acting
    lanshan_owner: Acting
    buyer: Acting
    clerk: Acting
    rival: Acting
    office: Acting
    outsider: User


def people() -> People:
    """Found the three firms and the cluster office and let everybody in; each firm has one site."""
    firm("hengda", "Hengda Precision")
    firm("lanshan", "Lanshan Pump Works")
    firm("ruian", "Ruian Mould")
    firm("park", "Oujiang Cluster Office", Organization.Kind.OFFICE)
    everybody = People(
        owner=person("hengda", "owner", Role.OWNER),
        planner=person("hengda", "planner", Role.PLANNER),
        operator=person("hengda", "operator", Role.OPERATOR),
        colleague=person("hengda", "colleague", Role.OPERATOR),
        lanshan_owner=person("lanshan", "lanshan-owner", Role.OWNER),
        buyer=person("lanshan", "buyer", Role.BUYER),
        clerk=person("lanshan", "clerk", Role.OPERATOR),
        rival=person("ruian", "rival", Role.OWNER),
        office=person("park", "office", Role.OFFICE),
        outsider=User.objects.create_user("outsider@example.org", "Outsider"),
    )
    for acting in (everybody.owner, everybody.lanshan_owner, everybody.rival):
        site(acting)
    return everybody


def firm(slug: str, name: str, kind: str = Organization.Kind.FIRM) -> Organization:
    """An organisation."""
    return services.create_organization(SYSTEM, name=name, slug=slug, kind=kind)


def person(slug: str, name: str, role: str) -> Acting:
    """A person in a role at the organisation of this slug, acting for it."""
    organization = Organization.objects.get(slug=slug)
    user = services.add_person(
        SYSTEM, organization, email=f"{name}@{slug}.example.org", name=name.title(), role=role
    )
    return find_acting(user, slug)


def site(acting: Acting, code: str = "main") -> Site:
    """The works of the acting firm."""
    latitude, longitude = PLACES[acting.organization.slug]
    return services.save_site(
        acting,
        code=code,
        name=f"{acting.organization.name}, {code} works",
        latitude=latitude,
        longitude=longitude,
    )


def verify(office: Acting, firm: Organization, *keys: str) -> None:
    """The cluster office verifies these facts of a firm, or all that it states."""
    for fact in facts_of(Organization.objects.get(pk=firm.pk)):
        if fact.value and (not keys or fact.key in keys):
            verify_fact(office, firm, fact=fact.key, value=fact.value)


def signed_in(who: Acting | User) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    client.force_login(who.user if isinstance(who, Acting) else who)
    return client
