"""What is to be made: parts frozen per revision, orders, their lines and operations."""

from __future__ import annotations

import math
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gonghe.apps.base import Entity
from gonghe.apps.members.models import Organization, Site
from gonghe.apps.technology.words import process_name

BY_HAND = "by hand"  # basis of an operation that a person wrote
ASSEMBLING = "assembly of the parts"  # basis of one that joins the parts of an assembly


class Document(Entity):
    """A stored file: written, synced and renamed before this row exists."""

    class Kind(models.TextChoices):
        DRAWING = "drawing", _("drawing or model")
        MESH = "mesh", _("picture in 3D")
        THUMBNAIL = "thumbnail", _("thumbnail")
        NOTE = "note", _("note")

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)


class Part(Entity):
    """Something that can be made, by its number at its owner's."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="parts")
    number = models.CharField(_("part number"), max_length=60)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "number"], name="orders_part_number_once")
        ]

    def __str__(self) -> str:
        return self.number if self.name == self.number else f"{self.number} {self.name}"


class Revision(Entity):
    """One frozen state of a part: its drawing, its material, what the analysis found."""

    class AnalysisState(models.TextChoices):
        NONE = "none", _("no model")
        RUNNING = "running", _("being read")
        DONE = "done", _("read")
        REFUSED = "refused", _("could not be read")

    part = models.ForeignKey(Part, on_delete=models.PROTECT, related_name="revisions")
    label = models.CharField(_("revision"), max_length=10, default="A")
    material = models.CharField(_("material"), max_length=40, default="steel")
    drawing = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    mesh = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    thumbnail = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    analysis_state = models.CharField(max_length=10, choices=AnalysisState, default=AnalysisState.NONE)
    analysis = models.JSONField(null=True, blank=True)
    refusal_code = models.CharField(max_length=40, blank=True)
    refusal = models.CharField(max_length=300, blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["part", "label"], name="orders_revision_label_once")
        ]


class Order(Entity):
    """What a buyer wants, by when and where (UBL Order)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        CALLED = "called", _("out for bids")
        AWARDED = "awarded", _("awarded")
        PRODUCING = "producing", _("being made")
        DELIVERED = "delivered", _("delivered")
        SETTLED = "settled", _("settled")
        CANCELLED = "cancelled", _("cancelled")

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="orders")
    code = models.CharField(max_length=30, unique=True)
    title = models.CharField(_("what it is for"), max_length=120)
    due = models.DateField(_("needed by"))
    destination = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3, default="CNY")
    lateness_per_hour = models.DecimalField(
        _("what an hour late costs you"), max_digits=10, decimal_places=2, default=20
    )
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    indicative = models.JSONField(
        null=True, blank=True
    )  # indicative promise: {p50, p90, cost..., computed_at, basis}

    def __str__(self) -> str:
        return self.code


class OrderLine(Entity):
    """A quantity of a revision; lines under a parent line are built into it.

    `quantity` is what the whole order needs; under an assembly it is `per_parent` for every piece that the
    parent makes. With a `smallest_lot` the pieces may be made in several workshops side by side, so many or
    more in each; without, they stay together.
    """

    class Supplier(models.TextChoices):
        WORKSHOP = "workshop", _("the workshop buys it")
        BUYER = "buyer", _("you send it")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )
    number = models.PositiveIntegerField()
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="lines")
    quantity = models.PositiveIntegerField(_("quantity"), validators=[MinValueValidator(1)])
    per_parent = models.PositiveIntegerField(_("in each assembly"), null=True, blank=True)
    material_supplier = models.CharField(
        _("material"), max_length=10, choices=Supplier, default=Supplier.WORKSHOP
    )
    material_lead_days = models.PositiveSmallIntegerField(
        _("days until the material is there"), default=2, validators=[MaxValueValidator(365)]
    )
    overage_percent = models.DecimalField(
        _("pieces more for scrap, %"),
        max_digits=4,
        decimal_places=1,
        default=2,
        validators=[MinValueValidator(0), MaxValueValidator(50)],
    )
    smallest_lot = models.PositiveIntegerField(
        _("smallest lot, pieces"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    estimate = models.JSONField(null=True, blank=True)
    assumptions = models.JSONField(default=dict, blank=True)  # code -> number as text, for this estimate only

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "number"], name="orders_line_number_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="orders_line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(smallest_lot=None) | Q(smallest_lot__gt=0, parent=None),
                name="orders_line_lots_stand_alone",
            ),
        ]
        ordering: ClassVar = ["number"]

    @property
    def pieces(self) -> int:
        """Pieces to make: the quantity and what is expected to become scrap, rounded up."""
        return self.pieces_for(self.quantity)

    def pieces_for(self, quantity: int) -> int:
        """Pieces that would be made for another quantity."""
        return quantity + math.ceil(quantity * self.overage_percent / 100)


class Operation(Entity):
    """A step of a line's routing: what it asks for and how long it takes."""

    line = models.ForeignKey(OrderLine, on_delete=models.CASCADE, related_name="operations")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    requirement = models.JSONField()
    setup_s = models.PositiveIntegerField(_("set-up, seconds"))
    run_s = models.PositiveIntegerField(_("run, seconds a piece"))
    resumable = models.BooleanField(default=True)
    after = models.ManyToManyField("self", symmetrical=False, related_name="before", blank=True)
    basis = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["line", "number"], name="orders_operation_number_once")
        ]
        ordering: ClassVar = ["line__number", "number"]

    @property
    def label(self) -> str:
        """What it is called: as somebody named it, else by its process in the reader's language."""
        if self.basis == BY_HAND or (get_language() or "en").startswith("en"):
            return self.name
        return process_name(self.requirement["process"])

    @property
    def is_proposed(self) -> bool:
        """Whether it stands as it was proposed from the drawing."""
        return self.basis not in (BY_HAND, ASSEMBLING)

    @property
    def work_s(self) -> int:
        """Seconds of work for all pieces, set-up included."""
        return self.setup_s + self.run_s * self.line.pieces


class TimeRecord(Entity):
    """Real against estimated time of a finished operation or lot: what the firm's later estimates learn from.

    `low_s` and `high_s` are P10 and P90 of what the firm's work until then let expect.
    """

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="time_records")
    lot = models.PositiveSmallIntegerField(default=1)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    process = models.CharField(max_length=60)
    family = models.CharField(max_length=20, blank=True)
    pieces = models.PositiveIntegerField(default=0)  # 0: not known, so the estimate stays as it was
    estimated_s = models.PositiveIntegerField()
    low_s = models.PositiveIntegerField()
    high_s = models.PositiveIntegerField()
    actual_s = models.PositiveIntegerField()

    @property
    def routed_s(self) -> int:
        """Seconds that the routing of the order expected."""
        if not self.pieces:
            return self.estimated_s
        return (self.operation.setup_s + self.operation.run_s * self.pieces) or self.estimated_s

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["operation", "lot"], name="orders_time_measured_once")
        ]
        indexes: ClassVar = [models.Index(fields=["organization", "-created_at"], name="orders_times_newest")]
