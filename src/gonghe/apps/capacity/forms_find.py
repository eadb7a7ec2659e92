"""The search as fields: process, limits of its properties, certificates and distance."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.apps.technology import words
from gonghe.apps.technology.selects import QuickSelect
from gonghe.engines.matching import Piece, Query
from gonghe.engines.matching.query import DISTANCE, PROCESS
from gonghe.engines.model.matching import Property


class FindForm(forms.Form):
    """What a sentence can ask for, a field for each; the properties are those of the process."""

    process = forms.ChoiceField(label=gettext_lazy("Process"), widget=QuickSelect)
    distance_km = forms.FloatField(label=gettext_lazy("At most so far away"), min_value=0, required=False)

    def __init__(self, *args: Any, process: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["process"].choices = [("", _("Choose")), *words.process_choices()]  # type: ignore[attr-defined]
        taxonomy = taxonomies.current()
        self._judged = taxonomy.judged_by(process) if process in taxonomy.processes else ()
        for one in self._judged:
            self._add(one)
        self.order_fields(["process", *(one.code for one in self._judged), "distance_km"])

    def _add(self, one: Property) -> None:
        label = capfirst(words.property_name(one.code))
        known = taxonomies.current().words.get(one.code, ())
        if one.kind != "set":
            self.fields[one.code] = forms.FloatField(label=label, required=False)
        elif known:
            self.fields[one.code] = forms.MultipleChoiceField(
                label=label,
                choices=[(word.code, words.word_name(one.code, word.code)) for word in known],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )

    @property
    def units(self) -> dict[str, str]:
        """Unit of each field that has one."""
        return {DISTANCE: "km"} | {one.code: words.UNITS.get(one.unit, "") for one in self._judged}

    def pieces(self) -> list[Piece]:
        """What is asked for, in the order of the fields."""
        found = []
        for key, value in self.cleaned_data.items():
            if value not in (None, "", []):
                found += [Piece(key, one, 0, 0) for one in (value if isinstance(value, list) else [value])]
        return found


def filled(query: Query) -> FindForm:
    """The form as a sentence was understood."""
    initial: dict[str, Any] = {PROCESS: query.process or "", DISTANCE: query.within_km}
    requirement = query.requirement()
    for code, value in (requirement.properties if requirement else {}).items():
        initial[code] = list(value) if isinstance(value, tuple) else value
    return FindForm(process=query.process or "", initial=initial)
