"""Background work of orders: read a drawing, propose a routing."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from gonghe import storage
from gonghe.apps.audit.models import Event
from gonghe.apps.audit.services import subscribe
from gonghe.apps.jobs.models import Job
from gonghe.apps.jobs.services import JobCancelledError, Run, enqueue, runner
from gonghe.apps.orders import learning
from gonghe.apps.orders.estimates import basis_of
from gonghe.apps.orders.models import Order, OrderLine, Revision
from gonghe.apps.orders.services import reading, routing
from gonghe.apps.orders.times import analysis_of, steps_by
from gonghe.apps.principal import SYSTEM
from gonghe.compute.sandbox import PartRefused, run_part

BEAT_SECONDS = 2
AGAIN = "orders.estimate_again"


@subscribe("orders.own_figures", "technology.figure.changed")
def figure_changed(event: Event) -> None:
    """A firm states a figure of its own: one job estimates its drafts again, however many figures changed."""
    firm = event.organization_id
    waiting = Job.objects.filter(kind=AGAIN, organization_id=firm, state=Job.State.QUEUED)
    if firm is not None and not waiting.exists():
        enqueue(SYSTEM, AGAIN, {}, organization_id=firm, subject_id=firm)


@runner(AGAIN)
def estimate_drafts_again(run: Run) -> dict[str, Any]:
    """Compare a firm's finished jobs with its figures that hold now, and estimate its drafts by them."""
    if run.job.organization_id is None:
        return {"lines": 0}
    recounted = learning.recount(SYSTEM, run.job.organization_id)
    lines = OrderLine.objects.filter(
        order__organization=run.job.organization_id, order__state=Order.State.DRAFT
    ).select_related("order", "revision", "parent")
    return {"jobs": recounted, "lines": sum(routing.estimate_again(SYSTEM, line) for line in lines)}


@runner(reading.KIND)
def analyse(run: Run) -> dict[str, Any]:
    """Read the drawing of a line in a disposable process, if it is not known yet; then propose a routing."""
    line = (
        OrderLine.objects.select_related(
            "order", "revision__part__organization", "revision__drawing", "parent"
        )
        .filter(pk=run.payload["line"])
        .first()
    )
    if line is None or line.revision.drawing is None:
        return {"state": "gone"}
    try:
        return _read_and_route(run, line)
    except JobCancelledError:
        reading.store_refusal(
            line.revision, "stopped", "The reading was stopped. Read the file again when you like."
        )
        raise


def _read_and_route(run: Run, line: OrderLine) -> dict[str, Any]:
    revision = line.revision
    run.progress(5, _("Looking at the file"))
    if revision.analysis_state != Revision.AnalysisState.DONE:
        known = _known(revision)
        if known is not None:
            reading.borrow_reading(revision, known)
        elif not _read(run, revision):
            return {"state": "refused"}
        revision.refresh_from_db()
    run.progress(80, _("Working out the steps"))
    if analysis_of(line) is None:
        return {"state": "unread"}
    steps = steps_by(line, basis_of(line).tables)
    if not steps:
        return {"state": "unrouted"}
    routing.store_routing(line, steps)
    return {"state": "routed", "operations": len(steps)}


def _read(run: Run, revision: Revision) -> bool:
    """Have the file read in a process that it may cost; False when it was refused."""
    if revision.drawing is None:
        return False
    path = storage.path_of(str(revision.part.organization_id), revision.drawing.sha256)
    with tempfile.TemporaryDirectory(prefix="gonghe-part-") as folder:
        mesh, thumbnail = Path(folder, "part.glb"), Path(folder, "part.png")
        try:
            analysis = run_part(path, glb=mesh, png=thumbnail, should_stop=_Beat(run))
        except PartRefused as refused:
            reading.store_refusal(revision, refused.code, refused.message)
            return False
        run.progress(70, _("Storing the picture"))
        reading.store_reading(revision, analysis, mesh=mesh, thumbnail=thumbnail)
    return True


class _Beat:
    """Keeps the job's lease while a file is read; a cancelled job ends the reading at once."""

    def __init__(self, run: Run) -> None:
        self._run, self._percent, self._next = run, 10, time.monotonic()

    def __call__(self) -> bool:
        if time.monotonic() >= self._next:
            self._percent = min(self._percent + 3, 65)
            self._run.progress(self._percent, _("Reading the geometry"))
            self._next = time.monotonic() + BEAT_SECONDS
        return False


def _known(revision: Revision) -> Revision | None:
    """What the same organisation knows of the same bytes.

    Never what another knows: the time it takes must not tell who has the same part.
    """
    if revision.drawing is None:
        return None
    return (
        Revision.objects.filter(
            part__organization=revision.part.organization_id,
            drawing__sha256=revision.drawing.sha256,
            analysis_state=Revision.AnalysisState.DONE,
        )
        .exclude(pk=revision.pk)
        .first()
    )
