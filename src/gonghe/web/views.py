"""Start, home, job progress, and the pages that say no."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gonghe.apps.jobs import access as jobs
from gonghe.apps.jobs import services as job_services
from gonghe.apps.jobs.models import Job
from gonghe.apps.members.acting import ActingRequest, member_page
from gonghe.apps.members.models import User


def start(request: HttpRequest) -> HttpResponse:
    """Send a person to the home page of their first organisation."""
    if not isinstance(request.user, User):
        return redirect("members:sign_in")
    first = request.user.memberships.select_related("organization").order_by("created_at").first()
    if first is None:
        return render(request, "web/no_organization.html")
    return redirect("web:today", first.organization.slug)


@member_page
def job(request: ActingRequest, job_id: UUID) -> HttpResponse:
    """How far a job is."""
    found = jobs.get_job(request.acting.organization.pk, job_id)
    return JsonResponse(
        {
            "state": found.state,
            "progress": found.progress,
            "message": found.message,
            "over": found.is_over,
            "figures": found.figures,
            "stopping": found.stop_asked,
        }
    )


@require_POST
@member_page
def cancel_job(request: ActingRequest, job_id: UUID) -> HttpResponse:
    """Ask a job to stop."""
    job_services.cancel(request.acting.principal, _own_to_end(request, job_id))
    return HttpResponse(status=204)


@require_POST
@member_page
def stop_job(request: ActingRequest, job_id: UUID) -> HttpResponse:
    """End a search with the best that it has found."""
    job_services.stop(request.acting.principal, _own_to_end(request, job_id))
    return HttpResponse(status=204)


def _own_to_end(request: ActingRequest, job_id: UUID) -> Job:
    """A job of the acting organisation that this person's role may end, as the API asks for it."""
    found = jobs.get_job(request.acting.organization.pk, job_id)
    request.acting.require(found.area)
    return found


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The request itself made no sense."""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Not allowed."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Missing or hidden: byte for byte the same page."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our fault; nothing was changed."""
    return render(request, "500.html", status=500)
