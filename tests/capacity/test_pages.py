"""Pages of capacity: what the owner does there, what a colleague may not, and that a rival finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.factories import People

from gonghe import clock
from gonghe.apps.capacity import services
from gonghe.apps.capacity.models import Calendar, Equipment, Reservation
from gonghe.apps.capacity.workbook import write_template
from gonghe.apps.members import services as members

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)  # 09:00 in Shanghai


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with clock.telling(MONDAY):
        yield


def url(name: str, *args: object, slug: str = "hengda") -> str:
    """Address of a page of capacity."""
    return reverse(f"capacity:{name}", args=[slug, *args])


def text(client: Client, address: str) -> str:
    """A page that is there."""
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_firm_without_machines_is_told_what_to_do(client_owner: Client) -> None:
    """The one button leads to the import."""
    page = text(client_owner, url("index"))
    assert "Import your machines, and orders that fit them find you." in page
    assert f'class="button" href="{url("upload")}"' in page


def test_the_answer_counts_free_hours_and_open_offers(
    client_owner: Client, mill: Equipment, people: People
) -> None:
    """Eight weeks of 45 hours less the hour that has passed."""
    services.save_rate(people.owner, mill, per_hour=Decimal(180), published=True)
    page = text(client_owner, url("index"))
    assert '<a href="#heat">359 h</a> are free' in page
    assert '<a href="#offers">1 machine</a> is an open offer.' in page


def test_a_machine_is_added_with_its_price_and_found_again(client_owner: Client, mill: Equipment) -> None:
    """The form makes machine and rate; without a calendar it says what to choose and keeps what was typed."""
    form = {
        "code": "L1",
        "name": "Lathe",
        "site": str(mill.site_id),
        "released": "on",
        "operator_needed": "on",
        "per_hour": "150",
        "currency": "CNY",
    }
    refused = client_owner.post(url("add_equipment"), form).content.decode()
    assert "Choose a calendar: the planner must know when it works." in refused
    assert 'value="Lathe"' in refused
    assert not Equipment.objects.filter(code="L1").exists()
    answer = client_owner.post(url("add_equipment"), form | {"calendar": str(mill.calendar_id)})
    lathe = Equipment.objects.get(code="L1")
    assert answer["Location"] == url("equipment", lathe.pk)
    assert lathe.rate.per_hour == Decimal(150)
    page = text(client_owner, url("equipment", lathe.pk))
    assert "L1 has" in page
    assert "¥150" in page


def test_working_hours_are_typed_as_people_write_them(client_owner: Client) -> None:
    """Two shifts on weekdays and a short Saturday; a line that is not clear is quoted."""
    lines = "Mon-Fri 06:00-14:00, 14:00-22:00\n周六 08:00-12:00"
    client_owner.post(
        url("add_calendar"), {"code": "two", "weekly": lines, "holidays": "2026-10-01 2026-10-02"}
    )
    calendar = Calendar.objects.get(code="two")
    assert len(calendar.weekly) == 11
    assert calendar.weekly[-1] == [5, "08:00", "12:00"]
    assert calendar.holidays == ["2026-10-01", "2026-10-02"]
    shown = text(client_owner, url("edit_calendar", calendar.pk))
    assert "Mon-Fri 06:00-14:00, 14:00-22:00\nSat 08:00-12:00" in shown
    refused = client_owner.post(url("add_calendar"), {"code": "x", "weekly": "always"}).content.decode()
    assert "“always” is not clear." in refused
    assert Calendar.objects.count() == 1


def test_down_and_up_by_button(client_operator: Client, mill: Equipment, people: People) -> None:
    """An operator reports; the time is meant in the machine's zone; the holder's hours are at risk."""
    hours = (datetime(2026, 3, 2, 4, tzinfo=UTC), datetime(2026, 3, 2, 5, tzinfo=UTC))
    services.reserve(people.owner.principal, equipment=mill, pieces=[hours], holder=people.buyer.organization)
    client_operator.post(url("mark_down", mill.pk), {"until": "2026-03-02T15:00"})
    mill.refresh_from_db()
    assert (mill.status, mill.down_until) == ("down", datetime(2026, 3, 2, 7, tzinfo=UTC))
    assert Reservation.objects.get().state == "at_risk"
    assert "M1 is down until 2 March, 15:00." in text(client_operator, url("equipment", mill.pk))
    client_operator.post(url("mark_up", mill.pk))
    mill.refresh_from_db()
    assert mill.status == "up"
    assert Reservation.objects.get().state == "confirmed"


def test_own_hours_are_kept_and_given_back(client_owner: Client, mill: Equipment) -> None:
    """Hours outside the calendar are refused on the page itself."""
    form = {"start": "2026-03-03T08:00", "end": "2026-03-03T10:00", "purpose": "own parts"}
    client_owner.post(url("keep_hours", mill.pk), form)
    kept = Reservation.objects.get()
    assert (kept.start, kept.purpose) == (datetime(2026, 3, 3, tzinfo=UTC), "own parts")
    refused = client_owner.post(url("keep_hours", mill.pk), form | {"end": "2026-03-03T20:00"})
    assert refused.status_code == 422
    assert "M1 does not work at some of these hours." in refused.content.decode()
    client_owner.post(url("give_back", kept.pk))
    assert Reservation.objects.get().state == "released"


def test_hours_of_an_order_are_not_given_back_by_hand(
    client_buyer: Client, mill: Equipment, people: People
) -> None:
    """Neither by the holder, whose role does not allow it, nor by the machine's owner."""
    hours = (datetime(2026, 3, 3, 4, tzinfo=UTC), datetime(2026, 3, 3, 5, tzinfo=UTC))
    held = services.reserve(
        people.owner.principal,
        equipment=mill,
        pieces=[hours],
        holder=people.buyer.organization,
        operation_id=uuid4(),
    )
    assert client_buyer.post(url("give_back", held.pk, slug="lanshan")).status_code == 403
    held.refresh_from_db()
    assert held.state == "confirmed"


def test_wrong_cells_are_listed_on_the_upload_page(client_owner: Client, tmp_path: Path) -> None:
    """The empty template misses nothing; a text file is refused with what to do; a good one goes through."""
    template = tmp_path / "t.xlsx"
    write_template(template, "en")
    done = client_owner.post(url("upload"), {"file": SimpleUploadedFile("t.xlsx", template.read_bytes())})
    assert done.status_code == 302
    bad = client_owner.post(url("upload"), {"file": SimpleUploadedFile("t.xlsx", b"no spreadsheet")})
    assert bad.status_code == 422
    assert "Save it as .xlsx and try again." in bad.content.decode()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_templates_download(client_owner: Client, language: str) -> None:
    """A zip file, which is what .xlsx is."""
    answer = client_owner.get(url("template", language))
    assert answer.content[:2] == b"PK"
    assert answer["Content-Disposition"] == f'attachment; filename="gonghe-template-{language}.xlsx"'


def test_a_firm_shows_itself_as_it_chose(
    client_rival: Client, client_buyer: Client, mill: Equipment, people: People
) -> None:
    """Identity and capabilities for partners, free hours for members: the rival sees hours only."""
    members.set_disclosure(people.owner, group="identity", level="partners")
    members.name_partner(people.owner, people.buyer.organization)
    members.set_disclosure(people.owner, group="capabilities", level="partners")
    members.set_disclosure(people.owner, group="free_hours", level="members")
    seen_by_rival = text(client_rival, url("firm", "hengda", slug="ruian"))
    seen_by_partner = text(client_buyer, url("firm", "hengda", slug="lanshan"))
    assert "3-axis milling" in seen_by_partner
    assert "3-axis milling" not in seen_by_rival
    assert "main works" not in seen_by_rival
    assert "90 h" in seen_by_rival
    assert "¥180" not in seen_by_partner
    members.set_disclosure(people.owner, group="prices", level="partners")
    assert "¥180" in text(client_buyer, url("firm", "hengda", slug="lanshan"))
    assert "¥180" not in text(client_rival, url("firm", "hengda", slug="ruian"))


@pytest.mark.parametrize("name", ["equipment", "edit_equipment"])
def test_a_rival_and_a_random_id_get_the_same_answer(
    client_rival: Client, mill: Equipment, name: str
) -> None:
    """Byte for byte."""
    foreign = client_rival.get(url(name, mill.pk, slug="ruian"))
    nothing = client_rival.get(url(name, uuid4(), slug="ruian"))
    assert (foreign.status_code, foreign.content) == (nothing.status_code, nothing.content)
    assert foreign.status_code == 404


@pytest.mark.parametrize("name", ["mark_down", "mark_up", "retire", "keep_hours"])
def test_a_rival_changes_nothing(client_rival: Client, mill: Equipment, name: str) -> None:
    """Neither under their own firm nor under the other's."""
    for slug in ("ruian", "hengda"):
        assert client_rival.post(url(name, mill.pk, slug=slug)).status_code == 404
    mill.refresh_from_db()
    assert mill.status == "up"


def test_who_may_not_change_equipment_is_refused(client_operator: Client, mill: Equipment) -> None:
    """The operator's form comes back with the reason and the price stays."""
    form = {"code": "M1", "name": "Mine", "site": str(mill.site_id), "currency": "CNY"}
    page = client_operator.post(url("edit_equipment", mill.pk), form).content.decode()
    assert "Your role does not allow this." in page
    mill.refresh_from_db()
    assert mill.name == "Mill"
