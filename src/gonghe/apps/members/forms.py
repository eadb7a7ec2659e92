"""Forms of members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from gonghe.apps.members.acting import SCOPES, Acting
from gonghe.apps.members.models import Certificate, Disclosure, Organization, Role, Site
from gonghe.apps.members.services import TOKEN_DAYS


class SignInForm(AuthenticationForm):
    """E-mail and password."""

    username = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))


class JoinForm(forms.Form):
    """What a person who was invited tells."""

    name = forms.CharField(label=_("Your name"), max_length=100)
    password = forms.CharField(
        label=_("Password, at least 12 characters"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        validators=[validate_password],
        max_length=200,
    )


class SiteForm(forms.ModelForm):  # type: ignore[type-arg]
    """A place of one's own."""

    class Meta:
        model = Site
        fields = ("code", "name", "address", "latitude", "longitude", "time_zone")
        help_texts = {
            "code": _("A short code of your own; equipment refers to it."),
            "latitude": _("Degrees, north is positive. Maps show them when you press long on a place."),
            "longitude": _("Degrees, east is positive."),
        }


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """Who an organisation is."""

    class Meta:
        model = Organization
        fields = (
            "name", "name_en", "about", "registration_code", "vat_number", "eori_number", "industry", "staff",
            "turnover", "assets",
        )  # fmt: skip
        widgets = {"about": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "registration_code": _("In China the 18 characters of the unified social credit code."),
            "vat_number": _("In the European Union, with the country in front: DE136695976."),
            "eori_number": _("For customs of the European Union."),
            "industry": _("Code of GB/T 4754, such as C34 or C3484; the size class depends on it."),
            "staff": _("Only you and the cluster office see the number; others see the size class."),
            "turnover": _("Only you and the cluster office see the amount."),
            "assets": _("Needed for the size class in construction, real estate and leasing alone."),
        }


class CertificateForm(forms.ModelForm):  # type: ignore[type-arg]
    """A certificate and its last day."""

    class Meta:
        model = Certificate
        fields = ("kind", "number", "issuer", "expires_on")
        widgets = {"expires_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        help_texts = {"kind": _("Such as ISO 9001, IATF 16949, EN 1090.")}


class InviteForm(forms.Form):
    """Whom to let in, and as what."""

    email = forms.EmailField(label=_("E-mail"))
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_office = organization.kind == Organization.Kind.OFFICE
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            choice for choice in Role.choices if is_office or choice[0] != Role.OFFICE
        ]


class DisclosureForm(forms.Form):
    """Who sees which group of facts."""

    def __init__(self, *args: Any, chosen: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for group, label in Disclosure.Group.choices:
            self.fields[group] = forms.ChoiceField(
                label=capfirst(str(label)), choices=Disclosure.Level.choices, initial=chosen[group]
            )


class PartnerForm(forms.Form):
    """A firm that may see what partners see."""

    partner = forms.ModelChoiceField(
        label=_("Firm"), queryset=Organization.objects.none(), to_field_name="slug"
    )

    def __init__(self, *args: Any, others: QuerySet[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = others  # type: ignore[attr-defined]


class AccountForm(forms.Form):
    """A person's own name and language."""

    name = forms.CharField(label=_("Your name"), max_length=100)
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("as the browser says")), *settings.LANGUAGES], required=False
    )


class TokenForm(forms.Form):
    """A token for a program."""

    name = forms.CharField(label=_("What it is for"), max_length=60)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), widget=forms.CheckboxSelectMultiple, initial=["read"]
    )
    days = forms.IntegerField(label=_("Days it works"), min_value=1, max_value=730, initial=TOKEN_DAYS)

    def __init__(self, *args: Any, acting: Acting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]
            (scope, scope) for scope in SCOPES if scope == "read" or acting.may(scope.removeprefix("write:"))
        ]
