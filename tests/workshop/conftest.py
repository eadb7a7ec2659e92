"""The shop floor's scene, on Monday 9 March 2026, 10:20 in Shanghai."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.factories import People
from tests.workshop import making
from tests.workshop.making import Floor

from gonghe import clock


@pytest.fixture
def _morning() -> Iterator[None]:
    with clock.telling(making.NOW):
        yield


@pytest.fixture
def floor(_morning: None, people: People) -> Floor:
    """60 brackets at three firms."""
    return making.chain(people)


@pytest.fixture
def pumps(_morning: None, people: People) -> Floor:
    """10 pumps put together of parts from two firms."""
    return making.assembly(people)
