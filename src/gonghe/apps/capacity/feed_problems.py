"""Why a calendar kept elsewhere cannot be read, and what to do, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _


def told(code: str, detail: str = "") -> str:
    """What went wrong and what to do next.

    Parameters
    ----------
    code
        Of a :class:`~gonghe.connectors.errors.FetchError` or an ``ICalendarError``.
    detail
        What the reader itself says; told for a code that is not known here.
    """
    return _sentences().get(code, detail or code)


def _sentences() -> dict[str, str]:
    return {
        "address": _("This is no web address. Copy the address that the calendar shares, https:// and all."),
        "private": _(
            "The address leads into a private network, which this installation does not allow. "
            "Share the calendar publicly or send it as a file."
        ),
        "unreachable": _("No server answers there. Check the address; it is tried again by itself."),
        "redirect": _("The server sends us to another server. If you trust it, give the address there."),
        "answer": _("The server answers with an error. Check that the calendar is still shared."),
        "too_big": _("The calendar is too large. Share one that begins later or holds only this machine."),
        "too_slow": _("The server did not answer in time. It is tried again by itself."),
        "malformed": _(
            "What is there is no calendar (.ics), or it is damaged. Check the address or the file."
        ),
        "too_much": _("The calendar holds too many events. Share one that holds only this machine."),
        "recurrence": _(
            "An event repeats by a rule that is not read here. Change it to plain days or weeks."
        ),
        "zone": _("An event stands in a time zone that nobody knows. Change its time zone."),
    }
