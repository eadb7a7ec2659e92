"""The market's scene, on Thursday 5 March 2026, 10:00 in Shanghai."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.factories import People
from tests.market import making
from tests.market.making import Scene

from gonghe import clock


@pytest.fixture
def morning() -> Iterator[None]:
    """Tell the time."""
    with clock.telling(making.NOW):
        yield


@pytest.fixture
def scene(morning: None, people: People) -> Scene:
    """An open call."""
    return making.scene(people)
