"""Numba with types: compiled once per machine and kept in the cache folder.

Only what Python calls (`entry`) has a Python wrapper and a place in the cache; the rest (`inner`) is
compiled into it, which keeps a cold start short. `gonghe plan warm` fills the cache.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba.core import caching

from gonghe.engines.planning.kernel.cache import folder

F = TypeVar("F", bound=Callable[..., Any])

FOLDER = folder(numba.__version__)
ENTRIES: list[Any] = []  # all compiled functions that Python calls


class _Reader(caching.UserProvidedCacheLocator):  # type: ignore[misc]
    """The named folder, without the trial whether it can be written to."""

    def ensure_cache_path(self) -> None:
        """Nothing is made: the folder is there."""


def entry(function: F) -> F:
    """Compile on first call, without the GIL, cached on disk where there is a folder for it."""
    made: Any = numba.njit(cache=FOLDER is not None, nogil=True, error_model="numpy", _nrt=False)(function)
    if FOLDER is not None and not FOLDER.writable:
        made._cache.save_overload = _forget
    ENTRIES.append(made)
    return cast(F, made)


def _forget(signature: Any, data: Any) -> None:
    """Where the cache can only be read, what is compiled anew lasts as long as the process."""


if FOLDER is not None:
    numba.config.CACHE_DIR = str(FOLDER.path)
    if not FOLDER.writable:
        numba.config.CACHE_LOCATOR_CLASSES = f"{__name__}._Reader"


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
