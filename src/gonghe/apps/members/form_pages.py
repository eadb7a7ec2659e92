"""Pages with one form about one's own organisation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from gonghe.apps.base import ServiceError
from gonghe.apps.members.acting import ActingRequest


def form_page(
    request: ActingRequest,
    form: forms.BaseForm,
    save: Callable[[], str],
    *,
    title: str,
    submit: str,
    anchor: str,
    units: Mapping[str, str] | None = None,
) -> HttpResponse:
    """A page with one form: what a service refuses is said in it, and nothing that was typed is lost."""
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, save())
        except ServiceError as error:
            field = next((one for one in error.details.get("fields", ()) if one in form.fields), None)
            form.add_error(field, error.message)
        else:
            return redirect(own_url(request, anchor))
    back = own_url(request, anchor)
    context = {"form": form, "title": title, "submit": submit, "back": back, "units": units or {}}
    return render(request, "members/form.html", context)


def own_url(request: ActingRequest, anchor: str) -> str:
    """A part of the page of one's own organisation."""
    return reverse("organization:own", args=[request.acting.organization.slug]) + f"#{anchor}"
