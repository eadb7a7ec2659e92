"""Calendars kept elsewhere, maintenance and public holidays: what they take from a machine's hours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.connectors.servers import body_of, saying, serving
from tests.factories import People

from gonghe import clock
from gonghe.apps.audit.models import Event
from gonghe.apps.base import ConflictError, ForbiddenError, InvalidError, NotFoundError
from gonghe.apps.capacity import access, busy, regions, services, tasks
from gonghe.apps.capacity.models import BusyFeed, BusyTime, Equipment, Reservation
from gonghe.apps.jobs.models import Job
from gonghe.apps.jobs.services import run_until_idle

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)  # 09:00 in Shanghai
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _monday_morning(settings: Any) -> Iterator[None]:
    settings.ALLOWED_NETWORKS = (ip_network("127.0.0.0/8"),)
    with clock.telling(MONDAY):
        yield


def ics(*events: str) -> bytes:
    """A calendar of events: start and end in Shanghai, then any further lines."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for number, event in enumerate(events):
        start, end, *more = event.split()
        lines += ["BEGIN:VEVENT", f"UID:{number}", "SUMMARY:secret customer"]
        lines += [
            f"DTSTART;TZID=Asia/Shanghai:{start}",
            f"DTEND;TZID=Asia/Shanghai:{end}",
            *more,
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of March 2026 in Shanghai."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


TUESDAY = ics("20260303T101000 20260303T113000")


def test_a_feed_takes_hours_and_puts_reservations_at_risk(mill: Equipment, people: People) -> None:
    """Tuesday 10:10 to 11:30 takes 10:00 to 11:30: hours are cut inwards to quarters."""
    other = services.reserve(
        people.owner.principal,
        equipment=mill,
        pieces=[(local(3, 9), local(3, 10))],
        holder=people.buyer.organization,
    )
    hit = services.reserve(
        people.owner.principal,
        equipment=mill,
        pieces=[(local(3, 11), local(3, 12))],
        holder=people.buyer.organization,
    )
    with serving(body_of(TUESDAY)) as server:
        feed, job = busy.add_feed(
            people.owner, mill, name="own", address=f"http://127.0.0.1:{server.port}/m.ics?key=secret"
        )
        assert run_until_idle() == 1
    job.refresh_from_db()
    assert (job.state, job.progress, job.result) == (
        "done",
        100,
        {"feed": str(feed.pk), "spans": 1, "new": True},
    )
    feed.refresh_from_db()
    assert (feed.read_at, feed.problem) == (MONDAY, "")
    machine = access.get_equipment(people.owner, mill.pk)
    assert access.open_windows(machine, local(3, 0), local(4, 0)) == [
        (local(3, 8), local(3, 10)),
        (local(3, 11, 30), local(3, 17)),
    ]
    assert Reservation.objects.get(pk=other.pk).state == "confirmed"
    assert Reservation.objects.get(pk=hit.pk).state == "at_risk"
    told = Event.objects.get(type="capacity.reservation.at_risk")
    assert people.buyer.organization.pk in told.audience.values_list("organization_id", flat=True)
    assert "secret" not in json.dumps(list(Event.objects.values_list("data", flat=True)))
    busy.remove_feed(people.owner, feed)
    assert Reservation.objects.get(pk=hit.pk).state == "confirmed"
    assert not BusyTime.objects.exists()


def test_hours_that_a_feed_takes_cannot_be_reserved(mill: Equipment, people: People) -> None:
    """Neither by the ledger nor by an own booking."""
    busy.add_file(people.owner, mill, name="own", content=TUESDAY)
    with pytest.raises(ConflictError, match="does not work"):
        services.keep_hours(people.owner, mill, local(3, 10), local(3, 11), "own parts")


def test_a_feed_is_read_again_every_hour_and_only_news_is_an_event(mill: Equipment, people: People) -> None:
    """The second reading finds the same; the third finds one event more."""
    with serving(body_of(TUESDAY)) as server:
        address = f"http://127.0.0.1:{server.port}/"
        busy.add_feed(people.owner, mill, name="", address=address)
        run_until_idle()
        assert tasks.read_due_feeds() == 0
        with clock.telling(MONDAY + HOUR):
            assert tasks.read_due_feeds() == 1
            assert tasks.read_due_feeds() == 0
            run_until_idle()
    assert Event.objects.filter(type="capacity.feed.read").count() == 1
    feed = BusyFeed.objects.get()
    assert (feed.name, feed.read_at) == ("127.0.0.1", MONDAY + HOUR)
    with serving(
        body_of(ics("20260303T101000 20260303T113000", "20260304T080000 20260304T170000"))
    ) as server:
        BusyFeed.objects.update(address=f"http://127.0.0.1:{server.port}/")
        busy.read_again(people.owner, BusyFeed.objects.get())
        run_until_idle()
    assert BusyTime.objects.count() == 2
    assert Event.objects.filter(type="capacity.feed.read").count() == 2


def test_a_feed_that_fails_keeps_what_it_said_and_says_what_to_do(
    mill: Equipment, people: People, client_owner: Client
) -> None:
    """After a failure it is tried again in 15 minutes, then in 30; the page says since when and why."""
    with serving(body_of(TUESDAY)) as server:
        feed, _job = busy.add_feed(
            people.owner, mill, name="own", address=f"http://127.0.0.1:{server.port}/x"
        )
        run_until_idle()
    with serving(saying("404 Not Found | Content-Length: 0")) as server:
        BusyFeed.objects.update(address=f"http://127.0.0.1:{server.port}/x")
        for minutes in (15, 30):
            job = busy.read_again(people.owner, BusyFeed.objects.get())
            run_until_idle()
            job.refresh_from_db()
            assert job.state == "failed"
            assert job.message.startswith("The server answers with an error.")
            feed.refresh_from_db()
            assert feed.next_fetch_at == MONDAY + timedelta(minutes=minutes)
    assert (feed.failures, feed.problem, feed.failing_since, feed.read_at) == (2, "answer", MONDAY, MONDAY)
    assert BusyTime.objects.count() == 1
    page = client_owner.get(url("busy", mill.pk)).content.decode()
    assert "The calendar own cannot be read since 2 March, 09:00." in page
    assert "Check that the calendar is still shared." in page
    assert "The calendar own cannot be read" in client_owner.get(url("equipment", mill.pk)).content.decode()


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://10.0.0.7/machine.ics", "private"),
        ("http://127.0.0.1:9/machine.ics", "unreachable"),
    ],
)
def test_addresses_that_are_not_reached(mill: Equipment, people: People, address: str, code: str) -> None:
    """Only the networks that the installation allows; the job fails with what to do."""
    busy.add_feed(people.owner, mill, name="", address=address)
    run_until_idle()
    assert Job.objects.get().state == "failed"
    assert BusyFeed.objects.get().problem == code


def test_what_is_no_calendar_or_no_address_is_refused(mill: Equipment, people: People) -> None:
    """Nothing is stored."""
    with pytest.raises(InvalidError, match="no calendar"):
        busy.add_file(people.owner, mill, name="x", content=b"%PDF-1.7")
    with pytest.raises(InvalidError, match="no web address"):
        busy.add_feed(people.owner, mill, name="x", address="file:///etc/passwd")
    with pytest.raises(ForbiddenError):
        busy.add_file(people.operator, mill, name="x", content=TUESDAY)
    assert not BusyFeed.objects.exists()


def test_maintenance_is_planned_and_dropped(mill: Equipment, people: People) -> None:
    """Four hours less on Wednesday, and the reservation in them at risk until it is dropped."""
    held = services.keep_hours(people.owner, mill, local(4, 8), local(4, 9), "own parts")
    one = busy.add_maintenance(people.owner, mill, start=local(4, 8), end=local(4, 12), note="oil")
    machine = access.get_equipment(people.owner, mill.pk)
    assert access.open_windows(machine, local(4, 0), local(5, 0)) == [(local(4, 12), local(4, 17))]
    held.refresh_from_db()
    assert held.state == "at_risk"
    busy.remove_maintenance(people.owner, access.get_maintenance(people.owner, one.pk))
    held.refresh_from_db()
    assert held.state == "confirmed"
    with pytest.raises(InvalidError, match="at most a year later"):
        busy.add_maintenance(people.owner, mill, start=local(4, 8), end=local(4, 8))


def test_rivals_see_neither_feed_nor_maintenance(mill: Equipment, people: People) -> None:
    """They get the same answer as for what does not exist."""
    feed = busy.add_file(people.owner, mill, name="own", content=TUESDAY)
    one = busy.add_maintenance(people.owner, mill, start=local(4, 8), end=local(4, 12))
    for asked in (access.get_feed, access.get_maintenance):
        with pytest.raises(NotFoundError):
            asked(people.rival, feed.pk if asked is access.get_feed else one.pk)
    with pytest.raises(NotFoundError):
        access.get_maintenance(people.owner, BusyTime.objects.exclude(feed=None).get().pk)


def test_public_holidays_and_the_days_that_make_up_for_them(mill: Equipment, people: People) -> None:
    """China in 2026: 1 to 7 October rests, Saturday 10 October works as a Friday, own days off win."""
    calendar = services.save_calendar(
        people.owner, code="day", weekly=[[day, "08:00", "17:00"] for day in range(5)], region="cn"
    )
    assert calendar.region == "CN"
    machine = access.get_equipment(people.owner, mill.pk)
    days = [
        start.astimezone(machine.zone).day
        for start, _end in access.open_windows(
            machine, datetime(2026, 9, 30, 16, tzinfo=UTC), datetime(2026, 10, 12, 16, tzinfo=UTC)
        )
    ]
    assert days == [8, 9, 10, 12]
    services.save_calendar(
        people.owner, code="day", weekly=calendar.weekly, region="CN", holidays=["2026-10-10"]
    )
    machine = access.get_equipment(people.owner, mill.pk)
    assert not access.open_windows(
        machine, datetime(2026, 10, 9, 16, tzinfo=UTC), datetime(2026, 10, 10, 16, tzinfo=UTC)
    )
    with pytest.raises(InvalidError, match="are not known"):
        services.save_calendar(people.owner, code="day", weekly=calendar.weekly, region="XX")


def test_holidays_of_a_part_of_a_country() -> None:
    """Epiphany is a holiday in Bavaria, not in Berlin."""
    assert "2027-01-06" in regions.days("DE-BY").off
    assert "2027-01-06" not in regions.days("DE-BE").off
    assert regions.checked("de_by") == "DE-BY"
    assert regions.days("").off == frozenset()


def test_the_page_adds_reads_and_removes(
    client_owner: Client, client_colleague: Client, mill: Equipment
) -> None:
    """A file, an address, maintenance; a colleague reads and sees no buttons."""
    sent = client_owner.post(
        url("add_feed_file", mill.pk), {"file": SimpleUploadedFile("own.ics", TUESDAY)}, follow=True
    ).content.decode()
    assert 'M1 is busy elsewhere for <a href="#plan-picture">1.3 h</a>' in sent
    refused = client_owner.post(url("add_feed_file", mill.pk), {"file": SimpleUploadedFile("own.pdf", b"x")})
    assert refused.status_code == 422
    assert "What is there is no calendar" in refused.content.decode()
    wrong = client_owner.post(url("add_feed", mill.pk), {"address": "webcal:x", "name": ""})
    assert wrong.status_code == 422
    assert "This is no web address" in wrong.content.decode()
    client_owner.post(
        url("add_feed", mill.pk), {"address": "https://calendar.example/m.ics?key=1", "name": ""}
    )
    page = client_owner.get(url("busy", mill.pk)).content.decode()
    assert "<job-progress" in page
    assert "calendar.example" in page
    assert "key=1" not in page
    form = {"start": "2026-03-04T08:00", "end": "2026-03-04T12:00", "note": "oil"}
    client_owner.post(url("add_maintenance", mill.pk), form)
    assert BusyTime.objects.get(note="oil").start == local(4, 8)
    seen = client_colleague.get(url("busy", mill.pk)).content.decode()
    assert "oil" in seen
    assert url("add_maintenance", mill.pk) not in seen
    client_owner.post(url("remove_maintenance", BusyTime.objects.get(note="oil").pk))
    for feed in BusyFeed.objects.all():
        client_owner.post(url("remove_feed", feed.pk))
    assert not BusyTime.objects.exists()


def test_the_api_does_the_same(client_owner: Client, mill: Equipment) -> None:
    """A feed, a file and maintenance, listed and removed."""
    base = f"/api/o/hengda/equipment/{mill.pk}"
    made = call(client_owner, "post", f"{base}/feeds", {"address": "https://calendar.example/m.ics"})
    assert made["name"] == "calendar.example"
    assert made["job"] == str(Job.objects.get().pk)
    again = call(client_owner, "post", f"/api/o/hengda/feeds/{made['id']}/read", {})
    assert again["job"] == made["job"]
    sent = client_owner.post(
        f"{base}/feeds/file?name=own",
        TUESDAY,
        content_type="text/calendar",
        headers={"Idempotency-Key": "file-1234"},
    )
    assert sent.status_code == 201
    call(
        client_owner,
        "post",
        f"{base}/maintenance",
        {"start": local(4, 8).isoformat(), "end": local(4, 12).isoformat()},
    )
    told = client_owner.get(f"{base}/busy").json()
    assert len(told["feeds"]) == 2
    assert [one["feed"] for one in told["busy"]] == [sent.json()["id"], None]
    for path in [f"feeds/{one['id']}" for one in told["feeds"]] + [
        f"maintenance/{told['maintenance'][0]['id']}"
    ]:
        assert call(client_owner, "delete", f"/api/o/hengda/{path}", {}) == {"done": True}
    assert client_owner.get(f"{base}/busy").json() == {"feeds": [], "maintenance": [], "busy": []}


def call(client: Client, method: str, path: str, body: dict[str, Any]) -> Any:
    """A write of the API that works."""
    key = f"{method}-{path}"[-90:]
    answer = getattr(client, method)(
        path, json.dumps(body), content_type="application/json", headers={"Idempotency-Key": key}
    )
    assert answer.status_code in {200, 201}, answer.content
    return answer.json()


def url(name: str, *args: object) -> str:
    """Address of a page of capacity."""
    return reverse(f"capacity:{name}", args=["hengda", *args])
