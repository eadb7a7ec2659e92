"""Pages of plans: what concerns the firm, one plan, and the questions one may ask of it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gonghe.apps.base import ConflictError, ServiceError
from gonghe.apps.jobs import access as jobs
from gonghe.apps.jobs.models import Job
from gonghe.apps.market import access as market
from gonghe.apps.members.acting import ActingRequest, member_page
from gonghe.apps.members.pressing import fresh_key, pressed_once
from gonghe.apps.orders import access as orders
from gonghe.apps.plans import access, asking, awarding, consenting, replanning, services, trying, whatif
from gonghe.apps.plans.forms import AnswerForm, DueForm, MoveForm
from gonghe.apps.plans.models import Plan
from gonghe.apps.plans.picture import overview
from gonghe.apps.plans.reading import plan_view, zone_for
from gonghe.apps.plans.sections import promise_section
from gonghe.apps.plans.title import titleblock

SHOWN = 50


@member_page
def index(request: ActingRequest) -> HttpResponse:
    """What waits for the firm's answer, what its machines do, and all plans that concern it."""
    acting = request.acting
    plans = list(access.visible_plans(acting)[:SHOWN])
    work = list(access.own_work(acting))
    context = {
        "waiting": list(access.waiting_for(acting)),
        "to_accept": [
            one
            for one in plans
            if one.state == Plan.State.PROPOSED
            and one.kind == Plan.Kind.AWARD
            and access.is_buyer(acting, one)
        ],
        "in_force": [one for one in plans if one.state == Plan.State.IN_FORCE],
        "plans": plans,
        "work": work,
        "picture": overview(acting, work),
        "zone": zone_for(acting),
    }
    return render(request, "plans/index.html", context)


@member_page
def plan(request: ActingRequest, plan_id: UUID) -> HttpResponse:
    """One plan: its answer, its picture, what moves, who has to agree."""
    found = access.get_plan(request.acting, plan_id)
    return _plan_page(request, found)


def _plan_page(
    request: ActingRequest, found: Plan, error: ServiceError | None = None, status: int = 200
) -> HttpResponse:
    acting = request.acting
    view = plan_view(acting, found)
    alternatives = []
    if found.kind == Plan.Kind.REPLAN:
        alternatives = [plan_view(acting, one) for one in access.alternatives(acting, found)]
    context = {
        "view": view,
        "plan": found,
        "alternatives": alternatives,
        "may_plan": acting.may("plans"),
        "ask_again": view.own_consent is not None and services.can_ask_again(found),
        "errors": [error.message] if error else [],
        "move_form": MoveForm(),
        "promise_section": promise_section(acting, found.order, found) if view.buyer else None,
        "titleblock": titleblock(view),
        "searching": replanning.running(acting.organization.pk, found),
    }
    return render(request, "plans/plan.html", context, status=status)


@require_POST
@member_page
def propose(request: ActingRequest, call_id: UUID) -> HttpResponse:
    """Have the joint plan of an opened call worked out."""
    call = market.get_own_call(request.acting, call_id)
    slug = request.acting.organization.slug
    try:
        job = services.propose_award(request.acting, call)
    except ServiceError as error:
        messages.error(request, error.message)
        return redirect("market:call", slug, call_id)
    return redirect("plans:working", slug, job.pk)


@member_page
def working(request: ActingRequest, job_id: UUID) -> HttpResponse:
    """How far the planner is, with a way to stop it; why, when it failed."""
    job = jobs.get_job(request.acting.organization.pk, job_id)
    slug = request.acting.organization.slug
    if job.state == Job.State.DONE:
        return redirect("plans:worked", slug, job.pk)
    may_end = request.acting.may(job.area)
    context = {
        "job": job,
        "src": reverse("web:job", args=[slug, job.pk]),
        "cancel": reverse("web:cancel_job", args=[slug, job.pk]) if may_end else "",
        "stop": reverse("web:stop_job", args=[slug, job.pk]) if may_end else "",
        "done": reverse("plans:worked", args=[slug, job.pk]),
        "failed": job.state == Job.State.FAILED,
        "cancelled": job.state == Job.State.CANCELLED,
    }
    return render(request, "plans/working.html", context)


@member_page
def worked(request: ActingRequest, job_id: UUID) -> HttpResponse:
    """Go to what a job made."""
    job = jobs.get_job(request.acting.organization.pk, job_id)
    slug = request.acting.organization.slug
    result = job.result or {}
    if "plan" in result:
        return redirect("plans:plan", slug, result["plan"])
    if result.get("plans"):
        return redirect("plans:plan", slug, result["plans"][0])
    if "scenarios" in result:
        return redirect(
            reverse("plans:scenarios", args=[slug, result["scenarios"]]) + f"?right={job.pk}#compare"
        )
    if "order" in result:
        return redirect("plans:what_if", slug, result["order"])
    if job.is_over:
        return redirect("plans:index", slug)
    return redirect("plans:working", slug, job.pk)


@require_POST
@member_page
def accept(request: ActingRequest, plan_id: UUID) -> HttpResponse:
    """Award the call as planned."""
    found = access.get_plan(request.acting, plan_id)
    try:
        services.accept_award(request.acting, found)
    except ServiceError as error:
        if error.code == "hours_taken":
            awarding.propose_again(request.acting, found)
        found.refresh_from_db()
        return _plan_page(request, found, error, status=error.status)
    messages.success(request, _("Awarded. The hours are reserved and every firm has its contract."))
    return redirect("plans:plan", request.acting.organization.slug, plan_id)


@require_POST
@member_page
def answer(request: ActingRequest, plan_id: UUID) -> HttpResponse:
    """Agree to a re-plan for the firm, or refuse it."""
    found = access.get_plan(request.acting, plan_id)
    form = AnswerForm(request.POST)
    try:
        if not form.is_valid():
            raise ConflictError(_("Say why in at most 300 characters."), code="reason")
        services.answer(request.acting, found, **form.cleaned_data)
    except ServiceError as error:
        if error.code == "hours_taken":
            consenting.propose_again(request.acting.principal, found)
        found.refresh_from_db()
        return _plan_page(request, found, error, status=error.status)
    messages.success(request, _("Your answer is recorded."))
    waiting = access.waiting_for(request.acting).filter(based_on=found.based_on).first()
    left = waiting if waiting and not form.cleaned_data["agree"] else found
    return redirect("plans:plan", request.acting.organization.slug, left.pk)


@require_POST
@member_page
def again(request: ActingRequest, plan_id: UUID) -> HttpResponse:
    """Ask for other re-plans after the same disturbance."""
    found = access.get_plan(request.acting, plan_id)
    try:
        job = services.ask_for_another(request.acting, found)
    except ServiceError as error:
        return _plan_page(request, found, error, status=error.status)
    slug = request.acting.organization.slug
    if job.organization_id != request.acting.organization.pk:
        messages.success(request, _("Other proposals are being worked out. They appear here in a moment."))
        return redirect("plans:index", slug)
    return redirect("plans:working", slug, job.pk)


@require_POST
@member_page
def try_move(request: ActingRequest, plan_id: UUID) -> HttpResponse:
    """What a dragged bar would mean: checked and priced, with a button that proposes it."""
    found = access.get_plan(request.acting, plan_id)
    form = MoveForm(request.POST)
    context: dict[str, object] = {"plan": found, "zone": zone_for(request.acting, found.order)}
    try:
        if not form.is_valid():
            raise ConflictError(_("Drop the operation on a machine, at a time to come."), code="move")
        context["trial"] = trying.try_move(request.acting, found, **form.cleaned_data)
        context |= {"wish": request.POST, "key": fresh_key()}
    except ServiceError as error:
        context["error"] = error.message
    return render(request, "plans/trial.html", context)


@require_POST
@member_page
def move(request: ActingRequest, plan_id: UUID) -> HttpResponse:
    """Make the tried move a proposal."""
    acting = request.acting
    found = access.get_plan(acting, plan_id)
    form = MoveForm(request.POST)
    try:
        if not form.is_valid():
            raise ConflictError(_("Drop the operation on a machine, at a time to come."), code="move")
        made = pressed_once(
            request, lambda: {"plan": str(services.propose_move(acting, found, **form.cleaned_data).pk)}
        )
    except ServiceError as error:
        if isinstance(error, ConflictError):
            asking.count_refusal(acting, found.order, error)
        found.refresh_from_db()
        return _plan_page(request, found, error, status=error.status)
    messages.success(request, _("Proposed. Whoever it touches has to agree before anything moves."))
    return redirect("plans:plan", acting.organization.slug, made["plan"])


@member_page
def what_if(request: ActingRequest, order_id: UUID) -> HttpResponse:
    """Ask for another due day, and read the answers so far."""
    acting = request.acting
    order = orders.get_order(acting, order_id)
    form = DueForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            job = whatif.ask(acting, order, form.cleaned_data["due"])
        except ServiceError as error:
            form.add_error(None, error.message)
        else:
            return redirect("plans:working", acting.organization.slug, job.pk)
    context = {
        "order": order,
        "form": form,
        "answers": whatif.answers(acting, order),
        "left": whatif.left(acting),
        "zone": zone_for(acting, order),
    }
    return render(request, "plans/what_if.html", context, status=422 if form.errors else 200)
