"""One person acting for one organisation: found from the URL, checked once, passed to everything below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from gonghe.apps.base import ForbiddenError, NotFoundError
from gonghe.apps.members.models import Membership, Organization, Role, User
from gonghe.apps.principal import Principal

# What each role may write; reading inside one's own organisation is open to its people.
GRANTS: dict[str, frozenset[str]] = {
    Role.OWNER: frozenset({"members", "technology", "capacity", "orders", "market", "plans", "workshop"}),
    Role.PLANNER: frozenset({"technology", "capacity", "orders", "market", "plans", "workshop"}),
    Role.BUYER: frozenset({"orders", "market", "plans"}),
    Role.OPERATOR: frozenset({"workshop"}),
    Role.OFFICE: frozenset({"members", "keyholder"}),
}
SCOPES = tuple(sorted({"read"} | {f"write:{area}" for areas in GRANTS.values() for area in areas}))


@dataclass(frozen=True, slots=True)
class Acting:
    """A person with roles in the organisation they act for."""

    user: User
    organization: Organization
    roles: frozenset[str]
    via: str = "web"
    scopes: frozenset[str] | None = None

    @property
    def principal(self) -> Principal:
        """The same as the audit record names it."""
        return Principal(self.user.digest, self.organization.pk, self.roles, self.via)

    @property
    def is_office(self) -> bool:
        """Whether they act for the cluster office."""
        return self.organization.kind == Organization.Kind.OFFICE

    def may(self, area: str) -> bool:
        """Whether a role, and the token if there is one, allows writing in an area."""
        granted = any(area in GRANTS[role] for role in self.roles)
        return granted and (self.scopes is None or f"write:{area}" in self.scopes)

    def require(self, area: str) -> None:
        """Refuse what no role allows.

        Raises
        ------
        ForbiddenError
            If neither role nor token allows writing in the area.
        """
        if not self.may(area):
            raise ForbiddenError(
                _("Your role does not allow this. Ask an owner of %(firm)s to do it or to change your role.")
                % {"firm": self.organization.local_name}
            )


def find_acting(user: User, slug: str, *, via: str = "web", scopes: frozenset[str] | None = None) -> Acting:
    """The person acting for the organisation of this slug.

    Raises
    ------
    NotFoundError
        If there is no such organisation or the person does not belong to it: the same answer.
    """
    memberships = list(
        Membership.objects.filter(user=user, organization__slug=slug).select_related("organization")
    )
    if not memberships:
        raise NotFoundError
    roles = frozenset(membership.role for membership in memberships)
    return Acting(user, memberships[0].organization, roles, via, scopes)


class ActingRequest(HttpRequest):
    """A request of a member page."""

    user: User
    acting: Acting


Page = Callable[Concatenate[ActingRequest, ...], HttpResponseBase]


def member_page(view: Page) -> Callable[..., HttpResponseBase]:
    """Guard a view under `/o/<slug>/`: signed-in people of that organisation get `request.acting`."""

    @wraps(view)
    def guarded(request: ActingRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        request.acting = find_acting(request.user, slug)
        return view(request, *args, **kwargs)

    guarded.member_page = True  # type: ignore[attr-defined]
    return guarded
