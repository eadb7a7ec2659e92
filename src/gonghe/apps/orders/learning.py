"""What a firm's finished work taught about its times, for its later estimates; only the firm sees it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from gonghe.apps.audit.services import recording
from gonghe.apps.orders.figures import figures_of
from gonghe.apps.orders.models import Operation, TimeRecord
from gonghe.apps.principal import Principal
from gonghe.engines.parts import Actual, Experience, default_tables, learn

KEPT = 500  # the newest jobs say how a firm works now


def measure(
    principal: Principal,
    operation: Operation,
    organization_id: UUID,
    *,
    pieces: int,
    actual_s: int,
    lot: int = 1,
) -> TimeRecord | None:
    """Keep the real time of a finished operation (one lot of it) beside the estimate; None without one.

    The range is the one that the firm's earlier work gives, without this job: so the share of jobs inside it
    tells how far ranges can be trusted.
    """
    process = str(operation.requirement.get("process", ""))
    estimated_s = operation.setup_s + operation.run_s * pieces
    if not process or estimated_s <= 0:
        return None
    family = _family(operation)
    spread = figures_of(process, default_tables()).spread
    told = experience_of(organization_id).factor(process, family, spread).range_s(estimated_s)
    with recording(principal) as record:
        found = TimeRecord.objects.create(
            operation=operation,
            lot=lot,
            organization_id=organization_id,
            process=process,
            family=family,
            estimated_s=estimated_s,
            low_s=told.p10,
            high_s=told.p90,
            actual_s=actual_s,
        )
        record(
            "orders.time.measured",
            objects={"operation": operation.pk},
            audience=[organization_id],
            data={"process": process, "estimated_s": estimated_s, "actual_s": actual_s},
        )
    return found


def records_of(organization_id: UUID) -> list[TimeRecord]:
    """The newest finished jobs of a firm, newest first."""
    return list(TimeRecord.objects.filter(organization=organization_id).order_by("-created_at", "pk")[:KEPT])


def experience_of(organization_id: UUID) -> Experience:
    """The firm's own factors."""
    return taught_by(records_of(organization_id))


def taught_by(records: Iterable[TimeRecord]) -> Experience:
    """Factors from finished jobs."""
    tables = default_tables()
    actuals = [Actual(one.process, one.family, one.estimated_s, one.actual_s) for one in records]
    return learn(actuals, {one.process: figures_of(one.process, tables).spread for one in actuals})


def _family(operation: Operation) -> str:
    found = (operation.line.revision.analysis or {}).get("families") or [{"name": ""}]
    return str(found[0]["name"])
