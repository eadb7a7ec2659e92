"""What was made under a licence, and what is due for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import recording
from gonghe.apps.base import ConflictError, InvalidError, NotFoundError, cents
from gonghe.apps.members.acting import Acting
from gonghe.apps.principal import SYSTEM
from gonghe.apps.technology.access_sharing import visible_licences
from gonghe.apps.technology.models import Licence, Technology, Usage, UsageCount, UsageStep
from gonghe.apps.technology.words import routing_fault
from gonghe.engines.routing import (
    ParameterMissingError,
    ParameterOutOfRangeError,
    RoutingTemplate,
    TemplateError,
    WorkedStep,
)


def worked_steps(licence: Licence, values: Mapping[str, Decimal | None]) -> tuple[WorkedStep, ...]:
    """The steps that a licensed routing template gives for these values.

    Raises
    ------
    InvalidError
        Code `parameter_missing`, `parameter_out_of_range` or `template`, naming the field.
    """
    try:
        return RoutingTemplate.from_json(licence.technology.template or {}).worked(values)
    except ParameterMissingError as error:
        raise InvalidError(
            _("Give %s.") % error.parameter.name, code="parameter_missing", fields=[error.parameter.code]
        ) from error
    except ParameterOutOfRangeError as error:
        one = error.parameter
        facts = {"name": one.name, "low": f"{one.low:f}", "high": f"{one.high:f}", "unit": one.unit}
        raise InvalidError(
            _("%(name)s: this know-how holds from %(low)s to %(high)s %(unit)s. Choose a value within.")
            % facts,
            code="parameter_out_of_range",
            fields=[one.code],
        ) from error
    except TemplateError as error:
        raise InvalidError(
            _("The routing does not hold: %s.") % routing_fault(error), code="template"
        ) from error


def begin_use(
    acting: Acting,
    licence: Licence,
    *,
    line_id: UUID,
    label: str,
    planned: int,
    operations: Sequence[UUID],
    values: Mapping[str, str],
    effect: Mapping[str, Any],
) -> Usage:
    """Record that a licence is applied to an order line; an earlier use of the line is over.

    Raises
    ------
    ConflictError
        If the licence allows no new use, or not for so many pieces.
    """
    if licence.organization_id != acting.organization.pk:
        raise NotFoundError
    with recording(acting.principal) as record:
        held = Licence.objects.select_for_update().get(pk=licence.pk)
        _require_usable(held)
        Usage.objects.filter(line_id=line_id, current=True).update(current=False)
        _require_pieces(held, planned)
        usage = Usage.objects.create(
            licence=licence, line_id=line_id, label=label, planned=planned, values=values, effect=effect
        )
        UsageStep.objects.bulk_create(
            [UsageStep(usage=usage, operation_id=one, last=one == operations[-1]) for one in operations]
        )
        record("technology.use.begun", objects={"licence": licence.pk, "usage": usage.pk})
    return usage


def count_pieces(*, operation_id: UUID, key: UUID, pieces: int, value: Decimal, at: datetime) -> None:
    """Count pieces that were really made at a step of a licensed routing; others are none of its business.

    Both sides of the licence hear of pieces; neither the order nor the workshop is named to the owner.

    Parameters
    ----------
    key
        Id of the report, which counts once.
    value
        What the work of this step on these pieces is paid.
    """
    step = (
        UsageStep.objects.filter(operation_id=operation_id)
        .select_related("usage__licence__technology")
        .first()
    )
    if step is None or pieces <= 0:
        return
    licence = step.usage.licence
    with recording(SYSTEM) as record:
        made = pieces if step.last else 0
        defaults = {"usage": step.usage, "at": at, "pieces": made, "value": value}
        UsageCount.objects.get_or_create(key=key, defaults=defaults)
        record(
            "technology.use.counted",
            objects={"licence": licence.pk},
            audience=[licence.organization_id, licence.technology.organization_id],
            data={"pieces": made},
        )


@dataclass(frozen=True, slots=True)
class Due:
    """What one licence owes for one month."""

    licence: Licence
    period: str
    pieces: int
    value: Decimal
    amount: Decimal


def dues(acting: Acting, licence: Licence | None = None) -> list[Due]:
    """What was made and is due by licence (or of one alone) and month, newest month first, on both sides.

    Per piece: price x good pieces of the last step. Royalty: per cent of what the steps' work is paid,
    rounded half up to a cent a month. Fixed: the price once, in the month in which the terms were accepted.
    """
    found: list[Due] = []
    seen = visible_licences(acting)
    for one in seen if licence is None else seen.filter(pk=licence.pk):
        found += _dues_of(one)
    return sorted(found, key=lambda due: (due.period, due.licence.technology.title), reverse=True)


def pieces_made(licences: Iterable[Licence]) -> dict[UUID, int]:
    """Pieces made so far under each licence."""
    rows = UsageCount.objects.filter(usage__licence__in=list(licences)).values("usage__licence")
    return {row["usage__licence"]: row["made"] for row in rows.annotate(made=Sum("pieces"))}


def _dues_of(licence: Licence) -> Iterable[Due]:
    sums: dict[str, tuple[int, Decimal]] = {}
    for one in UsageCount.objects.filter(usage__licence=licence):
        period = f"{timezone.localtime(one.at):%Y-%m}"
        pieces, value = sums.get(period, (0, Decimal(0)))
        sums[period] = (pieces + one.pieces, value + one.value)
    fixed = licence.price_kind == Technology.Price.FIXED and licence.accepted_at
    first = f"{timezone.localtime(licence.accepted_at):%Y-%m}" if fixed and licence.accepted_at else ""
    if first:
        sums.setdefault(first, (0, Decimal(0)))
    for period, (pieces, value) in sums.items():
        amount = licence.price if period == first else _amount(licence, pieces, value)
        yield Due(licence, period, pieces, value, amount)


def _amount(licence: Licence, pieces: int, value: Decimal) -> Decimal:
    due = Decimal(0)
    if licence.price_kind == Technology.Price.PER_PIECE:
        due = licence.price * pieces
    elif licence.price_kind == Technology.Price.ROYALTY:
        due = value * licence.price / 100
    return cents(due)


def _require_usable(licence: Licence) -> None:
    if licence.state != Licence.State.ACCEPTED:
        raise ConflictError(
            _("This licence is %(state)s: no new use.") % {"state": licence.get_state_display()},
            code="licence_state",
        )
    if licence.until and licence.until < clock.now().date():
        raise ConflictError(_("This licence is over by its terms. Ask for it again."), code="licence_expired")


def _require_pieces(licence: Licence, planned: int) -> None:
    """Pieces of uses that run count as planned, those of uses that are over as made."""
    if licence.pieces_max is None:
        return
    running = licence.usages.filter(current=True).aggregate(sum=Sum("planned"))["sum"] or 0
    past = UsageCount.objects.filter(usage__licence=licence, usage__current=False)
    left = licence.pieces_max - running - (past.aggregate(sum=Sum("pieces"))["sum"] or 0)
    if planned > left:
        raise ConflictError(
            _("The licence is good for %(left)d more pieces; this line makes %(planned)d.")
            % {"left": max(0, left), "planned": planned},
            code="licence_pieces",
        )
