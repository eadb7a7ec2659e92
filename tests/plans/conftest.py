"""The scene of the planning tests, on Thursday 5 March 2026, 10:00 in Shanghai."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.factories import People
from tests.plans import making
from tests.plans.making import Scene

from gonghe import clock
from gonghe.apps.plans.models import Plan


@pytest.fixture(autouse=True)
def _thursday_morning(settings: object) -> Iterator[None]:
    settings.PLAN_SECONDS = 20  # type: ignore[attr-defined] # iterations end the search, not this clock
    with clock.telling(making.NOW):
        yield


@pytest.fixture
def scene(people: People) -> Scene:
    """Firms with machines and an order, before the call."""
    return making.scene(people)


@pytest.fixture
def proposed(scene: Scene) -> Plan:
    """The plan worked out from opened bids."""
    return scene.proposed()
