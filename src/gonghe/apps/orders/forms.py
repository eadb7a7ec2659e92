"""Forms of orders, their lines and steps."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from gonghe.apps.members import access as members
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Site
from gonghe.apps.orders.models import Operation, Order, OrderLine
from gonghe.apps.orders.services import ACCEPT, LineChange, LineIn, OperationIn
from gonghe.apps.orders.services.inputs import MAX_PIECES
from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.apps.technology.words import UNITS, process_choices, property_name, word_name
from gonghe.engines.matching import Taxonomy
from gonghe.engines.model.matching import Property

WORD_PREFIX = "p-"
# Choosing another process asks this page again and takes over the fields of its requirement.
RELOAD_REQUIREMENT = {
    "hx-get": "",
    "hx-trigger": "change",
    "hx-target": "#requirement",
    "hx-select": "#requirement",
    "hx-swap": "outerHTML",
}


def material_choices() -> list[tuple[str, str]]:
    """Material groups with their names."""
    words = taxonomies.current().words["material_group"]
    return [(word.code, word_name("material_group", word.code)) for word in words]


class FilesInput(forms.ClearableFileInput):
    """Takes several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; cleans to a list."""

    widget = FilesInput(attrs={"accept": ACCEPT})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        """Check every file by itself."""
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if not files and self.required:
            super().clean(None, initial)
        return [super(FilesField, self).clean(one, initial) for one in files]


class OrderForm(forms.Form):
    """What it is for, by when, to where, and what lateness costs."""

    title = forms.CharField(label=_("What it is for"), max_length=120)
    due = forms.DateField(
        label=_("Needed by"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("To the end of this day at the destination."),
    )
    destination = forms.ModelChoiceField(
        label=_("Deliver to"), queryset=Site.objects.none(), empty_label=None
    )
    lateness_per_hour = forms.DecimalField(
        label=_("What an hour late costs you"),
        min_value=Decimal(0),
        max_digits=10,
        decimal_places=2,
        initial=20,
    )

    def __init__(self, acting: Acting, *args: Any, order: Order | None = None, **kwargs: Any) -> None:
        if order is not None:
            kwargs["initial"] = {
                name: getattr(order, name) for name in self.base_fields if hasattr(order, name)
            }
        super().__init__(*args, **kwargs)
        destination = self.fields["destination"]
        if isinstance(destination, forms.ModelChoiceField):
            destination.queryset = members.own_sites(acting)


class NewOrderForm(OrderForm):
    """A new order: its head, and its first parts as drawings or by number."""

    drawings = FilesField(
        label=_("Drawings, one part each"),
        required=False,
        help_text=_("STEP, STL, 3MF, DXF; PDF for a routing by hand."),
    )
    part = forms.CharField(label=_("Part number, where there is no drawing"), max_length=60, required=False)
    quantity = forms.IntegerField(label=_("Pieces of each"), min_value=1, max_value=MAX_PIECES, initial=1)
    material = forms.ChoiceField(label=_("Material"), choices=material_choices, initial="steel")


class LineForm(forms.Form):
    """How many of a part, from what, and who supplies it."""

    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    quantity = forms.IntegerField(label=_("Quantity"), min_value=1, max_value=MAX_PIECES)
    material = forms.ChoiceField(label=_("Material"), choices=material_choices)
    material_supplier = forms.ChoiceField(
        label=_("Who supplies the material"), choices=OrderLine.Supplier.choices
    )
    material_lead_days = forms.IntegerField(
        label=_("Days until the material is there"), min_value=0, max_value=365, initial=2
    )
    overage_percent = forms.DecimalField(
        label=_("Pieces more, for expected scrap"),
        min_value=0,
        max_value=50,
        max_digits=4,
        decimal_places=1,
        initial=2,
    )
    smallest_lot = forms.IntegerField(
        label=_("Smallest lot, if several workshops may share the pieces"),
        min_value=1,
        max_value=MAX_PIECES,
        required=False,
        help_text=_("Empty: all pieces stay in one workshop at a time."),
    )
    drawing = forms.FileField(
        label=_("Another drawing"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        help_text=_("A new model is read again and its steps are proposed anew."),
    )

    def __init__(self, *args: Any, line: OrderLine | None = None, **kwargs: Any) -> None:
        if line is not None:
            kwargs["initial"] = {
                "name": line.revision.part.name,
                "quantity": line.per_parent or line.quantity,
                "material": line.revision.material,
                "material_supplier": line.material_supplier,
                "material_lead_days": line.material_lead_days,
                "overage_percent": line.overage_percent,
                "smallest_lot": line.smallest_lot,
            }
        super().__init__(*args, **kwargs)
        if line is not None and line.parent is not None:
            self.fields["quantity"].label = _("Quantity in each assembly")
        if line is not None and (line.parent is not None or line.children.exists()):
            del self.fields["smallest_lot"]  # an assembly stays together

    @property
    def change(self) -> LineChange:
        """The new values."""
        data = self.cleaned_data
        return LineChange(
            name=data["name"] or None,
            quantity=data["quantity"],
            material=data["material"],
            material_supplier=data["material_supplier"],
            material_lead_days=data["material_lead_days"],
            overage_percent=data["overage_percent"],
            smallest_lot=data.get("smallest_lot") or 0,
        )


class LineField(forms.ModelChoiceField):  # type: ignore[type-arg] # not generic when it runs
    """A line of the order, shown by its part."""

    def label_from_instance(self, obj: Any) -> str:
        """Name of a choice."""
        return str(obj.revision.part)


class AddLineForm(LineForm):
    """A part that comes to an order."""

    part = forms.CharField(label=_("Part number"), max_length=60, required=False)
    revision = forms.CharField(label=_("Revision"), max_length=10, required=False)
    parent = LineField(
        label=_("Built into"), queryset=OrderLine.objects.none(), required=False, empty_label=_("nothing")
    )
    field_order = ("part", "name", "revision", "drawing", "quantity", "material", "parent")

    def __init__(self, order: Order, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"quantity": 1, "material": "steel"})
        super().__init__(*args, **kwargs)
        self.fields["drawing"].label = _("Drawing")
        parent = self.fields["parent"]
        if isinstance(parent, forms.ModelChoiceField):
            parent.queryset = order.lines.select_related("revision__part")

    @property
    def line(self) -> LineIn:
        """The line, without its drawing."""
        data = self.cleaned_data
        return LineIn(
            part=data["part"],
            name=data["name"],
            revision=data["revision"],
            quantity=data["quantity"],
            material=data["material"],
            material_supplier=data["material_supplier"],
            material_lead_days=data["material_lead_days"],
            overage_percent=data["overage_percent"],
            smallest_lot=data["smallest_lot"],
        )


class OperationForm(forms.Form):
    """One step: its process, what that must reach, how long it takes, what it waits for."""

    process = forms.ChoiceField(
        label=_("Process"), choices=process_choices, widget=forms.Select(attrs=RELOAD_REQUIREMENT)
    )
    name = forms.CharField(label=_("Name"), max_length=100, required=False)
    setup_min = forms.DecimalField(
        label=_("Set-up"), min_value=0, max_value=100_000, decimal_places=2, initial=30
    )
    run_min = forms.DecimalField(
        label=_("Each piece"), min_value=0, max_value=100_000, decimal_places=2, initial=5
    )
    number = forms.IntegerField(label=_("Number"), min_value=1, max_value=9999, required=False)
    after = forms.TypedMultipleChoiceField(
        label=_("Waits for steps"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    resumable = forms.BooleanField(
        label=_("May be interrupted overnight"),
        required=False,
        initial=True,
        help_text=_("A heat treatment, for example, may not."),
    )

    def __init__(
        self,
        line: OrderLine,
        data: Any = None,
        *,
        operation: Operation | None = None,
        process: str = "",
    ) -> None:
        requirement = operation.requirement if operation else {}
        initial = _initial(operation) if operation else {}
        initial |= {WORD_PREFIX + code: value for code, value in requirement.get("properties", {}).items()}
        if process:
            initial["process"] = process
        super().__init__(data, initial=initial)
        steps = [one for one in line.operations.all() if operation is None or one.pk != operation.pk]
        if operation is None:
            self.initial.setdefault("after", [one.number for one in steps][-1:])
        after = self.fields["after"]
        if isinstance(after, forms.TypedMultipleChoiceField):
            after.choices = [(one.number, f"{one.number} {one.name}") for one in steps]
        if not steps:
            del self.fields["after"]
        self.property_codes: list[str] = []
        chosen = self.data.get("process") if self.is_bound else initial.get("process", "machining")
        self._ask_properties(str(chosen), set(requirement.get("properties", {})))

    def _ask_properties(self, process: str, present: set[str]) -> None:
        """One field for every property by which the process is judged."""
        taxonomy = taxonomies.current()
        if process not in taxonomy.processes:
            return
        judged = {one.code: one for one in taxonomy.judged_by(process)}
        judged |= {
            code: taxonomy.properties[code] for code in present - set(judged) if code in taxonomy.properties
        }
        # long lists of boxes last, so that the short fields stand together
        for code, one in sorted(judged.items(), key=lambda pair: pair[1].must_state):
            self.fields[WORD_PREFIX + code] = _property_field(one, taxonomy)
            self.property_codes.append(code)

    @property
    def property_fields(self) -> list[Any]:
        """Bound fields of the requirement."""
        return [self[WORD_PREFIX + code] for code in self.property_codes]

    @property
    def plain_fields(self) -> list[Any]:
        """Bound fields of times and order."""
        return [
            self[name]
            for name in ("setup_min", "run_min", "number", "after", "resumable")
            if name in self.fields
        ]

    @property
    def units(self) -> dict[str, str]:
        """Unit of each field that has one."""
        taxonomy = taxonomies.current()
        units = {
            WORD_PREFIX + code: UNITS.get(taxonomy.properties[code].unit, "") for code in self.property_codes
        }
        return units | {"setup_min": "min", "run_min": "min"}

    @property
    def operation(self) -> OperationIn:
        """The step as services take it."""
        data = self.cleaned_data
        values = {code: _plain(data.get(WORD_PREFIX + code)) for code in self.property_codes}
        return OperationIn(
            process=data["process"],
            name=data["name"],
            properties={code: value for code, value in values.items() if value not in (None, "", ())},
            setup_s=round(data["setup_min"] * 60),
            run_s=round(data["run_min"] * 60),
            resumable=data["resumable"],
            number=data["number"],
            after=tuple(data["after"]) if "after" in data else None,
        )


def _initial(operation: Operation) -> dict[str, Any]:
    return {
        "process": operation.requirement["process"],
        "name": operation.name,
        "setup_min": _minutes(operation.setup_s),
        "run_min": _minutes(operation.run_s),
        "number": operation.number,
        "after": [one.number for one in operation.after.all() if one.line_id == operation.line_id],
        "resumable": operation.resumable,
    }


def _minutes(seconds: int) -> Decimal:
    """Seconds as minutes, fine enough to come back as the same seconds."""
    return (Decimal(seconds) / 60).quantize(Decimal("0.01")).normalize() + Decimal(0)


def _property_field(judged: Property, taxonomy: Taxonomy) -> forms.Field:
    name = property_name(judged.code)
    label = name[:1].upper() + name[1:]
    words = taxonomy.words.get(judged.code, ())
    if words:
        choices = [(word.code, word_name(judged.code, word.code)) for word in words]
        if judged.must_state:
            return forms.MultipleChoiceField(
                label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
            )
        return forms.ChoiceField(label=label, choices=[("", "–"), *choices], required=False)
    if judged.kind == "set":
        return forms.CharField(label=label, max_length=60, required=False)
    return forms.FloatField(label=label, required=False)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
