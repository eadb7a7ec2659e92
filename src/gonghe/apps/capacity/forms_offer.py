"""Forms of hours on offer: what a firm offers, and how many hours somebody wants."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gonghe.apps.capacity.forms import MomentInput
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.capacity.offering import MAX_WEEKS, Terms
from gonghe.apps.members.models import Disclosure
from gonghe.apps.technology import words

MOST_HOURS = 8784


def _moment(label: Any) -> forms.DateTimeField:
    return forms.DateTimeField(label=label, widget=MomentInput())


def _hours(label: Any, initial: int) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=Decimal("0.25"),
        max_value=MOST_HOURS,
        step_size=Decimal("0.25"),
        initial=initial,
    )


def _money(label: Any, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=0, max_digits=12, decimal_places=2, **more)


class OfferForm(forms.Form):
    """Machines, window, hours, price and terms of an offer."""

    title = forms.CharField(
        label=gettext_lazy("What is on offer"),
        max_length=120,
        help_text=gettext_lazy("Others read this, such as: 20 free hours on a 5-axis mill."),
    )
    equipment = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Any of these machines"),
        queryset=Equipment.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Whoever takes hours gets the first one that is free; others do not see which."
        ),
    )
    process = forms.ChoiceField(label=gettext_lazy("Process"), required=False)
    start = _moment(gettext_lazy("From"))
    end = _moment(gettext_lazy("To"))
    min_hours = _hours(gettext_lazy("Fewest hours at once"), 1)
    max_hours = _hours(gettext_lazy("Most hours in all"), 20)
    per_hour = _money(gettext_lazy("Price of an hour"))
    per_setup = _money(gettext_lazy("Price of a set-up"), required=False)
    currency = forms.RegexField(label=gettext_lazy("Currency"), regex="^[A-Z]{3}$", max_length=3)
    with_operator = forms.BooleanField(
        label=gettext_lazy("Your operator runs the machine"), required=False, initial=True
    )
    notice_hours = forms.IntegerField(
        label=gettext_lazy("Notice"),
        min_value=0,
        max_value=2000,
        initial=24,
        help_text=gettext_lazy("Hours cannot be taken later than this before they begin."),
    )
    cancel_fee_percent = forms.IntegerField(
        label=gettext_lazy("Fee for cancelling after the notice"),
        min_value=0,
        max_value=100,
        initial=0,
        help_text=gettext_lazy("Of the price. Before the notice begins cancelling is free."),
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("Who sees it"), choices=Disclosure.Level.choices, initial=Disclosure.Level.MEMBERS
    )
    weeks = forms.IntegerField(
        label=gettext_lazy("Weeks in a row"),
        min_value=1,
        max_value=MAX_WEEKS,
        initial=1,
        help_text=gettext_lazy("The same offer again in each following week."),
    )

    def __init__(
        self, *args: Any, machines: QuerySet[Equipment], processes: Iterable[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["equipment"].queryset = machines  # type: ignore[attr-defined]
        named = sorted((words.process_name(one), one) for one in set(processes))
        self.fields["process"].choices = [  # type: ignore[attr-defined]
            ("", _("any")),
            *((key, name) for name, key in named),
        ]

    def terms(self) -> Terms:
        """What was typed, as the terms of an offer."""
        data = {key: value for key, value in self.cleaned_data.items() if key not in {"equipment", "weeks"}}
        return Terms(**data | {"per_setup": data["per_setup"] or Decimal(0)})


class LengthForm(forms.Form):
    """How many hours are wanted, and from which day on."""

    hours = forms.DecimalField(label=gettext_lazy("Hours"))
    since = forms.DateField(required=False, widget=forms.HiddenInput)


class WishForm(forms.Form):
    """The hours that were picked."""

    start = forms.CharField(max_length=40)
    hours = forms.DecimalField()

    def clean_start(self) -> datetime:
        """A moment with its zone.

        Raises
        ------
        ValidationError
            If it is none.
        """
        try:
            moment = datetime.fromisoformat(self.cleaned_data["start"])
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise forms.ValidationError(_("Pick one of the starts."))
        return moment


def next_week(now: datetime, zone: ZoneInfo) -> dict[str, datetime]:
    """The working days after the coming Sunday, which a new offer begins with."""
    local = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = local + timedelta(days=7 - local.weekday())
    return {"start": monday, "end": monday + timedelta(days=5)}
