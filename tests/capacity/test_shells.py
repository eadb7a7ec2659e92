"""Machines from administration shells and as such, and what a firm does on the pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.factories import People
from typer.testing import CliRunner

from gonghe.apps.base import ForbiddenError, InvalidError
from gonghe.apps.capacity import services, shells
from gonghe.apps.capacity.models import Calendar, Equipment
from gonghe.cli.app import build
from gonghe.standards import aas

SHIFTS = b"\r\n".join(
    [
        b"BEGIN:VCALENDAR",
        b"BEGIN:VAVAILABILITY",
        b"BEGIN:AVAILABLE",
        b"DTSTART:20260302T080000",
        b"DTEND:20260302T160000",
        b"RRULE:FREQ=WEEKLY;BYDAY=MO,TU",
        b"END:AVAILABLE",
        b"END:VAVAILABILITY",
        b"END:VCALENDAR",
        b"",
    ]
)


def test_shells_leave_and_enter_another_installation_as_they_were(mill: Equipment, people: People) -> None:
    """The firm's machines vanish; imported they are back, and exported again the file is the same."""
    services.save_calendar(
        people.owner,
        code="day",
        name="Day",
        weekly=[[0, "22:00", "06:00"]],
        region="CN",
        time_zone="Asia/Tokyo",
    )
    services.save_equipment(
        people.owner, code="B1", name="检验台", site=mill.site, calendar=None, released=False,
        operator_needed=False,
    )  # fmt: skip
    content = shells.export_shells(people.owner)
    own = Equipment.objects.filter(organization=people.owner.organization)
    mill.capabilities.all().delete()
    own.delete()
    Calendar.objects.all().delete()
    done = shells.import_shells(people.owner, content)
    assert done.left_out == ()
    assert done.done.added == {"equipment": 2, "capabilities": 1, "calendars": 1}
    assert shells.export_shells(people.owner) == content
    assert shells.import_shells(people.owner, content).done.nothing
    back = own.get(code="M1")
    assert back.calendar is not None
    assert (back.calendar.code, back.calendar.region, back.calendar.time_zone) == ("day", "CN", "Asia/Tokyo")
    assert back.capabilities.get().constraints["tolerance_it"] == {"min": 7}
    bench = own.get(code="B1")
    assert (bench.calendar, bench.released, bench.operator_needed) == (None, False, False)
    assert not hasattr(back, "rate"), "prices do not leave in shells"


def test_what_is_not_known_is_said_and_left_out(mill: Equipment, people: People) -> None:
    """A process nobody knows, a limit nobody knows, a calendar of events; the machine is there."""
    machine = aas.Machine(
        "X1",
        "Odd one",
        (
            aas.Offered(("3 axis milling", "milling-3axis"), {"colour": aas.Limit(1, 2)}),
            aas.Offered(("Teleportation",)),
        ),
        b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    )
    done = shells.import_shells(people.owner, aas.write_json("x", [machine]))
    assert [line.partition(":")[0] for line in done.left_out] == ["X1", "X1", "X1"]
    assert "Teleportation" in done.left_out[2]
    odd = Equipment.objects.get(code="X1")
    assert (odd.calendar, odd.released) == (None, False)
    assert [one.process for one in odd.capabilities.all()] == ["milling-3axis"]


def test_hours_of_a_foreign_calendar_become_a_calendar(mill: Equipment, people: People) -> None:
    """Two days a week from 8 to 16; the machine is in the joint plan at once."""
    shells.import_shells(people.owner, aas.write_json("x", [aas.Machine("X1", "Lathe", (), SHIFTS)]))
    lathe = Equipment.objects.get(code="X1")
    assert lathe.calendar is not None
    assert (lathe.calendar.code, lathe.calendar.weekly) == (
        "aas-X1",
        [[0, "08:00", "16:00"], [1, "08:00", "16:00"]],
    )
    assert lathe.released


def test_shells_that_do_not_fit_change_nothing(mill: Equipment, people: People) -> None:
    """Two of one code, hours that differ under one name, a hostile package, a role that may not."""
    one = aas.Machine("X1", "Lathe", (), SHIFTS, {"calendar": "c"})
    other = aas.Machine("X2", "Lathe", (), SHIFTS.replace(b"MO,TU", b"MO"), {"calendar": "c"})
    for machines, message in (([one, one], "have the code “X1”"), ([one, other], "different hours")):
        with pytest.raises(InvalidError, match=message):
            shells.import_shells(people.owner, aas.write_json("x", machines))
    with pytest.raises(InvalidError, match="neither AAS JSON"):
        shells.import_shells(people.owner, b"%PDF")
    with pytest.raises(ForbiddenError):
        shells.import_shells(people.operator, aas.write_json("x", [one]))
    assert list(Equipment.objects.values_list("code", flat=True)) == ["M1"]
    assert Calendar.objects.count() == 1


def test_the_pages_and_the_api_take_and_give_shells(client_owner: Client, mill: Equipment) -> None:
    """Download, upload the same, upload a wrong one, upload one with something unknown."""
    got = client_owner.get(reverse("capacity:export_shells", args=["hengda"]))
    assert got["Content-Disposition"] == 'attachment; filename="hengda.aasx"'
    url = reverse("capacity:upload_shells", args=["hengda"])
    same = client_owner.post(url, {"file": SimpleUploadedFile("m.aasx", got.content)}, follow=True)
    assert "nothing was changed" in same.content.decode()
    wrong = client_owner.post(url, {"file": SimpleUploadedFile("m.aasx", b"PK\x03\x04")})
    assert wrong.status_code == 422
    assert "damaged or incomplete" in wrong.content.decode()
    odd = aas.write_json("x", [aas.Machine("X1", "Odd", (aas.Offered(("Teleportation",)),))])
    told = client_owner.post(url, {"file": SimpleUploadedFile("m.json", odd)}).content.decode()
    assert "1 thing of their shells is not known." in told
    plain = client_owner.get("/api/o/hengda/shells?form=json")
    assert plain["Content-Type"] == "application/json"
    sent = client_owner.put(
        "/api/o/hengda/shells", plain.content, content_type="application/json",
        headers={"Idempotency-Key": "shells-1234"},
    )  # fmt: skip
    assert sent.json() == {"added": {}, "changed": {}, "left_out": []}


def test_the_command_tells_the_kind_by_the_name(mill: Equipment, people: People, tmp_path: Path) -> None:
    """Export as AASX and JSON, import both."""
    for name in ("m.aasx", "m.json"):
        file = tmp_path / name
        done = CliRunner().invoke(build(), ["export", str(file), "--organization", "hengda"])
        assert done.exit_code == 0, done.output
        done = CliRunner().invoke(build(), ["import", str(file), "--organization", "hengda"])
        assert "Everything in the file is here already" in done.output
