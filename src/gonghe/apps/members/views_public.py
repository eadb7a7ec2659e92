"""Sign in, follow a one-click link, join by invitation."""

from __future__ import annotations

from django.contrib.auth import login
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from gonghe.apps.members import services
from gonghe.apps.members.forms import JoinForm, SignInForm

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
    """Accept an invitation."""
    invitation = services.find_invitation(token)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = services.accept_invitation(
            token, name=form.cleaned_data["name"], password=form.cleaned_data["password"]
        )
        login(request, user, backend=BACKEND)
        return redirect("web:start")
    return render(request, "members/join.html", {"invitation": invitation, "form": form})
