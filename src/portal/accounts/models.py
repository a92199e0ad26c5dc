"""People, their organisations, the roles of the lab, and invitations."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from portal.accounts.roles import Role
from portal.config.clock import now
from portal.config.ids import new_id


class UserManager(BaseUserManager["User"]):
    """Makes people; an e-mail address is one person whatever its capitals."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person with an address and, perhaps, a password."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """A person who signs in."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ("email", "name", "password", "last_login")
    impersonal: ClassVar[tuple[str, ...]] = ("id", "public_id", "is_active", "joined_at")

    public_id = models.CharField(max_length=40, unique=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=now)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.public_id

    @property
    def actor_id(self) -> str:
        """How the audit names the person."""
        return self.public_id

    @property
    def audit_name(self) -> str:
        """As the subject of an event."""
        return f"user:{self.public_id}"

    audit_request = ""

    @property
    def shown_name(self) -> str:
        """What others on the same request see."""
        return self.name or self.email.partition("@")[0]

    @property
    def roles(self) -> frozenset[str]:
        """The roles of the lab that the person holds now; read once for each time the person is loaded."""
        if not hasattr(self, "_roles"):
            self._roles = (
                frozenset(self.grants.filter(ended_at=None).values_list("role", flat=True)) if self.is_active else frozenset()
            )
        return self._roles

    @property
    def organisation(self) -> Organisation | None:
        """The organisation that the person acts for, if any; read once."""
        if not hasattr(self, "_organisation"):
            found = self.memberships.select_related("organisation").filter(ended_at=None).first() if self.is_active else None
            self._organisation = found.organisation if found else None
        return self._organisation

    @property
    def is_of_the_lab(self) -> bool:
        """Whether the person holds any role of the lab."""
        return bool(self.roles)


class Organisation(models.Model):
    """A charity, company or public body that sends requests."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = ("id", "public_id", "name", "kind", "created_at")

    class Kind(models.TextChoices):
        """What sort of body it is."""

        CHARITY = "charity", "Charity or social enterprise"
        COMPANY = "company", "Company"
        PUBLIC = "public", "Public body"

    public_id = models.CharField(max_length=40, unique=True, default=new_id, editable=False)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CHARITY)
    created_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.name

    @property
    def audit_name(self) -> str:
        """As the subject of an event."""
        return f"organisation:{self.public_id}"

    audit_request = ""


class Membership(models.Model):
    """A person acts for an organisation, from when until when."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = ("id", "user", "organisation", "started_at", "ended_at")

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    started_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Nobody acts for two organisations at a time."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user"], condition=Q(ended_at=None), name="one_organisation_at_a_time")
        ]

    def __str__(self) -> str:
        return f"{self.user} of {self.organisation.public_id}"


class Grant(models.Model):
    """A person holds a role of the lab; two others gave it: one asked, another agreed."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = ("id", "user", "role", "started_at", "ended_at", "reviewed_at")

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=10, choices=Role)
    started_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(default=now, help_text="When somebody last said that the person still needs it.")

    class Meta:
        """A role once, and only roles there are."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "role"], condition=Q(ended_at=None), name="a_role_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role}"


class Invitation(models.Model):
    """A colleague is asked to join an organisation; the link in the letter holds a secret of which only the hash is kept."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ("email",)
    impersonal: ClassVar[tuple[str, ...]] = (
        "id",
        "public_id",
        "organisation",
        "secret_sha256",
        "invited_by",
        "invited_at",
        "expires_at",
        "used_at",
    )

    public_id = models.CharField(max_length=40, unique=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField()
    secret_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.public_id

    @property
    def audit_name(self) -> str:
        """As the subject of an event."""
        return f"invitation:{self.public_id}"

    audit_request = ""
