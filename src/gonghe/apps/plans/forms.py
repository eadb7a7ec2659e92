"""What people type about plans."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gonghe import clock


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

    bar = forms.UUIDField()
    row = forms.CharField(max_length=80)
    start = forms.DateTimeField(input_formats=["iso8601"])

    def clean_start(self) -> Any:
        """An aware moment."""
        start = self.cleaned_data["start"]
        if start.tzinfo is None:
            raise forms.ValidationError(_("The start has no time zone."))
        return start
