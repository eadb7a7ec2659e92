"""Acknowledged means stored: a process that writes is killed again and again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Sum
from tests.factories import people

from gonghe.apps.audit.services import catch_up, verify
from gonghe.apps.capacity import offering, services
from gonghe.apps.capacity.models import CapacityOffer, LedgerSlot, Reservation
from gonghe.apps.members.access import own_sites
from gonghe.apps.members.models import Disclosure
from gonghe.apps.technology.models import Capability

ROOT = Path(__file__).resolve().parents[2]
MONDAY = datetime(2040, 1, 2, tzinfo=UTC)
KILLS = int(os.environ.get("GONGHE_KILLS", "3"))


@pytest.mark.django_db(transaction=True)
def test_what_was_confirmed_is_there_once_and_the_chain_holds() -> None:
    people()
    confirmed = _write_and_kill("capability")
    stored = Counter(
        one["batch_pieces"]["max"] for one in Capability.objects.values_list("constraints", flat=True)
    )
    assert set(confirmed) <= set(stored), "what was confirmed is there"
    assert max(stored.values()) == 1, "nothing happened twice"
    assert len(stored) <= len(confirmed) + KILLS, "at most the write that was cut off is there unconfirmed"
    _chain_holds()


@pytest.mark.django_db(transaction=True)
def test_hours_that_were_acknowledged_are_held_once_and_counted_in_the_offer() -> None:
    _offer_hours()
    confirmed = _write_and_kill("hold")
    held = Reservation.objects.count()
    assert len(confirmed) <= held <= len(confirmed) + KILLS
    quarters = {slot for (slot,) in LedgerSlot.objects.values_list("slot")}
    first = int(MONDAY.timestamp()) // 900
    assert {first + number for number in confirmed} <= quarters, "what was acknowledged is held"
    assert LedgerSlot.objects.count() == held, "one quarter hour each, none without its reservation"
    assert CapacityOffer.objects.aggregate(taken=Sum("taken"))["taken"] == held, "offers count what is held"
    _chain_holds()


def _offer_hours() -> None:
    """Quarter hours of one machine that never closes, in an offer for each of 26 weeks."""
    owner = people().owner
    always = services.save_calendar(
        owner, code="always", weekly=[[day, "00:00", "00:00"] for day in range(7)], time_zone="UTC"
    )
    machine = services.save_equipment(
        owner, code="M1", name="Mill", site=own_sites(owner).get(), calendar=always, capabilities=[]
    )
    quarter, week = Decimal("0.25"), timedelta(weeks=1)
    terms = offering.Terms(
        title="Mill",
        start=MONDAY,
        end=MONDAY + week,
        min_hours=quarter,
        max_hours=Decimal(7 * 24),
        per_hour=Decimal(100),
        visibility=Disclosure.Level.MEMBERS,
    )
    offering.publish(owner, [machine], terms, weeks=offering.MAX_WEEKS)


def _chain_holds() -> None:
    catch_up()
    report = verify()
    assert (report.ok, report.reason) == (True, "")


def _write_and_kill(kind: str) -> list[int]:
    """Kill a writer again and again; all confirmed numbers. What was cut off is not asked again."""
    chance = random.Random(KILLS)
    confirmed: list[int] = []
    for _round in range(KILLS):
        first = confirmed[-1] + 2 if confirmed else 0
        confirmed += _write_until_killed(kind, first, chance.uniform(0.05, 0.6))
    assert len(confirmed) >= KILLS, "every round must confirm something before it is killed"
    return confirmed


def _write_until_killed(kind: str, first: int, seconds: float) -> list[int]:
    """Start a writer, kill it with -9 some time after its first confirmation; the numbers it confirmed."""
    database = str(connection.settings_dict["NAME"])
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.concurrency.writer", kind, str(first), database],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process, process.stdout as said:
        numbers = [int(said.readline())]
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        numbers += [int(line) for line in said.read().splitlines()]
    return numbers
