"""Pages of scenarios: make one, compare two side by side, adopt one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gonghe.apps.base import NotFoundError, ServiceError
from gonghe.apps.jobs.models import Job
from gonghe.apps.members.acting import Acting, ActingRequest, member_page
from gonghe.apps.members.pressing import fresh_key, pressed_once
from gonghe.apps.orders import access as orders
from gonghe.apps.orders.models import Order
from gonghe.apps.plans import access, services, whatif
from gonghe.apps.plans import scenarios as scenes
from gonghe.apps.plans.forms import ScenarioForm
from gonghe.apps.plans.picture import Picture, picture, sketch
from gonghe.apps.plans.reading import zone_for
from gonghe.apps.plans.scenarios import Scenario


@member_page
def scenarios(request: ActingRequest, order_id: UUID) -> HttpResponse:
    """Make a scenario of one's own order, and compare two of them."""
    acting = request.acting
    order = _own_order(acting, order_id)
    form = ScenarioForm(request.POST or None, scenes.machines(acting, order))
    if request.method == "POST" and form.is_valid():
        try:
            made = pressed_once(request, lambda: {"job": str(scenes.ask(acting, order, form.wish()).pk)})
        except ServiceError as error:
            form.add_error(None, error.message)
        else:
            return redirect("plans:working", acting.organization.slug, made["job"])
    return _page(request, order, form, status=422 if form.errors else 200)


@require_POST
@member_page
def adopt(request: ActingRequest, order_id: UUID, job_id: UUID) -> HttpResponse:
    """Make a scenario a proposal."""
    acting = request.acting
    order = _own_order(acting, order_id)
    try:
        made = pressed_once(request, lambda: {"plan": str(services.adopt(acting, order, job_id).pk)})
    except NotFoundError:
        raise
    except ServiceError as error:
        form = ScenarioForm(None, scenes.machines(acting, order))
        return _page(request, order, form, error=error.message, status=error.status)
    messages.success(request, _("Proposed. Whoever it touches has to agree before anything moves."))
    return redirect("plans:plan", acting.organization.slug, made["plan"])


def _own_order(acting: Acting, order_id: UUID) -> Order:
    order = orders.get_order(acting, order_id)
    if order.organization_id != acting.organization.pk:
        raise NotFoundError
    return order


def _page(
    request: ActingRequest, order: Order, form: ScenarioForm, *, error: str = "", status: int = 200
) -> HttpResponse:
    acting = request.acting
    first = scenes.plan_row(acting, order)
    found = scenes.scenarios(acting, order)
    shown = [one for one in ([first] if first else []) + found if one.state == Job.State.DONE]
    left, right = _chosen(shown, request.GET.get("left"), request.GET.get("right"))
    context = {
        "order": order,
        "form": form,
        "errors": [error] if error else [],
        "rows": ([first] if first else []) + found,
        "shown": shown,
        "left": left,
        "right": right,
        "pictures": [(one, _picture(acting, order, one)) for one in (left, right) if one],
        "questions": whatif.left(acting),
        "may_plan": acting.may("plans"),
        "key": fresh_key(),
        "zone": zone_for(acting, order),
    }
    return render(request, "plans/scenarios.html", context, status=status)


def _chosen(
    shown: list[Scenario], left: str | None, right: str | None
) -> tuple[Scenario | None, Scenario | None]:
    """The two that are compared: by key, else the plan as it is and the newest scenario."""
    by_key = {one.key: one for one in shown}
    first = by_key.get(left or "", shown[0] if shown else None)
    others = [one for one in shown if one is not first]
    return first, by_key.get(right or "", others[0] if others else None)


def _picture(acting: Acting, order: Order, one: Scenario) -> Picture:
    if one.job is not None:
        return sketch(acting, order, one.rows)
    plan = scenes.current_plan(order)
    if plan is None:
        raise NotFoundError
    return picture(acting, access.get_plan(acting, plan.pk), zone_for(acting, order))
