"""Background work: one row a job, with lease, heartbeat, progress and cancel."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from gonghe.apps.base import Entity

LONGEST = 1000  # characters of a message


class Job(Entity):
    """A piece of work that outlives the request that asked for it.

    `figures` of a search: {objective, bound, gap, currency, trace: [[seconds, objective, bound], ...]} with
    money in minor units and the gap in percent. `cancel_asked` throws the work away, `stop_asked` ends a
    search with the best that it has found. `language` is that of whoever asked: the job speaks it.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    kind = models.CharField(max_length=60)
    organization_id = models.UUIDField(null=True)
    subject_id = models.UUIDField(null=True)
    payload = models.JSONField(default=dict)
    language = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    progress = models.PositiveSmallIntegerField(default=0)
    message = models.CharField(max_length=LONGEST, blank=True)
    figures = models.JSONField(null=True)
    cancel_asked = models.BooleanField(default=False)
    stop_asked = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_holder = models.CharField(max_length=64, blank=True)
    leased_until = models.DateTimeField(null=True)
    result = models.JSONField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "created_at"])]

    @property
    def area(self) -> str:
        """What a role must allow to end it: the part of its kind before the dot, such as `plans`."""
        return self.kind.partition(".")[0]

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELLED}
