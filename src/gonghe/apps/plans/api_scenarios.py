"""API of scenarios and of running searches: make, read, compare and adopt; watch, stop and cancel."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Path, Router

from gonghe import clock
from gonghe.apps.base import InvalidError, NotFoundError
from gonghe.apps.jobs import access as jobs
from gonghe.apps.jobs import services as job_services
from gonghe.apps.jobs.models import Job
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.http import IDEMPOTENT, acting_of, write
from gonghe.apps.orders import access as orders
from gonghe.apps.orders.models import Order
from gonghe.apps.plans import access, services
from gonghe.apps.plans import scenarios as scenes
from gonghe.apps.plans.api_schemas import (
    JobOut,
    PlanOut,
    ScenarioIn,
    ScenarioOut,
    ScenarioRow,
    WorkOut,
    job_out,
    plan_out,
    scenario_out,
    work_out,
)
from gonghe.apps.plans.picture import sketch
from gonghe.apps.plans.wishes import Wish

router = Router()


@router.get("orders/{order_id}/scenarios", response=list[ScenarioRow])
def scenarios(request: HttpRequest, slug: Path[str], order_id: UUID) -> list[dict[str, Any]]:
    """The plan as it is (without an id), then the newest scenarios of your order: the comparison."""
    acting = acting_of(request, slug)
    order = orders.get_order(acting, order_id)
    found = scenes.scenarios(acting, order)
    first = scenes.plan_row(acting, order)
    return [scenario_out(one) for one in ([first] if first else []) + found]


@router.post("orders/{order_id}/scenarios", response={202: JobOut}, openapi_extra=IDEMPOTENT)
def make_scenario(request: HttpRequest, slug: Path[str], order_id: UUID, body: ScenarioIn) -> Any:
    """Have a scenario of your order worked out; the job's id is the scenario's."""
    if body.due is not None and body.due < clock.now().date():
        raise InvalidError(_("This day has passed. Choose a day to come."), fields=["due"])

    def ask(acting: Acting) -> dict[str, Any]:
        order = orders.get_order(acting, order_id)
        return job_out(scenes.ask(acting, order, _wish(acting, order, body)))

    return write(request, slug, ask, status=202)


@router.get("orders/{order_id}/scenarios/{scenario_id}", response=ScenarioOut)
def scenario(request: HttpRequest, slug: Path[str], order_id: UUID, scenario_id: UUID) -> dict[str, Any]:
    """One scenario of your order with its picture."""
    acting = acting_of(request, slug)
    order = orders.get_order(acting, order_id)
    found = scenes.scenario(acting, order, scenario_id)
    drawn = sketch(acting, order, found.rows).gantt if found.rows else None
    return scenario_out(found) | {"gantt": drawn}


@router.post("orders/{order_id}/scenarios/{scenario_id}/adopt", response=PlanOut, openapi_extra=IDEMPOTENT)
def adopt_scenario(request: HttpRequest, slug: Path[str], order_id: UUID, scenario_id: UUID) -> Any:
    """Make a scenario a proposal, exactly as it was shown; whoever it touches has to agree."""

    def adopt(acting: Acting) -> dict[str, Any]:
        made = services.adopt(acting, orders.get_order(acting, order_id), scenario_id)
        return plan_out(acting, access.get_plan(acting, made.pk))

    return write(request, slug, adopt)


@router.get("plan-work/{job_id}", response=WorkOut)
def work(request: HttpRequest, slug: Path[str], job_id: UUID) -> dict[str, Any]:
    """Where a search of the planner stands: the best cost so far, the bound and the gap."""
    return work_out(_search(acting_of(request, slug), job_id))


@router.post("plan-work/{job_id}/stop", response=WorkOut, openapi_extra=IDEMPOTENT)
def stop_work(request: HttpRequest, slug: Path[str], job_id: UUID) -> Any:
    """End a search with the best that it has found; one that is over stays as it is."""

    def stop(acting: Acting) -> dict[str, Any]:
        found = _search(acting, job_id, writing=True)
        job_services.stop(acting.principal, found)
        found.refresh_from_db()
        return work_out(found)

    return write(request, slug, stop)


@router.post("plan-work/{job_id}/cancel", response=WorkOut, openapi_extra=IDEMPOTENT)
def cancel_work(request: HttpRequest, slug: Path[str], job_id: UUID) -> Any:
    """End a search and throw away what it has found; one that is over stays as it is."""

    def cancel(acting: Acting) -> dict[str, Any]:
        found = _search(acting, job_id, writing=True)
        job_services.cancel(acting.principal, found)
        found.refresh_from_db()
        return work_out(found)

    return write(request, slug, cancel)


def _search(acting: Acting, job_id: UUID, *, writing: bool = False) -> Job:
    """A planning job of the acting organisation."""
    found = jobs.get_job(acting.organization.pk, job_id)
    if not found.kind.startswith("plans."):
        raise NotFoundError
    if writing:
        acting.require("plans")
    return found


def _wish(acting: Acting, order: Order, body: ScenarioIn) -> Wish:
    """What was asked for, with the name under which the buyer knows the machine."""
    without = str(body.without) if body.without else ""
    names = dict(scenes.machines(acting, order)) if without else {}
    if without and without not in names:
        raise InvalidError(_("Choose a machine of the plan as it is."), fields=["without"])
    return Wish(
        due=body.due,
        without=without,
        without_name=names.get(without, ""),
        overtime_h=body.overtime_h,
        weight=body.weight,
    )
