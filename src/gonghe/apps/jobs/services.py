"""Queue, run, watch and cancel background work."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import recording
from gonghe.apps.base import ServiceError
from gonghe.apps.jobs.models import LONGEST, Job
from gonghe.apps.principal import Principal

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 3
Runner = Callable[["Run"], dict[str, Any] | None]
_runners: dict[str, Runner] = {}
_before: list[Callable[[], None]] = []
_regular: list[Callable[[], object]] = []


class JobCancelledError(Exception):
    """Someone asked the job to stop."""


class LeaseLostError(Exception):
    """Another worker has taken the job over; this one must not write its result."""


class Run:
    """What a running job may do with its row: report progress, notice a cancel, keep its lease."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.payload = job.payload

    def progress(self, percent: int, message: str = "", figures: dict[str, Any] | None = None) -> None:
        """Tell how far the job is (0 to 100), with the figures of a search if there are new ones.

        This renews the lease too.

        Raises
        ------
        JobCancelledError
            If someone asked the job to stop.
        LeaseLostError
            If another worker has taken over.
        """
        held = Job.objects.filter(pk=self.job.pk, lease_holder=self.job.lease_holder, state=Job.State.RUNNING)
        told = {"figures": figures} if figures else {}
        lease = _real_now() + LEASE
        if not held.update(progress=percent, message=message[:LONGEST], leased_until=lease, **told):
            raise LeaseLostError
        if self.should_stop():
            raise JobCancelledError

    def should_stop(self) -> bool:
        """Whether someone asked the job to stop."""
        return Job.objects.filter(pk=self.job.pk, cancel_asked=True).exists()

    def should_finish(self) -> bool:
        """Whether the search is to end, with the best that it has found or with nothing."""
        asked = Q(stop_asked=True) | Q(cancel_asked=True)
        return Job.objects.filter(asked, pk=self.job.pk).exists()


def runner(kind: str) -> Callable[[Runner], Runner]:
    """Register the function that does jobs of a kind; it must be harmless when run twice."""

    def register(function: Runner) -> Runner:
        _runners[kind] = function
        return function

    return register


def before_each_job(action: Callable[[], None]) -> None:
    """Register what is done before a job: what is kept in memory may be out of date by then."""
    _before.append(action)


def regular(function: Callable[[], object]) -> Callable[[], object]:
    """Register what idle workers do again and again; it must be cheap and harmless when two do it."""
    _regular.append(function)
    return function


def do_regular() -> None:
    """Do once what workers do regularly."""
    for function in _regular:
        function()


def enqueue(
    principal: Principal,
    kind: str,
    payload: dict[str, Any],
    *,
    organization_id: UUID | None = None,
    subject_id: UUID | None = None,
) -> Job:
    """Put a job in the queue, inside the caller's transaction."""
    with recording(principal) as record:
        job = Job.objects.create(
            kind=kind,
            payload=payload,
            organization_id=organization_id or principal.organization_id,
            subject_id=subject_id,
            language=get_language() or "",
        )
        record("jobs.job.queued", objects={"job": job.pk}, data={"kind": kind})
    return job


def cancel(principal: Principal, job: Job) -> None:
    """Ask a job to stop; one that has not begun stops at once."""
    with recording(principal) as record:
        Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(
            state=Job.State.CANCELLED, finished_at=clock.now()
        )
        Job.objects.filter(pk=job.pk).update(cancel_asked=True)
        record("jobs.job.cancel_asked", objects={"job": job.pk})


def stop(principal: Principal, job: Job) -> None:
    """End a search early and keep the best that it has found; asking twice changes nothing."""
    with recording(principal) as record:
        Job.objects.filter(pk=job.pk, finished_at=None).update(stop_asked=True)
        record("jobs.job.stop_asked", objects={"job": job.pk})


def work_once(holder: str | None = None) -> bool:
    """Take one due job, run it and store its result; False when there is none."""
    job = _take(holder or secrets.token_hex(8))
    if job is None:
        return False
    for action in _before:
        action()
    try:
        with override(job.language or get_language()):
            result = _runners[job.kind](Run(job))
    except JobCancelledError:
        _finish(job, Job.State.CANCELLED, message=_("Stopped as asked."))
    except LeaseLostError:
        log.warning("job %s was taken over by another worker", job.pk)
    except ServiceError as error:
        _finish(job, Job.State.FAILED, message=error.message)
    except Exception:
        log.exception("job %s (%s) failed", job.pk, job.kind)
        _finish(job, Job.State.FAILED, message=_("This did not work. It has been recorded; try again."))
    else:
        _finish(job, Job.State.DONE, result=result)
    return True


def run_until_idle() -> int:
    """Work until the queue is empty; returns how many jobs ran."""
    count = 0
    while work_once():
        count += 1
    return count


def _take(holder: str) -> Job | None:
    """Lease the oldest job that waits, or one whose worker fell silent."""
    now = _real_now()
    due = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, leased_until__lt=now)
    for key in Job.objects.filter(due).order_by("created_at").values_list("pk", flat=True)[:10]:
        with transaction.atomic():
            taken = Job.objects.filter(due, pk=key, attempts__lt=MAX_ATTEMPTS).update(
                state=Job.State.RUNNING,
                lease_holder=holder,
                leased_until=now + LEASE,
                attempts=F("attempts") + 1,
            )
        if taken:
            return Job.objects.get(pk=key)
        Job.objects.filter(due, pk=key, attempts__gte=MAX_ATTEMPTS).update(
            state=Job.State.FAILED,
            finished_at=clock.now(),
            message=_("The worker stopped three times at this job. Check the input and try again."),
        )
    return None


def _finish(job: Job, state: models.TextChoices, *, message: str = "", result: Any = None) -> None:
    """Store the end of a job, unless another worker holds it by now."""
    Job.objects.filter(pk=job.pk, lease_holder=job.lease_holder, state=Job.State.RUNNING).update(
        state=state,
        message=message[:LONGEST],
        result=result,
        progress=100 if state == Job.State.DONE else F("progress"),
        finished_at=clock.now(),
        leased_until=None,
    )


def _real_now() -> datetime:
    """Leases are about living processes, so they follow the machine's clock, not a told time."""
    return datetime.now(UTC)
