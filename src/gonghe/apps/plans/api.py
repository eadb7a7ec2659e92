"""API of plans: plans as one may see them, promises, award, re-plan proposals, consents, what-ifs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Path, Router

from gonghe import clock
from gonghe.apps.base import ConflictError, InvalidError
from gonghe.apps.market import access as market
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.http import IDEMPOTENT, acting_of, write
from gonghe.apps.orders import access as orders
from gonghe.apps.plans import access, asking, awarding, consenting, services, trying, whatif
from gonghe.apps.plans.api_scenarios import router as scenarios_router
from gonghe.apps.plans.api_schemas import (
    AnswerIn,
    DueIn,
    JobOut,
    MoveIn,
    OrderPromiseOut,
    PlanOut,
    PlanRow,
    TrialOut,
    WhatIfOut,
    job_out,
    plan_out,
    row_out,
    trial_out,
    whatif_out,
)
from gonghe.apps.plans.sections import promise_section

router = Router()
router.add_router("", scenarios_router)


@router.get("plans", response=list[PlanRow])
def plans(request: HttpRequest, slug: Path[str], order: UUID | None = None) -> list[dict[str, Any]]:
    """Plans that concern you, newest first; of one order when asked."""
    found = access.visible_plans(acting_of(request, slug))
    return [row_out(one) for one in (found.filter(order=order) if order else found)]


@router.get("plans/{plan_id}", response=PlanOut)
def plan(request: HttpRequest, slug: Path[str], plan_id: UUID) -> dict[str, Any]:
    """One plan as you may see it."""
    acting = acting_of(request, slug)
    return plan_out(acting, access.get_plan(acting, plan_id))


@router.get("plans/{plan_id}/alternatives", response=list[PlanRow])
def alternatives(request: HttpRequest, slug: Path[str], plan_id: UUID) -> list[dict[str, Any]]:
    """Open re-plans that were proposed together with this one."""
    acting = acting_of(request, slug)
    found = access.get_plan(acting, plan_id)
    return [row_out(one) for one in access.alternatives(acting, found)]


@router.get("orders/{order_id}/promise", response=OrderPromiseOut)
def promise(request: HttpRequest, slug: Path[str], order_id: UUID) -> dict[str, Any]:
    """The date of your order: firm, proposed or indicative."""
    acting = acting_of(request, slug)
    told = promise_section(acting, orders.get_order(acting, order_id))
    return {key: told.get(key) for key in ("kind", "p50", "p90", "due")} | {
        "missing": told.get("missing", [])
    }


@router.post("calls/{call_id}/plan", response={202: JobOut}, openapi_extra=IDEMPOTENT)
def propose(request: HttpRequest, slug: Path[str], call_id: UUID) -> Any:
    """Have the joint plan of your opened call worked out."""

    def ask(acting: Acting) -> dict[str, Any]:
        return job_out(services.propose_award(acting, market.get_own_call(acting, call_id)))

    return write(request, slug, ask, status=202)


@router.post("plans/{plan_id}/accept", response=PlanOut, openapi_extra=IDEMPOTENT)
def accept(request: HttpRequest, slug: Path[str], plan_id: UUID) -> Any:
    """Award the call as planned: contracts, reservations and promise at once, or nothing."""

    def put_in_force(acting: Acting) -> dict[str, Any]:
        services.accept_award(acting, access.get_plan(acting, plan_id))
        return plan_out(acting, access.get_plan(acting, plan_id))

    try:
        return write(request, slug, put_in_force)
    except ConflictError as error:
        if error.code == "hours_taken":  # the refusal undid its own transaction, and the new plan with it
            acting = acting_of(request, slug)
            awarding.propose_again(acting, access.get_plan(acting, plan_id))
        raise


@router.post("plans/{plan_id}/answer", response=PlanOut, openapi_extra=IDEMPOTENT)
def answer(request: HttpRequest, slug: Path[str], plan_id: UUID, body: AnswerIn) -> Any:
    """Agree to a re-plan for your firm, or refuse it; the last agreement puts it in force."""

    def say(acting: Acting) -> dict[str, Any]:
        services.answer(acting, access.get_plan(acting, plan_id), body.agree, body.reason, others=body.others)
        return plan_out(acting, access.get_plan(acting, plan_id))

    try:
        return write(request, slug, say)
    except ConflictError as error:
        if error.code == "hours_taken":
            acting = acting_of(request, slug)
            consenting.propose_again(acting.principal, access.get_plan(acting, plan_id))
        raise


@router.post("plans/{plan_id}/again", response={202: JobOut}, openapi_extra=IDEMPOTENT)
def again(request: HttpRequest, slug: Path[str], plan_id: UUID) -> Any:
    """Ask for other re-plans after the same disturbance."""

    def ask(acting: Acting) -> dict[str, Any]:
        return job_out(services.ask_for_another(acting, access.get_plan(acting, plan_id)))

    return write(request, slug, ask, status=202)


@router.post("plans/{plan_id}/try", response=TrialOut, openapi_extra=IDEMPOTENT)
def try_move(request: HttpRequest, slug: Path[str], plan_id: UUID, body: MoveIn) -> Any:
    """What moving an operation would mean: checked and priced, not stored."""

    def ask(acting: Acting) -> dict[str, Any]:
        found = access.get_plan(acting, plan_id)
        return trial_out(
            trying.try_move(acting, found, bar=body.operation, lot=body.lot, row=body.row, start=body.start)
        )

    return _counted(request, slug, plan_id, ask)


@router.post("plans/{plan_id}/move", response=PlanOut, openapi_extra=IDEMPOTENT)
def move(request: HttpRequest, slug: Path[str], plan_id: UUID, body: MoveIn) -> Any:
    """Propose to move an operation: whoever it touches has to agree before anything moves."""

    def propose_it(acting: Acting) -> dict[str, Any]:
        found = access.get_plan(acting, plan_id)
        made = services.propose_move(
            acting, found, bar=body.operation, lot=body.lot, row=body.row, start=body.start
        )
        return plan_out(acting, access.get_plan(acting, made.pk))

    return _counted(request, slug, plan_id, propose_it)


@router.get("orders/{order_id}/what-if", response=list[WhatIfOut])
def answers(request: HttpRequest, slug: Path[str], order_id: UUID) -> list[dict[str, Any]]:
    """Your newest questions about an order, answered."""
    acting = acting_of(request, slug)
    return [whatif_out(one) for one in whatif.answers(acting, orders.get_order(acting, order_id))]


@router.post("orders/{order_id}/what-if", response={202: JobOut}, openapi_extra=IDEMPOTENT)
def what_if(request: HttpRequest, slug: Path[str], order_id: UUID, body: DueIn) -> Any:
    """Ask what another due day would mean for your order; a few questions an hour."""
    if body.due < clock.now().date():
        raise InvalidError(_("This day has passed. Choose a day to come."), fields=["due"])

    def ask(acting: Acting) -> dict[str, Any]:
        return job_out(whatif.ask(acting, orders.get_order(acting, order_id), body.due))

    return write(request, slug, ask, status=202)


def _counted(request: HttpRequest, slug: str, plan_id: UUID, action: Callable[[Acting], Any]) -> Any:
    """A write that asks a question; a refusal undoes its own count, so it is counted here."""
    try:
        return write(request, slug, action)
    except ConflictError as error:
        acting = acting_of(request, slug)
        asking.count_refusal(acting, access.get_plan(acting, plan_id).order, error)
        raise
