"""Joint plans, the promises they carry, and proposals to change them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gonghe.apps.base import Entity
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.market.models import Call
from gonghe.apps.members.models import Organization
from gonghe.apps.orders.lots import step_name
from gonghe.apps.orders.models import Operation, Order


class Plan(Entity):
    """A versioned joint schedule of one order (ISA-95 schedule), always checked before it is stored.

    `problem` and `schedule` are the engine's own JSON; `cost` is {production, transport, lateness,
    disturbance, total} in minor units; `bound` the proven lower bound of `total`; `arrives_at` when the last
    part reaches the buyer if all goes as planned. `change` of a re-plan is {cost, lateness_s}: minor units
    and seconds against the plan it is based on.
    """

    class Kind(models.TextChoices):
        AWARD = "award", _("award")
        REPLAN = "replan", _("re-plan")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        IN_FORCE = "in_force", _("in force")
        SUPERSEDED = "superseded", _("replaced")
        REFUSED = "refused", _("refused")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="plans")
    call = models.ForeignKey(Call, null=True, on_delete=models.PROTECT, related_name="plans")
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    label = models.CharField(max_length=40, blank=True)
    based_on = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="proposals")
    epoch = models.DateTimeField()
    problem = models.JSONField()
    schedule = models.JSONField()
    cost = models.JSONField()
    bound = models.BigIntegerField()
    arrives_at = models.DateTimeField()
    verified = models.BooleanField()
    disturbance = models.JSONField(null=True)
    change = models.JSONField(null=True)
    advice = models.JSONField(default=list)  # what would bring the date nearer: [{code, arrives, ...}]
    refusal = models.CharField(max_length=300, blank=True)
    in_force_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "version"], name="plans_version_once"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(state="in_force"), name="plans_one_in_force"
            ),
            models.CheckConstraint(condition=Q(verified=True), name="plans_only_verified"),
        ]

    @property
    def label_text(self) -> str:
        """What kind of way out a re-plan is, in words."""
        names = {
            "wait": _("Wait for the machine"),
            "least_moves": _("Fewest moves"),
            "least_late": _("Least late"),
            "by_hand": _("Moved by hand"),
            "scenario": _("Scenario"),
        }
        return str(names.get(self.label, self.label))

    def firm_count(self) -> int:
        """How many workshops work in it."""
        return self.assignments.values("organization").distinct().count()


class Assignment(Entity):
    """One operation of a plan: who does it, where and when, and what the shop floor reported of it.

    Where the line runs in lots it is one of them: `lot` of `lots`, `quantity` pieces to make. `pieces`
    are the hours on the equipment, without the breaks between: [[ISO start, ISO end], ...]; `critical` tells
    that it lies on the chain that decides the date.
    """

    class Source(models.TextChoices):
        BID = "bid", _("sealed bid")
        OFFER = "offer", _("open offer")

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="assignments")
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="assignments")
    lot = models.PositiveSmallIntegerField(default=1)
    lots = models.PositiveSmallIntegerField(default=1)
    quantity = models.PositiveIntegerField()
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    equipment = models.ForeignKey(Equipment, null=True, on_delete=models.PROTECT, related_name="+")
    start = models.DateTimeField()
    end = models.DateTimeField()
    price = models.DecimalField(max_digits=14, decimal_places=2)
    source = models.CharField(max_length=10, choices=Source)
    pieces = models.JSONField(default=list)
    critical = models.BooleanField(default=False)
    moved = models.BooleanField(default=False)
    actual_start = models.DateTimeField(null=True)
    actual_end = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "operation", "lot"], name="plans_assigned_once")
        ]
        ordering: ClassVar = ["start"]

    @property
    def name(self) -> str:
        """What the planning problem calls it."""
        return step_name(self.operation_id, self.lot, self.lots)


class Promise(Entity):
    """A date with its confidence and its reasons."""

    plan = models.OneToOneField(Plan, on_delete=models.CASCADE, related_name="promise")
    p50 = models.DateTimeField()
    p90 = models.DateTimeField()
    on_time = models.PositiveSmallIntegerField()  # of 100 simulated runs, how many arrive in time
    histogram = models.JSONField()  # [[ISO date, runs], ...]
    reasons = models.JSONField()  # engine's reason codes and parameters, rendered per viewer


class Consent(Entity):
    """What a firm that a proposal touches has to say about it."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked")
        AGREED = "agreed", _("agreed")
        REFUSED = "refused", _("refused")

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="consents")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="consents")
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "organization"], name="plans_consent_once")
        ]


class Question(Entity):
    """A what-if somebody asked; counted, so that nobody reads another firm's load out of many answers."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organization", "created_at"])]
