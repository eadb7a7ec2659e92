"""Acknowledged means stored: a process that writes is killed again and again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection
from tests.factories import people

from gonghe.apps.audit.services import catch_up, verify
from gonghe.apps.technology.models import Capability

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("GONGHE_KILLS", "3"))


@pytest.mark.django_db(transaction=True)
def test_what_was_confirmed_is_there_once_and_the_chain_holds() -> None:
    people()
    chance = random.Random(KILLS)
    confirmed: list[int] = []
    for _round in range(KILLS):
        confirmed += _write_until_killed(len(confirmed) + 1000 * (_round + 1), chance.uniform(0.05, 0.6))
    stored = Counter(
        one["batch_pieces"]["max"] for one in Capability.objects.values_list("constraints", flat=True)
    )
    assert len(confirmed) >= KILLS, "every round must confirm something before it is killed"
    assert set(confirmed) <= set(stored), "what was confirmed is there"
    assert max(stored.values()) == 1, "nothing happened twice"
    assert len(stored) <= len(confirmed) + KILLS, "at most the write that was cut off is there unconfirmed"
    catch_up()
    report = verify()
    assert (report.ok, report.reason) == (True, "")


def _write_until_killed(first: int, seconds: float) -> list[int]:
    """Start a writer, kill it with -9 some time after its first confirmation; the numbers it confirmed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.concurrency.writer", str(first), str(connection.settings_dict["NAME"])],
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
