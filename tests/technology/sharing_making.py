"""Short ways to shared know-how."""

from __future__ import annotations

from typing import Any

from tests.factories import People

from gonghe.apps.technology import sharing
from gonghe.apps.technology.models import Licence, Technology
from gonghe.apps.technology.sharing import TechnologyIn

TEMPLATE = {
    "parameters": [
        {"code": "length_mm", "name": "Length", "unit": "mm", "low": "50", "high": "400", "usual": "100"}
    ],
    "steps": [
        {
            "number": 10,
            "process": "milling-3axis",
            "name": "Slots",
            "setup": "900",
            "run": "60 + 0.5*length_mm",
        },
        {"number": 20, "process": "grinding", "name": "", "setup": "600", "run": "90"},
    ],
}


def an_offer(people: People, **changes: Any) -> Technology:
    """Hengda's routing template, free for members unless said otherwise."""
    values = {
        "kind": "routing_template",
        "title": "Slots in one set-up",
        "summary": "Twelve slots without turning the part.",
        "process": "milling-3axis",
        "content": "Clamp on the flange.",
        "template": TEMPLATE,
    }
    return sharing.save_technology(people.owner, TechnologyIn(**(values | changes)))


def in_force(people: People, technology: Technology) -> Licence:
    """Lanshan asked, hengda granted, lanshan accepted."""
    licence = sharing.ask(people.lanshan_owner, technology, "Pump brackets")
    return sharing.accept(people.lanshan_owner, sharing.grant(people.owner, licence))
