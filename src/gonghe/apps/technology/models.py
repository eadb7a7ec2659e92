"""What organisations can do: process + limits. The taxonomy is shipped data of the matching engine."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from gonghe.apps.base import Entity
from gonghe.apps.members.models import Organization


class Capability(Entity):
    """A process and constraints on its properties (IDTA 02020).

    `constraints`: property code -> {"max": x} | {"min": x} | {"min": a, "max": b} | {"set": [...]}.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="capabilities")
    process = models.CharField(_("process"), max_length=60)
    constraints = models.JSONField(_("limits"), default=dict, blank=True)
    covers_children = models.BooleanField(_("covers every process below this one"), default=False)
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "capabilities"


class TimeFactor(Entity):
    """How a firm's real times compare with the estimates of one process: learned from finished work."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE)
    process = models.CharField(max_length=60)
    estimated_s = models.BigIntegerField(default=0)
    actual_s = models.BigIntegerField(default=0)
    jobs = models.PositiveIntegerField(default=0)
    ratios = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "process"], name="technology_factor_once")
        ]
