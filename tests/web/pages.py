"""Whole sample pages, made of the base layouts and partials as the product's pages are."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from tests.web import samples
from tests.web.harness import source

Page = tuple[str, dict[str, Any]]


def _today() -> Page:
    bars = [
        {"start": samples.at(9, 8), "end": samples.NOW, "kind": "sure"},
        {"start": samples.NOW, "end": samples.at(9, 12), "kind": ""},
        {"start": samples.at(9, 13), "end": samples.at(9, 17), "kind": "stop"},
    ]
    from gonghe.web import drawings

    picture = drawings.daybar(
        bars, samples.at(9, 8), samples.at(9, 21), samples.NOW, [(samples.at(9, 12), samples.at(9, 13))]
    )
    machine = [
        ("M3", "producing", "GH-2603-017", "Bearing bracket LP-40", "5"),
        ("M2", "down", "GH-2603-019", "Housing HV-8", "5"),
    ]
    rows = [
        {
            "now": state == "down",
            "cells": [
                {"text": code},
                {"state": state, "text": "", "note": "since 08:00"},
                {"text": order, "url": "/orders/", "note": part},
                {"text": picture},
                {"text": pieces, "note": "of 6"},
            ],
        }
        for code, state, order, part, pieces in machine
    ]
    context = samples.layout() | {
        "now": samples.NOW,
        "zone": samples.ZONE,
        "cost": Decimal("220"),
        "figures": [
            {"value": "3", "unit": "of 8", "label": "machines producing"},
            {"value": "102", "unit": "of 121", "label": "pieces so far, planned by now"},
            {"value": "¥14,720", "label": "comes in by Friday, 2 invoices", "url": "#machines"},
            {"value": "256", "unit": "h", "label": "free in the next four weeks"},
        ],
        "columns": [
            {"label": "", "kind": "code"},
            {"label": "State"},
            {"label": "Job"},
            {"label": "Day", "kind": "pic"},
            {"label": "Pieces", "kind": "num"},
        ],
        "rows": rows,
        "total": [{}, {}, {"text": "Together"}, {}, {"text": "10"}],
        "steps": [
            {"label": "Awarded", "note": "5 March", "status": "done"},
            {"label": "Milling", "note": "43 of 60", "status": "now"},
            {"label": "Arrives", "note": "14 March"},
        ],
        "bins": [
            {"label": str(day), "note": "Thu", "value": value, "closed": day == 15}
            for day, value in zip(range(12, 21), (6, 17, 29, 0, 24, 15, 5, 3, 1), strict=True)
        ],
        "marks": [
            {"at": 2, "label": "half by 14 March", "kind": "half"},
            {"at": 5, "label": "9 of 10 by 17 March", "kind": "sure"},
            {"at": 6, "label": "you need it", "kind": "limit"},
        ],
        "prices": [
            {"at": 16100, "label": "¥16,100"},
            {"at": 18400, "label": "¥18,400", "kind": "strong"},
            {"at": 19800, "label": "¥19,800"},
            {"at": 21000, "label": "your limit", "kind": "limit"},
        ],
        "titleblock": [
            ("Firm", "Hengda Precision"),
            ("Plan", "42, joint"),
            ("Seen by", "planners of Hengda"),
        ],
    }
    return source("today"), context


def _plan() -> Page:
    table = [
        {
            "order": "GH-2603-019",
            "operation": "20",
            "organization": "Taihe CNC",
            "equipment": "mill",
            "start": samples.at(10, 8),
            "end": samples.at(11, 10.8),
        }
    ]
    places = [{"name": "Hengda Precision", "note": "mills", "url": "/m/"}]
    context = {
        "plan": samples.plan(),
        "zone": samples.ZONE,
        "table": table,
        "map": samples.sites(),
        "places": places,
    }
    return source("plan"), samples.layout("plan") | context


class PriceForm(forms.Form):
    """One field of each kind."""

    price = forms.DecimalField(label="Price for one piece", help_text="120 pieces: ¥21,360.")
    ready = forms.DateField(label="All pieces ready on", widget=forms.DateInput(attrs={"type": "date"}))
    material = forms.ChoiceField(label="Material", choices=[("s", "C45 steel"), ("a", "6061 plate")])
    who = forms.ChoiceField(
        label="Who sees it",
        widget=forms.RadioSelect,
        choices=[("n", "Nobody"), ("p", "Partners"), ("m", "Members")],
    )
    note = forms.CharField(label="Message", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    plan = forms.BooleanField(
        label="The plan may reserve these hours", required=False, help_text="You can stop it."
    )
    drawing = forms.FileField(label="Drawing", required=False)

    def clean(self) -> None:
        """Always refuse, so that errors show."""
        raise forms.ValidationError("Only 20 h are free. Take 20 or fewer.")


def _forms() -> Page:
    form = PriceForm({"price": "", "ready": "2026-03-25", "material": "s", "who": "p"})
    cells = [
        {"where": "Equipment, row 7, hours", "message": "“eight” is no number.", "hint": "Write 8 or 8.5."},
        {"where": "Sites, row 2, latitude", "message": "95 is outside -90 to 90."},
        "The sheet Rates is missing.",
    ]
    return source("forms"), samples.layout("market") | {"form": form, "units": {"price": "¥"}, "cells": cells}


class SignInForm(forms.Form):
    """Who are you?"""

    email = forms.EmailField(label="E-mail")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)


STEPS = [
    {"label": "GH-2603-017", "note": "Bracket LP-40", "status": "now"},
    {"label": "GH-2603-024", "note": "Flange F-9"},
]

TILES = [
    ("M3", "producing"),
    ("L2", "setup"),
    ("M2", "down"),
    ("S1", "idle"),
    ("G1", "blocked"),
    ("Q1", "unknown"),
]
MESSAGES = [
    Message(messages.SUCCESS, "The offer is saved: 172 h from 9 March."),
    Message(messages.ERROR, "Only 20 h are free. Take 20 or fewer."),
]

PAGES: dict[str, Page] = {
    "today": _today(),
    "plan": _plan(),
    "order": (source("order"), samples.layout("orders")),
    "forms": _forms(),
    "operator": (source("operator"), {"steps": STEPS}),
    "sign_in": (source("sign_in"), {"form": SignInForm()}),
    "large": (source("large"), samples.layout("plan") | {"plan": samples.large_plan()}),
    "wall": (source("wall"), {"tiles": TILES}),
    "messages": (source("messages"), samples.layout("capacity") | {"messages": MESSAGES}),
    "404": ('{% extends "404.html" %}', {}),
}
