"""Found organisations, invite people, let them in, and let programs act for them."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import recording
from gonghe.apps.base import Change, ConflictError, ForbiddenError, InvalidError, NotFoundError, put
from gonghe.apps.members.acting import SCOPES, Acting
from gonghe.apps.members.facts import forget_changed
from gonghe.apps.members.models import (
    ApiToken,
    Disclosure,
    Invitation,
    Membership,
    Organization,
    Partnership,
    Role,
    SignInLink,
    Site,
    User,
)
from gonghe.apps.principal import Principal

INVITATION_DAYS = 14
LINK_MINUTES = 30
TOKEN_DAYS = 365
COORDINATE = Decimal("0.00001")  # degrees; about a metre


def digest_of(token: str) -> str:
    """What is kept of a token: enough to recognise it, useless to a thief of the database."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_organization(
    principal: Principal,
    *,
    name: str,
    slug: str,
    kind: str = Organization.Kind.FIRM,
    name_en: str = "",
    about: str = "",
    registration_code: str = "",
) -> Organization:
    """Found an organisation.

    Raises
    ------
    ConflictError
        If the short name is taken.
    """
    try:
        with recording(principal) as record:
            organization = Organization.objects.create(
                name=name,
                slug=slug,
                kind=kind,
                name_en=name_en,
                about=about,
                registration_code=registration_code,
            )
            record(
                "members.organization.founded",
                objects={"organization": organization.pk},
                audience=[organization.pk],
                data={"name": name},
            )
    except IntegrityError as error:
        raise ConflictError(
            _("The short name “%s” is taken. Choose another.") % slug, code="slug_taken"
        ) from error
    return organization


def add_person(principal: Principal, organization: Organization, *, email: str, name: str, role: str) -> User:
    """Give a person (made if new) a role in an organisation; giving it twice changes nothing."""
    with recording(principal) as record:
        user = User.objects.filter(email=email.lower()).first() or User.objects.create_user(email, name)
        Membership.objects.get_or_create(user=user, organization=organization, role=role)
        record(
            "members.person.joined",
            objects={"organization": organization.pk},
            audience=[organization.pk],
            data={"person": user.digest, "role": role},
        )
    return user


def save_site(
    acting: Acting,
    *,
    code: str,
    name: str,
    latitude: Decimal,
    longitude: Decimal,
    address: str = "",
    time_zone: str = "Asia/Shanghai",
) -> Site:
    """Add a site, or change the one with this code.

    Raises
    ------
    InvalidError
        If coordinates or time zone are impossible.
    """
    return put_site(
        acting,
        code=code,
        name=name,
        latitude=latitude,
        longitude=longitude,
        address=address,
        time_zone=time_zone,
    )[0]


def put_site(
    acting: Acting,
    *,
    code: str,
    name: str,
    latitude: Decimal,
    longitude: Decimal,
    address: str = "",
    time_zone: str = "Asia/Shanghai",
) -> tuple[Site, Change]:
    """Like :func:`save_site`, telling what changed; what is there already is not recorded again."""
    acting.require("capacity")
    values = {
        "name": name,
        "latitude": latitude.quantize(COORDINATE),
        "longitude": longitude.quantize(COORDINATE),
        "address": address,
        "time_zone": time_zone,
    }
    with transaction.atomic():
        site, change = put(Site, {"organization": acting.organization, "code": code}, values)
        if change:
            lost = forget_changed(acting.organization)
            with recording(acting.principal) as record:
                record(
                    "members.site.saved", objects={"site": site.pk}, data={"code": code, "unverified": lost}
                )
    return site, change


def invite(acting: Acting, *, email: str, role: str) -> tuple[Invitation, str]:
    """Invite a person; the token is shown once, to be sent to them."""
    acting.require("members")
    _check_role(acting.organization, role)
    token = secrets.token_urlsafe(24)
    with recording(acting.principal) as record:
        invitation = Invitation.objects.create(
            organization=acting.organization,
            email=email.lower(),
            role=role,
            token_digest=digest_of(token),
            expires_at=clock.now() + timedelta(days=INVITATION_DAYS),
        )
        record("members.invitation.sent", objects={"invitation": invitation.pk}, data={"role": role})
    return invitation, token


def cancel_invitation(acting: Acting, invitation_id: UUID) -> None:
    """Take an invitation back before it is accepted.

    Raises
    ------
    NotFoundError
        If there is no such open invitation of the acting organisation.
    """
    acting.require("members")
    with recording(acting.principal) as record:
        gone, _rows = Invitation.objects.filter(
            pk=invitation_id, organization=acting.organization, accepted_at=None
        ).delete()
        if not gone:
            raise NotFoundError
        record("members.invitation.cancelled", objects={"invitation": invitation_id})


def take_role(acting: Acting, membership: Membership) -> None:
    """Take a role from a person; without any role they no longer see the organisation.

    Raises
    ------
    ConflictError
        If nobody would be left who may manage people.
    """
    acting.require("members")
    keeper = Role.OFFICE if acting.is_office else Role.OWNER
    with recording(acting.principal) as record:
        # The lock keeps two owners from removing each other at the same moment.
        roles = list(
            Membership.objects.select_for_update().filter(organization=acting.organization, role=keeper)
        )
        if membership.role == keeper and len(roles) == 1:
            raise ConflictError(
                _("Somebody must be left who can invite people. Give another person this role first.")
            )
        record(
            "members.person.left",
            objects={"organization": acting.organization.pk},
            data={"person": membership.user.digest, "role": membership.role},
        )
        membership.delete()


def find_invitation(token: str) -> Invitation:
    """The open invitation of a token.

    Raises
    ------
    NotFoundError
        If it does not exist, was used or has run out.
    """
    invitation = (
        Invitation.objects.filter(token_digest=digest_of(token), accepted_at=None, expires_at__gt=clock.now())
        .select_related("organization")
        .first()
    )
    if invitation is None:
        raise NotFoundError
    return invitation


def accept_invitation(token: str, *, name: str = "", password: str = "", known: User | None = None) -> User:
    """Join by invitation; a person who is new gets an account.

    Parameters
    ----------
    known
        The person, if they have shown who they are; whoever holds a letter to somebody else's address must
        not get into that person's account.

    Raises
    ------
    ConflictError
        code "sign_in_first" if the address has an account and `known` is not its person.
    NotFoundError
        If the invitation does not exist, was used or has run out.
    """
    invitation = find_invitation(token)
    with transaction.atomic():
        taken = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(accepted_at=clock.now())
        if not taken:
            raise NotFoundError
        user = User.objects.filter(email=invitation.email).first()
        if user is not None and user != known:
            raise ConflictError(
                _("%s has an account here already. Sign in with it, then open this link again.")
                % invitation.email,
                code="sign_in_first",
            )
        user = user or User.objects.create_user(invitation.email, name, password)
        person = Principal(user.digest, invitation.organization_id, via="web")
        add_person(person, invitation.organization, email=user.email, name=user.name, role=invitation.role)
    return user


def make_sign_in_link(user: User, *, minutes: int = LINK_MINUTES, single_use: bool = True) -> str:
    """Token of a one-click link; only the operator of the installation can make one."""
    token = secrets.token_urlsafe(24)
    principal = Principal(user.digest, None, via="system")
    with recording(principal) as record:
        link = SignInLink.objects.create(
            user=user,
            token_digest=digest_of(token),
            expires_at=clock.now() + timedelta(minutes=minutes),
            single_use=single_use,
        )
        record("members.sign_in_link.made", objects={"link": link.pk})
    return token


def find_sign_in_link(token: str) -> SignInLink:
    """The open link of a token.

    Raises
    ------
    NotFoundError
        If it does not exist, was used or has run out.
    """
    link = (
        SignInLink.objects.filter(token_digest=digest_of(token), expires_at__gt=clock.now())
        .select_related("user")
        .first()
    )
    if link is None or (link.single_use and link.used_at):
        raise NotFoundError
    return link


def use_sign_in_link(token: str) -> User:
    """The person whom a link lets in; a single-use link is used up.

    Raises
    ------
    NotFoundError
        If it does not exist, was used or has run out.
    """
    link = find_sign_in_link(token)
    with recording(Principal(link.user.digest, None)) as record:
        fresh = SignInLink.objects.filter(pk=link.pk)
        if link.single_use:
            fresh = fresh.filter(used_at=None)
        if not fresh.update(used_at=clock.now()):
            raise NotFoundError
        record("members.sign_in_link.used", objects={"link": link.pk})
    return link.user


def issue_token(
    acting: Acting, *, name: str, scopes: list[str], days: int = TOKEN_DAYS
) -> tuple[ApiToken, str]:
    """A token for a program; shown once.

    Raises
    ------
    InvalidError
        If a scope is unknown or the person's own role does not cover it.
    ForbiddenError
        If a program asks: a token must not outlive itself.
    """
    if acting.scopes is not None:
        raise ForbiddenError(_("A program cannot make tokens. Sign in and make one on your account page."))
    unknown = [scope for scope in scopes if scope not in SCOPES]
    beyond = [scope for scope in scopes if scope.startswith("write:") and not acting.may(scope[6:])]
    if unknown or beyond or not scopes:
        raise InvalidError(
            _("Choose scopes that your own role covers: %s") % ", ".join(SCOPES), fields=["scopes"]
        )
    token = "gh_" + secrets.token_urlsafe(30)
    with recording(acting.principal) as record:
        row = ApiToken.objects.create(
            user=acting.user,
            organization=acting.organization,
            name=name,
            token_digest=digest_of(token),
            scopes=sorted(scopes),
            expires_at=clock.now() + timedelta(days=days),
        )
        record("members.token.issued", objects={"token": row.pk}, data={"scopes": row.scopes})
    return row, token


def revoke_token(acting: Acting, token_id: UUID) -> None:
    """End one of one's own tokens.

    Raises
    ------
    NotFoundError
        If there is no such token of theirs that still opens anything.
    """
    with recording(acting.principal) as record:
        revoked = ApiToken.objects.filter(
            pk=token_id, organization=acting.organization, user=acting.user, revoked_at=None
        ).update(revoked_at=clock.now())
        if not revoked:
            raise NotFoundError
        record("members.token.revoked", objects={"token": token_id})


def set_disclosure(acting: Acting, *, group: str, level: str) -> None:
    """Choose who sees a group of one's facts."""
    acting.require("members")
    if group not in Disclosure.Group.values or level not in Disclosure.Level.values:
        raise InvalidError(_("Choose a group and who sees it from the lists."), fields=["group", "level"])
    with recording(acting.principal) as record:
        Disclosure.objects.update_or_create(
            organization=acting.organization, group=group, defaults={"level": level}
        )
        record(
            "members.disclosure.set",
            objects={"organization": acting.organization.pk},
            data={"group": group, "level": level},
        )


def name_partner(acting: Acting, partner: Organization) -> None:
    """Let a firm see what one shows to partners; naming it twice changes nothing."""
    acting.require("members")
    if partner.pk == acting.organization.pk:
        raise InvalidError(_("A firm cannot be its own partner. Choose another."), fields=["partner"])
    with recording(acting.principal) as record:
        Partnership.objects.get_or_create(organization=acting.organization, partner=partner)
        record("members.partner.named", objects={"organization": partner.pk}, audience=[partner.pk])


def drop_partner(acting: Acting, partner: Organization) -> None:
    """Show a firm no longer what partners see."""
    acting.require("members")
    with recording(acting.principal) as record:
        gone, _rows = Partnership.objects.filter(organization=acting.organization, partner=partner).delete()
        if not gone:
            raise NotFoundError
        record("members.partner.dropped", objects={"organization": partner.pk})


def save_account(acting: Acting, *, name: str, language: str) -> None:
    """Change one's own name and language."""
    with recording(acting.principal) as record:
        User.objects.filter(pk=acting.user.pk).update(name=name, language=language)
        record("members.account.saved", objects={"person": acting.user.digest})


def _check_role(organization: Organization, role: str) -> None:
    """The role of the cluster office opens bids, so only people of the office have it."""
    is_office = organization.kind == Organization.Kind.OFFICE
    if role not in Role.values or (role == Role.OFFICE and not is_office):
        raise InvalidError(_("Choose a role from the list."), fields=["role"])


def set_password(acting: Acting, password: str) -> None:
    """Give oneself a new password."""
    with recording(acting.principal) as record:
        acting.user.set_password(password)
        User.objects.filter(pk=acting.user.pk).update(password=acting.user.password)
        record("members.password.set", objects={"person": acting.user.digest})
