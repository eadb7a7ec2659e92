"""Which jobs an organisation may see."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from gonghe.apps.base import NotFoundError
from gonghe.apps.jobs.models import Job


def get_job(organization_id: UUID, job_id: UUID) -> Job:
    """A job of this organisation.

    Raises
    ------
    NotFoundError
        If there is none that it may see.
    """
    job = Job.objects.filter(pk=job_id, organization_id=organization_id).first()
    if job is None:
        raise NotFoundError
    return job


def oldest_waiting() -> datetime | None:
    """When the job that has waited longest was queued; None when none waits."""
    waiting = Job.objects.filter(state=Job.State.QUEUED).order_by("created_at")
    return waiting.values_list("created_at", flat=True).first()
