"""The cluster office adds processes and properties of its trades, without code."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import recording
from gonghe.apps.base import ConflictError, ForbiddenError, InvalidError, NotFoundError, check
from gonghe.apps.members.acting import Acting
from gonghe.apps.technology import taxonomy
from gonghe.apps.technology.models import OwnProcess, OwnProperty

MOST_SYNONYMS = 30
LONGEST_NAME = 60


def own_processes() -> list[OwnProcess]:
    """Processes that the cluster office added; every member knows them."""
    return list(OwnProcess.objects.order_by("en"))


def own_properties() -> list[OwnProperty]:
    """Properties that the cluster office added."""
    return list(OwnProperty.objects.order_by("en"))


def get_process(code: str) -> OwnProcess:
    """A process that the cluster office added.

    Raises
    ------
    NotFoundError
        If there is none of this code.
    """
    found = OwnProcess.objects.filter(code=code).first()
    if found is None:
        raise NotFoundError
    return found


def add_property(acting: Acting, *, en: str, zh: str, unit: str, kind: str) -> OwnProperty:
    """Add a property with its unit and the direction in which a limit is better.

    Raises
    ------
    ForbiddenError
        If they do not act for the cluster office.
    InvalidError, ConflictError
        If a name is missing, has no Latin letter to make a code of, or is taken.
    """
    _require_office(acting)
    known = taxonomy.current().properties
    code = _code(en).replace("-", "_")
    names = {name.casefold() for one in known.values() for name in (one.en, one.zh)}
    _refuse_taken(code in known, [en, zh], names)
    row = OwnProperty(code=code, en=en.strip(), zh=zh.strip(), unit=unit, kind=kind)
    check(row)
    with recording(acting.principal) as record:
        row.save()
        record("technology.property.saved", objects={"property": row.pk}, data={"code": code})
    taxonomy.renew()
    return row


def save_process(
    acting: Acting,
    *,
    parent: str,
    en: str,
    zh: str,
    synonyms: Iterable[str] = (),
    properties: Iterable[str] = (),
    code: str | None = None,
) -> OwnProcess:
    """Add a process below another one, or change the one of this code; matching and search use it at once.

    Raises
    ------
    ForbiddenError
        If they do not act for the cluster office.
    InvalidError, ConflictError
        If parent or property are unknown, a name is missing or another process has it.
    NotFoundError
        If there is no own process of this code.
    """
    _require_office(acting)
    known = taxonomy.current()
    row = OwnProcess(code=_code(en)) if code is None else get_process(code)
    if parent not in known.processes or (code and code in known.ancestors(parent)):
        raise InvalidError(_("Choose a process of the list as the one above."), fields=["parent"])
    wanted = list(dict.fromkeys(properties))
    if any(one not in known.properties for one in wanted):
        raise InvalidError(_("Choose properties of the list."), fields=["properties"])
    others = list(dict.fromkeys(" ".join(one.split()) for one in synonyms if one.strip()))
    if len(others) > MOST_SYNONYMS or any(len(one) > LONGEST_NAME for one in others):
        raise InvalidError(
            _("Give at most %(number)d other names of at most %(length)d characters each.")
            % {"number": MOST_SYNONYMS, "length": LONGEST_NAME},
            fields=["synonyms"],
        )
    elsewhere = [one for one in known.processes.values() if one.code != code]
    names = {name.casefold() for one in elsewhere for name in one.names}
    _refuse_taken(code is None and row.code in known.processes, [en, zh, *others], names)
    row.parent, row.en, row.zh = parent, en.strip(), zh.strip()
    row.synonyms, row.properties, row.changed_at = others, wanted, clock.now()
    check(row)
    with transaction.atomic(), recording(acting.principal) as record:
        row.save()
        record("technology.process.saved", objects={"process": row.pk}, data={"code": row.code})
    taxonomy.renew()
    return row


def _require_office(acting: Acting) -> None:
    if not acting.is_office:
        raise ForbiddenError(_("Only the cluster office adds processes. Tell it what you miss."))
    acting.require("members")


def _code(name: str) -> str:
    code = slugify(name)[:LONGEST_NAME]
    if not code:
        raise InvalidError(_("Give an English name: the code is made of it."), fields=["en"])
    return code


def _refuse_taken(taken: bool, names: Iterable[str], others: set[str]) -> None:
    double = [name for name in names if name.strip().casefold() in others]
    if taken or double:
        raise ConflictError(
            _("“%s” is known already. Use that one, or give another name.") % (double or list(names))[0],
            code="name_taken",
        )
