"""A refused wish becomes a plain page instead of a stack trace."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gonghe.apps.base import ServiceError


class PlainErrorMiddleware:
    """Shows what a service refused and why, with the way back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a :class:`ServiceError` with its own words."""
        if not isinstance(exception, ServiceError):
            return None
        back = request.META.get("HTTP_REFERER", "/")
        return render(request, "refused.html", {"error": exception, "back": back}, status=exception.status)
