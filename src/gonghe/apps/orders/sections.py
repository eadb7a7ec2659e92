"""The facts of an order that pages and API show: its parts, its steps, its estimate, its lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from gonghe.apps.jobs.models import Job
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders import access, words
from gonghe.apps.orders.largest import with_size_warnings
from gonghe.apps.orders.models import Document, Operation, Order, OrderLine, Revision
from gonghe.apps.orders.times import analysis_of
from gonghe.apps.technology.figures import OWN
from gonghe.apps.technology.words import process_name, word_name
from gonghe.apps.technology.words_figures import source_text
from gonghe.engines.model.parts import DENSITY_KG_M3
from gonghe.joining import joined

Facts = dict[str, Any]
POINTS = ("low", "middle", "high")


def part(acting: Acting, line: OrderLine) -> Facts:
    """What `orders/sections/part.html` shows of one line: picture, file, findings, reading in progress."""
    revision, slug = line.revision, acting.organization.slug
    analysis = analysis_of(line)
    facts: Facts = {
        "line": line,
        "id": f"part-{line.number}",
        "label": joined(", ", (revision.part.name, _("revision %s") % revision.label)),
        "number": revision.part.number,
        "name": revision.part.name,
        "revision": revision.label,
        "frozen_at": revision.frozen_at,
        "material": word_name("material_group", revision.material),
        "pieces": words.pieces_text(line.quantity),
        "state": revision.analysis_state,
        "refusal": words.refusal_text(revision),
        "drawing": document(slug, revision.drawing),
        "src": document_url(slug, revision.mesh_id),
        "png": document_url(slug, revision.thumbnail_id),
        "reading": reading(slug, line),
        "warnings": [],
        "url": reverse("orders:line", args=[slug, line.pk]),
    }
    if analysis is not None:
        analysis = with_size_warnings(acting, line, analysis)
        heavy = revision.material in DENSITY_KG_M3
        mass = float(f"{analysis.mass_kg(revision.material):.3g}") if heavy else None
        facts |= {
            "family": words.family_text(analysis),
            "box": words.box_text(analysis),
            "holes": words.holes_text(analysis),
            "reach": words.reach_text(analysis),
            "features": words.features_of(analysis),
            "mass_kg": mass,
            "volume_cm3": analysis.volume_mm3 / 1000,
            "unit": analysis.unit,
            "warnings": words.warnings_of(analysis),
        }
    return facts


def reading(slug: str, line: OrderLine) -> Facts | None:
    """The job that reads a line's drawing: where to watch and stop it; None when nothing is to be told."""
    if line.revision.analysis_state != Revision.AnalysisState.RUNNING:
        return None
    job = access.reading_job(line)
    running = job is not None and not job.is_over
    return {
        "running": running,
        "src": reverse("web:job", args=[slug, job.pk]) if job and running else "",
        "cancel": reverse("web:cancel_job", args=[slug, job.pk]) if job and running else "",
        "message": job.message if job and job.state == Job.State.FAILED else _("The reading was stopped."),
    }


def operations(order: Order) -> list[Facts]:
    """What `orders/sections/operations.html` shows: lines with their steps."""
    return [
        {
            "line": line,
            "number": line.number,
            "part": line.revision.part.number,
            "name": line.revision.part.name,
            "pieces": line.pieces,
            "material": word_name("material_group", line.revision.material),
            "parent": line.parent.revision.part.number if line.parent else "",
            "summary": _summary(line),
            "steps": [step(one) for one in line.operations.all()],
            "reading": line.revision.analysis_state == Revision.AnalysisState.RUNNING,
        }
        for line in access.lines_of(order)
    ]


def step(operation: Operation) -> Facts:
    """One step: what, how long, after what."""
    return {
        "operation": operation,
        "id": operation.pk,
        "number": operation.number,
        "name": operation.label,
        "process": process_name(operation.requirement["process"]),
        "requirement": words.short_requirement(operation.requirement),
        "setup_s": operation.setup_s,
        "run_s": operation.run_s,
        "work_s": operation.work_s,
        "basis": words.basis_text(operation),
        "after": joined(", ", (_place(one, operation) for one in operation.after.all())),
    }


def estimate(order: Order) -> Facts:
    """What `orders/sections/estimate.html` shows: price range, work, assumptions, and per line.

    Ranges of lines are added as if all went well or badly together, so that the sums add up on the page.
    """
    lines = list(access.lines_of(order))
    shown = [facts for facts in map(line_estimate, lines) if facts]
    cost = {point: sum((facts[point] for facts in shown), Decimal(0)) for point in POINTS}
    return {
        "currency": order.currency,
        "known": bool(shown),
        "missing": [line.revision.part.number for line in lines if not line.estimate],
        **cost,
        "time_s": sum(facts["time_s"] for facts in shown),
        "marks": [
            {"at": cost[point], "label": f"{cost[point]:,}", "kind": "strong" if point == "middle" else ""}
            for point in POINTS
        ],
        "lines": shown,
        "indicative": order.indicative,
    }


def document(slug: str, found: Document | None) -> Facts | None:
    """A file's name, size and address."""
    if found is None:
        return None
    return {
        "id": found.pk,
        "name": found.name,
        "size": found.size,
        "megabytes": max(0.1, round(found.size / 2**20, 1)),
        "created_at": found.created_at,
        "url": document_url(slug, found.pk),
    }


def document_url(slug: str, document_id: Any) -> str:
    """Where a file of one's own is served; empty when there is none."""
    return reverse("orders:document", args=[slug, document_id]) if document_id else ""


def whole(minor: int) -> Decimal:
    """Minor units as an amount without decimals: an estimate is no finer, and sums still add up."""
    return Decimal(round(minor / 100))


def promised(order: Order) -> datetime | None:
    """The day that open offers would allow, if it was worked out."""
    found = (order.indicative or {}).get("p50")
    return datetime.fromisoformat(found) if found else None


def totals(orders: Iterable[Order]) -> dict[UUID, tuple[Decimal, Decimal]]:
    """Lowest and highest price of each order that has an estimate."""
    sums: dict[UUID, tuple[Decimal, Decimal]] = {}
    for line in OrderLine.objects.filter(order__in=[one.pk for one in orders]).exclude(estimate=None):
        low, high = sums.get(line.order_id, (Decimal(0), Decimal(0)))
        cost = (line.estimate or {})["cost"]
        sums[line.order_id] = low + whole(cost["p10"]), high + whole(cost["p90"])
    return sums


def _place(before: Operation, operation: Operation) -> str:
    """Number of a step, with its part when that is another one."""
    if before.line_id == operation.line_id:
        return str(before.number)
    return f"{before.line.revision.part.number} {before.number}"


def _summary(line: OrderLine) -> str:
    """Material, pieces to make, and what they are built into."""
    told = [word_name("material_group", line.revision.material), words.pieces_text(line.pieces)]
    if line.parent:
        told.append(_("built into %s") % line.parent.revision.part.number)
    return joined(", ", told)


def line_estimate(line: OrderLine) -> Facts | None:
    """Price range, work and assumptions of one line; None while it has no steps."""
    return estimate_facts(line, line.estimate)


def estimate_facts(line: OrderLine, found: Mapping[str, Any] | None) -> Facts | None:
    """The same of an estimate that is not stored, such as another firm's quote."""
    if not found:
        return None
    return {
        "line": line,
        "part": line.revision.part.number,
        "name": line.revision.part.name,
        "pieces": words.pieces_text(line.quantity),
        "low": whole(found["cost"]["p10"]),
        "middle": whole(found["cost"]["p50"]),
        "high": whole(found["cost"]["p90"]),
        "each": Decimal(round(found["cost"]["p50"] / line.quantity)) / 100,
        "time_s": found["time_s"]["p50"],
        "assumptions": [
            {"text": words.assumption_text(one), "source": source_text(one["source"])}
            for one in found["assumptions"]
        ],
        "own": sum(one["source"] == OWN for one in found["assumptions"]),
        "breaks": [
            {
                "pieces": words.pieces_text(one["quantity"]),
                "low": whole(one["cost"]["p10"]),
                "high": whole(one["cost"]["p90"]),
            }
            for one in found["breaks"]
        ],
    }
