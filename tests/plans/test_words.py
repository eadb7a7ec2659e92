"""Reasons of the planner in words: what each viewer reads of the same chain."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation
from tests.plans.making import Scene

from gonghe.apps.plans import access, services
from gonghe.apps.plans.models import Plan
from gonghe.apps.plans.viewing import eyes_of
from gonghe.apps.plans.words import reasons_by_operation, told

ZONE = "Asia/Shanghai"
HOUR = 3600


@pytest.fixture
def in_force(scene: Scene, proposed: Plan) -> Plan:
    """The awarded plan; its clock starts on Thursday 5 March, 10:00."""
    return services.accept_award(scene.buyer, proposed)


def reason(code: str, **params: Any) -> dict[str, Any]:
    """A stretch of 22 hours, until Friday 6 March, 08:00."""
    return {"code": code, "start": 0, "end": 22 * HOUR, "seconds": 22 * HOUR} | params


def chain(scene: Scene) -> list[dict[str, Any]]:
    """Every reason that ended without words before."""
    grinder, milling, grinding = str(scene.grinder.pk), str(scene.milling.pk), str(scene.grinding.pk)
    return [
        reason("rest", operation=milling, machine=grinder),
        reason("waits_for_resource", machine=grinder, resource="crew of a secret customer"),
        reason("held_for", machine=str(scene.mill.pk), operation=grinding, within=4 * HOUR),
        reason("waits_for_batch", machine=grinder, behind=[("secret order", "10")]),
        reason("waits_for_pickup", origin=str(scene.mill.site_id), target=str(scene.grinder.site_id)),
    ]


def read(acting: Any, plan: Plan, reasons: list[dict[str, Any]]) -> list[str]:
    """What one viewer reads."""
    rows = list(access.visible_assignments(acting, plan))
    return told(eyes_of(acting), plan, rows, ZONE, reasons)


def test_the_buyer_reads_when_others_are_available_never_why(scene: Scene, in_force: Plan) -> None:
    end = "Friday 6 March, 08:00"
    assert read(scene.buyer, in_force, chain(scene)) == [
        f"After Mill the parts rest until {end}.",
        f"Fenghua Grinding is not available until {end}.",
        f"Hengda Precision begins only on {end}: Grind must start within 4 h after it.",
        f"Fenghua Grinding is not available until {end}.",
        f"The carrier comes to Hengda Precision on {end}.",
    ]


def test_a_firm_reads_the_causes_on_its_own_machine(scene: Scene, in_force: Plan) -> None:
    end = "Friday 6 March, 08:00"
    assert read(scene.fenghua, in_force, [chain(scene)[1]]) == [
        f"The people or tools for G1 grinding are taken until {end}."
    ]
    assert read(scene.fenghua, in_force, chain(scene)) == [
        f"G1 grinding waits until {end} for the batch to be complete."
    ]
    assert read(scene.owner, in_force, chain(scene)) == [
        f"After Mill the parts rest until {end}.",
        f"M1 milling-3axis begins only on {end}: what follows must start within 4 h.",
        f"The carrier comes to Hengda Precision on {end}.",
    ]


def test_a_pick_up_elsewhere_is_the_buyers_matter(scene: Scene, in_force: Plan) -> None:
    elsewhere = [reason("waits_for_pickup", site="unknown")]
    assert read(scene.buyer, in_force, elsewhere) == ["The next pick-up is on Friday 6 March, 08:00."]
    assert read(scene.fenghua, in_force, elsewhere) == []


def test_reasons_are_said_in_chinese(scene: Scene, in_force: Plan) -> None:
    with translation.override("zh-hans"):
        said = read(scene.buyer, in_force, chain(scene))
    assert len(said) == 5
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in text) and "until" not in text for text in said)


def test_each_operation_of_the_chain_has_its_own_reasons(scene: Scene, in_force: Plan) -> None:
    rows = list(access.visible_assignments(scene.buyer, in_force))
    found = reasons_by_operation(eyes_of(scene.buyer), in_force, rows, ZONE)
    assert list(found) == [str(scene.milling.pk), str(scene.grinding.pk)]
    assert found[str(scene.milling.pk)][0] == "The material is there on Saturday 7 March, 10:00."
    assert found[str(scene.grinding.pk)][-1].startswith("Grind at Fenghua Grinding takes")


def test_work_that_breaks_interrupt_is_told_once(scene: Scene, in_force: Plan) -> None:
    """6 h on Thursday, closed over night, 5 h on Friday: one sentence, and no wait is left over."""
    work = {"operation": str(scene.milling.pk), "machine": str(scene.mill.pk)}
    pieces = [
        {"code": "processing", "start": 0, "end": 6 * HOUR, "seconds": 6 * HOUR, **work},
        {"code": "closed", "start": 6 * HOUR, "end": 22 * HOUR, "seconds": 16 * HOUR, **work},
        {"code": "processing", "start": 22 * HOUR, "end": 27 * HOUR, "seconds": 5 * HOUR, **work},
    ]
    told_once = "Mill at Hengda Precision takes 11 h, with breaks until Friday 6 March, 13:00."
    assert read(scene.buyer, in_force, pieces) == [told_once]
    assert read(scene.owner, in_force, [pieces[1], *pieces]) == [
        "M1 milling-3axis is closed until Friday 6 March, 08:00.",
        told_once,
    ]
    assert read(scene.buyer, in_force, pieces[:1]) == ["Mill at Hengda Precision takes 6 h."]
