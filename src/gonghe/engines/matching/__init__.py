"""Matching: which capabilities serve a requirement, and what the near misses lack."""

from gonghe.engines.matching.columns import Columns
from gonghe.engines.matching.judge import MAX_NEAR_MISSES, match, nearest
from gonghe.engines.matching.query import Piece, Query, understand
from gonghe.engines.matching.taxonomy import Process, Taxonomy, Word

__all__ = [
    "MAX_NEAR_MISSES",
    "Columns",
    "Piece",
    "Process",
    "Query",
    "Taxonomy",
    "Word",
    "match",
    "nearest",
    "understand",
]
