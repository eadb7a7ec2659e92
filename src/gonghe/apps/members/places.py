"""How far apart places are."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Protocol

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG


class Place(Protocol):
    """Anything with coordinates in degrees."""

    @property
    def latitude(self) -> Decimal:
        """North is positive."""

    @property
    def longitude(self) -> Decimal:
        """East is positive."""


def great_circle_km(origin: Place, target: Place) -> float:
    """Kilometres over the ground as the crow flies (haversine formula)."""
    north, south = math.radians(origin.latitude), math.radians(target.latitude)
    east = math.radians(target.longitude) - math.radians(origin.longitude)
    chord = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(chord))
