"""Run an engine job in another process, by name, so that the same call can later run on a cluster.

A job is a function of :mod:`gonghe.engines`, named ``package.module:function``, whose arguments and result
are plain or frozen values. Nothing else may be named.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol

ENGINES = "gonghe.engines."


class ComputeError(Exception):
    """A job could not be run: it is no engine function, or its process died."""


class Backend(Protocol):
    """Where jobs run."""

    def submit(self, job: str, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Start a job and return its future result."""


class Processes:
    """Worker processes on this machine, started fresh: no state of the web server leaks into a job."""

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers or max(1, (os.cpu_count() or 2) - 1)
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, job: str, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Start a job; a pool broken by a dead worker is replaced."""
        resolve(job)
        try:
            return self._start().submit(_call, job, args, kwargs)
        except BrokenProcessPool:
            self.close()
            return self._start().submit(_call, job, args, kwargs)

    def close(self) -> None:
        """End the workers."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _start(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self._workers, mp_context=multiprocessing.get_context("spawn"))
        return self._pool


_backend: Backend = Processes()


def use(backend: Backend) -> None:
    """Send all further jobs elsewhere, such as to a cluster."""
    global _backend  # noqa: PLW0603 - the one switch of the process
    _backend = backend


def submit(job: str, /, *args: Any, **kwargs: Any) -> Future[Any]:
    """Start an engine job, for example ``submit("gonghe.engines.planning:solve", problem, seconds=5)``.

    Raises
    ------
    ComputeError
        When the name is no engine function.
    """
    return _backend.submit(job, *args, **kwargs)


def run(job: str, /, *args: Any, timeout: float | None = None, **kwargs: Any) -> Any:
    """Run an engine job elsewhere and wait for its result; its exceptions come back as they are.

    Raises
    ------
    ComputeError
        When the name is no engine function, or the process died.
    TimeoutError
        When ``timeout`` seconds passed.
    """
    try:
        return submit(job, *args, **kwargs).result(timeout)
    except BrokenProcessPool as error:
        raise ComputeError(f"the process that ran {job} died; try again with a smaller problem") from error


def resolve(job: str) -> Callable[..., Any]:
    """The function behind a name.

    Raises
    ------
    ComputeError
        When it is no public function of the engines.
    """
    module, _, name = job.partition(":")
    if not module.startswith(ENGINES) or not name or name.startswith("_"):
        raise ComputeError(f"{job!r} is no engine job; name it gonghe.engines.<module>:<function>")
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ComputeError(f"there is no engine job {job!r}") from error
    return found


def _call(job: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return resolve(job)(*args, **kwargs)
