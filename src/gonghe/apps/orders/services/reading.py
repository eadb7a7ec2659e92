"""Have drawings read in the background, and store what was found or why it could not be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from gonghe import storage
from gonghe.apps.audit.services import recording
from gonghe.apps.base import InvalidError
from gonghe.apps.jobs.models import Job
from gonghe.apps.jobs.services import enqueue
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.models import Document, OrderLine, Revision
from gonghe.apps.orders.services.guard import require_draft
from gonghe.apps.orders.services.inputs import MODEL_TYPES
from gonghe.apps.principal import SYSTEM, Principal
from gonghe.engines.model.parts import PartAnalysis

KIND = "orders.analyse"
State = Revision.AnalysisState


def has_model(revision: Revision) -> bool:
    """Whether the drawing of a revision is a file whose geometry can be read."""
    return revision.drawing is not None and revision.drawing.media_type in MODEL_TYPES.values()


def ask_reading(principal: Principal, line: OrderLine) -> Job:
    """Queue the reading of a line's drawing and the proposal of its routing, in the caller's transaction."""
    Revision.objects.filter(pk=line.revision_id).exclude(analysis_state=State.DONE).update(
        analysis_state=State.RUNNING, refusal="", refusal_code=""
    )
    line.revision.refresh_from_db(fields=["analysis_state", "refusal", "refusal_code"])
    return enqueue(
        principal,
        KIND,
        {"line": str(line.pk)},
        organization_id=line.order.organization_id,
        subject_id=line.pk,
    )


def read_again(acting: Acting, line: OrderLine) -> Job:
    """Read a drawing once more, after it was stopped or refused.

    Raises
    ------
    InvalidError
        If the line has no model.
    ConflictError
        If the order is no draft any more.
    """
    acting.require("orders")
    if not has_model(line.revision):
        raise InvalidError(
            _("This part has no model that can be read. Upload a STEP, STL, 3MF or DXF file."),
            code="no_model",
        )
    with recording(acting.principal) as record:
        require_draft(line.order)
        record("orders.reading.asked", objects={"order": line.order_id, "line": line.pk})
        return ask_reading(acting.principal, line)


def store_reading(
    revision: Revision, analysis: PartAnalysis, *, mesh: Path | None, thumbnail: Path | None
) -> None:
    """Keep what was found; the pictures belong to the owner of the drawing and are shown to nobody else."""
    owner = revision.part.organization
    kept = {
        "mesh": _keep(revision, mesh, Document.Kind.MESH, "model/gltf-binary"),
        "thumbnail": _keep(revision, thumbnail, Document.Kind.THUMBNAIL, "image/png"),
    }
    with recording(SYSTEM) as record:
        pictures: dict[str, Any] = {}
        for name, document in kept.items():
            if document is not None:
                document.save()
                pictures[name] = document
        Revision.objects.filter(pk=revision.pk).update(
            analysis_state=State.DONE, analysis=analysis.to_json(), refusal="", refusal_code="", **pictures
        )
        record(
            "orders.revision.analysed",
            objects={"revision": revision.pk},
            audience=[owner.pk],
            data={"family": analysis.family},
        )


def borrow_reading(revision: Revision, known: Revision) -> None:
    """Take over what was found in the same file of the same organisation."""
    with recording(SYSTEM) as record:
        Revision.objects.filter(pk=revision.pk).update(
            analysis_state=State.DONE,
            analysis=known.analysis,
            mesh=known.mesh,
            thumbnail=known.thumbnail,
            refusal="",
            refusal_code="",
        )
        record(
            "orders.revision.analysed",
            objects={"revision": revision.pk},
            audience=[revision.part.organization_id],
            data={"same_as": str(known.pk)},
        )


def store_refusal(revision: Revision, code: str, message: str) -> None:
    """Keep why a file could not be read; line and file stay, the routing may be made by hand."""
    with recording(SYSTEM) as record:
        Revision.objects.filter(pk=revision.pk).update(
            analysis_state=State.REFUSED, refusal_code=code[:40], refusal=message[:300]
        )
        record(
            "orders.revision.refused",
            objects={"revision": revision.pk},
            audience=[revision.part.organization_id],
            data={"code": code},
        )


def _keep(revision: Revision, path: Path | None, kind: str, media_type: str) -> Document | None:
    """Store a picture; the row is saved by the caller, after the file."""
    if path is None or not path.exists() or revision.drawing is None:
        return None
    owner = revision.part.organization
    with path.open("rb") as file:
        stored = storage.store(str(owner.pk), iter(lambda: file.read(2**20), b""))
    return Document(
        organization=owner,
        kind=kind,
        name=f"{Path(revision.drawing.name).stem}{path.suffix}",
        sha256=stored.sha256,
        size=stored.size,
        media_type=media_type,
    )
