"""Clearing: opened bids become modes, and the joint plan decides the award."""

from gonghe.engines.clearing.award import (
    Award,
    Bid,
    Item,
    NoBid,
    Wanted,
    WantedOperation,
    award,
    problem_from_bids,
)

__all__ = ["Award", "Bid", "Item", "NoBid", "Wanted", "WantedOperation", "award", "problem_from_bids"]
