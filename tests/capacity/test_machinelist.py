"""A firm's own machine list: columns are proposed, confirmed and kept; nothing is half imported."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.capacity.conftest import WEEKDAYS
from tests.factories import People

from gonghe.apps.audit.models import Event
from gonghe.apps.base import ConflictError, ForbiddenError, InvalidError, NotFoundError
from gonghe.apps.capacity import columns, machinelist
from gonghe.apps.capacity.models import Calendar, Equipment, MachineList
from gonghe.apps.members.access import own_sites

pytestmark = pytest.mark.django_db
CHINESE = (
    "资产编号,设备名称,加工类型,行程(mm),台数,小时费率,购置日期\n"
    "CNC-01,立式加工中心,三轴铣削,1000×500×500,2,¥180/小时,2019-03\n"
    "L-07,光纤激光切割机,激光切割,3000*1500,,220元,2021-07\n"
).encode("gb18030")
GERMAN = (
    b"Inv.;Maschine;Anlage Typ;Raum\n"
    b"A1;Deckel;milling;500 x 400 x 400 mm\nA2;Trumpf;laser cutting;3000 x 1500\n"
)


def test_columns_are_proposed_by_their_names(people: People) -> None:
    listed = machinelist.take_in(people.owner, "台账.csv", CHINESE)
    assert listed.columns == ["code", "name", "process", "size", "count", "per_hour", ""]
    assert Equipment.objects.count() == 0


def test_columns_of_strange_names_are_proposed_by_what_stands_in_them() -> None:
    header = ["Q", "Bezeichnung", "Was", "Raum"]
    rows = [
        ("A1", "Deckel FP4", "milling", "500 x 400 x 400 mm"),
        ("A2", "Trumpf", "laser cutting", "3000x1500"),
    ]
    assert columns.propose(header, rows) == ["code", "name", "process", "size"]


def test_a_confirmed_list_becomes_machines_that_can_be_matched(people: People) -> None:
    listed = machinelist.take_in(people.owner, "台账.csv", CHINESE)
    site = own_sites(people.owner).get()
    done = machinelist.import_list(people.owner, listed, listed.columns, site=site, weekly=WEEKDAYS)
    assert done.done.added == {"calendars": 1, "equipment": 3, "capabilities": 2, "rates": 3}
    assert done.without_process == ()
    machines = {one.code: one for one in Equipment.objects.all()}
    assert set(machines) == {"CNC-01-1", "CNC-01-2", "L-07"}
    laser = machines["L-07"]
    assert laser.rate.per_hour == Decimal("220.00")
    assert laser.rate.published is False
    assert laser.calendar is not None
    assert laser.calendar.weekly == WEEKDAYS
    can = laser.capabilities.get()
    assert can.process == "laser-cutting"
    assert can.constraints == {"envelope_x_mm": {"max": 3000}, "envelope_y_mm": {"max": 1500}}
    assert Event.objects.filter(type="capacity.machine_list.imported").count() == 1


def test_what_a_firm_said_of_its_columns_is_kept(people: People) -> None:
    site = own_sites(people.owner).get()
    first = machinelist.take_in(people.owner, "a.csv", b"Ding,Wert\nM1,Lathe\n")
    machinelist.import_list(people.owner, first, ["name", "process"], site=site, weekly=WEEKDAYS)
    again = machinelist.take_in(people.owner, "b.csv", b"Wert,Ding,Neu\nlathe,M2,5\n")
    assert again.columns[:2] == ["process", "name"]
    rivals = machinelist.take_in(people.rival, "b.csv", b"Wert,Ding,Neu\nlathe,M2,5\n")
    assert rivals.columns[:2] != ["process", "name"]


def test_every_wrong_cell_is_named_and_nothing_is_imported(people: People) -> None:
    site = own_sites(people.owner).get()
    text = (
        "code,process,count,size,site\nM1,teleporting,1,1000x500,main\n"
        "M2,sawing,many,big,nowhere\nM1,lathe,1,,\n"
    )
    listed = machinelist.take_in(people.owner, "a.csv", text.encode())
    with pytest.raises(InvalidError) as refused:
        machinelist.import_list(people.owner, listed, listed.columns, site=site, weekly=WEEKDAYS)
    cells = refused.value.details["cells"]
    assert [one["where"] for one in cells] == [
        "row 2, column B (process)",
        "row 3, column D (size)",
        "row 3, column E (site)",
        "row 3, column C (count)",
        "row 4, column A (code)",
    ]
    assert all(one["hint"] for one in cells)
    assert (Equipment.objects.count(), Calendar.objects.count()) == (0, 0)
    assert MachineList.objects.get(pk=listed.pk).imported_at is None


def test_units_are_turned_into_those_of_the_property(people: People) -> None:
    site = own_sites(people.owner).get()
    text = "code,process,max length,max load,press force\nP1,bending,3.2 m,1.5 t,100 t\n"
    listed = machinelist.take_in(people.owner, "a.csv", text.encode())
    machinelist.import_list(people.owner, listed, listed.columns, site=site, weekly=WEEKDAYS)
    limits = Equipment.objects.get().capabilities.get().constraints
    assert limits == {"length_mm": {"max": 3200}, "mass_kg": {"max": 1500}, "force_kn": {"max": 980.665}}


def test_a_list_is_imported_once_and_by_its_own_firm_only(people: People) -> None:
    site = own_sites(people.owner).get()
    listed = machinelist.take_in(people.owner, "a.csv", b"No,Machine\nM1,Lathe\n")
    machinelist.import_list(people.owner, listed, ["code", "name"], site=site, weekly=WEEKDAYS)
    listed.refresh_from_db()
    assert listed.rows == []
    with pytest.raises(ConflictError):
        machinelist.import_list(people.owner, listed, ["code", "name"], site=site, weekly=WEEKDAYS)
    with pytest.raises(NotFoundError):
        machinelist.get_list(people.rival, listed.pk)
    with pytest.raises(ForbiddenError):
        machinelist.take_in(people.colleague, "a.csv", b"No,Machine\nM1,Lathe\n")


@pytest.mark.parametrize(
    ("meanings", "said"),
    [
        (["code"], "each column"),
        (["code", "code"], "Two columns"),
        (["count", ""], "tells a machine from the others"),
    ],
)
def test_meanings_that_do_not_fit_are_refused(people: People, meanings: list[str], said: str) -> None:
    listed = machinelist.take_in(people.owner, "a.csv", b"No,Machine\nM1,Lathe\n")
    with pytest.raises(InvalidError, match=said):
        machinelist.import_list(
            people.owner, listed, meanings, site=own_sites(people.owner).get(), weekly=WEEKDAYS
        )


def test_the_pages_lead_from_file_to_machines(client_owner: Client, people: People) -> None:
    upload = reverse("capacity:upload_list", args=["hengda"])
    assert "may be called anything" in client_owner.get(upload).content.decode()
    bad = client_owner.post(upload, {"file": SimpleUploadedFile("a.csv", b"\x00\x01")})
    assert (bad.status_code, "Save the list as CSV" in bad.content.decode()) == (422, True)
    answer = client_owner.post(upload, {"file": SimpleUploadedFile("a.csv", CHINESE)})
    listed = MachineList.objects.get()
    page = answer["Location"]
    assert page == reverse("capacity:machine_list", args=["hengda", listed.pk])
    shown = client_owner.get(page).content.decode()
    assert "We know what 6 of 7 columns mean." in shown
    assert "立式加工中心" in shown
    form = {f"column_{index}": meaning for index, meaning in enumerate(listed.columns)}
    form |= {"site": str(own_sites(people.owner).get().pk), "weekly": "Mon-Fri 08:00-17:00"}
    refused = client_owner.post(page, form | {"column_6": "count"})
    assert refused.status_code == 422
    done = client_owner.post(page, form)
    assert done["Location"] == reverse("capacity:index", args=["hengda"])
    assert Equipment.objects.count() == 3


def test_the_api_does_the_same_and_repeats_harmlessly(client_owner: Client, people: People) -> None:
    def send(method: str, path: str, body: str | bytes, kind: str, key: str) -> dict[str, object]:
        answer = client_owner.generic(
            method, f"/api/o/hengda/{path}", body, content_type=kind, headers={"Idempotency-Key": key}
        )
        assert answer.status_code in {200, 201}, answer.content
        found: dict[str, object] = answer.json()
        return found

    made = send("POST", "machine-lists", GERMAN, "text/csv", "list-key-1")
    assert send("POST", "machine-lists", GERMAN, "text/csv", "list-key-1") == made
    assert MachineList.objects.count() == 1
    site = own_sites(people.owner).get().pk
    meanings = ["code", "name", "process", "size"]
    body = json.dumps({"columns": meanings, "site": str(site), "weekly": [[0, "08:00", "17:00"]]})
    done = send("PUT", f"machine-lists/{made['id']}", body, "application/json", "list-key-2")
    assert done["added"] == {"calendars": 1, "equipment": 2, "capabilities": 2}
    assert send("PUT", f"machine-lists/{made['id']}", body, "application/json", "list-key-2") == done
