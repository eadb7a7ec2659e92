"""A PDF gets a licensee's name in a child; hostile ones end there, with a named refusal."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from gonghe.compute.limits import Limits
from gonghe.compute.marking import Mark, MarkRefused, mark_pdf

MARK = Mark("Licensed to lanshan, licence 7 (seven):", "兰山泵业有限公司", "7")
CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>"


def a_pdf(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1."""
    out, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    start, size = len(out), len(objects) + 1
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, rows)
    return out + table + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)


def branching(levels: int) -> list[bytes]:
    """Nodes that each name the next one twice: a page for every path down."""
    nodes = [
        b"<< /Type /Pages /Count 1 /Kids [%d 0 R %d 0 R] >>" % (next_one, next_one)
        for next_one in range(3, levels + 3)
    ]
    return [CATALOG, *nodes, b"<< /Type /Page /MediaBox [0 0 9 9] >>"]


def test_the_line_stands_on_every_page_and_in_the_metadata(tmp_path: Path) -> None:
    writer = PdfWriter()
    for size in ((595, 842), (2384, 1684)):
        writer.add_blank_page(*size)
    writer.write(tmp_path / "in.pdf")
    mark_pdf(tmp_path / "in.pdf", tmp_path / "out.pdf", MARK)
    reader = PdfReader(tmp_path / "out.pdf")
    assert [page.extract_text() for page in reader.pages] == [f"{MARK.line}  {MARK.name}"] * 2
    assert reader.metadata is not None
    assert reader.metadata["/LicensedTo"] == f"{MARK.name} ({MARK.line})"


@pytest.mark.parametrize(
    "objects",
    [
        [CATALOG, b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"],
        branching(40),
        [CATALOG, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", PAGE[:-2] + b"/X " + b"[" * 200_000],
        [CATALOG, b"<< /Type /Pages /Parent 2 0 R /Kids [3 0 R] /Count 1 >>", b"<< /Parent 2 0 R >>"],
    ],
    ids=["loop", "branching", "deep", "no-size"],
)
def test_a_hostile_pdf_ends_in_its_child(tmp_path: Path, objects: list[bytes]) -> None:
    (tmp_path / "in.pdf").write_bytes(a_pdf(*objects))
    with pytest.raises(MarkRefused) as refused:
        mark_pdf(tmp_path / "in.pdf", tmp_path / "out.pdf", MARK)
    assert refused.value.code in {"unreadable", "too_many_pages", "too_slow"}
    assert not (tmp_path / "out.pdf").exists()


def test_a_drawing_that_unpacks_hugely_is_passed_on_unopened(tmp_path: Path) -> None:
    packed = zlib.compress(b"\0" * (300 * 2**20), 9)
    content = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)
    pages = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    page = PAGE[:-2] + b"/Contents 4 0 R >>"
    (tmp_path / "in.pdf").write_bytes(a_pdf(CATALOG, pages, page, content))
    mark_pdf(tmp_path / "in.pdf", tmp_path / "out.pdf", MARK)
    assert (tmp_path / "out.pdf").stat().st_size < 2 * len(packed)


def test_too_little_time_is_named(tmp_path: Path) -> None:
    (tmp_path / "in.pdf").write_bytes(a_pdf(*branching(40)))
    with pytest.raises(MarkRefused) as refused:
        mark_pdf(tmp_path / "in.pdf", tmp_path / "out.pdf", MARK, Limits(cpu_seconds=1, wall_seconds=1))
    assert refused.value.code in {"too_slow", "unreadable"}
