"""Forms of shared know-how: an offer with its terms, and words to the other firm."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gonghe.apps.members.models import Disclosure
from gonghe.apps.technology import words
from gonghe.apps.technology.models import Technology
from gonghe.apps.technology.sharing import TERMS, TechnologyIn

PARAMETERS = ("code", "name", "unit", "low", "high", "usual")
STEPS = ("number", "process", "name", "setup", "run")
PLAIN = ("kind", "title", "summary", "process", "level", "content", "active")


class OfferForm(forms.Form):
    """What is offered to whom, and on which terms."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Technology.Kind.choices)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    summary = forms.CharField(
        label=gettext_lazy("Summary"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What it does and for whom it is worth something; no secrets."),
    )
    process = forms.ChoiceField(label=gettext_lazy("Process"), required=False)
    level = forms.ChoiceField(
        label=gettext_lazy("Who sees the summary"), choices=Disclosure.Level.choices, initial="members"
    )
    content = forms.CharField(
        label=gettext_lazy("Content, for licensees only"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    parameters = forms.CharField(
        label=gettext_lazy("Parameters of a routing template"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "One a line: short name; name; unit; from; to; usual. "
            "Example: length_mm; Length; mm; 50; 400; 100"
        ),
    )
    steps = forms.CharField(
        label=gettext_lazy("Steps of a routing template"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "One a line: number; process; name; set-up seconds; seconds a piece. "
            "Example: 10; milling-3axis; Slots; 900; 60 + 0.5*length_mm"
        ),
    )
    purpose = forms.CharField(label=gettext_lazy("May be used for"), max_length=300, required=False)
    price_kind = forms.ChoiceField(label=gettext_lazy("Price is"), choices=Technology.Price.choices)
    price = forms.DecimalField(
        label=gettext_lazy("Price"),
        min_value=0,
        max_digits=12,
        decimal_places=2,
        initial=0,
        help_text=gettext_lazy("Money, or per cent for a royalty."),
    )
    until = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    pieces_max = forms.IntegerField(label=gettext_lazy("At most so many pieces"), min_value=1, required=False)
    exclusive = forms.BooleanField(label=gettext_lazy("To one licensee only"), required=False)
    active = forms.BooleanField(label=gettext_lazy("On offer now"), required=False, initial=True)

    def __init__(self, *args: Any, technology: Technology | None = None, **kwargs: Any) -> None:
        if technology is not None:
            kwargs["initial"] = _initial(technology)
        super().__init__(*args, **kwargs)
        self.fields["process"].choices = [("", "–"), *words.process_choices()]  # type: ignore[attr-defined]

    def clean_parameters(self) -> list[dict[str, str]]:
        """Parameters, row by row."""
        return _rows(self.cleaned_data["parameters"], PARAMETERS, 5)

    def clean_steps(self) -> list[dict[str, str]]:
        """Steps, row by row."""
        return _rows(self.cleaned_data["steps"], STEPS, 5)

    def wanted(self, currency: str) -> TechnologyIn:
        """The offer as services take it."""
        data = self.cleaned_data
        values = {name: data[name] for name in (*PLAIN, *TERMS) if name != "currency"}
        template = {"parameters": data["parameters"], "steps": data["steps"]}
        return TechnologyIn(**values, currency=currency, template=template)


class WordsForm(forms.Form):
    """Words that the other firm reads."""

    text = forms.CharField(
        label=gettext_lazy("Your words"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def _rows(text: str, columns: tuple[str, ...], least: int) -> list[dict[str, str]]:
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        cells = [one.strip() for one in re.split("[;；]", line)]
        if not least <= len(cells) <= len(columns):
            raise forms.ValidationError(
                _("Line %(line)d has %(cells)d columns; %(least)d are needed, parted by semicolons.")
                % {"line": number, "cells": len(cells), "least": least}
            )
        found.append(dict(zip(columns, cells, strict=False)))
    return found


def _initial(technology: Technology) -> dict[str, Any]:
    template = technology.template or {"parameters": [], "steps": []}
    return {name: getattr(technology, name) for name in (*PLAIN, *TERMS)} | {
        "parameters": _lines(template["parameters"], PARAMETERS),
        "steps": _lines(template["steps"], STEPS),
    }


def _lines(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> str:
    return "\n".join("; ".join(str(row.get(one) or "") for one in columns) for row in rows)
