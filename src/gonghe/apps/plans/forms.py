"""What people type about plans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gonghe import clock
from gonghe.apps.orders.lots import read_step_name
from gonghe.apps.plans.wishes import CHEAPEST, EARLIEST, USUAL, Wish


class DueForm(forms.Form):
    """Another day by which the order could be needed."""

    due = forms.DateField(
        label=gettext_lazy("What if you need it by"), widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean_due(self) -> Any:
        """A day to come."""
        due = self.cleaned_data["due"]
        if due < clock.now().date():
            raise forms.ValidationError(_("This day has passed. Choose a day to come."))
        return due


class ScenarioForm(forms.Form):
    """What is different in a scenario; everything may stay as it is but one."""

    due = forms.DateField(
        label=gettext_lazy("Needed by"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    without = forms.ChoiceField(label=gettext_lazy("Without a machine"), required=False)
    overtime = forms.ChoiceField(
        label=gettext_lazy("Overtime"),
        required=False,
        choices=[
            ("0", gettext_lazy("none")),
            ("1", gettext_lazy("1 h a day")),
            ("2", gettext_lazy("2 h a day")),
            ("4", gettext_lazy("4 h a day")),
        ],
    )
    weight = forms.ChoiceField(
        label=gettext_lazy("What counts"),
        required=False,
        choices=[
            (USUAL, gettext_lazy("date and price as usual")),
            (EARLIEST, gettext_lazy("as early as possible")),
            (CHEAPEST, gettext_lazy("as cheap as possible")),
        ],
    )

    def __init__(self, data: Any, machines: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        without = self.fields["without"]
        assert isinstance(without, forms.ChoiceField)
        without.choices = [("", _("all machines are there")), *machines]
        self.names = dict(machines)

    def clean_due(self) -> Any:
        """A day to come, if any."""
        due = self.cleaned_data["due"]
        if due is not None and due < clock.now().date():
            raise forms.ValidationError(_("This day has passed. Choose a day to come."))
        return due

    def wish(self) -> Wish:
        """What was asked for."""
        asked = self.cleaned_data
        return Wish(
            due=asked["due"],
            without=asked["without"],
            without_name=self.names.get(asked["without"], ""),
            overtime_h=int(asked["overtime"] or 0),
            weight=asked["weight"] or USUAL,
        )


class AnswerForm(forms.Form):
    """Agree to a re-plan, or refuse it and say why."""

    agree = forms.BooleanField(required=False)
    others = forms.BooleanField(required=False)
    reason = forms.CharField(
        label=gettext_lazy("Why not"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class MoveForm(forms.Form):
    """Where a bar of the picture was dropped."""

    bar = forms.CharField(max_length=60)
    row = forms.CharField(max_length=80)
    start = forms.DateTimeField(input_formats=["iso8601"])

    def clean(self) -> dict[str, Any]:
        """The bar names an operation, and which lot of it where there are several."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "bar" in cleaned:
            try:
                cleaned["bar"], cleaned["lot"] = read_step_name(cleaned["bar"])
            except ValueError as error:
                raise forms.ValidationError(_("The picture has no such bar.")) from error
        return cleaned

    def clean_start(self) -> Any:
        """An aware moment."""
        start = self.cleaned_data["start"]
        if start.tzinfo is None:
            raise forms.ValidationError(_("The start has no time zone."))
        return start
