"""Form of figures: one field each, empty for the shipped figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from gonghe.apps.base import ServiceError
from gonghe.apps.technology import figures
from gonghe.apps.technology.words_figures import figure_text, name_of, plain, subject_of, unit_text
from gonghe.engines.parts.figures import limits_of, value_of


class NumbersForm(forms.Form):
    """Many numbers; what a service refuses goes to the fields that it names."""

    def refuse(self, error: ServiceError) -> None:
        """Put what was refused to its fields."""
        named = [one for one in error.details.get("items", []) if one["code"] in self.fields]
        for one in named:
            self.add_error(one["code"], one["message"])
        if not named:
            self.add_error(None, error.message)

    def told(self) -> list[Any]:
        """All errors for the top of the page, each with the name of its field."""
        named = [
            {"where": self.fields[name].label, "message": message}
            for name, messages in self.errors.items()
            if name in self.fields
            for message in messages
        ]
        return [*self.non_field_errors(), *named]


class FiguresForm(NumbersForm):
    """Own figures of these codes; `instead` holds what is shown beside each, such as the shipped figures."""

    def __init__(
        self, data: Any, codes: Iterable[str], own: Mapping[str, Decimal], instead: Mapping[str, Decimal]
    ) -> None:
        super().__init__(data)
        self.codes, self.instead = list(codes), instead
        for code in self.codes:
            known = plain(instead[code])
            self.fields[code] = forms.DecimalField(
                label=figure_text(code),
                required=False,
                initial=plain(own[code]) if code in own else None,
                error_messages={"invalid": _("Write a number like 12.5.")},
                widget=forms.TextInput(attrs={"inputmode": "decimal", "placeholder": known}),
            )

    def rows(self) -> list[dict[str, Any]]:
        """The fields with what the page says of each: figure, other value, unit, limits."""
        rows = []
        for code in self.codes:
            low, high = limits_of(figures.shipped([code]), code)
            rows.append(
                {
                    "code": code,
                    "field": self[code],
                    "name": name_of(code),
                    "subject": subject_of(code),
                    "instead": plain(self.instead[code]),
                    "unit": unit_text(code),
                    "low": plain(low),
                    "high": plain(high),
                    "own": self[code].value() not in (None, ""),
                }
            )
        return rows


def shipped_values(codes: Iterable[str]) -> dict[str, Decimal]:
    """The shipped figure of each code."""
    listed = list(codes)
    tables = figures.shipped(listed)
    return {code: value_of(tables, code) for code in listed}
