"""Engine jobs by name, in other processes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import pytest

from gonghe import compute
from gonghe.compute.executor import Processes, resolve


@pytest.fixture
def workers() -> Iterator[Processes]:
    backend = Processes(1)
    compute.use(backend)
    yield backend
    backend.close()
    compute.use(Processes())


def test_job_runs_elsewhere_and_answers(workers: Processes) -> None:
    assert compute.run(
        "gonghe.engines.parts.times:interpolate", [(1.0, 8.0), (4.0, 2.0)], 2.0
    ) == pytest.approx(4.0)


def test_exceptions_come_back_as_they_are(workers: Processes) -> None:
    with pytest.raises(ValueError, match="bar stock needs a turned part"):
        compute.run("gonghe.engines.parts.stock:bar", part_without_turning(), None)


def part_without_turning() -> Any:
    from gonghe.engines.model.parts import Family, PartAnalysis

    return PartAnalysis("step", "mm", True, 1.0, 6.0, (1.0, 1.0, 1.0), 1, 6, (Family("prismatic", 0.9, ()),))


@pytest.mark.parametrize(
    "job",
    [
        "os:system",
        "gonghe.engines.parts",
        "gonghe.engines.parts:_hidden",
        "gonghe.apps.orders:services",
        "gonghe.engines.parts.times:none",
    ],
)
def test_only_engine_functions_may_be_named(job: str) -> None:
    with pytest.raises(compute.ComputeError, match="engine job"):
        resolve(job)


def test_another_backend_takes_over() -> None:
    class Here:
        def submit(self, job: str, /, *args: Any, **kwargs: Any) -> Future[Any]:
            done: Future[Any] = Future()
            done.set_result((job, args, kwargs, os.getpid()))
            return done

    compute.use(Here())
    try:
        assert compute.run("gonghe.engines.planning:solve", 1, seed=2) == (
            "gonghe.engines.planning:solve", (1,), {"seed": 2}, os.getpid(),
        )  # fmt: skip
    finally:
        compute.use(Processes())
