"""Runs the engine on a draft: search with progress, independent check, promise, reasons."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import gettext as _

from gonghe.apps.base import ConflictError, InvalidError
from gonghe.apps.jobs.services import Run
from gonghe.apps.orders.learning import ratios_of
from gonghe.apps.orders.models import Operation
from gonghe.apps.plans.hindrance import no_room, no_room_because
from gonghe.apps.plans.models import Assignment
from gonghe.apps.plans.offers import Fleet, Offer
from gonghe.apps.plans.problem import Draft
from gonghe.apps.plans.routing import Step
from gonghe.apps.plans.storing import Solved
from gonghe.apps.plans.telling import Teller, stopper
from gonghe.apps.technology.words import miss_text
from gonghe.engines.model.planning import PlanningError, Problem, Schedule
from gonghe.engines.planning import (
    NoFeasiblePlan,
    Result,
    check,
    evaluate,
    explain,
    learned,
    promise,
    solve,
)
from gonghe.engines.planning.answers.promise import Factor
from gonghe.engines.planning.bounds.floors import job_floors, lower_bound
from gonghe.engines.planning.compiled.compiled import compile_problem
from gonghe.joining import joined

ITERATIONS = 4000  # an order has a few dozen operations: the search stands still long before
RUNS = 500


def require_offers(steps: Iterable[Step], offers: Iterable[Offer], fleet: Fleet) -> None:
    """Refuse a problem in which nobody can do an operation, and name who comes nearest.

    Raises
    ------
    ConflictError
        code "nobody": `details["operations"]` holds all of them.
    """
    missing = missing_operations(steps, offers, fleet)
    if not missing:
        return
    first = missing[0]
    more = _(" %d more operations are without an offer too.") % (len(missing) - 1) if missing[1:] else ""
    raise ConflictError(
        _(
            "Nobody offers operation %(operation)s. %(nearest)s "
            "Change its requirement or call more firms.%(more)s"
        )
        % {"operation": first["operation"], "nearest": first["nearest"], "more": more},
        code="nobody",
        operations=missing,
    )


def missing_operations(steps: Iterable[Step], offers: Iterable[Offer], fleet: Fleet) -> list[dict[str, str]]:
    """Operations without an offer: id, name and the nearest candidate in words."""
    offered = {one.name for one in offers}
    return [
        {"id": str(step.operation.pk), "operation": step.label, "nearest": _nearest(step, fleet)}
        for step in steps
        if step.name not in offered
    ]


def _nearest(step: Step, fleet: Fleet) -> str:
    found = fleet.candidates(step)
    if not found:
        return _("No member shows a machine for this process.")
    best = found[0]
    name = best.organization.local_name + (f", {best.equipment.code}" if best.equipment else "")
    if best.verdict == "can":
        return _("%s can do it, but has neither bid nor published a price.") % name
    return _("Nearest is %(firm)s: %(miss)s.") % {
        "firm": name,
        "miss": joined("; ", (miss_text(miss) for miss in best.misses[:2])),
    }


def search(draft: Draft, run: Run | None = None, *, iterations: int = ITERATIONS) -> Result:
    """The best schedule found in the time of the installation; tells a job's progress.

    Raises
    ------
    ConflictError
        If windows and hours leave no room within the horizon (code "no_room").
    """
    try:
        result = solve(
            draft.problem,
            seconds=float(settings.PLAN_SECONDS),
            iterations=iterations,
            on_progress=Teller(run, draft.currency, iterations).tell if run else None,
            should_stop=stopper(run) if run else None,
        )
    except NoFeasiblePlan as error:
        raise no_room_because(draft, error.jobs) from error
    except PlanningError as error:
        raise no_room() from error
    last = max((draft.moment(row.end) for row in result.schedule), default=draft.epoch)
    if last > draft.end:
        raise no_room()
    return result


def bound_of(problem: Problem) -> int:
    """Proven lower bound of a problem's cost, in minor units."""
    compiled = compile_problem(problem)
    return lower_bound(compiled, job_floors(compiled))


def finish(draft: Draft, schedule: Schedule, bound: int) -> Solved:
    """Check a schedule independently and derive its promise and reasons.

    Raises
    ------
    InvalidError
        If the checker finds anything: such a schedule is never shown.
    """
    wrong = check(draft.problem, schedule)
    if wrong:
        raise InvalidError(
            _("The plan failed its check and was thrown away: %s.") % wrong[0].message, code="check"
        )
    job = draft.problem.jobs[0].id
    return Solved(
        draft=draft,
        schedule=schedule,
        cost=evaluate(draft.problem, schedule).cost,
        bound=bound,
        promise=promise(draft.problem, schedule, factors=_factors(draft, schedule), runs=RUNS)[job],
        reasons=explain(draft.problem, schedule, job),
    )


def _factors(draft: Draft, schedule: Schedule) -> dict[str | tuple[str, str], Factor]:
    """How the chosen firms' real times compared with their estimates, by operation.

    The less a firm has finished of a process, the more the usual spread counts; without any it stands alone.
    """
    offers = {row.key: draft.offer(row.operation, row.machine, row.bid) for row in schedule}
    process = dict(
        Operation.objects.filter(pk__in=[one.operation_id for one in offers.values()]).values_list(
            "pk", "requirement__process"
        )
    )
    firms = {one.organization.pk for one in offers.values()}
    known = {
        routed: {key: learned(ratios) for key, ratios in ratios_of(firms, routed=routed).items()}
        for routed in (False, True)
    }
    found: dict[str | tuple[str, str], Factor] = {}
    for key, offer in offers.items():
        routed = offer.source != Assignment.Source.BID
        factor = known[routed].get((offer.organization.pk, process[offer.operation_id]))
        if factor is not None:
            found[key] = factor
    return found
