"""What people hand in: files, lines and operations, checked before anything is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from gonghe import storage
from gonghe.apps.base import InvalidError
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.models import OrderLine
from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.apps.technology.words import matching_fault
from gonghe.engines.model.matching import MatchingError, Requirement

# Files that are read for their geometry; what they really hold is recognised by content when they are read.
MODEL_TYPES = {
    ".step": "model/step",
    ".stp": "model/step",
    ".p21": "model/step",
    ".stl": "model/stl",
    ".3mf": "model/3mf",
    ".dxf": "image/vnd.dxf",
    ".stpz": "application/gzip",
    ".gz": "application/gzip",
    ".zip": "application/zip",
}
# Files that people look at; the routing is made by hand.
PAPER_TYPES = {".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
ACCEPT = ",".join((*MODEL_TYPES, *PAPER_TYPES))
MAX_PIECES = 1_000_000
MAX_SECONDS = 10_000_000


@dataclass(frozen=True, slots=True)
class Intake:
    """A file that is safely stored, before any row names it."""

    name: str
    sha256: str
    size: int
    media_type: str

    @property
    def is_model(self) -> bool:
        """Whether its geometry can be read."""
        return self.media_type in MODEL_TYPES.values()

    @property
    def stem(self) -> str:
        """Name without folder and endings."""
        return self.name.split(".", 1)[0] or self.name


@dataclass(frozen=True, slots=True)
class OperationIn:
    """A step of a routing; `after` names numbers of the same line, None means the step before it."""

    process: str
    name: str = ""
    properties: dict[str, Any] | None = None
    setup_s: int = 0
    run_s: int = 0
    resumable: bool = True
    number: int | None = None
    after: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class LineIn:
    """A part and how many of it.

    `parent` is the place (0-based) of the assembly it is built into within the same list of lines; `quantity`
    is then the number in each assembly. Without a part number the name of the drawing serves.
    `overage_percent` None: 2 for parts, 0 for assemblies. `smallest_lot` None: all pieces stay together.
    """

    part: str = ""
    name: str = ""
    revision: str = ""
    quantity: int = 1
    material: str = "steel"
    material_supplier: str = OrderLine.Supplier.WORKSHOP
    material_lead_days: int = 2
    overage_percent: Decimal | None = None
    smallest_lot: int | None = None
    drawing: Intake | None = None
    parent: int | None = None
    operations: tuple[OperationIn, ...] = ()


def take_in(acting: Acting, name: str, chunks: Iterable[bytes]) -> Intake:
    """Store a file of the acting organisation; a row may name it afterwards.

    Raises
    ------
    InvalidError
        If its type is unknown, it is empty or too large; nothing stays behind then.
    """
    acting.require("orders")
    clean = storage.plain_name(name, "drawing")
    media_type = (MODEL_TYPES | PAPER_TYPES).get(PurePath(clean).suffix.lower())
    if media_type is None:
        raise InvalidError(
            _("“%(name)s” cannot be read here. Export the part as STEP, STL, 3MF or DXF, or a PDF.")
            % {"name": clean},
            code="unknown_type",
            fields=["drawing"],
        )
    try:
        stored = storage.store(str(acting.organization.pk), chunks)
    except storage.TooLargeError as error:
        raise InvalidError(
            _("“%(name)s” is larger than %(limit)d MB. Export the single part instead of the whole assembly.")
            % {"name": clean, "limit": settings.UPLOAD_LIMIT_BYTES // 2**20},
            code="too_large",
            fields=["drawing"],
        ) from error
    if stored.size == 0:
        raise InvalidError(
            _("“%s” is empty. Export it again from the CAD system.") % clean,
            code="empty_file",
            fields=["drawing"],
        )
    return Intake(clean, stored.sha256, stored.size, media_type)


def check_line(line: LineIn) -> None:
    """Refuse what cannot be made.

    Raises
    ------
    InvalidError
        With the fields that are wrong.
    """
    if not 1 <= line.quantity <= MAX_PIECES:
        raise InvalidError(
            _("Order at least 1 and at most %d pieces.") % MAX_PIECES, code="quantity", fields=["quantity"]
        )
    if not line.part.strip() and line.drawing is None:
        raise InvalidError(_("Give a part number or drop a drawing."), code="no_part", fields=["part"])
    if line.material not in {word.code for word in taxonomies.current().words["material_group"]}:
        raise InvalidError(_("Choose a material from the list."), code="material", fields=["material"])
    for operation in line.operations:
        check_operation(operation)


def check_operation(operation: OperationIn) -> None:
    """Refuse a step that no workshop could understand.

    Raises
    ------
    InvalidError
        If process or a property is unknown, a value is of the wrong sort or a time is impossible.
    """
    try:
        taxonomies.current().check(Requirement(operation.process, _values(operation.properties or {})))
    except MatchingError as error:
        raise InvalidError(
            _("The requirement does not hold: %s.") % matching_fault(error),
            code="requirement",
            fields=["process"],
        ) from error
    for field in ("setup_s", "run_s"):
        if not 0 <= getattr(operation, field) <= MAX_SECONDS:
            raise InvalidError(
                _("Times run from 0 to %d seconds.") % MAX_SECONDS, code="time", fields=[field]
            )
    if operation.setup_s + operation.run_s == 0:
        raise InvalidError(_("Give a set-up time or a time for each piece."), code="time", fields=["run_s"])


def requirement_of(operation: OperationIn) -> dict[str, Any]:
    """The requirement as it is stored."""
    return Requirement(operation.process, _values(operation.properties or {})).to_json()


def _values(properties: dict[str, Any]) -> dict[str, Any]:
    return {code: tuple(value) if isinstance(value, list) else value for code, value in properties.items()}
