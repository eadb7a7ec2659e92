"""Forms with which the cluster office adds processes and properties."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.apps.technology import words
from gonghe.apps.technology.models import OwnProcess, OwnProperty
from gonghe.apps.technology.selects import QuickSelect


class OwnProcessForm(forms.Form):
    """A process: where it stands, what it is called and by what it is judged."""

    parent = forms.ChoiceField(label=gettext_lazy("Below which process"), widget=QuickSelect)
    en = forms.CharField(label=gettext_lazy("Name in English"), max_length=60)
    zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=60)
    synonyms = forms.CharField(
        label=gettext_lazy("Other names"),
        required=False,
        help_text=gettext_lazy("In any language, with commas between; the search knows them too."),
    )
    properties = forms.MultipleChoiceField(
        label=gettext_lazy("Judged by"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Besides what the process above is judged by."),
    )

    def __init__(self, *args: Any, process: OwnProcess | None = None, **kwargs: Any) -> None:
        if process is not None:
            kwargs["initial"] = {
                "parent": process.parent,
                "en": process.en,
                "zh": process.zh,
                "synonyms": ", ".join(process.synonyms),
                "properties": process.properties,
            }
        super().__init__(*args, **kwargs)
        self.fields["parent"].choices = [("", _("Choose")), *words.process_choices()]  # type: ignore[attr-defined]
        self.fields["properties"].choices = [  # type: ignore[attr-defined]
            (code, capfirst(words.property_name(code))) for code in taxonomies.current().properties
        ]

    def clean_synonyms(self) -> list[str]:
        """Names, one after the other."""
        return [
            one.strip() for one in re.split(r"[,;，；、\n]", self.cleaned_data["synonyms"]) if one.strip()
        ]


class OwnPropertyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A number by which processes are judged."""

    class Meta:
        model = OwnProperty
        fields = ("en", "zh", "unit", "kind")
