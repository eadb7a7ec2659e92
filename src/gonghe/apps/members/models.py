"""Organisations, sites, people and their roles."""

from __future__ import annotations

import hashlib
import secrets
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from gonghe import clock
from gonghe.apps.base import Entity
from gonghe.joining import is_chinese


def validate_zone(name: str) -> None:
    """Accept only names of the time zone database."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValidationError(_("Give a time zone such as Asia/Shanghai.")) from error


def new_salt() -> str:
    """Salt of one person's digest; forgetting it makes their events anonymous."""
    return secrets.token_hex(16)


class UserManager(BaseUserManager["User"]):
    """Makes people by e-mail address."""

    def create_user(self, email: str, name: str, password: str | None = None) -> User:
        """A person; without a password they sign in by link only."""
        user = self.model(email=self.normalize_email(email).lower(), name=name)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """A person, who may belong to several organisations."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    language = models.CharField(max_length=10, blank=True)
    is_active = models.BooleanField(default=True)
    salt = models.CharField(max_length=32, default=new_salt, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        """Store the person with the digest under which events name them."""
        if not self.digest:
            self.digest = hashlib.sha256(f"{self.salt}:{self.email}".encode()).hexdigest()
        super().save(*args, **kwargs)  # type: ignore[arg-type]


def local_name(name: str, name_en: str) -> str:
    """The one of two names that a reader of this language knows: the English one outside Chinese, if any."""
    return name if is_chinese() else name_en or name


class Organization(Entity):
    """A firm or body (UBL Party)."""

    class Kind(models.TextChoices):
        FIRM = "firm", _("firm")
        OFFICE = "office", _("cluster office")

    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    slug = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.FIRM)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    registration_code = models.CharField(_("registration code"), max_length=40, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    eori_number = models.CharField(_("EORI number"), max_length=20, blank=True)
    industry = models.CharField(_("industry"), max_length=5, blank=True)
    staff = models.PositiveIntegerField(_("people employed"), null=True, blank=True)
    turnover = models.DecimalField(
        _("turnover of last year"),
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    assets = models.DecimalField(
        _("total assets"),
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    about = models.TextField(_("what you do"), max_length=500, blank=True)

    def __str__(self) -> str:
        return self.local_name

    @property
    def local_name(self) -> str:
        """What pages call it: its own name in Chinese, its English name elsewhere where it has one."""
        return local_name(self.name, self.name_en)

    @property
    def other_name(self) -> str:
        """Its name in the other language; empty when it has one name only."""
        return self.name if self.local_name != self.name else self.name_en


class Site(Entity):
    """A place with coordinates and a time zone (ISA-95 Site)."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="sites")
    code = models.CharField(_("code"), max_length=64)
    name = models.CharField(_("name"), max_length=120)
    address = models.CharField(_("address"), max_length=200, blank=True)
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=8,
        decimal_places=5,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=8,
        decimal_places=5,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    time_zone = models.CharField(
        _("time zone"), max_length=40, default="Asia/Shanghai", validators=[validate_zone]
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "code"], name="members_site_code_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The zone of its wall clock."""
        return ZoneInfo(self.time_zone)


class Certificate(Entity):
    """A certificate of a firm: it counts up to and with the day on which it expires."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="certificates")
    kind = models.CharField(_("certificate"), max_length=60)
    number = models.CharField(_("number"), max_length=60)
    issuer = models.CharField(_("issued by"), max_length=120, blank=True)
    expires_on = models.DateField(_("expires on"))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "kind", "number"], name="members_certificate_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class Verification(Entity):
    """The cluster office saw that a fact of a firm is right; it holds for exactly this value of it."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="verifications")
    fact = models.CharField(max_length=60)
    value = models.TextField()
    by = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "fact"], name="members_verified_once")
        ]


class Role(models.TextChoices):
    """What a person does in an organisation."""

    OWNER = "owner", _("owner")
    PLANNER = "planner", _("planner")
    BUYER = "buyer", _("buyer")
    OPERATOR = "operator", _("operator")
    OFFICE = "office", _("cluster office")


class Membership(Entity):
    """A person's role in an organisation."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "organization", "role"], name="members_role_once")
        ]


class Invitation(Entity):
    """A letter that lets its holder join; only a digest of its token is kept."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=10, choices=Role)
    token_digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)


class SignInLink(Entity):
    """A one-click link for one person; only a digest of its token is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    token_digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    single_use = models.BooleanField(default=True)
    used_at = models.DateTimeField(null=True)


class ApiToken(Entity):
    """Lets a program act for one organisation within its scopes."""

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=60)
    token_digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    @property
    def is_valid(self) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and self.expires_at > clock.now()


class Partnership(Entity):
    """An organisation names another as its partner: it may see what is shown to partners."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="partnerships")
    partner = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "partner"], name="members_partner_once"),
            models.CheckConstraint(
                condition=~models.Q(organization=models.F("partner")), name="members_partner_is_another"
            ),
        ]


class Disclosure(Entity):
    """Who sees one group of an organisation's facts."""

    class Group(models.TextChoices):
        IDENTITY = "identity", _("identity")
        CAPABILITIES = "capabilities", _("equipment and capabilities")
        FREE_HOURS = "free_hours", _("free hours")
        PRICES = "prices", _("prices")
        HISTORY = "history", _("history")

    class Level(models.TextChoices):
        NOBODY = "nobody", _("nobody")
        PARTNERS = "partners", _("named partners")
        MEMBERS = "members", _("members")
        EVERYONE = "everyone", _("everyone")

    DEFAULTS: ClassVar[dict[str, str]] = {
        Group.IDENTITY: Level.MEMBERS,
        Group.CAPABILITIES: Level.MEMBERS,
        Group.FREE_HOURS: Level.NOBODY,
        Group.PRICES: Level.NOBODY,
        Group.HISTORY: Level.NOBODY,
    }

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="disclosures")
    group = models.CharField(max_length=20, choices=Group)
    level = models.CharField(max_length=10, choices=Level)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "group"], name="members_disclosure_once")
        ]
