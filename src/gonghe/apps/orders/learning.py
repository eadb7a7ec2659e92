"""What a firm's finished work taught about its times, for its later estimates; only the firm sees it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from gonghe.apps.audit.services import recording
from gonghe.apps.orders.models import Operation, TimeRecord
from gonghe.apps.orders.times import time_by, times_by
from gonghe.apps.principal import Principal
from gonghe.apps.technology.figures import figures_for, process_figures
from gonghe.engines.parts import Actual, Experience, Tables, learn

KEPT_RATIOS = 50
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
    tells how far ranges can be trusted. The estimate is the firm's own: by its tables, not by the buyer's.
    """
    process = str(operation.requirement.get("process", ""))
    tables = figures_for(organization_id).tables
    setup_s, run_s = time_by(operation, tables)
    estimated_s = setup_s + run_s * pieces
    if not process or estimated_s <= 0:
        return None
    family = _family(operation)
    spread = process_figures(process, tables).spread
    told = experience_of(organization_id).factor(process, family, spread).range_s(estimated_s)
    with recording(principal) as record:
        found = TimeRecord.objects.create(
            operation=operation,
            lot=lot,
            organization_id=organization_id,
            process=process,
            family=family,
            pieces=pieces,
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
    known = TimeRecord.objects.filter(organization=organization_id).select_related("operation")
    return list(known.order_by("-created_at", "pk")[:KEPT])


def ratios_of(organization_ids: Iterable[UUID], *, routed: bool) -> dict[tuple[UUID, str], list[float]]:
    """Real over expected times of firms' newest finished jobs, by firm and process.

    Expected by the firm's own tables, as it bids; with `routed` by the routing, as work at published rates is
    planned, so that the firm's own figures stay its own.
    """
    found: dict[tuple[UUID, str], list[float]] = {}
    for firm in organization_ids:
        for one in records_of(firm):
            ratios = found.setdefault((firm, one.process), [])
            if len(ratios) < KEPT_RATIOS:
                expected = one.routed_s if routed else one.estimated_s
                ratios.append(round(one.actual_s / expected, 4))
    return found


def recount(principal: Principal, organization_id: UUID) -> int:
    """Compare a firm's finished jobs with what its tables say now; returns how many estimates changed.

    So what they teach corrects the present tables; the ranges told before the jobs stay as they were told.
    """
    tables = figures_for(organization_id).tables
    known = TimeRecord.objects.filter(organization=organization_id, pieces__gt=0)
    times: dict[UUID, dict[UUID, tuple[int, int]]] = {}
    changed = []
    for one in known.select_related("operation__line__revision").order_by("-created_at")[:KEPT]:
        line = one.operation.line
        if line.pk not in times:
            times[line.pk] = times_by(line, tables)
        setup_s, run_s = times[line.pk][one.operation_id]
        if one.operation.is_proposed and one.estimated_s != setup_s + run_s * one.pieces:
            one.estimated_s = setup_s + run_s * one.pieces
            changed.append(one)
    if changed:
        with recording(principal) as record:
            TimeRecord.objects.bulk_update(changed, ["estimated_s"])
            record(
                "orders.times.recounted",
                objects={"organization": organization_id},
                audience=[organization_id],
                data={"jobs": len(changed)},
            )
    return len(changed)


def experience_of(organization_id: UUID) -> Experience:
    """The firm's own factors."""
    return taught_by(records_of(organization_id), figures_for(organization_id).tables)


def taught_by(records: Iterable[TimeRecord], tables: Tables) -> Experience:
    """Factors from finished jobs, by the spreads of these tables."""
    actuals = [Actual(one.process, one.family, one.estimated_s, one.actual_s) for one in records]
    return learn(actuals, {one.process: process_figures(one.process, tables).spread for one in actuals})


def _family(operation: Operation) -> str:
    found = (operation.line.revision.analysis or {}).get("families") or [{"name": ""}]
    return str(found[0]["name"])
