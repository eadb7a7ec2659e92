"""Forms of capacity: equipment with its price, calendars as people write them, hours."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gonghe.apps.base import ServiceError
from gonghe.apps.capacity.models import Calendar, Equipment
from gonghe.apps.members.models import Site, validate_zone
from gonghe.apps.technology import words
from gonghe.apps.technology.models import Capability
from gonghe.joining import is_chinese
from gonghe.standards.workbook import cells

QUARTER = timedelta(minutes=15)
RATE = ("per_hour", "per_setup", "overtime_per_hour", "currency", "published")  # fields that are its price


class MomentInput(forms.DateTimeInput):
    """A date and a time of day, written as browsers demand it in every language."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class ShiftsField(forms.CharField):
    """Shifts, a line for each group of days: "Mon-Fri 08:00-12:00, 13:00-17:00"."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        """Stored shifts as lines; what was typed stays as it is."""
        return value if isinstance(value, str) or value is None else shifts_text(value)

    def to_python(self, value: Any) -> Any:
        """Lines as they are stored."""
        found: list[list[Any]] = []
        for line in str(value or "").splitlines():
            if line.strip():
                found += _shifts_of(line.strip())
        return sorted(found)

    def validate(self, value: Any) -> None:
        """At least one shift."""
        if self.required and not value:
            raise forms.ValidationError(_("Write at least one line such as: Mon-Fri 08:00-17:00"))


class DatesField(forms.CharField):
    """Dates, separated by blanks, commas or lines."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        """Stored dates as text; what was typed stays as it is."""
        return value if isinstance(value, str) or value is None else "\n".join(value)

    def to_python(self, value: Any) -> Any:
        """Dates as they are stored."""
        try:
            return sorted(
                {
                    date.fromisoformat(word).isoformat()
                    for word in re.split(r"[\s,;，；、]+", str(value or ""))
                    if word
                }
            )
        except ValueError as error:
            raise forms.ValidationError(_("Write days off as 2026-10-01.")) from error


class CalendarForm(forms.Form):
    """When equipment can work."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=64)
    weekly = ShiftsField(
        label=gettext_lazy("Working hours"),
        help_text=gettext_lazy("A line for each group of days: Mon-Fri 08:00-12:00, 13:00-17:00"),
    )
    holidays = DatesField(
        label=gettext_lazy("Days off"), required=False, help_text=gettext_lazy("Such as 2026-10-01.")
    )
    region = forms.CharField(
        label=gettext_lazy("Public holidays of"),
        max_length=10,
        required=False,
        help_text=gettext_lazy("A country or a part of one: CN, DE, DE-BY. Empty: none."),
    )
    time_zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        max_length=40,
        required=False,
        validators=[validate_zone],
        help_text=gettext_lazy("Empty: that of the site."),
    )


class EquipmentForm(forms.Form):
    """A machine, line, bench or crew and what an hour of it costs."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=70)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    site = forms.ModelChoiceField(label=gettext_lazy("Site"), queryset=Site.objects.none())
    calendar = forms.ModelChoiceField(
        label=gettext_lazy("Calendar"), queryset=Calendar.objects.none(), required=False
    )
    capabilities = forms.ModelMultipleChoiceField(
        label=gettext_lazy("What it does"),
        queryset=Capability.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    released = forms.BooleanField(
        label=gettext_lazy("The joint planner may see its calendar and plan with it"),
        required=False,
        initial=True,
    )
    operator_needed = forms.BooleanField(
        label=gettext_lazy("It needs an operator"), required=False, initial=True
    )
    per_hour = forms.DecimalField(
        label=gettext_lazy("Price of an hour"), min_value=0, max_digits=12, decimal_places=2, required=False
    )
    per_setup = forms.DecimalField(
        label=gettext_lazy("Price of a set-up"), min_value=0, max_digits=12, decimal_places=2, required=False
    )
    overtime_per_hour = forms.DecimalField(
        label=gettext_lazy("Overtime: what an hour outside the calendar costs on top"),
        min_value=0,
        max_digits=12,
        decimal_places=2,
        required=False,
        help_text=gettext_lazy(
            "Empty: no overtime. With it, plans can tell what overtime would bring and cost."
        ),
    )
    currency = forms.RegexField(
        label=gettext_lazy("Currency"), regex="^[A-Z]{3}$", initial="CNY", max_length=3
    )
    published = forms.BooleanField(
        label=gettext_lazy("Publish the price: members see it as an open offer"), required=False
    )

    def __init__(
        self,
        *args: Any,
        sites: QuerySet[Site],
        calendars: QuerySet[Calendar],
        capabilities: QuerySet[Capability],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("site", sites), ("calendar", calendars), ("capabilities", capabilities)):
            self.fields[name].queryset = choices  # type: ignore[attr-defined]
        self.fields["capabilities"].label_from_instance = _capability_label  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A price needs its hour; the planner needs a calendar."""
        data = super().clean() or self.cleaned_data
        said = any(data.get(name) is not None for name in ("per_setup", "overtime_per_hour"))
        has_price = said or data.get("published")
        if has_price and data.get("per_hour") is None and "per_hour" not in self.errors:
            self.add_error("per_hour", _("Give the price of an hour too."))
        if data.get("released") and not data.get("calendar") and "calendar" not in self.errors:
            self.add_error(
                "calendar",
                _("Choose a calendar: the planner must know when it works. Or close it to the planner."),
            )
        return data


class HoursForm(forms.Form):
    """A span of hours and what it is for."""

    start = forms.DateTimeField(label=gettext_lazy("From"), widget=MomentInput())
    end = forms.DateTimeField(label=gettext_lazy("To"), widget=MomentInput())
    purpose = forms.CharField(label=gettext_lazy("What for"), max_length=100)


class DownForm(forms.Form):
    """How long a machine stands still."""

    until = forms.DateTimeField(
        label=gettext_lazy("Until"),
        required=False,
        widget=MomentInput(),
        help_text=gettext_lazy("Leave empty if nobody knows yet."),
    )


class UploadForm(forms.Form):
    """The filled-in spreadsheet."""

    file = forms.FileField(label=gettext_lazy("Spreadsheet (.xlsx)"), max_length=200)


def shifts_text(weekly: Iterable[Sequence[Any]]) -> str:
    """Stored shifts as people write them, days with the same hours in one line."""
    spans: dict[int, list[str]] = defaultdict(list)
    for day, start, end in weekly:
        spans[int(day)].append(f"{start}-{'24:00' if end == '00:00' else end}")
    runs: list[tuple[int, int, list[str]]] = []
    for day in sorted(spans):
        if runs and runs[-1][1] == day - 1 and runs[-1][2] == spans[day]:
            runs[-1] = (runs[-1][0], day, spans[day])
        else:
            runs.append((day, day, spans[day]))
    names = weekday_names()
    return "\n".join(
        f"{names[first]}{f'-{names[last]}' if last > first else ''} {', '.join(said)}"
        for first, last, said in runs
    )


def weekday_names() -> tuple[str, ...]:
    """Short names from Monday on in the active language."""
    return cells.WEEKDAYS_ZH if is_chinese() else cells.WEEKDAYS_EN


def next_quarter(moment: datetime) -> datetime:
    """The quarter hour that begins at or after a moment."""
    over = timedelta(seconds=moment.timestamp() % QUARTER.total_seconds())
    return moment - over + (QUARTER if over else timedelta())


def equipment_initial(machine: Equipment) -> dict[str, Any]:
    """What the form shows of a machine."""
    rate = getattr(machine, "rate", None)
    shown = {
        name: getattr(machine, name)
        for name in ("code", "name", "site", "calendar", "released", "operator_needed")
    }
    shown["capabilities"] = list(machine.capabilities.all())
    if rate is not None:
        shown |= {name: getattr(rate, name) for name in RATE}
    return shown


def refuse(form: forms.Form, error: ServiceError) -> None:
    """What a service refuses stands at its field, else above the form."""
    known = [name for name in error.details.get("fields", []) if name in form.fields]
    form.add_error(known[0] if known else None, error.message)


def _shifts_of(line: str) -> list[list[Any]]:
    found = re.fullmatch(r"(\D+?)\s+(\d.*)", line)
    try:
        if not found:
            raise cells.WrongCell("weekday", "")
        days = cells.weekdays(found[1])
        spans = [re.split(r"\s*[-–~至到]\s*", one.strip()) for one in re.split(r"[,，、;；]", found[2])]
        return [
            [day, f"{cells.clock(start):%H:%M}", f"{cells.clock(end):%H:%M}"]
            for day in days
            for start, end in spans
        ]
    except (cells.WrongCell, ValueError) as error:
        raise forms.ValidationError(
            _("“%s” is not clear. Write a line such as: Mon-Fri 08:00-12:00, 13:00-17:00") % line
        ) from error


def _capability_label(one: Capability) -> str:
    limits = words.limits_text(one.constraints)
    return f"{words.process_name(one.process)} ({limits})" if limits else words.process_name(one.process)
