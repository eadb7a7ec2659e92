"""Terms of a planning problem beside machines and jobs: time lags between operations."""

from __future__ import annotations

from dataclasses import dataclass

from gonghe.engines.model.planning_base import Faults


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
