"""How the states of jobs look."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gonghe.apps.workshop.models import JobOrder

register = template.Library()
State = JobOrder.State
KINDS = {
    State.WAITING: "idle",
    State.RUNNING: "producing",
    State.PAUSED: "setup",
    State.BLOCKED: "blocked",
    State.FINISHED: "done",
    State.CANCELLED: "unknown",
}


@register.filter
def job_kind(job: JobOrder) -> str:
    """Kind of the state chip of a job order."""
    return KINDS[State(job.state)]


@register.simple_tag
def made_bar(made: int, planned: int, of: int) -> SafeString:
    """Pieces made of all, and a line where the plan is; the words beside it say the same to readers."""
    return format_html(
        '<svg class="plan" viewBox="0 0 200 18" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="bar" x=".5" y="3" width="199" height="12"/>'
        '<rect class="bar sure" x=".5" y="3" width="{}" height="12"/>'
        '<path class="nowline" d="M{} 0V18"/></svg>',
        _share(made, of),
        _share(planned, of),
    )


def _share(part: int, of: int) -> float:
    return round(199 * min(1.0, part / of), 1) if of else 0.0
