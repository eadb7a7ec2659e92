"""Form that asks the parameters of a licensed routing template."""

from __future__ import annotations

from typing import Any

from django import forms

from gonghe.apps.technology.models import Licence


class ValuesForm(forms.Form):
    """One number for each parameter; ranges are judged by the service, which names what is outside."""

    def __init__(self, licence: Licence, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        template = licence.technology.template or {"parameters": []}
        self.units = {one["code"]: one["unit"] for one in template["parameters"]}
        for one in template["parameters"]:
            self.fields[one["code"]] = forms.DecimalField(
                label=one["name"],
                initial=one["usual"],
                required=one["usual"] is None,
                help_text=f"{one['low']} – {one['high']} {one['unit']}",
            )
