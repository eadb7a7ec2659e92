"""Who sees what of a firm: every group of facts and every offer, at every level, for every kind of viewer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories import People, signed_in

from gonghe import clock
from gonghe.apps.capacity import services as capacity
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.capacity.offering import Terms, publish
from gonghe.apps.members import services
from gonghe.apps.members.identity import save_profile
from gonghe.apps.members.models import Disclosure
from gonghe.apps.technology import services as technology
from gonghe.apps.technology import sharing

pytestmark = pytest.mark.django_db
GROUPS = Disclosure.Group.values
LEVELS = Disclosure.Level.values
VIEWERS = ("own", "partner", "member", "office", "public")
SLUGS = {"own": "hengda", "partner": "lanshan", "member": "ruian", "office": "park"}
PREVIEWS = {"partner": "partner", "member": "rival", "office": "office", "public": "public"}
# What stands on a page where a group is shown, and nowhere else.
MARKS = {
    "identity": ("91350100M000100Y43", "28.00120"),
    "capabilities": ("Marked mill", 'id="can"'),
    "free_hours": ('id="free"',),
    "prices": ("187.35",),
    "history": ('id="history"',),
}


@pytest.fixture
def hengda(people: People) -> People:
    """Hengda says something of every group, shows nothing of it, and names lanshan as its partner."""
    owner = people.owner
    services.name_partner(owner, people.buyer.organization)
    save_profile(owner, name="Hengda Precision", registration_code="91350100M000100Y43")
    calendar = capacity.save_calendar(owner, code="day", weekly=[[0, "08:00", "17:00"]], holidays=[])
    can = technology.save_capability(owner, process="milling-3axis", constraints={})
    machine = capacity.save_equipment(
        owner,
        code="M1",
        name="Marked mill",
        site=owner.organization.sites.get(),
        calendar=calendar,
        capabilities=[can],
    )
    capacity.save_rate(owner, machine, per_hour=Decimal("187.35"), published=False)
    Equipment.objects.filter(pk=machine.pk).update(history={"operations": 4711})
    for group in GROUPS:
        services.set_disclosure(owner, group=group, level="nobody")
    return people


def allowed(level: str, viewer: str) -> bool:
    """The rule in one table."""
    return (
        viewer
        in {
            "nobody": {"own"},
            "partners": {"own", "partner"},
            "members": {"own", "partner", "member", "office"},
            "everyone": set(VIEWERS),
        }[level]
    )


def expected(group: str, level: str, viewer: str) -> set[str]:
    """Groups that a viewer sees when all but one are shown to nobody."""
    if viewer == "own":
        return set(GROUPS)
    verifies = {"identity"} if viewer == "office" else set()
    return verifies | ({group} if allowed(level, viewer) else set())


def browser(people: People, viewer: str) -> Client:
    who = {"own": people.owner, "partner": people.buyer, "member": people.rival, "office": people.office}
    return signed_in(who[viewer]) if viewer in who else Client()


def page_of(people: People, viewer: str) -> str:
    address = (
        reverse("public:firm", args=["hengda"])
        if viewer == "public"
        else reverse("capacity:firm", args=[SLUGS[viewer], "hengda"])
    )
    got = browser(people, viewer).get(address)
    assert got.status_code in ({200, 404} if viewer == "public" else {200})
    return got.content.decode()


def told(people: People, viewer: str) -> dict[str, Any]:
    address = "/api/public/firms/hengda" if viewer == "public" else f"/api/o/{SLUGS[viewer]}/firms/hengda"
    answer: dict[str, Any] = browser(people, viewer).get(address).json()
    return answer


def seen(page: str) -> set[str]:
    """Groups whose marks stand on a page; all marks of a group or none."""
    groups = set()
    for group, marks in MARKS.items():
        there = [mark in page for mark in marks]
        assert len(set(there)) == 1, (group, there)
        if all(there):
            groups.add(group)
    return groups


def told_groups(answer: dict[str, Any]) -> set[str]:
    keys = {
        "identity": "identity",
        "capabilities": "capabilities",
        "free_hours": "free",
        "prices": "prices",
        "history": "history",
    }
    return {group for group, key in keys.items() if answer.get(key)}


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("group", GROUPS)
def test_groups_of_facts(hengda: People, group: str, level: str, viewer: str) -> None:
    """Page, API and the preview that the firm sees of itself agree with the rule."""
    services.set_disclosure(hengda.owner, group=group, level=level)
    wanted = expected(group, level, viewer)
    assert seen(page_of(hengda, viewer)) == wanted
    assert told_groups(told(hengda, viewer)) == wanted
    if viewer in PREVIEWS:
        preview = reverse("capacity:seen_as", args=["hengda", PREVIEWS[viewer]])
        assert seen(signed_in(hengda.owner).get(preview).content.decode()) == wanted
    if viewer == "public":
        listed = Client().get(reverse("public:firms")).content.decode()
        assert ("Hengda Precision" in listed) == bool(wanted)


@pytest.mark.parametrize("viewer", [one for one in VIEWERS if one != "public"])
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("group", ["identity", "capabilities"])
def test_lists_and_search(hengda: People, group: str, level: str, viewer: str) -> None:
    """What one page hides, no list, search or match gives away."""
    machine = Equipment.objects.get(code="M1")
    capacity.save_rate(hengda.owner, machine, per_hour=Decimal(55), published=True)
    services.set_disclosure(hengda.owner, group=group, level=level)
    wanted = expected(group, level, viewer)
    client, slug = browser(hengda, viewer), SLUGS[viewer]
    (member,) = [one for one in client.get(f"/api/o/{slug}/members").json() if one["slug"] == "hengda"]
    assert bool(member["sites"]) == ("identity" in wanted)
    can = "capabilities" in wanted
    listed = client.get(f"/api/o/{slug}/capabilities/members").json()
    assert any(one["organization"] == "hengda" for one in listed) == can
    found = client.get(f"/api/o/{slug}/find?q=3-axis milling").json()["can"]
    matched = client.post(
        f"/api/o/{slug}/match", {"process": "milling-3axis"}, content_type="application/json"
    ).json()
    assert [bool(found), bool(matched)] == [can, can]
    offers = client.get(f"/api/o/{slug}/market/open-offers").json()
    market = client.get(reverse("market:index", args=[slug])).content.decode()
    assert [bool(one["site"]) for one in offers] == ["identity" in wanted]
    if viewer != "office":  # it opens bids there and is shown no offers
        assert ("Hengda Precision, main works" in market) == ("identity" in wanted)
    for one in [*found, *matched]:
        assert bool(one["site"]) == ("identity" in wanted)
        assert one.get("km") is None or "identity" in wanted


def capacity_offer(people: People, level: str) -> str:
    machine = Equipment.objects.get(code="M1")
    start = clock.now()
    until = start + timedelta(days=14)
    hours = Decimal(1), Decimal(8)
    terms = Terms("Marked hours", start, until, *hours, per_hour=Decimal(99), visibility=level)
    return str(publish(people.owner, [machine], terms)[0].pk)


def know_how(people: People, level: str) -> str:
    made = sharing.save_technology(
        people.owner,
        sharing.TechnologyIn(
            kind="expert_hours", title="Marked know-how", summary="Hours of an expert.", level=level
        ),
    )
    return str(made.pk)


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    ("make", "mark", "key", "route"),
    [
        (capacity_offer, "Marked hours", "hours", "capacity:offer"),
        (know_how, "Marked know-how", "know_how", "technology:offer"),
    ],
    ids=["hours", "know-how"],
)
def test_offers(
    hengda: People,
    make: Callable[[People, str], str],
    mark: str,
    key: str,
    route: str,
    level: str,
    viewer: str,
) -> None:
    """An offer is seen by its own level, whatever the groups of facts say."""
    made = make(hengda, level)
    wanted = allowed(level, viewer)
    assert (mark in page_of(hengda, viewer)) == wanted
    assert [one["title"] for one in told(hengda, viewer).get(key, ())] == [mark] * wanted
    if viewer in PREVIEWS:
        preview = reverse("capacity:seen_as", args=["hengda", PREVIEWS[viewer]])
        assert (mark in signed_in(hengda.owner).get(preview).content.decode()) == wanted
    if viewer in SLUGS:
        got = browser(hengda, viewer).get(reverse(route, args=[SLUGS[viewer], made]))
        assert got.status_code == (200 if wanted else 404)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_a_published_rate_is_for_members(hengda: People, viewer: str) -> None:
    machine = Equipment.objects.get(code="M1")
    capacity.save_rate(hengda.owner, machine, per_hour=Decimal(55), published=True)
    services.set_disclosure(hengda.owner, group="history", level="everyone")
    assert bool(told(hengda, viewer)["offers"]) == (viewer != "public")
    assert ('id="offers"' in page_of(hengda, viewer)) == (viewer != "public")


def test_a_firm_without_anything_public_is_not_told_from_none(hengda: People) -> None:
    """The same answer, byte for byte; a level that is taken back holds at once."""
    for address in ("/firms/{}/", "/api/public/firms/{}"):
        hidden, none = Client().get(address.format("hengda")), Client().get(address.format("nobody"))
        assert (hidden.status_code, hidden.content) == (404, none.content)
    services.set_disclosure(hengda.owner, group="history", level="everyone")
    shown = Client().get("/firms/hengda/")
    assert (shown.status_code, shown["Cache-Control"], shown["X-Robots-Tag"]) == (
        200,
        "no-store",
        "noarchive",
    )
    services.set_disclosure(hengda.owner, group="history", level="nobody")
    assert Client().get("/firms/hengda/").status_code == 404


def test_who_is_not_signed_in_may_not_ask_without_end(hengda: People) -> None:
    """60 pages a minute to one address; another address and the next minute have their own."""
    with clock.telling(clock.now()):
        for _turn in range(60):
            assert Client().get("/firms/").status_code == 200
        assert Client().get("/firms/").status_code == 429
        assert Client().get("/api/public/firms").json()["error"]["code"] == "too_often"
        assert Client(REMOTE_ADDR="192.0.2.7").get("/firms/").status_code == 200
    with clock.telling(clock.now() + timedelta(minutes=1)):
        assert Client().get("/firms/").status_code == 200


def test_search_engines_are_sent_to_public_pages_only() -> None:
    assert Client().get("/robots.txt").content == b"User-agent: *\nAllow: /firms/\nDisallow: /\n"
