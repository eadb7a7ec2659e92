"""Who can, who nearly can and by how much not, as far as firms show it."""

from __future__ import annotations

import pytest
from tests.factories import People

from gonghe.apps.base import InvalidError
from gonghe.apps.capacity import services
from gonghe.apps.capacity.matching import candidates
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.members import services as members
from gonghe.apps.technology import services as technology
from gonghe.apps.technology import words

BRACKET = {
    "process": "milling-3axis",
    "properties": {
        "envelope_x_mm": 450,
        "envelope_y_mm": 300,
        "envelope_z_mm": 100,
        "material_group": "steel",
    },
}


def wanting(**properties: object) -> dict[str, object]:
    """The bracket with other properties."""
    return BRACKET | {"properties": BRACKET["properties"] | properties}


def test_who_fits_comes_first_and_a_near_miss_says_by_how_much(mill: Equipment, people: People) -> None:
    """M1 takes 450 mm; at 650 mm the length is 150 mm too much; titanium is not among its materials."""
    buyer = people.buyer.organization
    (fits,) = candidates(buyer, BRACKET)
    assert (fits.verdict, fits.equipment, fits.site, fits.misses) == ("can", mill, mill.site, ())
    (long,) = candidates(buyer, wanting(envelope_x_mm=650))
    assert (long.verdict, long.misses[0].property, long.misses[0].gap) == ("nearly", "envelope_x_mm", 150)
    assert words.miss_text(long.misses[0]) == (
        "length of the work space (X): 650 mm wanted, 500 mm is the limit, 150 mm too much"
    )
    (titanium,) = candidates(buyer, wanting(material_group="titanium"))
    assert words.miss_text(titanium.misses[0]) == "material: titanium wanted, only aluminium, steel offered"


def test_other_processes_do_not_appear(mill: Equipment, people: People) -> None:
    """A sewing place is no candidate for milling."""
    technology.save_capability(people.rival, process="sewing", constraints={})
    assert [one.organization.slug for one in candidates(people.buyer.organization, BRACKET)] == ["hengda"]


def test_a_capability_without_a_machine_is_a_candidate_at_the_first_site(people: People) -> None:
    """A firm that keeps its calendar elsewhere names no machine."""
    technology.save_capability(people.rival, process="milling-5axis", constraints={})
    (one,) = candidates(people.buyer.organization, BRACKET)
    assert (one.equipment, one.site, one.verdict) == (None, people.rival.organization.sites.get(), "can")
    assert "material_group" in one.assumed


def test_of_several_capabilities_of_a_machine_the_best_counts(mill: Equipment, people: People) -> None:
    """A second capability that takes 700 mm makes the long part possible."""
    larger = technology.save_capability(
        people.owner, process="milling-3axis", constraints={"envelope_x_mm": {"max": 700}}
    )
    services.save_equipment(
        people.owner,
        code="M1",
        name="Mill",
        site=mill.site,
        calendar=mill.calendar,
        capabilities=[*mill.capabilities.all(), larger],
    )
    assert [one.verdict for one in candidates(people.buyer.organization, wanting(envelope_x_mm=650))] == [
        "can"
    ]


@pytest.mark.parametrize(
    ("level", "seen_by"),
    [
        ("nobody", {"hengda"}),
        ("partners", {"hengda", "lanshan"}),
        ("members", {"hengda", "lanshan", "ruian"}),
    ],
)
def test_disclosure_decides_who_finds_a_machine(
    mill: Equipment, people: People, level: str, seen_by: set[str]
) -> None:
    """Hengda names lanshan as its partner; ruian is a rival."""
    members.name_partner(people.owner, people.buyer.organization)
    members.set_disclosure(people.owner, group="capabilities", level=level)
    viewers = (people.owner, people.buyer, people.rival)
    finding = {one.organization.slug for one in viewers if candidates(one.organization, BRACKET)}
    assert finding == seen_by


def test_resting_capabilities_and_retired_machines_are_not_found(mill: Equipment, people: People) -> None:
    """First the machine leaves, then the capability rests."""
    services.retire_equipment(people.owner, mill)
    assert candidates(people.buyer.organization, BRACKET) == []
    capability = mill.capabilities.get()
    technology.save_capability(
        people.owner,
        process=capability.process,
        constraints=capability.constraints,
        active=False,
        capability_id=capability.pk,
    )
    assert candidates(people.buyer.organization, BRACKET) == []


def test_a_requirement_that_makes_no_sense_is_refused(people: People) -> None:
    """An unknown process and a word where a number belongs."""
    for requirement in ({"process": "levitation"}, wanting(envelope_x_mm="long")):
        with pytest.raises(InvalidError, match="cannot be compared"):
            candidates(people.buyer.organization, requirement)
