"""Forms of market. Bid forms never keep what was typed anywhere but on the page itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time
from decimal import ROUND_UP, Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from gonghe.apps.base import InvalidError
from gonghe.apps.market.models import Call
from gonghe.apps.market.offers import BidItemIn
from gonghe.apps.market.sealing import KEY_FILE_LIMIT, KeyFileError, read_key_file
from gonghe.apps.market.suggest import HOUR_S, Suggestion
from gonghe.apps.orders.models import OrderLine

UNSEEN = {"autocomplete": "off"}
HUNDREDTH = Decimal("0.01")


class MomentInput(forms.DateTimeInput):
    """Day and time, picked on the clock of the page's zone."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(attrs=UNSEEN, format="%Y-%m-%dT%H:%M")


class NewCallForm(forms.Form):
    """Whom to ask, until when, on which terms."""

    lines = forms.MultipleChoiceField(label=_("What goes out"), widget=forms.CheckboxSelectMultiple)
    organizations = forms.MultipleChoiceField(
        label=_("Firms to invite"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one firm to invite.")},
    )
    closes_at = forms.DateTimeField(
        label=_("Bids close at"),
        widget=MomentInput,
        help_text=_("Later bids are refused. You can give more time."),
    )
    valid_until = forms.DateField(
        label=_("Bids stay valid until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    vat = forms.ChoiceField(label=_("Value-added tax"), choices=Call.Vat.choices)
    incoterm = forms.ChoiceField(label=_("Delivery term (Incoterms)"), choices=Call.Incoterm.choices)
    note = forms.CharField(
        label=_("Note to the firms"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        *args: Any,
        lines: Iterable[OrderLine],
        firms: list[tuple[str, str]],
        zone: ZoneInfo,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        choice: Any = self.fields["lines"]
        choice.choices = [(str(line.pk), _line_text(line)) for line in lines]
        choice.initial = [key for key, _label in choice.choices]
        invited: Any = self.fields["organizations"]
        invited.choices = firms

    def clean_valid_until(self) -> datetime:
        """The end of the day at the destination."""
        return datetime.combine(self.cleaned_data["valid_until"], time(23, 59), self.zone).astimezone(UTC)


class ExtendForm(forms.Form):
    """More time for bids."""

    closes_at = forms.DateTimeField(label=_("Bids close at"), widget=MomentInput)


class BidItemForm(forms.Form):
    """An offer for one operation; without a price there is none."""

    price = forms.DecimalField(
        label=_("Price"),
        required=False,
        max_digits=12,
        decimal_places=2,
        widget=forms.TextInput(attrs=UNSEEN | {"inputmode": "decimal"}),
    )
    hours = forms.DecimalField(
        label=_("Working time"),
        required=False,
        max_digits=7,
        decimal_places=2,
        widget=forms.TextInput(attrs=UNSEEN | {"inputmode": "decimal"}),
    )
    equipment = forms.ChoiceField(label=_("On"), required=False)
    earliest = forms.DateTimeField(label=_("Earliest start"), required=False, widget=MomentInput)
    latest = forms.DateTimeField(label=_("Latest end"), required=False, widget=MomentInput)

    def __init__(self, data: Any, suggestion: Suggestion) -> None:
        self.suggestion = suggestion
        self.operation = suggestion.operation
        best = suggestion.best
        initial = {
            "price": best.cost if best else None,
            "hours": (suggestion.duration_s / HOUR_S).quantize(HUNDREDTH, ROUND_UP),
            "equipment": str(best.equipment.pk) if best and best.open_to_planner else "",
        }
        super().__init__(data, prefix=str(self.operation.pk), initial=initial)
        machines = [
            (str(one.equipment.pk), str(one.equipment)) for one in suggestion.options if one.open_to_planner
        ]
        choice: Any = self.fields["equipment"]
        choice.choices = [*machines, ("", _("a binding window instead"))]

    @property
    def needs_window(self) -> bool:
        """Whether the window fields should be in sight."""
        return not self["equipment"].value() or any(self[name].errors for name in ("earliest", "latest"))

    def clean(self) -> dict[str, Any]:
        """A price needs a working time."""
        cleaned = super().clean() or {}
        if cleaned.get("price") is not None and not cleaned.get("hours") and "hours" not in self.errors:
            self.add_error("hours", _t("Give the working time in hours."))
        return cleaned

    def offered(self) -> BidItemIn | None:
        """The offer; None without a price."""
        cleaned = self.cleaned_data
        if cleaned.get("price") is None:
            return None
        chosen = cleaned["equipment"]
        return BidItemIn(
            operation_id=self.operation.pk,
            price=cleaned["price"],
            duration_s=int(cleaned["hours"] * 3600),
            equipment_id=UUID(chosen) if chosen else None,
            earliest=cleaned["earliest"],
            latest=cleaned["latest"],
        )


class BidForm:
    """The whole bid: one form an operation."""

    FIELDS = {"duration": "hours", "operation": None}

    def __init__(self, suggestions: list[Suggestion], data: Any = None) -> None:
        self.items = [BidItemForm(data, one) for one in suggestions]
        self.errors: list[str] = []

    def is_valid(self) -> bool:
        """Whether every item makes sense by itself."""
        verdicts = [item.is_valid() for item in self.items]  # all of them, so that all errors show at once
        return all(verdicts)

    def offers(self) -> list[BidItemIn]:
        """All offers."""
        return [offer for offer in (item.offered() for item in self.items) if offer]

    def refuse(self, error: InvalidError) -> None:
        """Put what the service refused to the fields that it names."""
        self.errors.append(error.message)
        by_operation = {str(item.operation.pk): item for item in self.items}
        for one in error.details.get("items", []):
            by_operation[one["operation"]].add_error(
                self.FIELDS.get(one["field"], one["field"]), one["message"]
            )


class OpenForm(forms.Form):
    """The key holder's key file and its passphrase; neither is kept."""

    key_file = forms.FileField(label=_("Key file"), help_text=_("Used for this opening and kept nowhere."))
    passphrase = forms.CharField(
        label=_("Passphrase"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )
    without_damaged = forms.BooleanField(
        label=_("Open the others, without the bids that were changed"), required=False
    )

    def clean(self) -> dict[str, Any]:
        """Unlock the key."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        file = cleaned["key_file"]
        if file.size > KEY_FILE_LIMIT:
            self.add_error("key_file", _t("This file is too large for a key. Choose the key file."))
            return cleaned
        try:
            cleaned["private_key"] = read_key_file(file.read(), cleaned["passphrase"])
        except KeyFileError:
            self.add_error(
                "passphrase", _t("The passphrase is wrong, or this is not the key file. Try again.")
            )
        return cleaned


class KeyHolderForm(forms.Form):
    """The public half of a new key."""

    public_key = forms.CharField(
        label=_("Public key"),
        max_length=64,
        help_text=_("`gonghe keyholder new FILE` makes the key file and prints this: 64 letters and digits."),
        widget=forms.TextInput(attrs=UNSEEN),
    )


def _line_text(line: OrderLine) -> str:
    part = line.revision.part
    return f"{line.number} · {part} × {line.quantity}"
