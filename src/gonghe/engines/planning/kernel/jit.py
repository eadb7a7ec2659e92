"""Numba with types: compiled once per machine and kept in the cache folder.

The cache lives beside the code, or in the folder named by the environment variable `NUMBA_CACHE_DIR`. Only
what Python calls (`entry`) has a Python wrapper and a place in the cache; the rest (`inner`) is compiled
into it, which keeps a cold start short.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def entry(function: F) -> F:
    """Compile on first call, without the GIL, cached on disk."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(function))


_INNER: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "_nrt": False,  # no array is made inside, so none needs counting
}


def inner(function: F) -> F:
    """Compile as part of an `entry`."""
    return cast(F, numba.njit(**_INNER)(function))


def hot(function: F) -> F:
    """Compile into every caller: passing the tables would cost more than what the function does."""
    return cast(F, numba.njit(**_INNER, forceinline=True)(function))
