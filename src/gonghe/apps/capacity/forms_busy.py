"""Forms of what keeps a machine busy: a calendar kept elsewhere, maintenance."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from gonghe.apps.capacity.forms import MomentInput


class FeedForm(forms.Form):
    """Where a calendar is shared."""

    address = forms.CharField(
        label=gettext_lazy("Address of the calendar"),
        max_length=2000,
        widget=forms.URLInput(attrs={"placeholder": "https://…/machine.ics", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "The private iCal address that your calendar shares. Only its busy times are kept, no titles."
        ),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Such as: own orders."),
    )


class MaintenanceForm(forms.Form):
    """When a machine is maintained."""

    start = forms.DateTimeField(label=gettext_lazy("From"), widget=MomentInput())
    end = forms.DateTimeField(label=gettext_lazy("To"), widget=MomentInput())
    note = forms.CharField(label=gettext_lazy("What is done"), max_length=100, required=False)
