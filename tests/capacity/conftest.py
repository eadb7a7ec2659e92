"""A milling machine of hengda that works on weekdays from 08:00 to 17:00 in Shanghai."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.factories import People

from gonghe.apps.capacity import services
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.members.access import own_sites
from gonghe.apps.technology import services as technology

WEEKDAYS = [[day, "08:00", "17:00"] for day in range(5)]


@pytest.fixture
def mill(people: People) -> Equipment:
    """Machine M1: steel and aluminium up to 500 x 400 x 300 mm, IT 7, 180 CNY an hour, not published."""
    calendar = services.save_calendar(people.owner, code="day", weekly=WEEKDAYS, holidays=["2026-10-01"])
    capability = technology.save_capability(
        people.owner,
        process="milling-3axis",
        constraints={
            "envelope_x_mm": {"max": 500},
            "envelope_y_mm": {"max": 400},
            "envelope_z_mm": {"max": 300},
            "tolerance_it": {"min": 7},
            "material_group": {"set": ["steel", "aluminium"]},
        },
    )
    site = own_sites(people.owner).get()
    machine = services.save_equipment(
        people.owner, code="M1", name="Mill", site=site, calendar=calendar, capabilities=[capability]
    )
    services.save_rate(people.owner, machine, per_hour=Decimal(180), per_setup=Decimal(120))
    return machine
