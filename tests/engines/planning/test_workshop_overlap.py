"""Operations that overlapped may overlap as far as they did, and no further."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gonghe.engines.planning import check, evaluate
from gonghe.engines.planning.workshop.log import HOUR, Step, breaks_of, lead_of, read_workshop
from gonghe.engines.planning.workshop.overlap import overlapping
from gonghe.engines.planning.workshop.problem import workshop_truth
from gonghe.engines.planning.workshop.report import in_hindsight, workshop_report
from gonghe.standards.eventlog.rows import LogRow

MONDAY = datetime(2012, 1, 2, tzinfo=UTC)


def row(order: str, resource: str, start: float, end: float) -> LogRow:
    at, until = MONDAY + timedelta(hours=start), MONDAY + timedelta(hours=end)
    return LogRow(1, order, "", resource, "run", at, until, 10)


def step(resource: str, *spans: tuple[int, int]) -> Step:
    return Step(resource, spans, sum(b - a for a, b in spans), 0, "")


def test_cuts_where_the_next_began_and_the_one_before_ended() -> None:
    """The check began at 4 h and the lathe ended at 10 h: 4 h before, 6 h beside the check's first 6 h."""
    steps = (step("lathe", (0, 10)), step("check", (4, 12)), step("pack", (12, 13)))
    found = overlapping(steps, [["lathe", "lathe 2"], ["check"], ["pack"]])
    assert [(o.id, o.modes[0].work, o.after) for o in found] == [
        ("o0.0", 4, ()),
        ("o0.1", 6, ("o0.0",)),
        ("o1.0", 6, ("o0.0",)),
        ("o1.1", 2, ("o0.1", "o1.0")),
        ("o2.0", 1, ("o1.1",)),
    ]
    assert [mode.machine for mode in found[1].modes] == ["lathe", "lathe 2"]


def test_no_piece_is_without_work() -> None:
    """The check began in the lathe's break, which is no cut within the work before or after it."""
    found = overlapping((step("lathe", (0, 2), (8, 9)), step("check", (5, 7))), [["lathe"], ["check"]])
    assert [(o.id, o.modes[0].work, o.after) for o in found] == [
        ("o0.0", 2, ()),
        ("o0.1", 1, ("o0.0",)),
        ("o1.0", 2, ("o0.0",)),
    ]
    moment = overlapping((step("oven", (3, 3)), step("check", (3, 4))), [["oven"], ["check"]])
    assert [(o.modes[0].work, o.after) for o in moment] == [(0, ()), (1, ("o0.0",))]


LOG = (
    row("a", "lathe", 0, 10),
    row("a", "check", 4, 12),
    row("b", "lathe", 12, 13),
    row("b", "oven", 15.5, 15.5),  # a moment, and the only report of the oven
    row("b", "check", 16, 17),
)


def test_the_real_schedule_is_a_plan() -> None:
    """As in reality a takes 12 h with overlap. When the check waits for the whole lot it would hold b up.

    So b (2 h) goes first, from 13 to 14 h, and a is checked until 22 h: better than 18 and 19 - 12 h.
    """
    shop = read_workshop(LOG)
    beside = workshop_truth(shop, "open", overlap=True)
    plan = in_hindsight(beside, None, 0, iterations=200)
    assert check(beside.problem, plan) == ()
    assert {name: end / HOUR for name, end in evaluate(beside.problem, plan).completion.items()} == {
        "a": 12,
        "b": 14,
    }
    after = workshop_truth(shop, "open")
    done = evaluate(after.problem, in_hindsight(after, None, 0, iterations=200)).completion
    assert {name: end / HOUR for name, end in done.items()} == {"a": 22, "b": 14}
    assert lead_of(shop, done).mean_lead_h == (22 + 2) / 2


def test_a_report_without_length_opens_its_hour() -> None:
    shop = read_workshop(LOG)
    assert shop.busy["oven"] == ()
    assert [(a / HOUR, b / HOUR) for a, b in breaks_of(shop, "worked", "oven")] == [(0, 15), (16, 17)]


def test_report_says_which_rule_it_used() -> None:
    rule = "operations of an order that overlapped may overlap"
    beside = workshop_report(LOG, "open", seconds=None, iterations=200)
    after = workshop_report(LOG, "open", in_sequence=True, seconds=None, iterations=200)
    assert beside["verified"]
    assert after["verified"]
    assert any(line.startswith(rule) for line in beside["assumptions"])
    assert not any(line.startswith(rule) for line in after["assumptions"])
    assert (beside["planned"]["mean_lead_h"], after["planned"]["mean_lead_h"]) == (7, 12)
