"""A person's own account: name, language, password, tokens for programs."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gonghe.apps.base import ServiceError
from gonghe.apps.members import access, services
from gonghe.apps.members.acting import ActingRequest, member_page
from gonghe.apps.members.forms import AccountForm, TokenForm
from gonghe.apps.members.models import User


@member_page
def account(request: ActingRequest) -> HttpResponse:
    """Name and language, password, tokens."""
    return _account_page(request)


@require_POST
@member_page
def save_account(request: ActingRequest) -> HttpResponse:
    """Change name and language; the language holds at once."""
    form = AccountForm(request.POST)
    if not form.is_valid():
        return _account_page(request, account_form=form)
    services.save_account(request.acting, **form.cleaned_data)
    answer = redirect("organization:account", request.acting.organization.slug)
    if language := form.cleaned_data["language"]:
        translation.activate(language)
        answer.set_cookie("django_language", language, samesite="Lax")
    messages.success(request, _("Saved."))
    return answer


@require_POST
@member_page
def set_password(request: ActingRequest) -> HttpResponse:
    """Choose a new password; other browsers of this person are signed out."""
    form = _password_form(request.user, request.POST)
    if not form.is_valid():
        return _account_page(request, password_form=form)
    services.set_password(request.acting, form.cleaned_data["new_password1"])
    request.user.refresh_from_db()
    update_session_auth_hash(request, request.user)
    messages.success(request, _("The new password holds from now on."))
    return redirect("organization:account", request.acting.organization.slug)


@require_POST
@member_page
def issue_token(request: ActingRequest) -> HttpResponse:
    """Make a token; the page that answers shows it once."""
    form = TokenForm(request.POST, acting=request.acting)
    if not form.is_valid():
        return _account_page(request, token_form=form)
    try:
        row, token = services.issue_token(request.acting, **form.cleaned_data)
    except ServiceError as error:
        form.add_error(None, error.message)
        return _account_page(request, token_form=form)
    return render(request, "members/token.html", {"row": row, "token": token})


@require_POST
@member_page
def revoke_token(request: ActingRequest, token_id: UUID) -> HttpResponse:
    """End a token."""
    services.revoke_token(request.acting, token_id)
    messages.success(request, _("The token no longer opens anything."))
    return redirect("organization:account", request.acting.organization.slug)


def _account_page(
    request: ActingRequest,
    account_form: AccountForm | None = None,
    password_form: SetPasswordForm[User] | None = None,
    token_form: TokenForm | None = None,
) -> HttpResponse:
    user = request.user
    known = {"name": user.name, "language": user.language}
    context = {
        "account_form": account_form or AccountForm(initial=known),
        "password_form": password_form or _password_form(user),
        "token_form": token_form or TokenForm(acting=request.acting),
        "tokens": access.own_tokens(request.acting),
        "roles": [one.get_role_display() for one in access.people(request.acting).filter(user=user)],
    }
    wrong = account_form or password_form or token_form
    return render(request, "members/account.html", context, status=422 if wrong else 200)


def _password_form(user: User, data: QueryDict | None = None) -> SetPasswordForm[User]:
    """Who has a password shows that they know it; who came by link only has none to show."""
    return (PasswordChangeForm if user.has_usable_password() else SetPasswordForm)(user, data)
