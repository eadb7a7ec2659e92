"""Forms of technology: a process and its limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.apps.technology import words
from gonghe.engines.model.matching import Property


class ProcessForm(forms.Form):
    """Which process; the next page asks for its limits."""

    process = forms.ChoiceField(label=gettext_lazy("Process"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["process"].choices = words.process_choices()  # type: ignore[attr-defined]


class CapabilityForm(forms.Form):
    """Limits of one process: two numbers or a list of words for each property by which it is judged."""

    covers_children = forms.BooleanField(
        label=gettext_lazy("Every process below this one too"), required=False
    )
    active = forms.BooleanField(label=gettext_lazy("On offer now"), required=False, initial=True)

    def __init__(
        self, *args: Any, process: str, constraints: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.judged = taxonomies.current().judged_by(process)
        stated = constraints or {}
        for one in self.judged:
            self._add(one, stated.get(one.code, {}))
        self.order_fields([name for name in self.fields if "." in name])

    def _add(self, one: Property, stated: Mapping[str, Any]) -> None:
        name = words.property_name(one.code)
        if one.kind == "set":
            known = taxonomies.current().words.get(one.code, ())
            if known:
                self.fields[f"{one.code}.set"] = forms.MultipleChoiceField(
                    label=capfirst(name),
                    choices=[(word.code, words.word_name(one.code, word.code)) for word in known],
                    widget=forms.CheckboxSelectMultiple,
                    required=False,
                    initial=stated.get("set", []),
                )
            return
        for bound in _bounds(one):
            label = _("%s, at least") if bound == "min" else _("%s, at most")
            self.fields[f"{one.code}.{bound}"] = forms.FloatField(
                label=capfirst((_("best %s") if one.kind == "grade" else label) % name),
                required=False,
                initial=stated.get(bound),
            )

    @property
    def units(self) -> dict[str, str]:
        """Unit of each field that has one."""
        unit_of = {one.code: words.UNITS.get(one.unit, "") for one in self.judged}
        return {name: unit_of[name.split(".")[0]] for name in self.fields if "." in name}

    def constraints(self, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Limits as they are stored; those of `before` for which the form has no field stay."""
        asked = {name.split(".")[0] for name in self.fields if "." in name}
        found = {code: dict(limit) for code, limit in (before or {}).items() if code not in asked}
        for name, value in self.cleaned_data.items():
            code, dot, bound = name.partition(".")
            if dot and value not in (None, []):
                number = int(value) if isinstance(value, float) and value.is_integer() else value
                found.setdefault(code, {})[bound] = number
        return found


def _bounds(one: Property) -> tuple[str, ...]:
    """Which limits people state: the best grade, the largest size, both ends of a range."""
    return {"max": ("max",), "min": ("min",), "grade": ("min",)}.get(one.kind, ("min", "max"))
