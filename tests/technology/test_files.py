"""Files of an offer: who gets them, in copies that name the licensee; hostile files are refused by name."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Text
from tests.factories import People, signed_in
from tests.technology.sharing_making import an_offer, in_force

from gonghe import clock, storage
from gonghe.apps.audit.models import Event
from gonghe.apps.base import ConflictError, ForbiddenError, InvalidError, NotFoundError
from gonghe.apps.members.acting import Acting
from gonghe.apps.technology import access_sharing as access
from gonghe.apps.technology import files, sharing
from gonghe.apps.technology.models import KnowHowFile, Technology
from gonghe.engines.parts import analyse

pytestmark = pytest.mark.django_db


def a_pdf(pages: int = 3, **changes: Any) -> bytes:
    """Pages of A4, the second one turned."""
    import io

    writer = PdfWriter()
    for number in range(pages):
        writer.add_blank_page(595, 842)
        if number == 1:
            writer.pages[1].rotate(90)
    if pages:
        writer.add_annotation(0, Text(rect=(50, 550, 200, 650), text="Torque 12 Nm"))
    if changes.get("password"):
        writer.encrypt(changes["password"])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def added(people: People, offer: Technology, name: str, data: bytes) -> KnowHowFile:
    return files.add(people.owner, offer, files.take_in(people.owner, name, [data]))


def taken(acting: Acting, file: KnowHowFile) -> bytes:
    copy = files.take(acting, access.get_file(acting, file.pk))
    with copy.file:
        data = copy.file.read()
    assert len(data) == copy.size
    return data


def test_a_pdf_names_its_licensee_on_every_page(people: People, tmp_path: Path) -> None:
    offer = an_offer(people)
    file = added(people, offer, "sheet.pdf", a_pdf())
    licence = in_force(people, offer)
    path = tmp_path / "copy.pdf"
    path.write_bytes(taken(people.lanshan_owner, file))
    reader = PdfReader(path)
    assert len(reader.pages) == 3
    for page in reader.pages:
        text = page.extract_text()
        assert f"Licensed to lanshan, {clock.now():%Y-%m-%d}, licence {licence.pk}:" in text
        assert licence.organization.name in text
    assert reader.metadata is not None
    assert reader.metadata["/Licence"] == str(licence.pk)
    assert licence.organization.name in reader.metadata["/LicensedTo"]
    assert reader.pages[0].annotations is not None
    assert taken(people.owner, file) == a_pdf_of(file)


def a_pdf_of(file: KnowHowFile) -> bytes:
    return storage.path_of(str(file.technology.organization_id), file.sha256).read_bytes()


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Clamp on the flange.", "utf-8"),
        ("夹紧法兰。", "utf-8"),
        ("夹紧法兰。", "gb18030"),
        ("夹紧", "utf-16"),
    ],
)
def test_a_text_names_its_licensee_in_its_own_encoding(people: People, text: str, encoding: str) -> None:
    offer = an_offer(people)
    file = added(people, offer, "note.txt", text.encode(encoding))
    licence = in_force(people, offer)
    first, rest = taken(people.lanshan_owner, file).decode(encoding).split("\n", 1)
    assert first == f"{files.mark_for(licence).line} {licence.organization.name}"
    assert rest == text


def test_a_step_file_names_its_licensee_and_is_read_as_before(people: People, tmp_path: Path) -> None:
    offer = an_offer(people)
    data = a_step(tmp_path)
    file = added(people, offer, "fixture.step", data)
    licence = in_force(people, offer)
    marked = tmp_path / "copy.step"
    marked.write_bytes(taken(people.lanshan_owner, file))
    head = marked.read_bytes()[:1000].decode("ascii")
    assert f"HEADER;\n/* Licensed to lanshan, {clock.now():%Y-%m-%d}, licence {licence.pk}:" in head
    before, after = analyse(tmp_path / "part.step"), analyse(marked)
    assert after.volume_mm3 == pytest.approx(before.volume_mm3)
    assert after.box_mm == pytest.approx((40.0, 30.0, 20.0))


def a_step(folder: Path) -> bytes:
    from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox
    from OCP.STEPControl import STEPControl_AsIs, STEPControl_Writer

    writer = STEPControl_Writer()
    writer.Transfer(BRepPrimAPI_MakeBox(40.0, 30.0, 20.0).Shape(), STEPControl_AsIs)
    writer.Write(str(folder / "part.step"))
    return (folder / "part.step").read_bytes()


def test_other_files_are_given_unchanged_and_the_page_says_so(people: People) -> None:
    offer = an_offer(people)
    program = b"%\nO1000\nG90 G54\nM30\n%\n"
    file = added(people, offer, "O1000.nc", program)
    in_force(people, offer)
    lanshan = signed_in(people.lanshan_owner)
    page = lanshan.get(reverse("technology:offer", args=["lanshan", offer.pk])).content.decode()
    assert "handed out unchanged: copies do not name the licensee" in page
    got = lanshan.get(reverse("technology:file", args=["lanshan", file.pk]))
    assert b"".join(got.streaming_content) == program
    assert got["Cache-Control"] == "private, no-store"
    assert got["Content-Disposition"] == 'attachment; filename="O1000.nc"'


def test_every_download_is_known_to_owner_and_licensee(people: People) -> None:
    offer = an_offer(people)
    file = added(people, offer, "note.txt", b"Clamp.")
    licence = in_force(people, offer)
    taken(people.lanshan_owner, file)
    event = Event.objects.get(type="technology.file.taken")
    heard = {one.organization_id for one in event.audience.all()}
    assert heard == {people.owner.organization.pk, people.buyer.organization.pk}
    assert event.data == {"title": offer.title, "name": "note.txt", "mark": "text"}
    assert str(licence.pk) in str(event.objects_touched)


def test_only_a_licence_in_force_opens_a_file(people: People) -> None:
    offer = an_offer(people, until=clock.now().date())
    file = added(people, offer, "note.txt", b"Clamp.")
    licence = sharing.ask(people.lanshan_owner, offer)
    refuse_all(people, file)
    sharing.grant(people.owner, licence)
    refuse_all(people, file)
    sharing.accept(people.lanshan_owner, licence)
    assert taken(people.lanshan_owner, file).endswith(b"\nClamp.")
    with clock.telling(clock.now() + timedelta(days=1)):
        refuse_all(people, file)
    held = access.get_file(people.lanshan_owner, file.pk)
    sharing.end(people.owner, licence)
    refuse_all(people, file)
    with pytest.raises(NotFoundError):
        files.take(people.lanshan_owner, held)
    assert Event.objects.filter(type="technology.file.taken").count() == 1


def refuse_all(people: People, file: KnowHowFile) -> None:
    for acting in (people.lanshan_owner, people.rival):
        with pytest.raises(NotFoundError):
            access.get_file(acting, file.pk)
        assert not access.open_files(acting, file.technology).exists()


def test_only_the_owner_adds_and_removes(people: People) -> None:
    offer = an_offer(people)
    file = added(people, offer, "note.txt", b"Clamp.")
    in_force(people, offer)
    intake = files.take_in(people.lanshan_owner, "other.txt", [b"Ours"])
    with pytest.raises(NotFoundError):
        files.add(people.lanshan_owner, offer, intake)
    with pytest.raises(NotFoundError):
        access.own_file(people.lanshan_owner, file.pk)
    with pytest.raises(NotFoundError):
        files.remove(people.lanshan_owner, file)
    with pytest.raises(ForbiddenError):
        files.take_in(people.colleague, "other.txt", [b"Ours"])
    with pytest.raises(ConflictError, match=r"There is a file “note\.txt” already"):
        added(people, offer, "note.txt", b"Another")
    files.remove(people.owner, file)
    assert not offer.files.exists()


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("locked.pdf", a_pdf(1, password="secret"), "encrypted"),
        ("long.pdf", a_pdf(501), "too_many_pages"),
        ("none.pdf", a_pdf(0), "unreadable"),
        ("damaged.pdf", b"%PDF-1.7\n" + b"1 0 obj << /Kids [1 0 R] >> endobj\n" * 50, "unreadable"),
        ("cut.pdf", a_pdf()[:300], "unreadable"),
        ("word.pdf", b"PK\x03\x04 a word file", "other_content"),
        ("part.step", b"solid part\n", "other_content"),
        ("empty.txt", b"", "empty_file"),
    ],
)
def test_a_hostile_file_is_refused_by_name(people: People, name: str, data: bytes, code: str) -> None:
    with pytest.raises(InvalidError) as refused:
        files.take_in(people.owner, name, [data])
    assert refused.value.code == code
    assert name in refused.value.message


def test_pages_add_show_and_remove(people: People, client_owner: Client) -> None:
    offer = an_offer(people)
    page = reverse("technology:offer", args=["hengda", offer.pk])
    add = reverse("technology:add_file", args=["hengda", offer.pk])
    done = client_owner.post(add, {"file": SimpleUploadedFile("sheet.pdf", a_pdf())}, follow=True)
    assert "a line on each page names the licensee" in done.content.decode()
    bad = client_owner.post(add, {"file": SimpleUploadedFile("word.pdf", b"PK")}, follow=True)
    assert "“word.pdf” is no PDF file inside. Export it again." in bad.content.decode()
    file = offer.files.get()
    assert file.sha256 == hashlib.sha256(a_pdf_of(file)).hexdigest()
    visitor = signed_in(people.lanshan_owner)
    shown = visitor.get(reverse("technology:offer", args=["lanshan", offer.pk])).content.decode()
    assert "sheet.pdf" not in shown
    client_owner.post(reverse("technology:remove_file", args=["hengda", file.pk]))
    assert "sheet.pdf" not in client_owner.get(page).content.decode()


def test_the_api_adds_lists_hands_out_and_removes(people: People, client_owner: Client) -> None:
    offer = an_offer(people)
    in_force(people, offer)
    base = f"/api/o/hengda/technologies/{offer.pk}/files"
    sent = {"file": SimpleUploadedFile("note.txt", b"Clamp.")}
    made = client_owner.post(base, sent, HTTP_IDEMPOTENCY_KEY="file-add-1")
    assert made.status_code == 201, made.content
    file = made.json()
    assert (file["name"], file["size"], file["mark"]) == ("note.txt", 6, "text")
    lanshan = signed_in(people.lanshan_owner)
    assert lanshan.get(base.replace("hengda", "lanshan")).json() == [file]
    got = lanshan.get(f"/api/o/lanshan/technologies/files/{file['id']}")
    assert b"".join(got.streaming_content).endswith(b"\nClamp.")
    gone = client_owner.delete(
        f"/api/o/hengda/technologies/files/{file['id']}", HTTP_IDEMPOTENCY_KEY="file-del-1"
    )
    assert gone.json() == file
    assert client_owner.get(base).json() == []
