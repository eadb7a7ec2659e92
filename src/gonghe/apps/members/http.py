"""How API routes find out who acts, and how their writes become harmless to repeat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Status
from ninja.security import HttpBearer, SessionAuth

from gonghe.apps.audit.idempotency import once
from gonghe.apps.base import ForbiddenError, InvalidError, NotFoundError
from gonghe.apps.members.acting import Acting, find_acting
from gonghe.apps.members.models import ApiToken, User
from gonghe.apps.members.services import digest_of

IDEMPOTENT: dict[str, Any] = {
    "parameters": [
        {
            "in": "header",
            "name": "Idempotency-Key",
            "required": True,
            "schema": {"type": "string", "minLength": 8, "maxLength": 100},
            "description": "Your own name for this request; sending it again gives the first answer again.",
        }
    ]
}


class TokenAuth(HttpBearer):
    """`Authorization: Bearer gh_...`, bound to one organisation and its scopes."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """The token's row, if it still opens anything."""
        row = (
            ApiToken.objects.filter(token_digest=digest_of(token))
            .select_related("user", "organization")
            .first()
        )
        return row if row and row.is_valid and row.user.is_active else None


class PageAuth(SessionAuth):
    """The signed-in person of a page (form checks apply)."""

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        """The person, if signed in."""
        return request.user if isinstance(request.user, User) else None


def acting_of(request: HttpRequest, slug: str) -> Acting:
    """Who acts in an API request.

    Raises
    ------
    NotFoundError
        If the person or token does not belong to the organisation of this slug.
    ForbiddenError
        If the token may not read.
    """
    auth = getattr(request, "auth", None)
    if isinstance(auth, ApiToken):
        if auth.organization.slug != slug:
            raise NotFoundError
        acting = find_acting(auth.user, slug, via="api", scopes=frozenset(auth.scopes))
        if request.method in {"GET", "HEAD"} and "read" not in auth.scopes:
            raise ForbiddenError(_("This token may not read. Make one with the scope “read”."))
        return acting
    if isinstance(auth, User):
        return find_acting(auth, slug, via="api")
    raise NotFoundError


def write(
    request: HttpRequest,
    slug: str,
    action: Callable[[Acting], Any],
    *,
    status: int = 200,
    body: bytes | None = None,
) -> Any:
    """Run a write once for its `Idempotency-Key`.

    Parameters
    ----------
    action
        Takes the acting person, calls services and returns a JSON-ready body.
    body
        What makes two requests the same, for uploads: their own body is no longer there once it is parsed.

    Returns
    -------
    ninja.Status
        The answer, to be returned by the route.

    Raises
    ------
    InvalidError
        If the header is missing or the key was used for another request.
    ConflictError
        If the same request is still running.
    """
    acting = acting_of(request, slug)
    key = request.headers.get("Idempotency-Key", "")
    if not 8 <= len(key) <= 100:
        raise InvalidError(
            _("Send an Idempotency-Key header of 8 to 100 characters with every write."), code="key_missing"
        )
    route = f"{request.method} {request.path}"[:200]
    same = request.body if body is None else body
    answer = once(acting.principal, route, key, same, lambda: (status, action(acting)))
    return Status(answer.status, answer.body)
