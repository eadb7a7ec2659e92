"""Form of what one estimate rests on: one field each, empty for the usual value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from gonghe.apps.orders.assumptions import Assumed
from gonghe.apps.technology.forms_figures import NumbersForm
from gonghe.apps.technology.words_figures import plain


class AssumptionsForm(NumbersForm):
    """A number, or nothing, for each thing that an estimate rests on."""

    def __init__(self, data: Any, listed: Sequence[Assumed]) -> None:
        super().__init__(data)
        self.listed = listed
        for one in listed:
            attrs = {"inputmode": "decimal", "placeholder": plain(one.otherwise)}
            self.fields[one.code] = forms.DecimalField(
                label=one.text,
                required=False,
                initial=None if one.here is None else plain(one.here),
                error_messages={"invalid": _("Write a number like 12.5.")},
                widget=forms.TextInput(attrs=attrs),
            )

    def rows(self) -> list[dict[str, Any]]:
        """The fields with what the page says of each: usual value, unit, limits."""
        return [
            {
                "field": self[one.code],
                "instead": plain(one.otherwise),
                "unit": one.unit,
                "low": plain(one.low),
                "high": plain(one.high),
                "own": self[one.code].value() not in (None, ""),
            }
            for one in self.listed
        ]
