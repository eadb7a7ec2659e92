"""Whole sample pages, made of the base layouts and partials as the product's pages are."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms

from tests.web import samples

Page = tuple[str, dict[str, Any]]

TODAY = """
{% extends "base.html" %}{% load gonghe_ui %}
{% block title %}Today{% endblock %}
{% block crumb %}<span>{{ now|stamp:zone }}</span><span>Hengda Precision, Beilun</span>{% endblock %}
{% block answer %}Today holds for <a href="#machines">7 of 8 orders</a>; <a href="#machines">M2 is down</a>, and
  <a href="#steps">three things</a> wait for you.{% endblock %}
{% block why %}M2 stopped at 09:05 with a spindle alarm. Order 019 would be a day late.{% endblock %}
{% block next %}<a class="button" href="/plan/">Look at the re-plan</a><p>It costs {{ cost|money:"CNY" }}.</p>{% endblock %}
{% block content %}
{% include "components/figures.html" with figures=figures only %}
<section id="machines"><header><h2>Machines today</h2><a href="/wall/">Show on the wall</a></header>
  {% include "components/table_cards.html" with columns=columns rows=rows total=total only %}</section>
<div class="cols">
  <section id="steps"><header><h2>From award to payment</h2></header>
    {% include "components/steps.html" with steps=steps only %}</section>
  <section><header><h2>Orders</h2></header>
    {% include "components/empty.html" with icon="orders" title="No orders yet" text="Drop a drawing." url="/" action="Add a drawing" only %}</section>
</div>
<div class="cols">
  <section><header><h2>The promise</h2><small>arrival day, % of 1,000 runs</small></header>{% histogram bins marks "Arrival day" %}</section>
  <section><header><h2>Price</h2></header>{% dimension prices 16100 19800 "16,100 to 19,800" %}
    <p class="row">{% state "producing" %}{% state "setup" %}{% state "idle" %}{% state "down" "M2 down" boxed=True %}{% state "blocked" boxed=True %}{% state "unknown" %}{% state "done" %}</p></section>
</div>
{% endblock %}
"""


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
    machine = [("M3", "producing", "GH-2603-017", "Bearing bracket LP-40", "5"), ("M2", "down", "GH-2603-019", "Housing HV-8", "5")]
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
        "titleblock": [("Firm", "Hengda Precision"), ("Plan", "42, joint"), ("Seen by", "planners of Hengda")],
    }
    return TODAY, context


PLAN = """
{% extends "base.html" %}{% load gonghe_ui %}
{% block title %}Plan{% endblock %}
{% block crumb %}<span>Joint plan 42</span>{% state "down" "M2 down since 09:05" boxed=True %}{% endblock %}
{% block answer %}Moving <a href="#plan">3 operations</a> costs <a href="#plan">¥220</a>.{% endblock %}
{% block next %}<a class="button" href="#plan">Agree for Hengda</a><p>Two of three firms have agreed.</p>{% endblock %}
{% block content %}
<section><header><h2>Plan 43, proposed: 9 to 15 March</h2></header>
  {% include "components/plan.html" with id="plan" plan=plan label="Joint plan 43" zone=zone editable=True form="move" table=table %}</section>
<section><header><h2>Where</h2></header>{% include "components/map.html" with id="map" map=map label="Eight workshops" table=places only %}</section>
<form id="move" action="/moved/" method="get"><input type="hidden" name="bar"><input type="hidden" name="row"><input type="hidden" name="start"></form>
{% endblock %}
"""


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
    context = {"plan": samples.plan(), "zone": samples.ZONE, "table": table, "map": samples.sites(), "places": places}
    return PLAN, samples.layout("plan") | context


ORDER = """
{% extends "base.html" %}{% load gonghe_ui %}
{% block title %}Order{% endblock %}
{% block answer %}Arrives <a href="#part">14&nbsp;March</a>; 9 times out of 10 by <a href="#part">17&nbsp;March</a>.{% endblock %}
{% block content %}
<div class="cols wide-left"><section><header><h2>The part</h2></header>
  {% include "components/part.html" with id="part" src="/part.glb" png="/part.png" label="Box, 110 by 96 by 70 mm" faces="2" only %}
  <p class="row"><button type="button" class="button quiet" data-part="part" data-faces="4">Top face</button></p></section>
<section><header><h2>Files</h2></header>{% include "components/drop.html" with action="/upload/" name="files" accept=".step,.stp" multiple=True prompt="Drop a STEP, IGES or DXF file here" max_bytes=1000000 %}
  {% include "components/progress.html" with src="/job/" cancel="/job/cancel/" label="Reading LP-40-C.step" done="/done/" only %}</section></div>
{% endblock %}
{% block after_page %}{% include "components/confirm.html" with id="refuse" title="Refuse plan 43?" text="GH-2603-019 will then be 24 h late." action="/refuse/" submit="Refuse" danger=True %}{% endblock %}
"""


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
    plan = forms.BooleanField(label="The plan may reserve these hours", required=False, help_text="You can stop it.")
    drawing = forms.FileField(label="Drawing", required=False)

    def clean(self) -> None:
        """Always refuse, so that errors show."""
        raise forms.ValidationError("Only 20 h are free. Take 20 or fewer.")


FORMS = """
{% extends "base.html" %}{% load gonghe_ui %}
{% block title %}Bid{% endblock %}
{% block answer %}You can make <a href="#form">120 gearbox housings</a> for about <a href="#form">¥17,900</a>.{% endblock %}
{% block content %}<div class="cols wide-left"><section id="form"><header><h2>Your bid</h2><small>three fields</small></header>
{% include "components/form.html" with form=form submit="Seal and send" cancel_url="/market/" units=units %}</section>
<section><header><h2>What is wrong</h2></header>
{% include "components/errors.html" with errors=cells title="3 cells need another value; nothing was imported." only %}</section></div>{% endblock %}
"""


def _forms() -> Page:
    form = PriceForm({"price": "", "ready": "2026-03-25", "material": "s", "who": "p"})
    cells = [
        {"where": "Equipment, row 7, hours", "message": "“eight” is no number.", "hint": "Write 8 or 8.5."},
        {"where": "Sites, row 2, latitude", "message": "95 is outside -90 to 90."},
        "The sheet Rates is missing.",
    ]
    return FORMS, samples.layout("market") | {"form": form, "units": {"price": "¥"}, "cells": cells}


OPERATOR = """
{% extends "base_operator.html" %}{% load gonghe_ui %}
{% block title %}M3{% endblock %}
{% block crumb %}<b>M3</b><span>Mill, 5-axis</span><span>Chen Wei</span>{% state "producing" "producing since 08:00" boxed=True %}{% endblock %}
{% block answer %}<a href="#pieces">17 pieces</a> to go; the last is done about <a href="#pieces">18:20</a>.{% endblock %}
{% block content %}<div class="cols"><section id="pieces"><header><h2>GH-2603-017</h2><small>op 20, milling</small></header>
<div class="figure"><b>43 <small>of 60 good</small></b></div><progress max="60" value="43" aria-label="43 of 60"></progress></section>
<section><header><h2>Measure piece 45</h2></header><div class="field"><label for="bore">Bore, 31.65 to 31.75</label><div class="unit"><input id="bore" inputmode="decimal" placeholder="31.70"><span>mm</span></div></div></section></div>{% endblock %}
{% block keys %}
<button class="button">{% icon "check" %}1 good piece</button><button class="button quiet">{% icon "cross" %}1 scrap</button>
<button class="button quiet">{% icon "pause" %}Pause</button><button class="button danger">{% icon "bell" %}Call for help</button>{% endblock %}
{% block more %}<div class="cols"><section><header><h2>Then</h2></header>{% include "components/steps.html" with steps=steps only %}</section></div>{% endblock %}
"""

SIGN_IN = """
{% extends "base_plain.html" %}
{% block title %}Sign in{% endblock %}
{% block answer %}Sign in to see what waits for you.{% endblock %}
{% block content %}<section class="narrow">{% include "components/form.html" with form=form submit="Sign in" %}</section>{% endblock %}
"""


class SignInForm(forms.Form):
    """Who are you?"""

    email = forms.EmailField(label="E-mail")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)


STEPS = [{"label": "GH-2603-017", "note": "Bracket LP-40", "status": "now"}, {"label": "GH-2603-024", "note": "Flange F-9"}]
LARGE = """
{% extends "base.html" %}{% block title %}Large plan{% endblock %}{% block answer %}5,000 bars.{% endblock %}
{% block content %}<section><plan-gantt id="plan" zone="Asia/Shanghai" aria-label="Large plan">{{ plan|json_script }}</plan-gantt></section>{% endblock %}
"""

PAGES: dict[str, Page] = {
    "today": _today(),
    "plan": _plan(),
    "order": (ORDER, samples.layout("orders")),
    "forms": _forms(),
    "operator": (OPERATOR, {"steps": STEPS}),
    "signin": (SIGN_IN, {"form": SignInForm()}),
    "large": (LARGE, samples.layout("plan") | {"plan": samples.large_plan()}),
    "404": ('{% extends "404.html" %}', {}),
}
