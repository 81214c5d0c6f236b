"""Who somebody is: one account, an e-mail address or a phone number, or both."""

from functools import cached_property

from django.contrib.auth.models import BaseUserManager
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from oscar.apps.customer.abstract_models import AbstractUser

from marketplace.accounts.roles import Role


class UserQuerySet(models.QuerySet):
    """Chainable reads."""

    def by_email(self, email: str | None) -> "UserQuerySet":
        """Accounts with this address: who confirmed it first, then by age of the claim."""
        # Never None, which would find everybody without an address.
        address = self.model.objects.normalize_email(email) or ""
        return self.filter(email=address).order_by(
            F("email_confirmed_at").asc(nulls_last=True), "pk"
        )

    def by_phone(self, phone: str | None) -> "UserQuerySet":
        """Accounts with this number (E.164): who confirmed it first, then by age of the claim."""
        return self.filter(phone=phone or "").order_by(
            F("phone_confirmed_at").asc(nulls_last=True), "pk"
        )


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    """Makes users by e-mail address, by phone, or by both."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str | None:
        """Lower-case the whole address: no provider in use tells letters' cases apart."""
        return email.strip().lower() or None if email else None

    def get_by_natural_key(self, username: str) -> "User":
        """The account whose e-mail address or phone number (E.164) is ``username``.

        Who confirmed it is preferred; of several unconfirmed claims, the oldest.
        """
        claims = self.by_email(username) if "@" in username else self.by_phone(username)
        found = claims.first()
        if found is None:
            raise self.model.DoesNotExist
        return found

    def create_user(
        self,
        email: str | None = None,
        password: str | None = None,
        *,
        phone: str | None = None,
        **fields: object,
    ) -> "User":
        """Save a new account; ``phone`` is E.164. One of e-mail and phone is required."""
        user = self.model(email=self.normalize_email(email), phone=phone or None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: object) -> "User":
        """Save an account that may do everything, for the operator's engineers only."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """One person's account.

    Growers often have no e-mail address and buyers no wish to give one, so either door is
    enough. An address or number belongs to one account only once it has been confirmed:
    until then anybody could have typed it.
    """

    email = models.EmailField(_("email address"), null=True, blank=True)
    phone = models.CharField(
        _("phone"), max_length=16, null=True, blank=True, help_text=_("Like +84912345678.")
    )
    email_confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    phone_confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    language = models.CharField(_("language"), max_length=2, default="vi")

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta(AbstractUser.Meta):
        abstract = False
        swappable = "AUTH_USER_MODEL"
        constraints = [
            models.CheckConstraint(
                condition=Q(email__isnull=False) | Q(phone__isnull=False),
                name="accounts_user_has_email_or_phone",
            ),
            models.CheckConstraint(
                condition=Q(phone__isnull=True) | Q(phone__regex=r"^\+[1-9][0-9]{7,14}$"),
                name="accounts_user_phone_is_e164",
            ),
            models.CheckConstraint(
                condition=Q(email__isnull=True) | Q(email=Lower("email")),
                name="accounts_user_email_is_lower_case",
            ),
            models.UniqueConstraint(
                fields=["email"],
                condition=Q(email_confirmed_at__isnull=False),
                name="accounts_user_email_once_confirmed",
            ),
            models.UniqueConstraint(
                fields=["phone"],
                condition=Q(phone_confirmed_at__isnull=False),
                name="accounts_user_phone_once_confirmed",
            ),
        ]
        indexes = [
            models.Index(fields=["email"], name="accounts_user_email"),
            models.Index(fields=["phone"], name="accounts_user_phone"),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.email or self.phone or f"#{self.pk}"

    def get_full_name(self) -> str:
        """Family name first, as Vietnamese is written."""
        return f"{self.last_name} {self.first_name}".strip()

    def clean(self) -> None:
        """Normalise before the constraints judge."""
        self.email = type(self).objects.normalize_email(self.email)
        self.phone = self.phone or None

    def save(self, *args: object, **kwargs: object) -> None:
        """Store "no address" as NULL: libraries write "" when an address is taken away.

        One transaction, for the audit entry that ``history`` writes beside the row.
        """
        self.email = self.email or None
        self.phone = self.phone or None
        with transaction.atomic():
            super().save(*args, **kwargs)

    @cached_property
    def roles(self) -> frozenset[str]:
        """Names of this account's roles; read once for each loaded user."""
        if not self.pk or not self.is_active:
            return frozenset()
        return frozenset(self.groups.values_list("name", flat=True)) & frozenset(Role.values)

    def has_role(self, *roles: Role) -> bool:
        """Whether this account has one of ``roles``. Superusers have none, but may do all."""
        return any(role.value in self.roles for role in roles)

    @property
    def works_here(self) -> bool:
        """Whether this is staff, of whom a second factor is asked before any staff page."""
        return self.is_active and bool(self.is_staff or self.is_superuser or self.roles)

    def _migrate_alerts_to_user(self) -> None:
        """Without an address there is no alert to take over (Oscar would match none)."""
        if self.email:
            super()._migrate_alerts_to_user()
