"""Columns and record arrays from plain Python values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from gonghe.engines.planning.kernel.arrays import Ints, Table


def ints(values: Iterable[int]) -> Ints:
    return np.array(values if isinstance(values, (list, tuple, np.ndarray)) else list(values), dtype=np.int64)


def offsets(sizes: Iterable[int]) -> Ints:
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(ints(sizes), dtype=np.int64)))


def table(kind: np.dtype[np.void], size: int, fields: Mapping[str, Any]) -> Table:
    """A record array; columns shorter than `size` leave the closing row at zero."""
    rows = np.zeros(size, kind)
    for name, values in fields.items():
        column = ints(values)
        rows[name][: len(column)] = column
    return rows.view(np.recarray)
