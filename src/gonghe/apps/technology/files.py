"""Files of an offer: added and removed by its owner, taken by licensees in copies that name them."""

from __future__ import annotations

import codecs
import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO

from django.conf import settings
from django.db import IntegrityError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from gonghe import clock, storage
from gonghe.apps.audit.services import recording
from gonghe.apps.base import ConflictError, InvalidError, NotFoundError
from gonghe.apps.members.acting import Acting
from gonghe.apps.technology import access_sharing as access
from gonghe.apps.technology.models import KnowHowFile, Licence, Technology
from gonghe.compute.marking import Mark, MarkRefused, mark_pdf

How = KnowHowFile.Mark
MAX_FILES = 50
MARKED_BYTES = 50 * 2**20
HEAD = 2**16
TEXTS = {".txt", ".md"}
STEPS = {".step", ".stp", ".p21"}
STEP_HEADER = re.compile(rb"\s*ISO-10303-21\s*;.*?\bHEADER\s*;", re.DOTALL)
REFUSALS = {
    "encrypted": gettext_noop("“%s” has a password. Save it without one and add that."),
    "too_many_pages": gettext_noop("“%s” has more than 500 pages. Split it."),
    "too_slow": gettext_noop("“%s” takes too long to read. Print it to a new PDF and add that."),
    "unreadable": gettext_noop("“%s” cannot be read as a PDF. Print it to a new PDF and add that."),
}


@dataclass(frozen=True, slots=True)
class Intake:
    """A file that is safely stored, before any row names it."""

    name: str
    sha256: str
    size: int
    mark: str


@dataclass(frozen=True, slots=True)
class Copy:
    """An open file to hand out, and its size in bytes."""

    file: BinaryIO
    size: int


def take_in(acting: Acting, name: str, chunks: Iterable[bytes]) -> Intake:
    """Store a file of the acting firm and try whether copies of it can name a licensee.

    Raises
    ------
    InvalidError
        If it is empty, too large, or not what its name says; the message says what to do.
    """
    acting.require("technology")
    clean = storage.plain_name(name, "file")
    try:
        stored = storage.store(str(acting.organization.pk), chunks)
    except storage.TooLargeError as error:
        raise _too_large(clean, settings.UPLOAD_LIMIT_BYTES) from error
    if stored.size == 0:
        raise InvalidError(_("“%s” is empty. Choose it again.") % clean, code="empty_file", fields=["file"])
    path = storage.path_of(str(acting.organization.pk), stored.sha256)
    mark = _mark_of(path, clean)
    if mark != How.NONE and stored.size > MARKED_BYTES:
        raise _too_large(clean, MARKED_BYTES)
    if mark == How.PDF:
        _try_pdf(path, clean)
    return Intake(clean, stored.sha256, stored.size, mark)


def add(acting: Acting, technology: Technology, intake: Intake) -> KnowHowFile:
    """Add a stored file to one's own offer.

    Raises
    ------
    ConflictError
        If the offer has a file of this name already, or too many.
    """
    _require_own(acting, technology)
    if technology.files.count() >= MAX_FILES:
        raise ConflictError(_("An offer has at most %d files. Pack some into one.") % MAX_FILES, code="full")
    try:
        with recording(acting.principal) as record:
            row = KnowHowFile.objects.create(
                technology=technology,
                name=intake.name,
                sha256=intake.sha256,
                size=intake.size,
                mark=intake.mark,
            )
            record("technology.file.added", objects={"technology": technology.pk, "file": row.pk})
    except IntegrityError as error:
        raise ConflictError(
            _("There is a file “%s” already. Remove it first, or give this one another name.") % intake.name,
            code="name_taken",
        ) from error
    return row


def remove(acting: Acting, file: KnowHowFile) -> None:
    """Take a file out of one's own offer; copies that licensees took stay with them."""
    _require_own(acting, file.technology)
    with recording(acting.principal) as record:
        objects = {"technology": file.technology_id, "file": file.pk}
        if not KnowHowFile.objects.filter(pk=file.pk).delete()[0]:
            raise NotFoundError
        record("technology.file.removed", objects=objects, data={"name": file.name})


def take(acting: Acting, file: KnowHowFile) -> Copy:
    """A copy for the acting firm: its owner gets the file itself, a licensee one that names it.

    The download is recorded before the first byte leaves; owner and licensee see the record.

    Raises
    ------
    NotFoundError
        If the acting firm has no licence in force, or the file is not on disk.
    ConflictError
        If no copy can be made now.
    """
    technology = file.technology
    path = storage.path_of(str(technology.organization_id), file.sha256)
    own = technology.organization_id == acting.organization.pk
    licence = None if own else access.usable_licences(acting).filter(technology=technology).first()
    if not path.is_file() or not (own or licence):
        raise NotFoundError
    copy = _marked(path, file, licence) if licence else Copy(path.open("rb"), file.size)
    try:
        _record_taken(acting, file, licence)
    except BaseException:
        copy.file.close()
        raise
    return copy


def _record_taken(acting: Acting, file: KnowHowFile, licence: Licence | None) -> None:
    technology = file.technology
    objects = {"technology": technology.pk, "file": file.pk}
    with recording(acting.principal) as record:
        if licence and not access.usable_licences(acting).filter(pk=licence.pk).exists():
            raise NotFoundError  # ended while the copy was made
        record(
            "technology.file.taken",
            objects=objects | ({"licence": licence.pk} if licence else {}),
            audience=[technology.organization_id, acting.organization.pk],
            data={"title": technology.title, "name": file.name, "mark": file.mark if licence else How.NONE},
        )


def _marked(path: Path, file: KnowHowFile, licence: Licence) -> Copy:
    mark = mark_for(licence)
    if file.mark == How.NONE:
        return Copy(path.open("rb"), file.size)
    with tempfile.TemporaryDirectory(prefix="gonghe-copy-") as folder:
        target = Path(folder) / "copy"
        if file.mark == How.PDF:
            try:
                mark_pdf(path, target, mark)
            except MarkRefused as error:
                raise ConflictError(
                    _("No copy of “%s” could be made now. Try again; if it stays so, tell its owner.")
                    % file.name,
                    code="not_marked",
                ) from error
        else:
            _mark_head(path, target, file.mark, mark)
        return Copy(target.open("rb"), target.stat().st_size)


def mark_for(licence: Licence) -> Mark:
    """The words that name a licensee: by its short name, the day and the licence, and by its own name."""
    firm = licence.organization
    line = f"Licensed to {firm.slug}, {clock.now():%Y-%m-%d}, licence {licence.pk}:"
    name = "".join(sign for sign in firm.name if sign.isprintable())[:120]
    return Mark(line, name, str(licence.pk))


def _mark_head(path: Path, target: Path, how: str, mark: Mark) -> None:
    """Write the marked head, then the rest as it is."""
    with path.open("rb") as source, target.open("wb") as out:
        head = source.read(HEAD)
        out.write(_step_head(head, mark) if how == How.STEP else _text_head(head, mark))
        shutil.copyfileobj(source, out)


def _step_head(head: bytes, mark: Mark) -> bytes:
    """A comment after the keyword HEADER, in the basic alphabet of ISO 10303-21 that every reader knows."""
    found = STEP_HEADER.match(head)
    place = found.end() if found else 0
    name = mark.name.replace("*/", "* /")
    words = f"{mark.line} {name}".encode("ascii", "replace")
    return head[:place] + b"\n/* " + words + b" */" + head[place:]


def _text_head(head: bytes, mark: Mark) -> bytes:
    """The line in the encoding of the file, after its byte order mark."""
    bom, encoding = _encoding(head)
    return bom + f"{mark.line} {mark.name}\n".encode(encoding, "replace") + head[len(bom) :]


def _encoding(head: bytes) -> tuple[bytes, str]:
    marks = {
        codecs.BOM_UTF8: "utf-8",
        codecs.BOM_UTF16_LE: "utf-16-le",
        codecs.BOM_UTF16_BE: "utf-16-be",
    }
    for bom, encoding in marks.items():
        if head.startswith(bom):
            return bom, encoding
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return b"", "gb18030"
    return b"", "utf-8"


def _mark_of(path: Path, name: str) -> str:
    """How copies name the licensee: by content; a name that promises another content is refused."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    ending = PurePath(name).suffix.lower()
    if b"%PDF-" in head[:1024]:
        return How.PDF
    if STEP_HEADER.match(head):
        return How.STEP
    if ending in STEPS | {".pdf"}:
        raise InvalidError(
            _("“%(name)s” is no %(kind)s file inside. Export it again.")
            % {"name": name, "kind": "PDF" if ending == ".pdf" else "STEP"},
            code="other_content",
            fields=["file"],
        )
    return How.TEXT if ending in TEXTS else How.NONE


def _try_pdf(path: Path, name: str) -> None:
    """Mark it once for nobody, so that its owner hears now what a licensee would hear later."""
    with tempfile.TemporaryDirectory(prefix="gonghe-copy-") as folder:
        try:
            mark_pdf(path, Path(folder) / "copy", Mark("Trial", "", ""))
        except MarkRefused as error:
            raise InvalidError(_(REFUSALS[error.code]) % name, code=error.code, fields=["file"]) from error


def _too_large(name: str, limit: int) -> InvalidError:
    return InvalidError(
        _("“%(name)s” is larger than %(limit)d MB. Split it.") % {"name": name, "limit": limit // 2**20},
        code="too_large",
        fields=["file"],
    )


def _require_own(acting: Acting, technology: Technology) -> None:
    acting.require("technology")
    if technology.organization_id != acting.organization.pk:
        raise NotFoundError
