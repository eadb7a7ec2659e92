"""Finished work moves factors little at first and much with many jobs; ranges are checked against it."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest

from gonghe.engines.model.parts import Family, PartAnalysis
from gonghe.engines.parts import (
    Actual,
    Calibration,
    Experience,
    Job,
    Work,
    calibration,
    default_tables,
    estimate,
    learn,
    propose,
)

SPREADS = {"milling-3axis": 0.28, "turning": 0.25}


def jobs(count: int, ratio: float, process: str = "turning", family: str = "turned") -> list[Actual]:
    return [Actual(process, family, 10_000, round(10_000 * ratio))] * count


def factor(actuals: list[Actual], process: str = "turning", family: str = "") -> float:
    return learn(actuals, SPREADS).factor(process, family, SPREADS[process]).factor


def test_no_work_teaches_nothing() -> None:
    assert Experience().factor("turning", "turned", 0.25).range_s(3600).p50 == 3600
    assert learn([], {}) == Experience()


def test_weight_is_n_over_n_plus_k() -> None:
    # s = tau = 0.25, so k = 1: one job weighs a half, nine weigh nine tenths
    assert factor(jobs(1, 1.5)) == pytest.approx(1.5 ** (1 / 2))
    assert factor(jobs(9, 1.5)) == pytest.approx(1.5 ** (9 / 10))


def test_few_jobs_move_little_and_many_a_lot() -> None:
    found = [factor(jobs(count, 1.4, "milling-3axis"), "milling-3axis") for count in (1, 3, 10, 100)]
    assert [round(value, 3) for value in found] == [1.161, 1.268, 1.348, 1.394]
    assert all(one < other for one, other in pairwise([1.0, *found, 1.4]))


def test_a_family_shrinks_towards_its_process() -> None:
    mixed = jobs(20, 1.0) + jobs(2, 1.6, family="turn-mill")
    turned, milled, other = (factor(mixed, family=name) for name in ("turned", "turn-mill", "tube"))
    assert turned < other < milled < 1.6
    assert other == factor(mixed)  # a family without jobs of its own takes the process's


def test_a_forgotten_button_does_not_spoil_the_factor() -> None:
    assert factor(jobs(1, 100.0)) == pytest.approx(2.0)  # counted as fourfold, half of it believed


def test_spread_narrows_for_steady_work_and_widens_for_wild() -> None:
    steady = learn(jobs(40, 1.1), SPREADS).processes["turning"].spread
    wild = learn(jobs(20, 0.5) + jobs(20, 2.0), SPREADS).processes["turning"].spread
    assert steady == pytest.approx(0.25 * math.sqrt(8 / 48), rel=0.01)
    assert wild == pytest.approx(math.sqrt((8 * 0.0625 + 40 * math.log(2) ** 2) / 48), rel=0.01)


def test_ranges_hold_eight_of_ten_once_a_workshop_is_known() -> None:
    # a workshop 30 % slower than the tables with a spread of 0.2; ranges are told before each job
    rng, done, told = random.Random(7), [], []
    for _ in range(400):
        actual = round(5000 * 1.3 * math.exp(rng.gauss(0, 0.2)))
        before = learn(done, SPREADS).factor("turning", "turned", 0.25).range_s(5000)
        told.append((before.p10, before.p90, actual))
        done.append(Actual("turning", "turned", 5000, actual))
    naive = calibration((round(5000 / 1.378), round(5000 * 1.378), actual.actual_s) for actual in done)
    found = calibration(told)
    assert found.share == pytest.approx(0.8, abs=0.04)
    assert naive.share is not None
    assert naive.share < 0.65  # the tables alone fool themselves


def test_calibration_counts_both_sides() -> None:
    told = [(90, 110, 100), (90, 110, 90), (90, 110, 110), (90, 110, 89), (90, 110, 111), (90, 110, 200)]
    assert calibration(told) == Calibration(6, 3, 1, 2)
    assert calibration([]).share is None


def test_factors_change_the_next_estimate() -> None:
    tables = default_tables()
    job = Job(work=(Work("turning", 3600, 600),), material=0.0, quantity=54)
    plain = estimate(job, tables)
    known = estimate(job, tables, experience=learn(jobs(9, 1.5), SPREADS))
    assert plain.time_s.p50 == 3600 + 54 * 600 == 36_000
    assert known.time_s.p50 == round(36_000 * 1.5**0.9)
    assert known.cost.p50 == pytest.approx(plain.cost.p50 * 1.5**0.9, abs=1)
    assert known.assumptions[-1].code == "factor.turning"
    assert known.assumptions[-1].source == "9 finished jobs of your own"
    assert [item.quantity for item in known.breaks] == [1, 10, 100, 1000]


def test_proposals_use_the_factor_of_their_family() -> None:
    families = (Family("prismatic", 0.9, ("flat",)),)
    part = PartAnalysis("step", "mm", True, 60_000.0, 15_000.0, (50.0, 40.0, 30.0), 1, 6, families)
    known = learn(jobs(50, 2.0, "milling-3axis", "prismatic"), SPREADS)
    plain = propose(part, material="steel", quantity=10, tables=default_tables())
    taught = propose(part, material="steel", quantity=10, tables=default_tables(), experience=known)
    assert plain[0] == taught[0]  # operations state usual times; the estimate knows better
    assert taught[1].time_s.p50 > 1.5 * plain[1].time_s.p50


def test_an_estimate_of_nothing_is_no_job() -> None:
    with pytest.raises(ValueError, match="positive estimate"):
        Actual("turning", "", 0, 5)
