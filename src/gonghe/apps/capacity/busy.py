"""When machines are busy elsewhere: calendars kept elsewhere that are read again and again, maintenance.

Whatever changes these times looks at the machine's reservations in the same transaction: those that no
longer lie in open hours are at risk, and their holders have the event in their feed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import recording
from gonghe.apps.base import ConflictError, InvalidError
from gonghe.apps.capacity import feed_problems
from gonghe.apps.capacity.hours import Span
from gonghe.apps.capacity.ledger import lock, reassess
from gonghe.apps.capacity.models import BusyFeed, BusyTime, Equipment
from gonghe.apps.jobs import services as jobs
from gonghe.apps.jobs.models import Job
from gonghe.apps.members.acting import Acting
from gonghe.apps.principal import SYSTEM, Principal
from gonghe.connectors import web
from gonghe.connectors.errors import FetchError
from gonghe.standards import icalendar

KIND = "capacity.feed"
EVERY = timedelta(hours=1)
FIRST_RETRY = timedelta(minutes=15)
LAST_RETRY = timedelta(hours=24)
AHEAD = timedelta(days=400)
FILE_AHEAD = icalendar.MAX_WINDOW - timedelta(days=2)  # a file is read once, so as far as can be
MAX_FEEDS = 5
MAX_SPANS = 5_000
MAX_MAINTENANCE = timedelta(days=366)
DUE_AT_ONCE = 20


def add_feed(acting: Acting, equipment: Equipment, *, name: str, address: str) -> tuple[BusyFeed, Job]:
    """Read a calendar at an address from now on; a worker reads it first in a moment.

    Raises
    ------
    InvalidError
        If the address is no web address.
    ConflictError
        If the machine has as many calendars as it may.
    """
    _check(acting, equipment)
    try:
        host = web.parse(address).hostname or ""
    except FetchError as error:
        raise InvalidError(feed_problems.told(error.code), code=error.code, fields=["address"]) from error
    with recording(acting.principal) as record:
        feed = BusyFeed.objects.create(
            equipment=equipment,
            name=name.strip() or host[:100],
            address=address.strip(),
            next_fetch_at=_next(),
        )
        record("capacity.feed.added", objects={"equipment": equipment.pk, "feed": feed.pk})
        job = _enqueue(acting.principal, feed)
    return feed, job


def add_file(acting: Acting, equipment: Equipment, *, name: str, content: bytes) -> BusyFeed:
    """Take busy times from an iCalendar file, once.

    Raises
    ------
    InvalidError
        If the file cannot be read; nothing is stored then.
    ConflictError
        If the machine has as many calendars as it may.
    """
    _check(acting, equipment)
    try:
        spans = _spans(content, equipment, FILE_AHEAD)
    except icalendar.ICalendarError as error:
        message = feed_problems.told(error.code, str(error))
        raise InvalidError(message, code=error.code, fields=["file"]) from error
    with recording(acting.principal) as record:
        feed = BusyFeed.objects.create(equipment=equipment, name=name.strip()[:100] or "iCalendar")
        record("capacity.feed.added", objects={"equipment": equipment.pk, "feed": feed.pk})
        store(acting.principal, feed, spans)
    return feed


def read_again(acting: Acting, feed: BusyFeed) -> Job:
    """Read a calendar now instead of within the hour; one that is being read is not read twice.

    Raises
    ------
    ConflictError
        If it came as a file.
    """
    acting.require("capacity")
    if not feed.address:
        raise ConflictError(_("This calendar came as a file. Remove it and send the new file."), code="file")
    running = work_on(feed)
    if running is not None:
        return running
    return _enqueue(acting.principal, feed)


def remove_feed(acting: Acting, feed: BusyFeed) -> None:
    """Forget a calendar and the times that it said; reservations that fit again are safe."""
    acting.require("capacity")
    with recording(acting.principal) as record:
        machine = lock([feed.equipment_id])[feed.equipment_id]
        record("capacity.feed.removed", objects={"equipment": machine.pk, "feed": feed.pk})
        BusyFeed.objects.filter(pk=feed.pk).delete()
        reassess(record, machine)


def add_maintenance(
    acting: Acting, equipment: Equipment, *, start: datetime, end: datetime, note: str = ""
) -> BusyTime:
    """Keep a machine free of work for a while; reservations in that time become at risk.

    Raises
    ------
    InvalidError
        If it ends before it starts or lasts longer than a year.
    """
    acting.require("capacity")
    _check_own(acting, equipment)
    if not timedelta() < end - start <= MAX_MAINTENANCE:
        raise InvalidError(_("Give an end after the start, at most a year later."), fields=["end"])
    with recording(acting.principal) as record:
        machine = lock([equipment.pk])[equipment.pk]
        one = BusyTime.objects.create(equipment=machine, start=start, end=end, note=note.strip())
        record("capacity.maintenance.added", objects={"equipment": machine.pk, "maintenance": one.pk})
        reassess(record, machine)
    return one


def remove_maintenance(acting: Acting, one: BusyTime) -> None:
    """Maintenance does not take place; reservations that fit again are safe."""
    acting.require("capacity")
    with recording(acting.principal) as record:
        machine = lock([one.equipment_id])[one.equipment_id]
        record("capacity.maintenance.removed", objects={"equipment": machine.pk, "maintenance": one.pk})
        BusyTime.objects.filter(pk=one.pk).delete()
        reassess(record, machine)


def store(principal: Principal, feed: BusyFeed, spans: Sequence[Span]) -> bool:
    """Put what a calendar says in the place of what it said; answers whether that is anything new."""
    with transaction.atomic():
        machine = lock([feed.equipment_id])[feed.equipment_id]
        told = BusyFeed.objects.filter(pk=feed.pk)
        told.update(read_at=clock.now(), failing_since=None, failures=0, problem="", detail="")
        new = set(feed.busy_times.values_list("start", "end")) != set(spans)
        if new and told.exists():
            with recording(principal) as record:
                feed.busy_times.all().delete()
                BusyTime.objects.bulk_create(
                    [BusyTime(equipment=machine, feed=feed, start=start, end=end) for start, end in spans],
                    batch_size=500,
                )
                record(
                    "capacity.feed.read",
                    objects={"equipment": machine.pk, "feed": feed.pk},
                    audience=[machine.organization_id],
                    data={"spans": len(spans)},
                )
                reassess(record, machine)
    return new


def fetch(run: jobs.Run) -> dict[str, Any]:
    """Fetch the calendar of a job, read it and store what it says.

    Raises
    ------
    InvalidError
        If it could not be read; the calendar then says since when and why, and what it said before holds.
    """
    found = BusyFeed.objects.select_related("equipment__site", "equipment__calendar")
    feed = found.filter(pk=run.payload["feed"]).exclude(address="").first()
    if feed is None:
        return {"state": "gone"}
    try:
        run.progress(10, _("Asking %s") % web.parse(feed.address).hostname)
        answer = web.Client(allowed=settings.ALLOWED_NETWORKS, max_bytes=icalendar.MAX_BYTES).get(
            feed.address
        )
        run.progress(50, _("Reading the calendar"))
        spans = _spans(answer.body, feed.equipment, AHEAD)
    except (FetchError, icalendar.ICalendarError) as error:
        _store_problem(feed, error.code, str(error))
        message = feed_problems.told(error.code, str(error))
        raise InvalidError(message, code=error.code) from error
    run.progress(80, _("Looking at reservations"))
    new = store(SYSTEM, feed, spans)
    return {"feed": str(feed.pk), "spans": len(spans), "new": new}


def enqueue_due() -> int:
    """Have calendars read that were last read an hour ago; returns how many."""
    now = clock.now()
    due = BusyFeed.objects.filter(next_fetch_at__lte=now).exclude(equipment__status=Equipment.Status.RETIRED)
    count = 0
    for feed in due.select_related("equipment").order_by("next_fetch_at")[:DUE_AT_ONCE]:
        # Two workers may see the same feed; the one whose update counts has it read.
        mine = BusyFeed.objects.filter(pk=feed.pk, next_fetch_at=feed.next_fetch_at)
        if mine.update(next_fetch_at=_next()) and work_on(feed) is None:
            _enqueue(SYSTEM, feed)
            count += 1
    return count


def work_on(feed: BusyFeed) -> Job | None:
    """The job that reads a calendar just now or waits to."""
    going = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING)
    return Job.objects.filter(going, kind=KIND, subject_id=feed.pk).order_by("created_at").first()


def _spans(content: bytes, equipment: Equipment, ahead: timedelta) -> list[Span]:
    # From yesterday's midnight, so that the times of a calendar change once a day and not with every minute.
    start = clock.now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    spans = icalendar.read(content).busy(start, start + ahead, equipment.zone)
    if len(spans) > MAX_SPANS:
        raise icalendar.TooMuchError(
            f"The calendar holds more than {MAX_SPANS:,} busy times. Export a shorter period."
        )
    return list(spans)


def _store_problem(feed: BusyFeed, code: str, detail: str) -> None:
    with recording(SYSTEM) as record:
        machine = lock([feed.equipment_id])[feed.equipment_id]
        failures = min(feed.failures + 1, 1000)
        wait = min(LAST_RETRY, FIRST_RETRY * 2 ** min(feed.failures, 10))
        BusyFeed.objects.filter(pk=feed.pk).update(
            failing_since=feed.failing_since or clock.now(),
            failures=failures,
            problem=code,
            detail=" ".join(detail.split())[:300],
            next_fetch_at=clock.now() + wait,
        )
        record(
            "capacity.feed.failed",
            objects={"equipment": machine.pk, "feed": feed.pk},
            audience=[machine.organization_id],
            data={"problem": code},
        )


def _enqueue(principal: Principal, feed: BusyFeed) -> Job:
    return jobs.enqueue(
        principal,
        KIND,
        {"feed": str(feed.pk)},
        organization_id=feed.equipment.organization_id,
        subject_id=feed.pk,
    )


def _next() -> datetime:
    return clock.now() + EVERY


def _check(acting: Acting, equipment: Equipment) -> None:
    acting.require("capacity")
    _check_own(acting, equipment)
    if equipment.busy_feeds.count() >= MAX_FEEDS:
        raise ConflictError(
            _("%(code)s has %(count)d calendars already. Remove one that is not needed.")
            % {"code": equipment.code, "count": MAX_FEEDS},
            code="too_many",
        )


def _check_own(acting: Acting, equipment: Equipment) -> None:
    if equipment.organization_id != acting.organization.pk:
        raise InvalidError(_("Choose something that belongs to your own firm."))
