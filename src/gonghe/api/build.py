"""Puts the apps' routers together and turns every refusal into the same shape of answer."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

from gonghe.api.common import router as common_router
from gonghe.apps.base import ServiceError
from gonghe.apps.capacity.api_public import router as public_router
from gonghe.apps.members.http import PageAuth, TokenAuth

api = NinjaAPI(
    title="Gonghe",
    version="1",
    description="Everything the pages show, for programs. Writes take an `Idempotency-Key` header.",
    auth=[TokenAuth(), PageAuth()],
    docs_url="/docs",
    urls_namespace="api",
)


def refuse(request: HttpRequest, status: int, code: str, message: str, **details: Any) -> HttpResponse:
    """One shape for every refusal: `{"error": {"code", "message", ...}}`."""
    return api.create_response(
        request, {"error": {"code": code, "message": message, **details}}, status=status
    )


@api.exception_handler(ServiceError)
def service_error(request: HttpRequest, error: ServiceError) -> HttpResponse:
    """A wish that cannot be granted."""
    return refuse(request, error.status, error.code, error.message, **error.details)


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    """Missing and hidden: byte for byte the same."""
    return refuse(request, 404, "not_found", _("There is nothing here that you can see."))


@api.exception_handler(AuthenticationError)
def not_signed_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """No valid token or session."""
    return refuse(request, 401, "sign_in", _("Sign in, or send a valid token."))


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Input of the wrong shape: every field at once."""
    fields = [
        {"field": ".".join(str(at) for at in one["loc"]), "message": one["msg"]} for one in error.errors
    ]
    return refuse(request, 422, "invalid", _("Some fields are not right."), fields=fields)


api.add_router("/public", public_router, tags=["public"])
api.add_router("/o/{slug}", common_router, tags=["common"])
for _app in settings.APPS:
    if _app in {"audit", "jobs"}:
        continue  # below members, so they do not know who acts: `common` speaks for them
    _module = import_module(f"gonghe.apps.{_app}.api")
    api.add_router("/o/{slug}", _module.router, tags=[_app])
