"""Equipment, when it can work, what it costs, and the one ledger of its hours."""

from __future__ import annotations

from typing import ClassVar
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from gonghe.apps.base import Entity
from gonghe.apps.members.models import Disclosure, Organization, Site
from gonghe.apps.technology.models import Capability

SLOT_SECONDS = 900  # hours are booked in quarters


class Calendar(Entity):
    """When equipment can work, as wall-clock rules in a zone (expanded only when a problem is built).

    `weekly`: list of [weekday 0-6 (Monday is 0), "HH:MM", "HH:MM"], an end at or before the start lying on
    the next day; `holidays`: list of "YYYY-MM-DD" on which no shift begins; `region`: whose public holidays
    hold too, such as "CN" or "DE-BY", empty: none. An empty zone is the site's.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="calendars")
    code = models.CharField(_("code"), max_length=64)
    name = models.CharField(_("name"), max_length=100, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=40, blank=True)
    weekly = models.JSONField(default=list, blank=True)
    holidays = models.JSONField(default=list, blank=True)
    region = models.CharField(_("public holidays of"), max_length=10, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "code"], name="capacity_calendar_code_once")
        ]

    def __str__(self) -> str:
        return self.code


class Equipment(Entity):
    """A machine, line, bench or crew (ISA-95 Equipment)."""

    class Status(models.TextChoices):
        UP = "up", _("ready")
        DOWN = "down", _("down")
        RETIRED = "retired", _("retired")

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="equipment")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="equipment")
    code = models.CharField(_("code"), max_length=70)
    name = models.CharField(_("name"), max_length=100)
    calendar = models.ForeignKey(
        Calendar, null=True, blank=True, on_delete=models.PROTECT, related_name="equipment"
    )
    capabilities = models.ManyToManyField(Capability, related_name="equipment", blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.UP)
    down_from = models.DateTimeField(null=True, blank=True)
    down_until = models.DateTimeField(null=True, blank=True)
    released = models.BooleanField(_("calendar open to the joint planner"), default=True)
    operator_needed = models.BooleanField(_("needs an operator"), default=True)
    # What its log tells: {"operations", "good", "scrap", "setup_median_s", "run_median_s" (a piece)}.
    history = models.JSONField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "equipment"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "code"], name="capacity_equipment_code_once")
        ]

    def __str__(self) -> str:
        return self.code if self.name == self.code else f"{self.code} {self.name}"

    @property
    def zone(self) -> ZoneInfo:
        """Zone in which its calendar is meant."""
        return ZoneInfo((self.calendar and self.calendar.time_zone) or self.site.time_zone)


class BusyFeed(Entity):
    """A calendar kept elsewhere that says when a machine is busy: an address that is read again, or a file.

    Of what it says only the times are stored, never titles or guests. What was read last holds until it
    is read anew, so a server that does not answer frees no hours.
    """

    equipment = models.ForeignKey(Equipment, on_delete=models.CASCADE, related_name="busy_feeds")
    name = models.CharField(_("name"), max_length=100)
    address = models.CharField(_("address"), max_length=2000, blank=True)  # empty: it came as a file
    next_fetch_at = models.DateTimeField(null=True, db_index=True)
    read_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=20, blank=True)  # code of the last failure
    detail = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.name


class BusyTime(Entity):
    """A span in which a machine is not free: said by a feed, or maintenance that somebody wrote down."""

    equipment = models.ForeignKey(Equipment, on_delete=models.CASCADE, related_name="busy_times")
    feed = models.ForeignKey(BusyFeed, null=True, on_delete=models.CASCADE, related_name="busy_times")
    start = models.DateTimeField()
    end = models.DateTimeField()
    note = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="capacity_busy_has_length")
        ]
        indexes: ClassVar = [models.Index(fields=["equipment", "end"])]


class Rate(Entity):
    """What an hour and a set-up of a piece of equipment cost; published, it is an open offer.

    `overtime_per_hour` comes on top for an hour of work outside the calendar; without it there is no
    overtime.
    """

    equipment = models.OneToOneField(Equipment, on_delete=models.CASCADE, related_name="rate")
    per_hour = models.DecimalField(max_digits=12, decimal_places=2, validators=[MinValueValidator(0)])
    per_setup = models.DecimalField(
        max_digits=12, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    overtime_per_hour = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(max_length=3, default="CNY")
    published = models.BooleanField(_("published as an open offer"), default=False)


class CapacityOffer(Entity):
    """Hours on offer (Valueflows Intent): a view of the ledger with its terms, never hours of its own.

    Which machine of the pool it becomes is decided when somebody holds hours. `taken` counts the quarter
    hours of live and used reservations, so that one conditional update guards the maximum. Terms never
    change after publishing; another offer has other terms.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="capacity_offers")
    title = models.CharField(_("title"), max_length=120)
    process = models.CharField(max_length=60, blank=True)
    pool = models.ManyToManyField(Equipment, related_name="offers")
    start = models.DateTimeField()
    end = models.DateTimeField()
    min_quarters = models.PositiveIntegerField()
    max_quarters = models.PositiveIntegerField()
    taken = models.IntegerField(default=0)
    per_hour = models.DecimalField(max_digits=12, decimal_places=2, validators=[MinValueValidator(0)])
    per_setup = models.DecimalField(
        max_digits=12, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(max_length=3, default="CNY")
    with_operator = models.BooleanField(default=True)
    notice_hours = models.PositiveIntegerField(default=24)
    cancel_fee_percent = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(100)])
    visibility = models.CharField(max_length=10, choices=Disclosure.Level, default=Disclosure.Level.NOBODY)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="capacity_offer_has_length"),
            models.CheckConstraint(
                condition=Q(taken__gte=0, taken__lte=F("max_quarters")), name="capacity_offer_not_oversold"
            ),
            models.CheckConstraint(
                condition=Q(min_quarters__gte=1, min_quarters__lte=F("max_quarters")),
                name="capacity_offer_least_fits_most",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Reservation(Entity):
    """Hours of a piece of equipment that are taken, and for whom."""

    class State(models.TextChoices):
        HELD = "held", _("held")
        CONFIRMED = "confirmed", _("confirmed")
        AT_RISK = "at_risk", _("at risk")
        USED = "used", _("used")
        RELEASED = "released", _("released")
        EXPIRED = "expired", _("expired")
        CANCELLED = "cancelled", _("cancelled")

    equipment = models.ForeignKey(Equipment, on_delete=models.PROTECT, related_name="reservations")
    holder = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="reservations_held")
    start = models.DateTimeField()
    end = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.CONFIRMED)
    LIVE: ClassVar = (State.HELD, State.CONFIRMED, State.AT_RISK)
    operation_id = models.UUIDField(null=True)
    lot = models.PositiveSmallIntegerField(default=1)  # of the operation, where it runs in several
    purpose = models.CharField(max_length=100, blank=True)
    offer = models.ForeignKey(CapacityOffer, null=True, on_delete=models.PROTECT, related_name="reservations")
    held_until = models.DateTimeField(null=True)  # set until the holder confirms
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    fee = models.DecimalField(max_digits=12, decimal_places=2, null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="capacity_reservation_has_length")
        ]
        indexes: ClassVar = [
            models.Index(fields=["equipment", "start"]),
            models.Index(fields=["operation_id"]),
            models.Index(fields=["state", "held_until"]),
        ]


class MachineList(Entity):
    """A firm's own list of machines: its rows until they are imported, and what its columns mean."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="machine_lists")
    name = models.CharField(max_length=100)
    header = models.JSONField()
    rows = models.JSONField()  # [number in the file, text, text, ...]; emptied once imported
    columns = models.JSONField()  # a key of `columns.MEANINGS` or "" for each name of the header
    imported_at = models.DateTimeField(null=True)


class LedgerSlot(models.Model):
    """A quarter hour of a piece of equipment that someone holds; the constraint is the guard."""

    id = models.BigAutoField(primary_key=True)
    equipment = models.ForeignKey(Equipment, on_delete=models.PROTECT)
    slot = models.BigIntegerField()  # quarter hours since 1970-01-01T00:00Z
    reservation = models.ForeignKey(Reservation, on_delete=models.CASCADE, related_name="slots")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["equipment", "slot"], name="capacity_no_hour_twice")
        ]
