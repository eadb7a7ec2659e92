"""How long and how dear it is to bring work from one place to another, before anyone asks a carrier.

The figures are assumptions, said on every page that uses them: roads are about 1.3 times the great circle
(the detour factor found for road networks is 1.2 to 1.4), a van averages 45 km/h in and between towns, and
loading, unloading and papers take half an hour a leg.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gonghe.apps.members.places import Place, great_circle_km

DETOUR = 1.3
SPEED_KMH = 45
HANDLING_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class Tariff:
    """Minor units of a van: for coming at all, and for each kilometre of road."""

    fixed: int
    per_km: int


# A 4 m van by the trip: what city-freight price lists ask for the first kilometres and for each one after.
TARIFFS = {"CNY": Tariff(8000, 400), "EUR": Tariff(4000, 120), "USD": Tariff(4000, 130)}
OTHER_TARIFF = TARIFFS["EUR"]


def road_km(origin: Place, target: Place) -> float:
    """Estimated kilometres of road: great circle times the detour factor."""
    return great_circle_km(origin, target) * DETOUR


def road_seconds(km: float, grid: int) -> int:
    """Seconds of a leg with handling, rounded up to the grid."""
    seconds = HANDLING_SECONDS + km / SPEED_KMH * 3600
    return math.ceil(seconds / grid) * grid


def road_cost(km: float, currency: str) -> int:
    """Minor units of a leg."""
    tariff = TARIFFS.get(currency, OTHER_TARIFF)
    return tariff.fixed + round(km * tariff.per_km)


def matrices(
    places: Sequence[Place], currency: str, grid: int
) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
    """Seconds and minor units between every two places, 0 from a place to itself."""
    seconds, cost = [], []
    for row, origin in enumerate(places):
        km = [road_km(origin, target) for target in places]
        seconds.append(tuple(0 if row == at else road_seconds(one, grid) for at, one in enumerate(km)))
        cost.append(tuple(0 if row == at else road_cost(one, currency) for at, one in enumerate(km)))
    return tuple(seconds), tuple(cost)
