"""Questions of many trades in English and Chinese, with answers that were worked out by hand."""

from __future__ import annotations

import json
import pathlib
from decimal import Decimal
from typing import Any

import pytest
from tests.factories import firm, person

from gonghe.apps.capacity import services
from gonghe.apps.capacity.finding import Answer, find
from gonghe.apps.members import services as members
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Role
from gonghe.apps.technology import services as technology

KEY = json.loads((pathlib.Path(__file__).parent / "answer_key.json").read_text("utf-8"))


@pytest.fixture
def searcher(db: None) -> Acting:
    """The firms of the key with their machines; the one that asks."""
    acting = {one["slug"]: _firm(**one) for one in KEY["firms"]}
    for machine in KEY["machines"]:
        _machine(acting[machine["firm"]], machine)
    return acting[KEY["searcher"]]


def _firm(slug: str, north: float, shows: str) -> Acting:
    firm(slug, slug.title())
    owner = person(slug, "owner", Role.OWNER)
    latitude = Decimal(28) + Decimal(str(north))
    members.save_site(owner, code="main", name="Works", latitude=latitude, longitude=Decimal(121))
    members.set_disclosure(owner, group="capabilities", level=shows)
    return owner


def _machine(owner: Acting, machine: dict[str, Any]) -> None:
    capability = technology.save_capability(
        owner,
        process=machine["process"],
        constraints=machine["limits"],
        covers_children=machine.get("covers_children", False),
    )
    services.save_equipment(
        owner,
        code=machine["code"],
        name=machine["process"],
        site=owner.organization.sites.get(),
        calendar=None,
        capabilities=[capability],
        released=False,
    )


def _name(one: Answer) -> str:
    assert one.machine is not None
    return f"{one.firm.slug}/{one.machine.code}"


def _lacks(one: Answer, within: float | None) -> dict[str, Any]:
    """What is lacking, by property: words as a list, numbers to two hundredths."""
    lacking: dict[str, Any] = {
        miss.property: list(miss.wanted) if isinstance(miss.wanted, tuple) else round(miss.gap or 0, 2)
        for miss in one.match.misses
    }
    if within is not None and one.km is not None and one.km > within:
        lacking["distance_km"] = pytest.approx(one.km - within, abs=0.01)
    return lacking


def test_every_question_gets_the_answers_of_the_key(searcher: Acting) -> None:
    """All machines that can, nearest first, and all that nearly can, with exactly what fails; no others."""
    assert len(KEY["machines"]) >= 30
    assert len(KEY["questions"]) >= 13
    for question in KEY["questions"]:
        found = find(searcher, question["text"])
        assert found.query.rest == (), question["text"]
        assert [_name(one) for one in found.can] == question["can"], question["text"]
        nearly = [[_name(one), _lacks(one, found.query.within_km)] for one in found.nearly]
        assert nearly == question["nearly"], question["text"]
        assert [len(one.fails) for one in found.nearly] == [len(one[1]) for one in question["nearly"]]
