"""What a new firm still lacks before it can be matched, offered work, and paid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from gonghe.apps.capacity import access
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.members import access as members
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.facts import is_verified, running_out
from gonghe.apps.members.models import Certificate, Disclosure
from gonghe.joining import joined


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that has to be there.

    Parameters
    ----------
    key, goal
        Which thing, and for what: "matched", "offered" or "paid".
    done
        Whether it is there.
    title, note
        What it is, and why or how much of it is missing.
    action, url
        Words of the button and where it leads.
    """

    key: str
    goal: str
    done: bool
    title: str
    note: str
    action: str
    url: str


def goals() -> dict[str, str]:
    """Each goal and what it is called."""
    return {
        "matched": _("Orders find your machines"),
        "offered": _("The joint plan can offer you work"),
        "paid": _("You can be paid"),
    }


def steps(acting: Acting) -> list[Step]:
    """Everything that the acting firm needs, in the order in which it is best done."""
    machines = list(access.own_equipment(acting))
    return [*_matched(acting, machines), *_offered(acting, machines), *_paid(acting)]


def missing(found: Sequence[Step], goal: str) -> list[Step]:
    """What is still missing for a goal; each goal needs those before it too."""
    order = list(goals())
    needed = order[: order.index(goal) + 1]
    return [one for one in found if not one.done and one.goal in needed]


def _matched(acting: Acting, machines: Sequence[Equipment]) -> Iterator[Step]:
    idle = [one for one in machines if not any(can.active for can in one.capabilities.all())]
    yield Step(
        "site", "matched", members.own_sites(acting).exists(), _("A site"),
        _("Where your equipment stands; transport is planned from there."),
        _("Add a site"), _url(acting, "organization:add_site"),
    )  # fmt: skip
    yield Step(
        "equipment", "matched", bool(machines), _("Equipment"),
        _("From a spreadsheet, or from the machine list that you have."),
        _("Import machines"), _url(acting, "capacity:upload"),
    )  # fmt: skip
    yield Step(
        "capabilities", "matched", bool(machines) and not idle, _("What each machine does"),
        _said(idle, _("Nobody can match a machine whose work is not known.")),
        _("Say what they do"), _machine_url(acting, idle, "technology:index"),
    )  # fmt: skip
    shown = members.disclosures(acting)[Disclosure.Group.CAPABILITIES] != Disclosure.Level.NOBODY
    yield Step(
        "disclosure", "matched", shown, _("Others may see what you can do"),
        _("A firm that shows it to nobody is found by nobody."),
        _("Choose who sees it"), _url(acting, "organization:own") + "#disclosure",
    )  # fmt: skip

    ending = running_out(acting)
    yield Step(
        "certificates", "matched", not ending, _("Certificates in force"),
        _ending(ending) or _("Work that asks for a certificate goes to firms that have it in force."),
        _("Renew it"), _certificate_url(acting, ending),
    )  # fmt: skip


def _offered(acting: Acting, machines: Sequence[Equipment]) -> Iterator[Step]:
    closed = [one for one in machines if one.calendar is None or not one.released]
    unpriced = [one for one in machines if not hasattr(one, "rate") or not one.rate.published]
    yield Step(
        "calendar", "offered", len(closed) < len(machines), _("Working hours open to the joint planner"),
        _said(closed, _("The planner must know when a machine works. One machine is enough to begin.")),
        _("Give it a calendar"), _machine_url(acting, closed, "capacity:upload"),
    )  # fmt: skip
    yield Step(
        "price", "offered", len(unpriced) < len(machines), _("A published price"),
        _said(unpriced, _("With it you are offered work without a bid. One machine is enough to begin.")),
        _("Publish a price"), _machine_url(acting, unpriced, "capacity:upload"),
    )  # fmt: skip


def _paid(acting: Acting) -> Iterator[Step]:
    firm = acting.organization
    yield Step(
        "registration", "paid", bool(firm.registration_code), _("Your registration code"),
        _("Invoices and settlements name your firm by it."),
        _("Write it down"), _url(acting, "organization:profile"),
    )  # fmt: skip
    yield Step(
        "verification", "paid", is_verified(firm), _("The cluster office has verified your firm"),
        _("It looks at each fact that you state; a change is looked at again."),
        _("See what it will look at"), _url(acting, "organization:own") + "#profile",
    )  # fmt: skip


def _said(lacking: Sequence[Equipment], why: str) -> str:
    """Why, with the first machines that lack it."""
    if not lacking:
        return why
    names = ", ".join(one.code for one in lacking[:4]) + (" …" if len(lacking) > 4 else "")
    return _("%(why)s Still without: %(machines)s") % {"why": why, "machines": names}


def _ending(certificates: Sequence[Certificate]) -> str:
    """Which certificates have expired or soon will."""
    said = [
        _("%(certificate)s until %(day)s") % {"certificate": one, "day": one.expires_on.isoformat()}
        for one in certificates
    ]
    return joined(", ", said)


def _certificate_url(acting: Acting, ending: Sequence[Certificate]) -> str:
    if ending:
        return _url(acting, "organization:edit_certificate", ending[0].pk)
    return _url(acting, "organization:own") + "#certificates"


def _machine_url(acting: Acting, lacking: Sequence[Equipment], otherwise: str) -> str:
    if lacking:
        return _url(acting, "capacity:edit_equipment", lacking[0].pk)
    return _url(acting, otherwise)


def _url(acting: Acting, name: str, *keys: object) -> str:
    return reverse(name, args=[acting.organization.slug, *keys])
