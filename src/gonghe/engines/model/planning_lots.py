"""Lots: an order line that may run in parts over several workshops at the same time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gonghe.engines.model.planning_base import MAX_MONEY, MAX_SECONDS, Faults

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gonghe.engines.model.planning import Assignment, Job, Problem

MOST_LOTS = 20
SEPARATOR = "/"


@dataclass(frozen=True, slots=True)
class Lots:
    """How a line may be divided. Every lot goes through all operations that are not whole.

    Parameters
    ----------
    quantity
        Pieces of the line; the durations and costs of its modes are for all of them.
    minimum
        Fewest pieces of a lot.
    most
        Largest number of lots.
    overhead_seconds
        Added to every operation of every lot after the first, beside the set-up that each lot has anyway.
    overhead_cost
        Minor units for every lot after the first.
    settled
        Pieces of every lot once they are decided; empty: the planner decides.
    """

    quantity: int
    minimum: int = 1
    most: int = 2
    overhead_seconds: int = 0
    overhead_cost: int = 0
    settled: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        faults = Faults("lots")
        whole = faults.whole("quantity", self.quantity, 1, 10**9)
        whole &= faults.whole("min", self.minimum, 1, 10**9)
        whole &= faults.whole("most", self.most, 1, MOST_LOTS)
        faults.whole("overhead_seconds", self.overhead_seconds, 0, MAX_SECONDS)
        faults.whole("overhead_cost", self.overhead_cost, 0, MAX_MONEY)
        for size in self.settled:
            whole &= faults.whole("settled lot", size, 1, 10**9)
        if whole:
            self._sizes(faults)
        faults.raise_any()

    def _sizes(self, faults: Faults) -> None:
        if self.minimum > self.quantity:
            faults.add("lots", f"a lot has {self.minimum} pieces at least, the line only {self.quantity}")
        if self.settled and not self.allows(self.settled):
            faults.add(
                "lots",
                f"settled lots {', '.join(map(str, self.settled))} must be at most {self.most} of at least "
                f"{self.minimum} pieces and add up to {self.quantity}",
            )

    def allows(self, sizes: tuple[int, ...]) -> bool:
        """Whether the line may run in lots of these sizes."""
        return (
            sum(sizes) == self.quantity
            and 1 <= len(sizes) <= self.most
            and (len(sizes) == 1 or min(sizes) >= self.minimum)
        )

    @property
    def highest(self) -> int:
        """Lots that the quantity allows."""
        return max(1, min(self.most, self.quantity // self.minimum))


def lot_name(operation: str, lot: int) -> str:
    """Name of an operation in one lot, such as `cut/2`; the operation's own name when it is not divided."""
    return f"{operation}{SEPARATOR}{lot}" if lot else operation


def lots_in_force(job: Job) -> tuple[int, ...]:
    """Pieces of the lots of a line that is settled to run in several; empty when it runs as one."""
    sizes = job.lots.settled if job.lots else ()
    return sizes if len(sizes) > 1 else ()


def lot_names(job: Job) -> dict[str, tuple[str, ...]]:
    """Names of every operation in the lots in force, by operation."""
    numbers = range(1, len(lots_in_force(job)) + 1)
    return {
        step.id: tuple(lot_name(step.id, lot) for lot in (() if step.whole else numbers)) or (step.id,)
        for step in job.operations
    }


def lot_predecessors(job: Job) -> dict[str, tuple[str, ...]]:
    """Predecessors by name of the lot: lots go their own ways, whole operations wait for all of them."""
    before = job.predecessors()
    if not lots_in_force(job):
        return before
    names = lot_names(job)
    found: dict[str, tuple[str, ...]] = {}
    for operation, own in names.items():
        for index, name in enumerate(own):
            both = [(len(own) > 1 and len(names[other]) > 1, names[other]) for other in before[operation]]
            found[name] = tuple(
                n for apart, group in both for n in (group[index : index + 1] if apart else group)
            )
    return found


def lot_faults(job: Job, faults: Faults) -> None:
    """Names must stay unique when operations are named by lot."""
    if job.lots is None:
        return
    for operation in job.operations:
        if isinstance(operation.id, str) and SEPARATOR in operation.id:
            text = f"operation {operation.id!r} of a line with lots must not have {SEPARATOR!r} in its name"
            faults.add("lots", text)


def batch_lot_faults(problem: Problem, faults: Faults) -> None:
    """The time of a batch does not shrink with its pieces, so work on batch machines is not divided."""
    ovens = {machine.id for machine in problem.machines if machine.batch is not None}
    for job in problem.jobs if ovens else ():
        for step in job.operations if job.lots else ():
            if not step.whole and any(mode.machine in ovens for mode in step.modes):
                text = "work on a batch machine cannot run in lots: make the operation whole"
                faults.add("lots", text, f"job {job.id!r} operation {step.id!r}")


def row_faults(kind: str, rows: Iterable[Assignment], problem: Problem, faults: Faults) -> None:
    """Fixed work and plans in force must fit the settled lots of their lines."""
    jobs = {job.id: job for job in problem.jobs}
    for row in rows:
        job = jobs.get(row.job)
        steps = [step for step in job.operations if step.id == row.operation] if job else []
        if job is None or not steps:
            continue
        wanted = () if steps[0].whole else lots_in_force(job)
        good = row.lot == row.quantity == 0
        if wanted:
            good = 1 <= row.lot <= len(wanted) and row.quantity == wanted[row.lot - 1]
        if not good:
            lots = (
                f"settled to run in lots of {', '.join(map(str, wanted))}" if wanted else "not divided there"
            )
            text = f"is lot {row.lot} of {row.quantity} pieces, but its line is {lots}"
            faults.add("lots", text, f"{kind} job {row.job!r} operation {row.operation!r}")
