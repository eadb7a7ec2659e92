"""Write a licensee's name into a copy of a PDF, in a disposable process: no file can take the service down.

``python -m gonghe.compute.marking FOLDER`` is that process: it reads ``input`` and ``mark.json`` there and
leaves ``output``, or ``result.json`` with ``code`` and ``message``. Exit status: 0 marked, 2 refused, else a
crash.
"""

from __future__ import annotations

import json
import logging
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    PdfObject,
    TextStringObject,
)

from gonghe.compute.limits import Limits, confine, environment

log = logging.getLogger(__name__)

MARKED, REFUSED = 0, 2
MAX_PAGES = 500
LIMITS = Limits(memory_bytes=2**30, cpu_seconds=30, wall_seconds=45, file_bytes=200 * 2**20)
INPUT, OUTPUT, MARK, RESULT = "input", "output", "mark.json", "result.json"
PLACES = threading.BoundedSemaphore(2)  # many downloads at once must not take all the memory
LATIN, CHINESE = "/GongheMarkL", "/GongheMarkC"


class MarkRefused(Exception):
    """A PDF was not marked.

    ``code``: ``encrypted``, ``too_many_pages``, ``unreadable`` or ``too_slow``; the message says what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Mark:
    """What is written: a line in ASCII, a name in any script, and the licence's number."""

    line: str
    name: str
    licence: str


def mark_pdf(source: Path, target: Path, mark: Mark, limits: Limits = LIMITS) -> None:
    """Write a copy with a visible line at the foot of every page, and the same in its metadata.

    Parameters
    ----------
    source, target : Path
        The PDF, and where the marked copy goes; it appears only when it is whole.

    Raises
    ------
    MarkRefused
        When the file is encrypted, too long, damaged, or needs more time or memory than one file may use.
    """
    with tempfile.TemporaryDirectory(prefix="gonghe-mark-") as name:
        folder = Path(name)
        shutil.copyfile(source, folder / INPUT)
        (folder / MARK).write_text(json.dumps(asdict(mark)), encoding="utf-8")
        if not PLACES.acquire(timeout=limits.wall_seconds):
            raise MarkRefused("too_slow", "Too many PDFs are being marked. Try again in a minute.")
        try:
            status = _run(folder, limits)
        finally:
            PLACES.release()
        _check(status, folder)
        shutil.copyfile(folder / OUTPUT, target)


def _run(folder: Path, limits: Limits) -> int | None:
    """Exit status of the child, None when it ran out of time."""
    caps = (limits.memory_bytes, limits.cpu_seconds, limits.wall_seconds, limits.file_bytes)
    command = [sys.executable, "-I", "-m", "gonghe.compute.marking", str(folder), *map(str, caps)]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no shell
            command,
            cwd=folder,
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=limits.wall_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.returncode


def _check(status: int | None, folder: Path) -> None:
    if status == MARKED and (folder / OUTPUT).is_file() and not (folder / OUTPUT).is_symlink():
        return
    if status == REFUSED and (folder / RESULT).stat().st_size < 10_000:
        reason = json.loads((folder / RESULT).read_text(encoding="utf-8"))
        raise MarkRefused(str(reason["code"]), str(reason["message"]))
    log.info("marking child ended with %s", status)
    if status is None or status == -signal.SIGXCPU:
        raise MarkRefused("too_slow", "The PDF takes too long to read. Print it to a new PDF and add that.")
    raise _unreadable()


def _unreadable() -> MarkRefused:
    return MarkRefused(
        "unreadable", "The PDF cannot be read; it is damaged. Print it to a new PDF and add that."
    )


def write_marked(source: Path, target: Path, mark: Mark) -> None:
    """Mark a PDF in this process; only for the child.

    Raises
    ------
    MarkRefused
        When the file is encrypted or too long.
    """
    reader = PdfReader(source)
    if reader.is_encrypted:
        raise MarkRefused("encrypted", "The PDF has a password. Save it without one and add that.")
    if len(reader.pages) > MAX_PAGES:
        raise MarkRefused("too_many_pages", f"The PDF has more than {MAX_PAGES} pages. Split it.")
    if not reader.pages:
        raise _unreadable()
    writer = PdfWriter(clone_from=reader)
    fonts = {LATIN: writer._add_object(_latin()), CHINESE: writer._add_object(_chinese())}
    opening = writer._add_object(_stream(b"q\n"))
    for page in writer.pages:
        _mark_page(writer, page, mark, fonts, opening)
    writer.add_metadata({"/LicensedTo": f"{mark.name} ({mark.line})", "/Licence": mark.licence})
    with target.open("wb") as file:
        writer.write(file)


def _mark_page(
    writer: PdfWriter,
    page: PageObject,
    mark: Mark,
    fonts: dict[str, IndirectObject],
    opening: IndirectObject,
) -> None:
    """The page's own drawing stays closed in between q and Q, so that the line stands where it should."""
    present = page.get("/Contents")
    own = present.get_object() if present is not None else None
    streams: list[PdfObject] = []
    if isinstance(own, ArrayObject):
        streams = list(own)
    elif present is not None and own is not None:
        streams = [present]
    closing = writer._add_object(_stream(_drawing(page, mark)))
    page[NameObject("/Contents")] = ArrayObject([opening, *streams, closing])
    resources = DictionaryObject(_dictionary(_inherited(page, "/Resources")))
    named = DictionaryObject(_dictionary(resources.get("/Font")))
    named.update({NameObject(name): font for name, font in fonts.items()})
    resources[NameObject("/Font")] = named
    page[NameObject("/Resources")] = resources


def _inherited(page: PageObject, key: str) -> PdfObject | None:
    """A value of the page or of the nearest node above it; a loop of nodes ends after a hundred."""
    node: DictionaryObject = page
    for _step in range(100):
        if key in node:
            return node[key]
        above = node.get("/Parent")
        if above is None:
            return None
        node = _dictionary(above)
    return None


def _dictionary(value: PdfObject | None) -> DictionaryObject:
    found = value.get_object() if value is not None else None
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _drawing(page: PageObject, mark: Mark) -> bytes:
    """Close the page's drawing and write the line at the lower left, its size by the size of the sheet."""
    left, bottom = float(page.cropbox.left), float(page.cropbox.bottom)
    size = max(7.0, min(float(page.cropbox.width), float(page.cropbox.height)) / 75)
    text = mark.line.encode("ascii", "replace").replace(b"\\", b"\\\\")
    text = text.replace(b"(", b"\\(").replace(b")", b"\\)")
    name = mark.name.encode("utf-16-be").hex().encode()
    return b"\nQ\nq 0 0 0 rg 0 Tr BT %s %.2f Tf %.2f %.2f Td (%s  ) Tj %s %.2f Tf <%s> Tj ET Q\n" % (
        LATIN.encode(),
        size,
        left + size,
        bottom + size,
        text,
        CHINESE.encode(),
        size,
        name,
    )


def _stream(data: bytes) -> DecodedStreamObject:
    stream = DecodedStreamObject()
    stream.set_data(data)
    return stream


def _latin() -> DictionaryObject:
    return _names({"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"})


def _chinese() -> DictionaryObject:
    """A font of the Adobe-GB1 collection: PDF readers bring it, so it need not lie in the file."""
    system = DictionaryObject(
        {
            NameObject("/Registry"): TextStringObject("Adobe"),
            NameObject("/Ordering"): TextStringObject("GB1"),
            NameObject("/Supplement"): NumberObject(4),
        }
    )
    described = _names({"/Type": "/FontDescriptor", "/FontName": "/STSong-Light"})
    figures = {
        "/Flags": 6,
        "/ItalicAngle": 0,
        "/Ascent": 880,
        "/Descent": -120,
        "/CapHeight": 880,
        "/StemV": 93,
    }
    described.update({NameObject(key): NumberObject(value) for key, value in figures.items()})
    described[NameObject("/FontBBox")] = ArrayObject([FloatObject(one) for one in (-25, -254, 1000, 880)])
    inner = _names({"/Type": "/Font", "/Subtype": "/CIDFontType0", "/BaseFont": "/STSong-Light"})
    inner[NameObject("/CIDSystemInfo")] = system
    inner[NameObject("/FontDescriptor")] = described
    inner[NameObject("/DW")] = NumberObject(1000)
    inner[NameObject("/W")] = ArrayObject([NumberObject(one) for one in (1, 95, 500)])  # Latin letters
    outer = _names({"/Type": "/Font", "/Subtype": "/Type0", "/BaseFont": "/STSong-Light"})
    outer[NameObject("/Encoding")] = NameObject("/UniGB-UTF16-H")
    outer[NameObject("/DescendantFonts")] = ArrayObject([inner])
    return outer


def _names(values: dict[str, str]) -> DictionaryObject:
    return DictionaryObject({NameObject(key): NameObject(value) for key, value in values.items()})


def _child(folder: Path, limits: Limits) -> int:
    confine(limits)
    mark = Mark(**json.loads((folder / MARK).read_text(encoding="utf-8")))
    try:
        write_marked(folder / INPUT, folder / OUTPUT, mark)
    except MarkRefused as error:
        return _refuse(folder, error)
    except (PyPdfError, MemoryError, RecursionError, ValueError, TypeError, KeyError, AttributeError):
        return _refuse(folder, _unreadable())
    return MARKED


def _refuse(folder: Path, error: MarkRefused) -> int:
    text = json.dumps({"code": error.code, "message": error.message})
    (folder / RESULT).write_text(text, encoding="utf-8")
    return REFUSED


if __name__ == "__main__":
    sys.exit(_child(Path(sys.argv[1]), Limits(*map(int, sys.argv[2:]))))
