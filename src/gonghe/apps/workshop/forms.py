"""Forms of the shop floor: few fields, large keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class NoteField(forms.CharField):
    """A short note that may be left out."""

    def __init__(self, label: StrPromise) -> None:
        super().__init__(label=label, max_length=300, required=False)


class PiecesField(forms.IntegerField):
    """A number of pieces, typed on a number pad."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_value=1_000_000, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Open the number pad of a tablet."""
        return super().widget_attrs(widget) | {"inputmode": "numeric", "autocomplete": "off"}


class CountForm(forms.Form):
    """Good pieces and scrap; `left` is how far the keys beside the numbers go."""

    good = PiecesField(label=_("Good pieces"), min_value=0)
    scrap = PiecesField(label=_("Scrap"), min_value=0, initial=0)
    note = NoteField(_("Note"))

    def __init__(self, *values: Any, left: int | None = None, **options: Any) -> None:
        super().__init__(*values, **options)
        if left is not None:
            for name in ("good", "scrap"):
                self.fields[name].widget.attrs["max"] = left


class BreakdownForm(forms.Form):
    """A machine that stopped."""

    until = forms.DateTimeField(
        label=_("Runs again about"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    note = NoteField(_("What happened"))


class HelpForm(forms.Form):
    """A call for help."""

    note = NoteField(_("What is the matter"))


class MoreForm(forms.Form):
    """Pieces made again."""

    pieces = PiecesField(label=_("Pieces to make again"), min_value=1)


class SendForm(forms.Form):
    """Pieces that are handed on."""

    quantity = PiecesField(label=_("Pieces"), min_value=1)
    note = NoteField(_("Note that travels with them"))


class ReceiveForm(forms.Form):
    """Pieces that arrived."""

    accepted = PiecesField(label=_("Accepted pieces"), min_value=0)
    note = NoteField(_("What is wrong with the others"))
