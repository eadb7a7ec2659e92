"""What organisations can do, and the know-how that they license to each other.

A capability is process + limits; the taxonomy is shipped data of the matching engine.
"""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gonghe import clock
from gonghe.apps.base import Entity
from gonghe.apps.members.models import Disclosure, Organization


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


class OwnProperty(Entity):
    """A property that the cluster office added to the taxonomy; always a number with a unit."""

    class Kind(models.TextChoices):
        MAX = "max", _("a larger limit is better: the wanted value stays below it")
        MIN = "min", _("a smaller limit is better: the wanted value stays above it")
        GRADE = "grade", _("a grade: a smaller one is finer")
        RANGE = "range", _("a wider range is better: the wanted value lies in it")

    class Unit(models.TextChoices):
        NONE = "", _("none")
        MILLIMETRE = "MMT", "mm"
        KILOGRAM = "KGM", "kg"
        MICROMETRE = "4H", "µm"
        CELSIUS = "CEL", "°C"
        KILONEWTON = "B47", "kN"
        PIECES = "H87", _("pieces")

    code = models.CharField(max_length=60, unique=True)
    en = models.CharField(_("name in English"), max_length=60)
    zh = models.CharField(_("name in Chinese"), max_length=60)
    unit = models.CharField(_("unit"), max_length=3, choices=Unit, default=Unit.NONE, blank=True)
    kind = models.CharField(_("direction"), max_length=5, choices=Kind, default=Kind.MAX)
    changed_at = models.DateTimeField(default=clock.now)


class OwnProcess(Entity):
    """A process that the cluster office added below one of the taxonomy; codes stay, names may change."""

    code = models.CharField(max_length=60, unique=True)
    parent = models.CharField(_("the process above"), max_length=60)
    en = models.CharField(_("name in English"), max_length=60)
    zh = models.CharField(_("name in Chinese"), max_length=60)
    synonyms = models.JSONField(_("other names"), default=list, blank=True)
    properties = models.JSONField(_("properties"), default=list, blank=True)
    changed_at = models.DateTimeField(default=clock.now)


class Technology(Entity):
    """Know-how on offer: a summary for those who may see it, a content for licensees, and terms.

    `live_licences` and `exclusive_taken` are moved by conditional updates only, so that no second licence is
    granted beside an exclusive one whatever happens at the same moment.
    """

    class Kind(models.TextChoices):
        ROUTING = "routing_template", _("routing template")
        SETUP = "setup_sheet", _("set-up sheet")
        PROGRAM = "program", _("NC or CAM package")
        FIXTURE = "fixture", _("fixture design")
        FACILITY = "test_facility", _("test facility")
        EXPERT = "expert_hours", _("expert hours")
        TRAINING = "training", _("training")
        LICENCE = "licence", _("licence of a right")

    class Price(models.TextChoices):
        FREE = "free", _("free")
        FIXED = "fixed", _("fixed price")
        PER_PIECE = "per_piece", _("per piece")
        ROYALTY = "royalty", _("royalty, % of the price of the work")

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="technologies")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    title = models.CharField(_("title"), max_length=120)
    summary = models.TextField(_("summary"), max_length=1000)
    process = models.CharField(_("process"), max_length=60, blank=True)
    level = models.CharField(_("who sees the summary"), max_length=10, choices=Disclosure.Level)
    content = models.TextField(_("content"), max_length=20_000, blank=True)
    template = models.JSONField(null=True, blank=True)
    purpose = models.CharField(_("may be used for"), max_length=300, blank=True)
    price_kind = models.CharField(_("price is"), max_length=10, choices=Price, default=Price.FREE)
    price = models.DecimalField(
        _("price"), max_digits=12, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(max_length=3, default="CNY")
    until = models.DateField(_("until"), null=True, blank=True)
    pieces_max = models.PositiveIntegerField(_("at most so many pieces"), null=True, blank=True)
    exclusive = models.BooleanField(_("to one licensee only"), default=False)
    active = models.BooleanField(_("on offer now"), default=True)
    live_licences = models.PositiveIntegerField(default=0)
    exclusive_taken = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(exclusive_taken=False) | Q(live_licences=1), name="technology_exclusive_alone"
            ),
            models.CheckConstraint(condition=Q(price__gte=0), name="technology_price_not_negative"),
        ]
        ordering: ClassVar = ["-created_at"]


class KnowHowFile(Entity):
    """A stored file of a technology: written, synced and renamed before this row exists.

    `mark`: how a licensee's copy names the licensee; found from the content when the file is added.
    """

    class Mark(models.TextChoices):
        PDF = "pdf", _("a line on each page names the licensee")
        TEXT = "text", _("its first line names the licensee")
        STEP = "step", _("a comment in its header names the licensee")
        NONE = "none", _("handed out unchanged: copies do not name the licensee")

    technology = models.ForeignKey(Technology, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    mark = models.CharField(max_length=4, choices=Mark)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["technology", "name"], name="technology_file_name_once")
        ]
        ordering: ClassVar = ["name"]


class Licence(Entity):
    """One firm's right to use a technology, under the terms as they stood when it was granted."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked for")
        GRANTED = "granted", _("granted, terms to be accepted")
        ACCEPTED = "accepted", _("in force")
        REFUSED = "refused", _("refused")
        REVOKED = "revoked", _("revoked")
        RETURNED = "returned", _("given back")
        EXPIRED = "expired", _("expired")

    OPEN: ClassVar = (State.ASKED, State.GRANTED, State.ACCEPTED)
    LIVE: ClassVar = (State.GRANTED, State.ACCEPTED)

    technology = models.ForeignKey(Technology, on_delete=models.PROTECT, related_name="licences")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="licences")
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    message = models.CharField(_("what you need it for"), max_length=500, blank=True)
    answer = models.CharField(_("your words"), max_length=500, blank=True)
    purpose = models.CharField(max_length=300, blank=True)
    price_kind = models.CharField(max_length=10, choices=Technology.Price, default=Technology.Price.FREE)
    price = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    currency = models.CharField(max_length=3, default="CNY")
    until = models.DateField(null=True)
    pieces_max = models.PositiveIntegerField(null=True)
    exclusive = models.BooleanField(default=False)
    granted_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["technology", "organization"],
                condition=Q(state__in=["asked", "granted", "accepted"]),
                name="technology_one_open_licence",
            )
        ]
        ordering: ClassVar = ["-created_at"]


class Usage(Entity):
    """A licence applied to one order line; what the estimate said before and after stays with it.

    The order lies above this app, so it is known by ids and by the words that its owner reads.
    `operations`: ids, the last one being the step whose good pieces count.
    """

    licence = models.ForeignKey(Licence, on_delete=models.PROTECT, related_name="usages")
    line_id = models.UUIDField()
    label = models.CharField(max_length=120)
    planned = models.PositiveIntegerField()
    values = models.JSONField(default=dict)
    effect = models.JSONField(default=dict)
    current = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["line_id"], condition=Q(current=True), name="technology_line_used_once"
            )
        ]
        ordering: ClassVar = ["-created_at"]


class UsageStep(Entity):
    """An operation that came from a licence; the pieces of the last one count."""

    usage = models.ForeignKey(Usage, on_delete=models.CASCADE, related_name="steps")
    operation_id = models.UUIDField(unique=True)
    last = models.BooleanField(default=False)


class UsageCount(Entity):
    """Pieces really made under a licence, and what the work on them is paid; `key` counts a report once."""

    usage = models.ForeignKey(Usage, on_delete=models.PROTECT, related_name="counts")
    key = models.UUIDField(unique=True)
    at = models.DateTimeField()
    pieces = models.PositiveIntegerField()
    value = models.DecimalField(max_digits=14, decimal_places=2)


class Figure(Entity):
    """A firm's own figure in the tables that its estimates rest on, in the unit of its sort.

    `code` is one of `engines.parts.figures`; without a value the shipped figure holds again.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="figures")
    code = models.CharField(max_length=80)
    value = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "code"], name="technology_figure_once")
        ]
