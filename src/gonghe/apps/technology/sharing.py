"""Offer know-how, ask for it, grant or refuse it, accept its terms, end it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import Recorder, recording
from gonghe.apps.base import ConflictError, InvalidError, NotFoundError, check
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Disclosure
from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.apps.technology.models import Licence, Technology
from gonghe.apps.technology.words import routing_fault
from gonghe.engines.routing import FormulaError, RoutingTemplate

State = Licence.State
TERMS = ("purpose", "price_kind", "price", "currency", "until", "pieces_max", "exclusive")


@dataclass(frozen=True, slots=True)
class TechnologyIn:
    """Know-how as its owner offers it; `template` belongs to routing templates only."""

    kind: str
    title: str
    summary: str
    process: str = ""
    level: str = Disclosure.Level.MEMBERS
    content: str = ""
    template: dict[str, Any] | None = None
    purpose: str = ""
    price_kind: str = Technology.Price.FREE
    price: Decimal = Decimal(0)
    currency: str = "CNY"
    until: date | None = None
    pieces_max: int | None = None
    exclusive: bool = False
    active: bool = True


def save_technology(acting: Acting, wanted: TechnologyIn, technology: Technology | None = None) -> Technology:
    """Offer know-how, or change an offer; licences granted before keep their terms.

    Raises
    ------
    InvalidError
        If something does not hold.
    """
    acting.require("technology")
    values = asdict(wanted) | {"template": _checked_template(wanted)}
    _check_terms(wanted)
    row = technology or Technology(organization=acting.organization)
    if row.organization_id != acting.organization.pk:
        raise NotFoundError
    for name, value in values.items():
        setattr(row, name, value)
    check(row)
    with recording(acting.principal) as record:
        if technology is None:
            row.save()
        else:
            row.save(update_fields=list(values))
        record("technology.offer.saved", objects={"technology": row.pk}, data={"kind": row.kind})
    return row


def ask(acting: Acting, technology: Technology, message: str = "") -> Licence:
    """Ask for a licence; the owner is told who asks and what for.

    Raises
    ------
    ConflictError
        If it is one's own, not on offer now, or asked for already.
    """
    acting.require("technology")
    if technology.organization_id == acting.organization.pk:
        raise ConflictError(_("This is your own know-how; you need no licence."), code="own")
    if not technology.active:
        raise ConflictError(_("This know-how is not on offer now."), code="not_on_offer")
    with recording(acting.principal) as record:
        _end_expired(record, technology)
        try:
            with transaction.atomic():
                licence = Licence.objects.create(
                    technology=technology, organization=acting.organization, message=message.strip()[:500]
                )
        except IntegrityError as error:
            raise ConflictError(
                _("You have asked for this already. Its page says how it stands."), code="asked_already"
            ) from error
        _tell(record, "asked", licence)
    return licence


def grant(acting: Acting, licence: Licence) -> Licence:
    """Grant a licence under the terms of the offer as they stand now.

    Raises
    ------
    ConflictError
        If it is not asked for any more, or one of two licences living side by side would be exclusive.
    """
    _require_owner(acting, licence)
    with recording(acting.principal) as record:
        technology = Technology.objects.select_for_update().get(pk=licence.technology_id)
        _end_expired(record, technology)
        _take_place(technology)
        terms = {name: getattr(technology, name) for name in TERMS}
        _advance(licence, [State.ASKED], State.GRANTED, granted_at=clock.now(), **terms)
        _tell(record, "granted", licence)
    return licence


def refuse(acting: Acting, licence: Licence, words: str) -> Licence:
    """Refuse a licence, with words that the asking firm reads.

    Raises
    ------
    InvalidError
        If there are no words.
    """
    _require_owner(acting, licence)
    if not words.strip():
        raise InvalidError(_("Say why, so that they know what to do next."), fields=["answer"])
    with recording(acting.principal) as record:
        now = clock.now()
        _advance(licence, [State.ASKED], State.REFUSED, answer=words.strip()[:500], ended_at=now)
        _tell(record, "refused", licence)
    return licence


def accept(acting: Acting, licence: Licence) -> Licence:
    """Accept the terms of a granted licence: it is in force, its content can be read.

    Raises
    ------
    ConflictError
        If it is not granted (any more) or over by its terms.
    """
    _require_licensee(acting, licence)
    if licence.until and licence.until < clock.now().date():
        raise ConflictError(_("This licence is over by its terms. Ask for it again."), code="licence_expired")
    with recording(acting.principal) as record:
        _advance(licence, [State.GRANTED], State.ACCEPTED, accepted_at=clock.now())
        _tell(record, "accepted", licence)
    return licence


def end(acting: Acting, licence: Licence, words: str = "") -> Licence:
    """End a licence: its owner revokes it, the licensee gives it (or the question) back.

    No new use from now on; what was used stays recorded and due.
    """
    acting.require("technology")
    by_owner = licence.technology.organization_id == acting.organization.pk
    if not by_owner:
        _require_licensee(acting, licence)
    before = [State.GRANTED, State.ACCEPTED] if by_owner else list(Licence.OPEN)
    with recording(acting.principal) as record:
        technology = Technology.objects.select_for_update().get(pk=licence.technology_id)
        was_live = Licence.objects.filter(pk=licence.pk, state__in=Licence.LIVE).exists()
        state = State.REVOKED if by_owner else State.RETURNED
        words = words.strip()[:500] or licence.answer
        _advance(licence, before, state, ended_at=clock.now(), answer=words)
        if was_live:
            _leave_place(technology)
        _tell(record, "ended", licence)
    return licence


def _take_place(technology: Technology) -> None:
    """One conditional update: none beside an exclusive licence, an exclusive one only alone."""
    free = Technology.objects.filter(pk=technology.pk, exclusive_taken=False)
    if technology.exclusive:
        free = free.filter(live_licences=0)
    if not free.update(live_licences=F("live_licences") + 1, exclusive_taken=technology.exclusive):
        raise ConflictError(
            _("Another licence lives, and one of the two would be exclusive. End the other one first."),
            code="exclusive",
        )


def _leave_place(technology: Technology) -> None:
    Technology.objects.filter(pk=technology.pk).update(
        live_licences=F("live_licences") - 1, exclusive_taken=False
    )


def _end_expired(record: Recorder, technology: Technology) -> None:
    """Licences whose last day is past make room."""
    over = technology.licences.filter(state__in=Licence.LIVE, until__lt=clock.now().date())
    for licence in over.select_related("technology"):
        _advance(licence, list(Licence.LIVE), State.EXPIRED, ended_at=clock.now())
        _leave_place(technology)
        _tell(record, "expired", licence)


def _advance(licence: Licence, before: list[State], state: State, **values: Any) -> None:
    """One conditional update: a licence that moved on meanwhile is left as it is."""
    if not Licence.objects.filter(pk=licence.pk, state__in=before).update(state=state, **values):
        licence.refresh_from_db(fields=["state"])
        raise ConflictError(
            _("This licence is %(state)s; that does not go now.") % {"state": licence.get_state_display()},
            code="licence_state",
        )
    licence.refresh_from_db(fields=["state", *values])


def _tell(record: Recorder, what: str, licence: Licence) -> None:
    record(
        f"technology.licence.{what}",
        objects={"technology": licence.technology_id, "licence": licence.pk},
        audience=[licence.technology.organization_id, licence.organization_id],
        data={"title": licence.technology.title},
    )


def _require_owner(acting: Acting, licence: Licence) -> None:
    acting.require("technology")
    if licence.technology.organization_id != acting.organization.pk:
        raise NotFoundError


def _require_licensee(acting: Acting, licence: Licence) -> None:
    acting.require("technology")
    if licence.organization_id != acting.organization.pk:
        raise NotFoundError


def _check_terms(wanted: TechnologyIn) -> None:
    if wanted.process and wanted.process not in taxonomies.current().processes:
        raise InvalidError(_("Choose a process from the list."), fields=["process"])
    if wanted.price_kind == Technology.Price.ROYALTY and wanted.price > 100:
        raise InvalidError(_("A royalty is at most 100 %."), fields=["price"])
    if wanted.price_kind != Technology.Price.FREE and wanted.price <= 0:
        raise InvalidError(_("Give a price, or say that it is free."), fields=["price"])


def _checked_template(wanted: TechnologyIn) -> dict[str, Any] | None:
    """The routing of a template in the form in which it is stored."""
    if wanted.kind != Technology.Kind.ROUTING:
        return None
    taxonomy = taxonomies.current()
    try:
        template = RoutingTemplate.from_json(wanted.template or {})
        for step in template.steps:
            unknown = {step.process} - set(taxonomy.processes) | set(step.properties) - set(
                taxonomy.properties
            )
            for word in sorted(unknown):
                raise FormulaError(word, _("there is no such process or property"))
    except FormulaError as error:
        raise InvalidError(
            _("The routing does not hold: %s.") % routing_fault(error), code="template", fields=["steps"]
        ) from error
    return template.to_json()
