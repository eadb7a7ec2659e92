"""Append-only events in one hash chain, and the record that makes a repeated request harmless."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from gonghe import clock


class Event(models.Model):
    """What happened to which objects (OCEL 2.0); written in the transaction of the change itself.

    `position` and the hashes stay empty until the chainer, after commit, gives the event its place.
    """

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    type = models.CharField(max_length=80)
    occurred_at = models.DateTimeField(default=clock.now)
    actor = models.CharField(max_length=64)
    organization_id = models.UUIDField(null=True)
    via = models.CharField(max_length=10)
    objects_touched = models.JSONField()
    data = models.JSONField()
    position = models.BigIntegerField(null=True, unique=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["type", "position"])]

    def __str__(self) -> str:
        return f"{self.position or '-'} {self.type}"


class EventAudience(models.Model):
    """An organisation that may see an event in its feed."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="audience")
    organization_id = models.UUIDField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization_id", "event"], name="audit_audience_once")
        ]


class Chain(models.Model):
    """The end of the chain; its one row is the lock that gives every event its turn."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    position = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="audit_chain_one_row")]


class Cursor(models.Model):
    """How far a subscriber has read the chain."""

    subscriber = models.CharField(max_length=80, primary_key=True)
    position = models.BigIntegerField(default=0)


class SignedHead(models.Model):
    """A position and hash signed by this installation (Ed25519) and handed out."""

    position = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    signed_at = models.DateTimeField(default=clock.now)
    signature = models.CharField(max_length=128)


class IdempotencyRecord(models.Model):
    """One write request: claimed before it runs, completed in the transaction of its effect."""

    actor = models.CharField(max_length=64)
    organization = models.CharField(max_length=36, blank=True)
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=100)
    body_hash = models.CharField(max_length=64)
    claimed_until = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["actor", "organization", "route", "key"], name="audit_idempotency_once"
            )
        ]
