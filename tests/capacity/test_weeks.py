"""26 weeks of hours: what is open, held, on offer and free adds up, for a machine and for the firm."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories import People

from gonghe import clock
from gonghe.apps.capacity import busy, services, weeks
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.capacity.offering import Terms, publish

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)  # 09:00 in Shanghai
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with clock.telling(MONDAY):
        yield


@pytest.fixture
def lathe(mill: Equipment, people: People) -> Equipment:
    """A second machine with the same hours."""
    return services.save_equipment(
        people.owner, code="L1", name="Lathe", site=mill.site, calendar=mill.calendar
    )


def test_what_is_held_offered_and_free_adds_up(mill: Equipment, lathe: Equipment, people: People) -> None:
    """Of 44 hours left this week: 2 own, 3 reserved, 20 of the 40 offered ones, and maintenance takes 4."""
    at = datetime(2026, 3, 3, 0, tzinfo=UTC)
    services.keep_hours(people.owner, mill, at, at + 2 * HOUR, "own parts")
    services.reserve(
        people.owner.principal,
        equipment=mill,
        pieces=[(at + 2 * HOUR, at + 5 * HOUR)],
        holder=people.buyer.organization,
    )
    busy.add_maintenance(people.owner, mill, start=at + 24 * HOUR, end=at + 28 * HOUR)
    terms = Terms("Free", at, at + timedelta(days=2), Decimal(1), Decimal(12), Decimal(150))
    publish(people.owner, [mill, lathe], terms)
    found = weeks.compute(people.owner)
    (other, l1), (machine, m1) = found.machines
    assert (machine.code, other.code, len(m1)) == ("M1", "L1", 26)
    first = m1[0]
    assert first.start.isoformat() == "2026-03-02"
    assert (first.most, first.open) == (44 * 3600, 40 * 3600)
    assert (first.own, first.reserved) == (2 * 3600, 3 * 3600)
    # The offer is laid onto L1 first: 18 of its hours lie in the window, 12 are left of the offer.
    assert (l1[0].offered, first.offered) == (12 * 3600, 0)
    assert first.free == 35 * 3600
    assert m1[1].open == m1[1].free == 45 * 3600
    assert found.firm[0].open == 84 * 3600
    assert all(week.open == week.own + week.reserved + week.offered + week.free for week in found.firm)
    assert sum(week.offered for week in found.firm) == 12 * 3600


def test_an_offer_that_does_not_fit_the_free_hours_counts_what_does(mill: Equipment, people: People) -> None:
    """40 hours offered within a day of 9; a second offer of the same hours adds nothing."""
    at = datetime(2026, 3, 3, 0, tzinfo=UTC)
    terms = Terms("Free", at, at + 9 * HOUR, Decimal(1), Decimal(9), Decimal(150))
    publish(people.owner, [mill], terms)
    assert weeks.compute(people.owner).machines[0][1][0].offered == 9 * 3600


def test_the_page_the_file_and_the_api_say_the_same(client_owner: Client, mill: Equipment) -> None:
    """26 weeks of 45 hours, less the hour that has passed and 1 October."""
    page = client_owner.get(reverse("capacity:weeks", args=["hengda"])).content.decode()
    assert 'Until 30 August <a href="#table">1,169 h</a> are open: 1,169 h free, 0 h on offer.' in page
    chosen = client_owner.get(reverse("capacity:weeks", args=["hengda"]), {"machine": str(mill.pk)})
    assert "Hours of M1" in chosen.content.decode()
    unknown = client_owner.get(reverse("capacity:weeks", args=["hengda"]), {"machine": "x"})
    assert unknown.status_code == 404
    lines = client_owner.get(reverse("capacity:weeks_csv", args=["hengda"])).content.decode().splitlines()
    assert lines[0] == "machine,week,most_h,open_h,own_h,reserved_h,offered_h,free_h"
    assert lines[1] == "M1,2026-03-02,44.00,44.00,0.00,0.00,0.00,44.00"
    assert len(lines) == 27
    firm, machine = client_owner.get("/api/o/hengda/weeks").json()
    assert firm["supplier"] == "hengda"
    assert machine["capacities"][1] == {
        "pointInTime": "2026-03-09",
        "actualCapacity": 45.0,
        "maximumCapacity": 45.0,
        "agreedCapacity": 0.0,
        "own": 0.0,
        "offered": 0.0,
        "free": 45.0,
    }
    assert firm["capacities"] == machine["capacities"]


def test_a_firm_without_machines_is_told_what_to_do(client_owner: Client) -> None:
    """No table, one sentence."""
    page = client_owner.get(reverse("capacity:weeks", args=["hengda"])).content.decode()
    assert "Import your machines" in page
    assert "<table" not in page
