"""How long the steps of a line take by a firm's tables, as far as they still stand as they were proposed."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from gonghe.apps.orders.models import Operation, OrderLine
from gonghe.engines.model.parts import PartAnalysis, ProposedOperation
from gonghe.engines.parts import Tables, propose


def times_by(line: OrderLine, tables: Tables) -> dict[UUID, tuple[int, int]]:
    """Set-up and run (s) of each step by these tables; a step made by hand keeps its times."""
    steps = list(line.operations.all())
    proposed = steps_by(line, tables) if any(step.is_proposed for step in steps) else ()
    return {step.pk: _times(step, proposed) for step in steps}


def time_by(step: Operation, tables: Tables) -> tuple[int, int]:
    """The same of one step."""
    return _times(step, steps_by(step.line, tables) if step.is_proposed else ())


def _times(step: Operation, proposed: Iterable[ProposedOperation]) -> tuple[int, int]:
    key = (step.number, step.requirement["process"])
    again = next((one for one in proposed if (one.number, one.process) == key), None)
    if again is None or not step.is_proposed:
        return step.setup_s, step.run_s
    return again.setup_s, again.run_s


def steps_by(line: OrderLine, tables: Tables) -> tuple[ProposedOperation, ...]:
    """The steps that are proposed for a line by these tables; none where nothing can be proposed."""
    part = analysis_of(line)
    if part is None:
        return ()
    try:
        return propose(part, material=line.revision.material, quantity=line.pieces, tables=tables)[0]
    except (ValueError, KeyError):  # there are no figures for this material
        return ()


def analysis_of(line: OrderLine) -> PartAnalysis | None:
    """What was found in the drawing of a line."""
    found = line.revision.analysis
    return PartAnalysis.from_json(found) if found else None
