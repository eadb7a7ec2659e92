"""The shop floor: job orders and responses, breakdowns, work passing from firm to firm, settlement."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from gonghe.apps.base import Entity
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.members.models import Organization
from gonghe.apps.orders.lots import lot_text
from gonghe.apps.orders.models import Operation, Order, OrderLine


class JobOrder(Entity):
    """Dispatch of an operation, or of one lot of it, to equipment (ISA-95 job order)."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        BLOCKED = "blocked", _("blocked")
        FINISHED = "finished", _("finished")
        CANCELLED = "cancelled", _("cancelled")

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="job_orders")
    lot = models.PositiveSmallIntegerField(default=1)
    lots = models.PositiveSmallIntegerField(default=1)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="job_orders")
    equipment = models.ForeignKey(Equipment, null=True, on_delete=models.PROTECT, related_name="job_orders")
    planned_start = models.DateTimeField()
    planned_end = models.DateTimeField()
    quantity = models.PositiveIntegerField()
    good = models.PositiveIntegerField(default=0)
    scrap = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    started_at = models.DateTimeField(null=True)
    running_since = models.DateTimeField(null=True)
    worked_s = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    @property
    def lot_text(self) -> str:
        """Which lot it is of; empty where the line stays together."""
        return lot_text(self.lot, self.lots)

    @property
    def remaining(self) -> int:
        """Pieces not yet reported as good or scrap."""
        return max(0, self.quantity - self.good - self.scrap)

    def worked_until(self, moment: datetime) -> int:
        """Seconds of work up to a moment, without pauses and breakdowns."""
        since = self.running_since or moment
        return self.worked_s + max(0, int((moment - since).total_seconds()))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["operation", "lot"], condition=~Q(state="cancelled"), name="workshop_one_job_order"
            )
        ]
        ordering: ClassVar = ["planned_start"]


class JobResponse(Entity):
    """What an operator reported of a job order (ISA-95 job response)."""

    class Kind(models.TextChoices):
        START = "start", _("started")
        PAUSE = "pause", _("paused")
        RESUME = "resume", _("went on")
        REPORT = "report", _("reported pieces")
        FINISH = "finish", _("finished")
        BREAKDOWN = "breakdown", _("machine broke down")
        REPAIRED = "repaired", _("machine runs again")
        HELP = "help", _("called for help")
        MORE = "more", _("makes more pieces")

    job_order = models.ForeignKey(JobOrder, on_delete=models.CASCADE, related_name="responses")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    good = models.PositiveIntegerField(default=0)
    scrap = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["at", "created_at"]


class Handover(Entity):
    """Work passing from firm to firm (UBL DespatchAdvice and ReceiptAdvice in one thing).

    Until it is received the sender holds the parts and bears their loss; accepted pieces are the receiver's
    from then on.
    """

    class State(models.TextChoices):
        SENT = "sent", _("on the way")
        RECEIVED = "received", _("received")

    number = models.CharField(max_length=40, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="handovers")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="handovers")
    after_operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="handovers")
    lot = models.PositiveSmallIntegerField(default=1)
    lots = models.PositiveSmallIntegerField(default=1)
    sender = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="handovers_sent")
    receiver = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="handovers_received")
    quantity = models.PositiveIntegerField()
    accepted = models.PositiveIntegerField(null=True)
    rejected = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.SENT)
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)
    receipt_note = models.CharField(max_length=300, blank=True)

    @property
    def lot_text(self) -> str:
        """Which lot the pieces are of; empty where the line stays together."""
        return lot_text(self.lot, self.lots)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(accepted=None) | Q(quantity=F("accepted") + F("rejected")),
                name="workshop_handover_adds_up",
            )
        ]


class Settlement(Entity):
    """What one firm gets for an order, item by item.

    `items`: {operation, lot, lots, number, name, price, deduction, made, rejected, missing}, all as text;
    `price` is the agreed one, `missing` what the operation lacks of the pieces it was to make. Rows from
    before lines could run in lots have no `lot` and `lots`.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="settlements")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="settlements")
    items = models.JSONField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    agreed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "organization"], name="workshop_settled_once")
        ]
