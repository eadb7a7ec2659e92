"""Words that tags and scripts need in the active language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

STATES = {
    "producing": gettext_lazy("producing"),
    "setup": gettext_lazy("set-up"),
    "idle": gettext_lazy("idle"),
    "down": gettext_lazy("down"),
    "blocked": gettext_lazy("blocked"),
    "unknown": gettext_lazy("no signal"),
    "done": gettext_lazy("done"),
}

PLAN_KINDS = {
    "chain": ("chain", gettext_lazy("chain that decides the date")),
    "was": ("moved", gettext_lazy("where it was before")),
    "proposed": ("proposed", gettext_lazy("proposed")),
    "own": ("", gettext_lazy("your orders")),
    "done": ("made", gettext_lazy("done")),
    "reserved": ("held", gettext_lazy("reserved")),
    "planned": ("as-planned", gettext_lazy("as planned, where work was reported")),
    "down": ("stop", gettext_lazy("down")),
    "taken": ("other", gettext_lazy("taken; not shared with you")),
    "busy": ("other", gettext_lazy("busy elsewhere or in maintenance")),
    "break": ("break", gettext_lazy("break")),
}


def plan_kinds(plan: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(CSS class, words) of the kinds of bars that occur in a plan, in the legend's order."""
    bars = plan.get("bars", ())
    found = {bar["kind"] for bar in bars} | ({"chain"} if any(bar.get("chain") for bar in bars) else set())
    if plan.get("breaks") or any(row.get("breaks") for row in plan.get("rows", ())):
        found.add("break")
    return [(css, str(name)) for kind, (css, name) in PLAN_KINDS.items() if kind in found]


def script_words() -> dict[str, str]:
    """English words of the scripts with their translation; a test compares the list with the scripts."""
    return {
        "{rows} rows, {bars} bars. Arrow keys go from bar to bar, plus and minus zoom.": _(
            "{rows} rows, {bars} bars. Arrow keys go from bar to bar, plus and minus zoom."
        ),
        "Alt and arrow keys move this bar.": _("Alt and arrow keys move this bar."),
        "Best so far": _("Best so far"),
        "Cancel; change nothing": _("Cancel; change nothing"),
        "Cancelled. Nothing was changed.": _("Cancelled. Nothing was changed."),
        "Day": _("Day"),
        "Earlier": _("Earlier"),
        "Firms": _("Firms"),
        "Fit": _("Fit"),
        "Front": _("Front"),
        "Gap": _("Gap"),
        "It did not work. Try again.": _("It did not work. Try again."),
        "Later": _("Later"),
        "Machines": _("Machines"),
        "Month": _("Month"),
        "No 3D on this device: this is a picture of the part.": _(
            "No 3D on this device: this is a picture of the part."
        ),
        "No plan can cost less": _("No plan can cost less"),
        "Now": _("Now"),
        "Orders": _("Orders"),
        "Print": _("Print"),
        "Proposed: {row}, {start}. Enter proposes it, Escape takes it back.": _(
            "Proposed: {row}, {start}. Enter proposes it, Escape takes it back."
        ),
        "Reading the part": _("Reading the part"),
        "Right": _("Right"),
        "Rows": _("Rows"),
        "Sending {files}": _("Sending {files}"),
        "Sheet {n} of {total}": _("Sheet {n} of {total}"),
        "Slant": _("Slant"),
        "Span": _("Span"),
        "Stop": _("Stop"),
        "Stop and keep the best so far": _("Stop and keep the best so far"),
        "Stopping; the best so far is kept.": _("Stopping; the best so far is kept."),
        "The connection broke; nothing was stored. Send it again.": _(
            "The connection broke; nothing was stored. Send it again."
        ),
        "The connection is lost; trying again.": _("The connection is lost; trying again."),
        "The file could not be sent. Try again.": _("The file could not be sent. Try again."),
        "The part could not be shown; its picture is shown instead.": _(
            "The part could not be shown; its picture is shown instead."
        ),
        "Top": _("Top"),
        "Waiting for a free worker": _("Waiting for a free worker"),
        "Week": _("Week"),
        "All": _("All"),
        "Zoom in": _("Zoom in"),
        "Zoom out": _("Zoom out"),
        "chain that decides the date": _("chain that decides the date"),
        "{file} is {size} MB; at most {limit} MB can be sent.": _(
            "{file} is {size} MB; at most {limit} MB can be sent."
        ),
        "{objective} found after {seconds} s; no plan can cost less than {bound}": _(
            "{objective} found after {seconds} s; no plan can cost less than {bound}"
        ),
        **{kind: str(name) for kind, (_css, name) in PLAN_KINDS.items() if kind != "chain"},
    }
