"""A part larger than any machine that the viewer sees: said without saying whose machine is the largest."""

from __future__ import annotations

import pytest
from tests.factories import People
from tests.orders.making import an_order
from tests.orders.test_match import machine

from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Disclosure
from gonghe.apps.members.services import set_disclosure
from gonghe.apps.orders.largest import largest_on_offer, with_size_warnings
from gonghe.apps.orders.models import OrderLine
from gonghe.apps.orders.services import LineIn, OperationIn
from gonghe.engines.model.parts import Family, PartAnalysis

BED = {"envelope_x_mm": 900, "envelope_y_mm": 300, "envelope_z_mm": 100}
PART = PartAnalysis("step", "mm", True, 2.7e7, 7.8e5, (900, 300, 100), 1, 6, (Family("prismatic", 0.97, ()),))


def bed(x: float, y: float, z: float) -> dict[str, dict[str, object]]:
    return {"envelope_x_mm": {"max": x}, "envelope_y_mm": {"max": y}, "envelope_z_mm": {"max": z}}


@pytest.fixture
def line(acting_buyer: Acting) -> OrderLine:
    milling = OperationIn("milling-3axis", properties=BED, run_s=600)
    return an_order(acting_buyer, LineIn(part="BED-9", operations=(milling,))).lines.get()


def codes(acting: Acting, line: OrderLine) -> list[str]:
    return [warning.code for warning in with_size_warnings(acting, line, PART).warnings]


def test_larger_than_all(people: People, acting_buyer: Acting, line: OrderLine) -> None:
    assert codes(acting_buyer, line) == [], "where nobody shows the process nothing is known"
    machine(people.owner, "M1", "milling-3axis", **bed(800, 500, 450))
    machine(people.rival, "M2", "milling-5axis", **bed(400, 850, 600))
    assert codes(acting_buyer, line) == ["too_large"]
    (warning,) = with_size_warnings(acting_buyer, line, PART).warnings
    assert dict(warning.params)["needed"] == 900
    assert not any(name in warning.message for name in ("Hengda", "Ruian", "M1", "M2"))


def test_a_machine_that_takes_it_lying_otherwise_is_enough(
    people: People, acting_buyer: Acting, line: OrderLine
) -> None:
    machine(people.owner, "M1", "milling-3axis", **bed(500, 1000, 450))
    assert codes(acting_buyer, line) == []


def test_a_machine_without_stated_size_may_take_all(
    people: People, acting_buyer: Acting, line: OrderLine
) -> None:
    machine(people.owner, "M1", "milling-3axis", **bed(100, 100, 100))
    machine(people.rival, "M2", "milling-3axis")
    assert codes(acting_buyer, line) == []


def test_what_a_firm_hides_does_not_count(people: People, acting_buyer: Acting, line: OrderLine) -> None:
    machine(people.owner, "M1", "milling-3axis", **bed(800, 500, 450))
    machine(people.rival, "M2", "milling-3axis", **bed(4000, 2000, 1000))
    assert codes(acting_buyer, line) == []
    set_disclosure(people.rival, group=Disclosure.Group.CAPABILITIES, level=Disclosure.Level.NOBODY)
    assert codes(acting_buyer, line) == ["too_large"]
    assert largest_on_offer(acting_buyer, ["milling-3axis"]) == {
        "milling-3axis": {"envelope_x_mm": 800.0, "envelope_y_mm": 500.0, "envelope_z_mm": 450.0}
    }
