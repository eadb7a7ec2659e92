"""Reader for flexible job-shop benchmark files (`.fjs`): jobs x operations x (machine, time) choices."""

from __future__ import annotations

from gonghe.engines.model.planning import (
    Issue,
    Job,
    Machine,
    Mode,
    Objective,
    Operation,
    Problem,
    ProblemError,
)

MOST_MACHINES = 100_000


def read_fjs(text: str, *, machine_base: int | None = None, objective: Objective = "makespan") -> Problem:
    """Read a benchmark file.

    Parameters
    ----------
    text
        First line: jobs, machines and optionally the mean number of choices. Then a line per job: the
        number of operations and, for each, the number of choices followed by machine and time of each
        choice.
    machine_base
        Number of the first machine, 0 or 1. Without it the file decides; where it does not, 0 (the schedule
        is the same, only names differ).

    Raises
    ------
    ProblemError
        Naming line and job of everything that is wrong.
    """
    lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines or len(lines[0][1]) < 2:
        raise ProblemError([Issue("fjs", "line 1", "must hold the number of jobs and of machines")])
    try:
        jobs, machines = int(lines[0][1][0]), int(lines[0][1][1])
    except ValueError:
        raise ProblemError([Issue("fjs", "line 1", "jobs and machines must be whole numbers")]) from None
    if not 1 <= machines <= MOST_MACHINES:
        wanted = f"there must be 1 to {MOST_MACHINES:,} machines, got {machines:,}"
        raise ProblemError([Issue("fjs", "line 1", wanted)])
    issues: list[Issue] = []
    if len(lines) - 1 != jobs:
        issues.append(Issue("fjs", "line 1", f"announces {jobs} jobs, the file has {len(lines) - 1}"))
    rows = [_read_job(words, f"line {number}", issues) for number, words in lines[1:]]
    numbers = {machine for row in rows for choices in row for machine, _ in choices}
    base = _base(numbers, machines) if machine_base is None else machine_base
    wrong = sorted(number for number in numbers if not base <= number < base + machines)
    if wrong:
        issues.append(
            Issue("fjs", "file", f"machine {wrong[0]} is not one of {base} to {base + machines - 1}")
        )
    if issues:
        raise ProblemError(issues)
    return Problem(
        sites=("shop",),
        machines=tuple(Machine(f"m{base + i}", "shop") for i in range(machines)),
        jobs=tuple(_job(f"j{i}", row) for i, row in enumerate(rows)),
        objective=objective,
    )


def _base(numbers: set[int], machines: int) -> int:
    return 1 if machines in numbers and 0 not in numbers else 0


def _read_job(words: list[str], where: str, issues: list[Issue]) -> list[list[tuple[int, int]]]:
    """Choices of every operation of a job; faults go to `issues`."""
    try:
        numbers = [int(word) for word in words]
    except ValueError as error:
        issues.append(Issue("fjs", where, f"must hold whole numbers only ({error})"))
        return []
    at = 1
    operations: list[list[tuple[int, int]]] = []
    for step in range(numbers[0]):
        count = numbers[at] if at < len(numbers) else 0
        pairs = numbers[at + 1 : at + 1 + 2 * count]
        if count < 1 or len(pairs) != 2 * count:
            issues.append(Issue("fjs", where, f"operation {step + 1} has no complete list of machines"))
            return []
        operations.append(list(zip(pairs[::2], pairs[1::2], strict=True)))
        at += 1 + 2 * count
    if at != len(numbers):
        issues.append(Issue("fjs", where, f"{len(numbers) - at} numbers too many"))
    return operations


def _job(name: str, row: list[list[tuple[int, int]]]) -> Job:
    operations = []
    for step, choices in enumerate(row):
        best: dict[int, int] = {}
        for machine, time in choices:
            best[machine] = min(time, best.get(machine, time))
        modes = tuple(Mode(f"m{machine}", time) for machine, time in best.items())
        operations.append(Operation(f"o{step}", modes))
    return Job(name, tuple(operations))
