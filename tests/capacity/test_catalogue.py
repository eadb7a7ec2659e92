"""The search in columns gives what judging every row gives, at once after every kind of change."""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import Decimal

import pytest
from tests.factories import People

from gonghe.apps.audit.models import Event
from gonghe.apps.capacity import catalogue_now, services
from gonghe.apps.capacity.catalogue_now import current
from gonghe.apps.capacity.finding import find
from gonghe.apps.capacity.matching import candidates
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.members import services as members
from gonghe.apps.members.access import own_sites
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.places import great_circle_km
from gonghe.apps.technology import services as technology
from gonghe.apps.technology import words
from gonghe.apps.technology.access import own_capabilities
from gonghe.engines.matching import MAX_NEAR_MISSES, Taxonomy, understand

PROCESSES = ("milling-3axis", "milling-5axis", "turning", "laser-cutting")
SENTENCES = (
    "5-axis milling titanium 400 x 300 x 200 IT6 within 40 km",
    "3-axis milling steel 300 x 500, ISO 9001",
    "turning Ø80, IT 7, within 20 km",
    "laser cutting 3 mm aluminium 1500 x 3000 within 40 km ISO 9001",
    "laser cutting",
)
KINDS = ("add", "add", "machine", "machine", "rest", "remove", "retire", "show", "move", "partner")
Line = tuple[str, str, float | None, tuple[str, ...]]


def line(code: str, firm: str, km: float | None, fails: tuple[str, ...]) -> Line:
    return firm, code, km, fails


def row_by_row(acting: Acting, text: str) -> tuple[list[Line], list[Line]]:
    """The plain way: judge every capability of the process, then sort."""
    query = understand(text, Taxonomy.load())
    requirement = query.requirement()
    assert requirement is not None
    origin = own_sites(acting).first()
    lines, far = [], float("inf")
    for one in candidates(acting.organization, requirement.to_json()):
        km = great_circle_km(origin, one.site) if origin and one.site else None
        fails = tuple(words.miss_text(miss) for miss in one.misses)
        if km is not None and query.within_km is not None and km > query.within_km:
            fails += (f"{km:.1f} km away, {km - query.within_km:.1f} km too far",)
        code = one.equipment.code if one.equipment else ""
        lines.append(line(code, one.organization.slug, km, fails))
    can = sorted((one for one in lines if not one[3]), key=lambda one: far if one[2] is None else one[2])
    near = [one for one in lines if 0 < len(one[3]) <= MAX_NEAR_MISSES]
    return can, sorted(near, key=lambda one: len(one[3]))


def in_columns(acting: Acting, text: str) -> tuple[list[Line], list[Line]]:
    """The same from the search."""
    found = find(acting, text)
    can, nearly = (
        [
            line(
                one.machine.code if one.machine else "",
                one.firm.slug,
                one.km,
                one.fails,
            )
            for one in answers
        ]
        for answers in (found.can, found.nearly)
    )
    assert (len(found.can), len(found.nearly)) == (len(can), len(nearly))
    assert found.firms == len({one[0] for one in can})
    return can, nearly


@dataclass(frozen=True, slots=True)
class Chance:
    """Random firms and random changes of them, under a seed."""

    random: random.Random
    people: People

    def limits(self) -> dict[str, object]:
        """Some sizes, some words, often nothing."""
        draw = self.random
        sizes: dict[str, object] = {
            code: {"max": draw.choice([250, 300, 400, 500, 3050])}
            for code in ("envelope_x_mm", "envelope_y_mm", "envelope_z_mm", "diameter_mm", "thickness_mm")
            if draw.random() < 0.5
        }
        if draw.random() < 0.5:
            sizes["tolerance_it"] = {"min": draw.choice([5, 6, 7, 8])}
        if draw.random() < 0.6:
            sizes["material_group"] = {"set": draw.sample(["steel", "aluminium", "titanium"], 2)}
        if draw.random() < 0.5:
            sizes["certificate"] = {"set": ["ISO 9001"]}
        return sizes

    def change(self, step: int) -> None:
        """One write of a random firm, through its service."""
        draw, people = self.random, self.people
        acting = draw.choice([people.owner, people.lanshan_owner, people.rival])
        can = list(own_capabilities(acting))
        partner = people.rival if acting == people.lanshan_owner else people.buyer
        machines = list(acting.organization.equipment.exclude(status=Equipment.Status.RETIRED))
        kind = draw.choice(KINDS)
        if kind == "machine" and can:
            services.save_equipment(
                acting,
                code=f"M{draw.randrange(6)}",
                name="Machine",
                site=draw.choice(list(own_sites(acting))),
                calendar=None,
                capabilities=draw.sample(can, draw.randint(1, min(3, len(can)))),
                released=False,
            )
        elif kind == "rest" and can:
            one = draw.choice(can)
            technology.save_capability(
                acting,
                process=one.process,
                constraints=one.constraints,
                active=not one.active,
                capability_id=one.pk,
            )
        elif kind == "remove" and can:
            technology.remove_capability(acting, draw.choice(can))
        elif kind == "retire" and machines:
            services.retire_equipment(acting, draw.choice(machines))
        elif kind == "show":
            members.set_disclosure(
                acting, group="capabilities", level=draw.choice(["nobody", "partners", "members"])
            )
        elif kind == "partner":
            members.name_partner(acting, partner.organization)
        elif kind == "move":
            members.save_site(
                acting,
                code=draw.choice(["main", "second"]),
                name=f"Works {step}",
                latitude=Decimal(28) + Decimal(draw.randrange(30_000)) / 100_000,
                longitude=Decimal(120) + Decimal(draw.randrange(90_000)) / 100_000,
            )
        else:
            technology.save_capability(
                acting,
                process=draw.choice(PROCESSES),
                constraints=self.limits(),
                covers_children=draw.random() < 0.2,
            )


@pytest.mark.parametrize("seed", range(3))
def test_the_same_answers_as_row_by_row_after_every_change(people: People, seed: int) -> None:
    """Two dozen random writes; after each of the later ones two searchers ask."""
    chance = Chance(random.Random(seed), people)
    answered = 0
    for step in range(24):
        chance.change(step)
        if step < 12:
            continue
        for acting in (people.buyer, chance.random.choice([people.rival, people.office])):
            text = chance.random.choice(SENTENCES)
            expected = row_by_row(acting, text)
            assert in_columns(acting, text) == expected
            answered += sum(map(len, expected))
    assert answered > 0


def test_many_changes_leave_nothing_behind(people: People) -> None:
    """A firm that changes a capability sixty times is kept once, beside the others that stay as they are."""
    technology.save_capability(people.rival, process="turning", constraints={"diameter_mm": {"max": 80}})
    one = technology.save_capability(people.owner, process="turning", constraints={})
    for at in range(60):
        limits = {"diameter_mm": {"max": 50 + at}}
        technology.save_capability(people.owner, process="turning", constraints=limits, capability_id=one.pk)
        both = in_columns(people.buyer, "turning Ø70")
        assert both == row_by_row(people.buyer, "turning Ø70")
        assert len(both[0]) == (1 if at < 20 else 2)
    assert len(current().columns) <= 2 * len(current().row)


def test_events_that_are_gone_make_it_read_everything(people: People) -> None:
    """As after a backup was put back: what is kept came from a state that is no longer."""
    technology.save_capability(people.owner, process="turning", constraints={})
    assert len(find(people.buyer, "turning").can) == 1
    own_capabilities(people.owner).delete()
    Event.objects.filter(type="technology.capability.saved").delete()
    assert len(find(people.buyer, "turning").can) == 0


def test_only_the_firm_that_wrote_is_read_again(
    people: People, django_assert_num_queries: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two short questions find out who wrote; again under the lock, with two for the taxonomy;
    then six for all that this firm says."""
    read: list[object] = []
    for acting in (people.owner, people.rival):
        technology.save_capability(acting, process="turning", constraints={})
    current()
    technology.save_capability(people.rival, process="turning", constraints={"diameter_mm": {"max": 9}})
    as_it_is = catalogue_now.read
    monkeypatch.setattr(catalogue_now, "read", lambda kept, of: read.append(of) or as_it_is(kept, of))
    with django_assert_num_queries(12):  # type: ignore[operator]
        current()
    assert read == [{people.rival.organization.pk}]
    with django_assert_num_queries(2):  # type: ignore[operator]
        current()


def test_what_is_kept_is_read_again_only_after_a_write_that_matters(people: People) -> None:
    """Naming a partner changes who sees, not what there is."""
    before = current()
    members.name_partner(people.owner, people.buyer.organization)
    assert current() is before
    technology.save_capability(people.owner, process="turning", constraints={})
    assert current() is not before


def test_what_is_looked_at_is_at_hand(people: People, django_assert_max_num_queries: object) -> None:
    """Sixty machines answer; those that are looked at cost no query more."""
    capability = technology.save_capability(people.owner, process="laser-cutting", constraints={})
    for number in range(60):
        services.save_equipment(
            people.owner,
            code=f"L{number:02}",
            name="Laser",
            site=own_sites(people.owner).get(),
            calendar=None,
            capabilities=[capability],
            released=False,
        )
    found = find(people.buyer, "laser cutting")
    assert (len(found.can), found.firms) == (60, 1)
    with django_assert_max_num_queries(0):  # type: ignore[operator]
        shown = found.can[:5]
    assert [one.machine.code for one in shown if one.machine] == [f"L{number:02}" for number in range(5)]
