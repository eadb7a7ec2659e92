"""Terms of a planning problem beside machines and jobs: time lags, people and tools."""

from __future__ import annotations

from dataclasses import dataclass

from gonghe.engines.model.planning_base import Faults, Interval


@dataclass(frozen=True, slots=True)
class Lag:
    """Seconds between the end of a predecessor and the start of what follows it.

    Parameters
    ----------
    minimum
        Rest before the way to the next machine begins (drying, cooling).
    maximum
        The next operation must start within it, way and rest included (glue, heat); `None`: any time.
    """

    minimum: int = 0
    maximum: int | None = None

    def __post_init__(self) -> None:
        faults = Faults("lag")
        whole = faults.whole("minimum", self.minimum)
        if self.maximum is not None:
            whole &= faults.whole("maximum", self.maximum)
            if whole and self.maximum < self.minimum:
                faults.add("lag", f"maximum {self.maximum} is less than minimum {self.minimum}")
        faults.raise_any()


@dataclass(frozen=True, slots=True)
class Batch:
    """Several operations at once on one machine (oven, bath, crew): same start, end and family.

    Parameters
    ----------
    maximum
        Largest sum of the sizes of the operations in a batch.
    minimum
        Least sum; a smaller batch is not run.
    """

    maximum: int
    minimum: int = 1

    def __post_init__(self) -> None:
        faults = Faults("batch")
        whole = faults.whole("maximum", self.maximum, 1, 10**6)
        whole &= faults.whole("minimum", self.minimum, 1, 10**6)
        if whole and self.maximum < self.minimum:
            faults.add("batch", f"maximum {self.maximum} is less than minimum {self.minimum}")
        faults.raise_any()


@dataclass(frozen=True, slots=True)
class Resource:
    """People or tools that work needs beside a machine.

    Parameters
    ----------
    capacity
        Units: people with the same skills, copies of a fixture.
    breaks
        Hours in which nobody is there; work that needs it pauses (when resumable) or stays clear of them.
    skills
        Names under which work may ask for it, shared with others who can do the same.
    """

    id: str
    capacity: int = 1
    breaks: tuple[Interval, ...] = ()
    skills: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        faults = Faults(f"resource {self.id!r}")
        faults.text("id", self.id)
        faults.whole("capacity", self.capacity, 1, 10_000)
        faults.intervals("breaks", self.breaks)
        for skill in self.skills:
            faults.text("skill", skill)
        faults.raise_any()
