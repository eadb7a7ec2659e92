"""Sign in, follow a one-click link, join by invitation."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import LoginView, redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from gonghe.apps.members import access, services
from gonghe.apps.members.forms import JoinForm, SignInForm
from gonghe.apps.members.models import Invitation, User

BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignIn(LoginView):
    """Sign in with e-mail and password."""

    template_name = "members/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


def sign_in_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Let a link's person in; a single-use link asks for a button first, so that previews use nothing up."""
    if request.method != "POST" and services.find_sign_in_link(token).single_use:
        return render(request, "members/sign_in_link.html")
    login(request, services.use_sign_in_link(token), backend=BACKEND)
    return redirect("web:start")


def join(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation: with a new account, or as the person who is signed in under its address."""
    invitation = services.find_invitation(token)
    if access.find_person(invitation.email) is not None:
        return _join_known(request, token, invitation)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = services.accept_invitation(
            token, name=form.cleaned_data["name"], password=form.cleaned_data["password"]
        )
        login(request, user, backend=BACKEND)
        return redirect("web:today", invitation.organization.slug)
    return render(request, "members/join.html", {"invitation": invitation, "form": form})


def _join_known(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    if not isinstance(request.user, User) or request.user.email != invitation.email:
        messages.info(
            request,
            _("%s has an account here already. Sign in with it to accept the invitation.") % invitation.email,
        )
        return redirect_to_login(request.get_full_path())
    if request.method == "POST":
        services.accept_invitation(token, known=request.user)
        return redirect("web:today", invitation.organization.slug)
    return render(request, "members/join.html", {"invitation": invitation})
