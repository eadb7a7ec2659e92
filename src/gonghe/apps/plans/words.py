"""How dates and reasons are said, to the one who asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext, pgettext

from gonghe.apps.orders.lots import lot_text
from gonghe.apps.plans.models import Assignment, Plan
from gonghe.apps.plans.viewing import Eyes

Reason = Mapping[str, Any]


def day_text(day: date) -> str:
    """Write "14 March"."""
    return date_format(day, pgettext("day and month, as a date format", "j F"))


def moment_text(moment: datetime, zone: str) -> str:
    """Write "Tuesday 10 March, 13:00" on the wall clock of a zone."""
    return date_format(
        moment.astimezone(ZoneInfo(zone)),
        pgettext("weekday, day, month and time, as a date format", "l j F, H:i"),
    )


def stamp_text(moment: datetime, zone: str) -> str:
    """Write "9 March 2026, 10:20" on the wall clock of a zone."""
    return date_format(
        moment.astimezone(ZoneInfo(zone)),
        pgettext("day, month, year and time, as a date format", "j F Y, H:i"),
    )


def span_text(seconds: int) -> str:
    """Write "6.5 h", or days from three days on."""
    if seconds >= 72 * 3600:
        days = round(seconds / 86400)
        return ngettext("%d day", "%d days", days) % days
    return gettext("%s h") % number_format(round(seconds / 3600, 1), use_l10n=True).rstrip("0").rstrip(".")


def reasons_for(eyes: Eyes, plan: Plan, rows: Sequence[Assignment], zone: str) -> list[str]:
    """The chain of reasons for the date, as far as it touches what the viewer sees.

    Another firm's load and hours are "not available", never whose orders they are.
    """
    return told(eyes, plan, rows, zone, plan.promise.reasons)


def told(
    eyes: Eyes, plan: Plan, rows: Sequence[Assignment], zone: str, reasons: Iterable[Reason]
) -> list[str]:
    """Reasons of the engine in words for one viewer; what it does not see is left out."""
    return [text for _place, text in _said(_Teller(eyes, plan, rows, zone), reasons)]


def reasons_by_operation(
    eyes: Eyes, plan: Plan, rows: Sequence[Assignment], zone: str
) -> dict[str, list[str]]:
    """The same chain cut at its operations: what each of them waited for and how long it takes."""
    found: dict[str, list[str]] = {}
    waiting: list[str] = []
    for operation, text in _said(_Teller(eyes, plan, rows, zone), plan.promise.reasons):
        waiting.append(text)
        if operation:
            found.setdefault(operation, []).extend(waiting)
            waiting = []
    return found


def _said(teller: _Teller, reasons: Iterable[Reason]) -> list[tuple[str, str]]:
    """The operation that a reason ends with (empty for waits and ways) and its words."""
    said: list[tuple[str, str, str]] = []
    for reason in _without_breaks(reasons):
        text = teller.text(reason)
        if text is None:
            continue
        key = teller.key(reason)
        operation = reason["operation"] if reason["code"] == "processing" else ""
        if said and key and said[-1][0] == key:
            said.pop()  # one wait for the same machine, whatever fills it: the last end counts
        said.append((key, operation, text))
    return [(operation, text) for _key, operation, text in said]


def _named(row: Assignment) -> str:
    """An operation, and which lot of it where there are several."""
    lot = lot_text(row.lot, row.lots)
    return f"{row.operation.label} ({lot})" if lot else row.operation.label


def _without_breaks(reasons: Iterable[Reason]) -> list[Reason]:
    """The chain with work that breaks interrupt told once: its own time, and when the last of it is done."""
    found: list[Reason] = []
    for reason in reasons:
        begun = _begun(found, reason) if reason["code"] == "processing" else None
        if begun is None:
            found.append(reason)
            continue
        first = found[begun]
        del found[begun:]
        seconds = first["seconds"] + reason["seconds"]
        found.append({**first, "end": reason["end"], "seconds": seconds, "interrupted": True})
    return found


def _begun(found: Sequence[Reason], reason: Reason) -> int | None:
    """Where the same work begins, if only closed hours of its machine lie between."""
    at = len(found) - 1
    while at >= 0 and found[at]["code"] == "closed" and found[at]["machine"] == reason["machine"]:
        at -= 1
    same = at >= 0 and found[at]["code"] == "processing" and found[at]["operation"] == reason["operation"]
    return at if same else None


class _Teller:
    """Says reasons to one viewer."""

    WAITS = frozenset(
        {"closed", "waits_for_machine", "waits_for_resource", "waits_for_batch", "reserved", "no_room"}
    )

    def __init__(self, eyes: Eyes, plan: Plan, rows: Sequence[Assignment], zone: str) -> None:
        self.eyes, self.plan, self.zone = eyes, plan, zone
        self.buyer = eyes.owns(plan.order.organization_id)
        self.by_operation = {row.name: row for row in rows}
        self.by_machine = {str(row.equipment_id or f"window:{row.name}"): row for row in rows}
        self.places = {
            str(row.equipment.site_id): row.organization.local_name for row in rows if row.equipment
        }
        self.places[str(plan.order.destination_id)] = gettext("you")

    def key(self, reason: Reason) -> str:
        """Waits for the same machine share a key, so that they are said once."""
        return f"wait:{reason['machine']}" if reason["code"] in self.WAITS else ""

    def text(self, reason: Reason) -> str | None:
        """The reason in words; None when it is about something that the viewer does not see."""
        code, end = reason["code"], self._moment(reason["end"])
        length = span_text(reason["seconds"])
        if code in {"release", "late", "transport"}:
            return self._of_order(code, reason, end, length) if self.buyer else None
        if code == "waits_for_pickup":
            return self._of_pickup(reason, end)
        if code in {"processing", "rest"}:
            return self._of_operation(code, reason, end, length)
        row = self.by_machine.get(reason["machine"])
        return self._of_machine(reason, row, end) if row is not None else None

    def _of_order(self, code: str, reason: Reason, end: str, length: str) -> str | None:
        if code == "release":
            return gettext("The material is there on %s.") % end
        if code == "late":
            return gettext("That is %s after the day you need it.") % length
        target = self.places.get(reason["target"])
        if target is None:
            return gettext("Transport takes %s.") % length
        return gettext("Transport to %(target)s takes %(length)s.") % {"target": target, "length": length}

    def _of_pickup(self, reason: Reason, end: str) -> str | None:
        """Carriers come at set times; a workshop reads only of its own gate."""
        firm = self.places.get(str(reason.get("origin", reason.get("site", ""))))
        if firm is not None:
            return gettext("The carrier comes to %(firm)s on %(end)s.") % {"firm": firm, "end": end}
        return gettext("The next pick-up is on %s.") % end if self.buyer else None

    def _of_operation(self, code: str, reason: Reason, end: str, length: str) -> str | None:
        row = self.by_operation.get(reason["operation"])
        if row is None:
            return None
        if code == "rest":
            return gettext("After %(name)s the parts rest until %(end)s.") % {
                "name": _named(row),
                "end": end,
            }
        facts = {"name": _named(row), "firm": row.organization.local_name, "length": length}
        if reason.get("interrupted"):
            text = gettext("%(name)s at %(firm)s takes %(length)s, with breaks until %(end)s.")
            return text % (facts | {"end": end})
        return gettext("%(name)s at %(firm)s takes %(length)s.") % facts

    def _of_machine(self, reason: Reason, row: Assignment, end: str) -> str | None:
        code, own = reason["code"], self.eyes.owns(row.organization_id)
        facts = {"who": self.eyes.machine(row.equipment) if own else row.organization.local_name, "end": end}
        if code in self.WAITS and not own:
            return gettext("%(who)s is not available until %(end)s.") % facts
        if code == "held_for":
            return self._held_for(reason, facts)
        said = {
            "closed": gettext("%(who)s is closed until %(end)s."),
            "waits_for_machine": gettext("%(who)s has other work until %(end)s."),
            "waits_for_resource": gettext("The people or tools for %(who)s are taken until %(end)s."),
            "waits_for_batch": gettext("%(who)s waits until %(end)s for the batch to be complete."),
            "reserved": gettext("%(who)s is reserved until %(end)s."),
            "no_room": gettext("%(who)s has no free stretch that is long enough until %(end)s."),
            "window": gettext("%(who)s can begin on %(end)s at the earliest."),
            "setup": gettext("%(who)s is set up until %(end)s."),
        }
        return said[code] % facts if code in said else None

    def _held_for(self, reason: Reason, facts: dict[str, str]) -> str:
        """A start that is put off because what follows must follow soon."""
        later = self.by_operation.get(reason["operation"])
        length = span_text(reason["within"])
        if later is None:
            text = gettext("%(who)s begins only on %(end)s: what follows must start within %(length)s.")
            return text % (facts | {"length": length})
        text = gettext("%(who)s begins only on %(end)s: %(name)s must start within %(length)s after it.")
        return text % (facts | {"name": _named(later), "length": length})

    def _moment(self, seconds: int) -> str:
        return moment_text(self.plan.epoch + timedelta(seconds=seconds), self.zone)
