"""Calls, sealed bids, awards and contracts (OCDS words)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gonghe.apps.base import Entity
from gonghe.apps.members.models import Organization
from gonghe.apps.orders.lots import lot_text
from gonghe.apps.orders.models import Operation, Order, OrderLine


class KeyHolder(Entity):
    """The neutral body without whose key no bid opens; its private key never enters the database."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    public_key = models.CharField(max_length=64)
    active = models.BooleanField(default=True)


class Call(Entity):
    """An invitation to bid on an order or some of its lines (OCDS tender)."""

    class State(models.TextChoices):
        OPEN = "open", _("open for bids")
        OPENED = "opened", _("bids opened")
        AWARDED = "awarded", _("awarded")
        CANCELLED = "cancelled", _("cancelled")

    class Vat(models.TextChoices):
        EXCLUDED = "excluded", _("prices without VAT")
        INCLUDED = "included", _("prices with VAT")

    class Incoterm(models.TextChoices):
        EXW = "EXW", _("EXW: fetched at the workshop")
        FCA = "FCA", _("FCA: handed to your carrier")
        DAP = "DAP", _("DAP: brought to your door")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="calls")
    lines = models.ManyToManyField(OrderLine, related_name="calls")
    key_holder = models.ForeignKey(KeyHolder, on_delete=models.PROTECT)
    buyer_public_key = models.CharField(max_length=64, blank=True)  # X25519, hex; empty: the platform opens
    closes_at = models.DateTimeField(_("bids close at"))
    bids_valid_until = models.DateTimeField(_("bids stay valid until"))
    vat = models.CharField(max_length=10, choices=Vat, default=Vat.EXCLUDED)
    incoterm = models.CharField(max_length=3, choices=Incoterm, default=Incoterm.DAP)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    note = models.TextField(max_length=1000, blank=True)
    opened_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(state__in=["open", "opened"]), name="market_one_running_call"
            )
        ]


class CallInvitation(Entity):
    """A firm that may see a call and bid on it."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="invitations")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="call_invitations")
    declined_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["call", "organization"], name="market_invited_once")
        ]


class Bid(Entity):
    """One firm's sealed answer to a call; a later one replaces it until the call closes.

    `sealed` is ciphertext (see `sealing`); `digest` is its SHA-256, given to the bidder as receipt;
    `event_uid` names the entry in the record. Taking a bid back erases the ciphertext, the digest stays.
    """

    class Problem(models.TextChoices):
        CHANGED = "changed", _("changed after it was sealed")

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="bids")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="bids")
    sealed = models.JSONField()
    digest = models.CharField(max_length=64)
    submitted_at = models.DateTimeField()
    event_uid = models.UUIDField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=10, choices=Problem, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["call", "organization"],
                condition=Q(withdrawn_at=None),
                name="market_one_standing_bid",
            )
        ]


class BidItem(Entity):
    """What an opened bid offers for one operation; rows exist only after opening.

    `price` covers the whole quantity with set-up. Binding windows stand for a calendar kept elsewhere:
    then `equipment_id` is empty and the work fits between `earliest` and `latest`.
    """

    bid = models.ForeignKey(Bid, on_delete=models.CASCADE, related_name="items")
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="bid_items")
    price = models.DecimalField(max_digits=14, decimal_places=2)
    duration_s = models.PositiveIntegerField()
    equipment_id = models.UUIDField(null=True)
    earliest = models.DateTimeField(null=True)
    latest = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bid", "operation"], name="market_bid_item_once"),
            models.CheckConstraint(condition=Q(price__gt=0), name="market_bid_price_positive"),
        ]


class Contract(Entity):
    """What one firm does for an order, for how much: one per firm and award."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")

    call = models.ForeignKey(Call, null=True, on_delete=models.PROTECT, related_name="contracts")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="contracts")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="contracts")
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "organization"], name="market_contract_once")
        ]


class ContractItem(Entity):
    """One awarded operation and its price; a re-plan ends it here and begins it elsewhere.

    Where the line runs in several lots it is one of them: `lot` of `lots`, `quantity` pieces to make.
    """

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="items")
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="contract_items")
    lot = models.PositiveSmallIntegerField(default=1)
    lots = models.PositiveSmallIntegerField(default=1)
    quantity = models.PositiveIntegerField()
    price = models.DecimalField(max_digits=14, decimal_places=2)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=100, blank=True)

    @property
    def lot_text(self) -> str:
        """Which lot it is, and of how many pieces; empty where the line stays together."""
        return lot_text(self.lot, self.lots, self.quantity)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["operation", "lot"], condition=Q(ended_at=None), name="market_operation_awarded_once"
            )
        ]


class Milestone(Entity):
    """A date of a contract and the share of money due then."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="milestones")
    name = models.CharField(max_length=80)
    due = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    reached_at = models.DateTimeField(null=True)
