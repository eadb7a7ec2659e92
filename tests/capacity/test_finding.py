"""A sentence finds who can and who nearly can; hidden firms are neither shown nor counted."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client
from tests.factories import People

from gonghe.apps.capacity import services
from gonghe.apps.capacity.finding import find
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.members import services as members
from gonghe.apps.members.access import own_sites
from gonghe.apps.members.acting import Acting
from gonghe.apps.technology import services as technology

SENTENCE = "a laser that cuts 3 mm aluminium, 1,500 x 3,000, within 40 km, certified ISO 9001"
IN_CHINESE = "能切3毫米铝板的激光切割，1500×3000，40公里以内，通过ISO9001认证"


def laser(acting: Acting, thickness: float, *certificates: str) -> Equipment:
    """A laser with a table of 3 x 1.5 m at the works of a firm."""
    constraints = {
        "envelope_x_mm": {"max": 3050},
        "envelope_y_mm": {"max": 1530},
        "thickness_mm": {"min": 0.5, "max": thickness},
        "material_group": {"set": ["steel", "aluminium"]},
    }
    if certificates:
        constraints["certificate"] = {"set": list(certificates)}
    capability = technology.save_capability(acting, process="laser-cutting", constraints=constraints)
    site = own_sites(acting).get()
    return services.save_equipment(
        acting,
        code="L1",
        name="Laser",
        site=site,
        calendar=None,
        capabilities=[capability],
        released=False,
    )


@pytest.fixture
def lasers(people: People) -> tuple[Equipment, Equipment]:
    return laser(people.owner, 8, "ISO 9001"), laser(people.rival, 2.5, "ISO 9001")


@pytest.mark.parametrize("sentence", [SENTENCE, IN_CHINESE])
def test_who_can_and_who_nearly_can(
    lasers: tuple[Equipment, Equipment], people: People, sentence: str
) -> None:
    """Hengda is 34.8 km from Lanshan; Ruian cuts 2.5 mm only and is 50.2 km away."""
    found = find(people.buyer, sentence)
    assert [(one.machine and UUID(one.machine.id), round(one.km or 0, 1)) for one in found.can] == [
        (lasers[0].pk, 34.8)
    ]
    (near,) = found.nearly
    assert near.machine is not None
    assert UUID(near.machine.id) == lasers[1].pk
    assert near.fails == (
        "thickness: 3 mm wanted, 2.5 mm is the limit, 0.5 mm too much",
        "50.2 km away, 10.2 km too far",
    )


def test_what_a_firm_hides_is_neither_found_nor_counted(
    lasers: tuple[Equipment, Equipment], people: People, client_buyer: Client
) -> None:
    members.set_disclosure(people.owner, group="capabilities", level="nobody")
    page = client_buyer.get("/o/lanshan/capacity/find/", {"q": SENTENCE}).content.decode()
    assert "Hengda" not in page
    assert "Ruian" in page
    found = client_buyer.get("/api/o/lanshan/find", {"q": SENTENCE}).json()
    assert (found["can"], [one["organization"] for one in found["nearly"]]) == ([], ["ruian"])
    assert found["understood"][0] == {
        "key": "process",
        "value": "laser-cutting",
        "text": "laser cutting",
    }


def test_the_page_asks_for_a_process_and_tells_what_it_did_not_understand(client_buyer: Client) -> None:
    page = client_buyer.get("/o/lanshan/capacity/find/", {"q": "zebra 3 mm"}).content.decode()
    assert "Name a process" in page
    assert "Not understood: zebra" in page


def test_without_a_site_distance_is_not_judged(lasers: tuple[Equipment, Equipment], people: People) -> None:
    found = find(people.office, SENTENCE)
    assert (found.measured, found.can[0].km) == (False, None)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_fields_become_a_sentence_that_asks_for_the_same(client_buyer: Client, language: str) -> None:
    """Numbers, words of two sets and the distance come back as removable pieces and as filled fields."""
    client_buyer.cookies["django_language"] = language
    fields = {
        "fields": "1",
        "process": "laser-cutting",
        "thickness_mm": "3",
        "envelope_x_mm": "1500",
        "envelope_y_mm": "3000",
        "material_group": ["aluminium", "stainless"],
        "certificate": ["ISO 9001"],
        "batch_pieces": "40",
        "distance_km": "30",
    }
    page = client_buyer.get("/o/lanshan/capacity/find/", fields, follow=True)
    pieces = {(one.key, one.value) for one in page.context["found"].query.pieces}
    assert pieces == {
        ("process", "laser-cutting"),
        ("thickness_mm", 3),
        ("envelope_x_mm", 1500),
        ("envelope_y_mm", 3000),
        ("material_group", "aluminium"),
        ("material_group", "stainless"),
        ("certificate", "ISO 9001"),
        ("batch_pieces", 40),
        ("distance_km", 30),
    }
    assert page.context["found"].query.rest == ()
    assert len(page.context["chips"]) == 9
    form = page.context["form"]
    assert (form["thickness_mm"].value(), form["material_group"].value()) == (3, ["aluminium", "stainless"])


def test_a_wrong_field_is_named(client_buyer: Client) -> None:
    fields = {"fields": "1", "process": "laser-cutting", "thickness_mm": "thin"}
    page = client_buyer.get("/o/lanshan/capacity/find/", fields)
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["thickness_mm"])


def test_the_map_has_the_sites_of_the_answers_only(
    lasers: tuple[Equipment, Equipment], people: People, client_buyer: Client
) -> None:
    """One's own site first; a firm that hides what it can do has no place on it."""
    page = client_buyer.get("/o/lanshan/capacity/find/", {"q": SENTENCE})
    kinds = [(one["name"], one["kind"]) for one in page.context["places"]]
    assert kinds[1:] == [("Hengda Precision", "partner"), ("Ruian Mould", "other")]
    assert page.context["places"][0]["kind"] == "own"
    members.set_disclosure(people.rival, group="capabilities", level="nobody")
    page = client_buyer.get("/o/lanshan/capacity/find/", {"q": SENTENCE})
    assert [one["kind"] for one in page.context["places"]] == ["own", "partner"]
