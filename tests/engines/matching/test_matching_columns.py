"""Columns count the same misses and gaps as judging one capability after the other."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gonghe.engines.matching import Columns, Taxonomy, match
from gonghe.engines.matching.columns import Stated
from gonghe.engines.model.matching import Capability, Constraint, Requirement, UnknownProperty

TAXONOMY = Taxonomy.load()
PROCESSES = ["milling", "milling-3axis", "milling-5axis", "turning", "laser-cutting", "turn-mill", "sewing"]
KNOWN = [code for code in PROCESSES if code in TAXONOMY.processes]
SETS = sorted(code for code, one in TAXONOMY.properties.items() if one.kind == "set")
NUMBERS = sorted(code for code, one in TAXONOMY.properties.items() if one.kind != "set")
WORDS = ["steel", "aluminium", "titanium", "ISO 9001", "unheard-of"]

sizes = st.one_of(st.integers(0, 40), st.floats(0, 40, allow_nan=False))
words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3)
bounds = st.builds(
    lambda first, second, use: Constraint(
        min=min(first, second) if use != "max" else None, max=max(first, second) if use != "min" else None
    ),
    sizes,
    sizes,
    st.sampled_from(["min", "max", "both"]),
)
limits = st.builds(
    lambda numbers, sets: numbers | sets,
    st.dictionaries(st.sampled_from(NUMBERS), bounds, max_size=5),
    st.dictionaries(
        st.sampled_from(SETS), st.builds(lambda w: Constraint(set=frozenset(w)), words), max_size=2
    ),
)
capabilities = st.lists(
    st.builds(Capability, st.just("x"), st.sampled_from(KNOWN), limits, st.booleans()), max_size=12
)
requirements = st.builds(
    lambda process, numbers, sets: Requirement(process, numbers | sets),
    st.sampled_from(KNOWN),
    st.dictionaries(st.sampled_from(NUMBERS), sizes, max_size=6),
    st.dictionaries(st.sampled_from(SETS), st.one_of(st.sampled_from(WORDS), words.map(tuple)), max_size=2),
)


def stated(one: Capability) -> Stated:
    """A capability as columns take it."""
    return one.process, one.covers_children, one.to_json()["constraints"]


def check(columns: Columns, offered: list[Capability], wanted: Requirement) -> None:
    """Fitting rows, number of misses and distance, bit for bit; what is stated is given back."""
    rows = columns.fitting(wanted.process)
    misses, distance = columns.judge(wanted, rows)
    judged = match(wanted, offered, TAXONOMY)
    fitting = [at for at, one in enumerate(judged) if np.isfinite(one.distance)]
    assert rows.tolist() == fitting
    assert misses.tolist() == [len(judged[at].misses) for at in fitting]
    assert distance.tolist() == [judged[at].distance for at in fitting]
    everything = np.arange(len(offered))
    codes = {code for one in offered for code in one.constraints}
    assert columns.stated(everything, codes) == [dict(one.constraints) for one in offered]
    assert [columns.process(row) for row in everything] == [one.process for one in offered]


@settings(max_examples=400, deadline=None)
@given(capabilities, requirements)
@example(  # a lower limit alone leaves as much room as none
    [Capability("x", "milling", {"envelope_x_mm": Constraint(min=1)})],
    Requirement("milling", {"envelope_x_mm": 0, "envelope_y_mm": 1}),
)
def test_columns_agree_with_the_judge(offered: list[Capability], wanted: Requirement) -> None:
    check(Columns([stated(one) for one in offered], TAXONOMY), offered, wanted)


@settings(max_examples=200, deadline=None)
@given(capabilities, capabilities, requirements, st.randoms(use_true_random=False))
def test_rows_come_and_go(
    first: list[Capability], second: list[Capability], wanted: Requirement, draw: random.Random
) -> None:
    """Two sets of rows joined, and some of them, are the same as built at one go."""
    both = Columns([stated(one) for one in first], TAXONOMY).followed_by(
        Columns([stated(one) for one in second], TAXONOMY)
    )
    check(both, first + second, wanted)
    rows = [at for at in range(len(both)) if draw.random() < 0.5]
    check(both.only(np.array(rows, np.int64)), [(first + second)[at] for at in rows], wanted)


def test_a_part_is_turned_into_the_work_space_of_each() -> None:
    """900 x 200 lies along the long side of either table; 300 more than the small one has is 1/3 of 900."""
    tables = [{"envelope_x_mm": 1000, "envelope_y_mm": 300}, {"envelope_x_mm": 300, "envelope_y_mm": 600}]
    offered = [
        Capability("x", "milling-3axis", {axis: Constraint(max=room) for axis, room in one.items()})
        for one in tables
    ]
    columns = Columns([stated(one) for one in offered], TAXONOMY)
    wanted = Requirement("milling-3axis", {"envelope_x_mm": 200, "envelope_y_mm": 900})
    misses, distance = columns.judge(wanted, columns.fitting("milling-3axis"))
    assert (misses.tolist(), distance.tolist()) == ([0, 1], [0, 300 / 900])


def test_an_unknown_property_is_refused() -> None:
    columns = Columns([], TAXONOMY)
    with pytest.raises(UnknownProperty):
        columns.judge(Requirement("milling-3axis", {"colour": 3}), columns.fitting("milling-3axis"))
