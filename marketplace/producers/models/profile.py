"""Who grows and makes: the profile beside Oscar's Partner, and the people who act for it."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.kernel.fold import sort_key


class Producer(models.Model):
    """A chủ thể OCOP: a co-operative, company, household or group that sells under its name.

    The consumer law (19/2023/QH15, art. 37) wants its name, address, phone and registration
    or tax code shown before the contract; the e-commerce law (122/2025/QH15) wants it
    identified before it sells.
    """

    class Kind(models.TextChoices):
        COOPERATIVE = "cooperative", _("Co-operative")
        COMPANY = "company", _("Company")
        HOUSEHOLD = "household", _("Household business")
        GROUP = "group", _("Co-operative group")

    partner = models.OneToOneField("partner.Partner", models.PROTECT, related_name="producer")
    slug = models.SlugField(_("address"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    name = models.CharField(_("name"), max_length=160)
    representative = models.CharField(_("representative"), max_length=120)
    registration_no = models.CharField(_("registration number"), max_length=40, blank=True)
    tax_code = models.CharField(_("tax code"), max_length=14, blank=True)
    street = models.CharField(_("street or hamlet"), max_length=200)
    commune = models.ForeignKey("places.Commune", models.PROTECT, related_name="producers")
    phone = models.CharField(_("phone"), max_length=16, help_text=_("Like +84912345678."))
    answers_on_zalo = models.BooleanField(_("answers on Zalo"), default=False)
    email = models.EmailField(_("email address"), blank=True)
    established_year = models.PositiveSmallIntegerField(_("since"), null=True, blank=True)
    story = models.TextField(_("story"), blank=True)
    portrait = models.ForeignKey(
        "media.LibraryImage", models.PROTECT, null=True, blank=True, related_name="+"
    )
    preparation_days = models.PositiveSmallIntegerField(
        _("preparation days"),
        default=1,
        help_text=_("Working days from the order to handing over."),
    )

    identity_verified_at = models.DateTimeField(_("identity verified at"), null=True, blank=True)
    identity_verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    identity_verified_how = models.CharField(_("verified how"), max_length=200, blank=True)

    #: Closed on these days, both inclusive; opens again by itself. Never "until further notice".
    paused_from = models.DateField(_("closed from"), null=True, blank=True)
    paused_through = models.DateField(_("closed through"), null=True, blank=True)
    pause_reason = models.CharField(_("reason shown to buyers"), max_length=200, blank=True)

    #: Taken off sale by the office until it says otherwise; nothing of it is shown meanwhile.
    suspended_at = models.DateTimeField(_("suspended since"), null=True, blank=True)
    suspended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    #: The grower reads it.
    suspension_reason = models.CharField(_("why suspended"), max_length=500, blank=True)

    sort_key = models.CharField(max_length=500, editable=False, blank=True)

    class Meta:
        verbose_name = _("producer")
        verbose_name_plural = _("producers")
        ordering = ["sort_key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(paused_from__isnull=True, paused_through__isnull=True)
                | Q(paused_from__isnull=False, paused_through__gte=F("paused_from")),
                name="producers_pause_has_both_ends",
            ),
            models.CheckConstraint(
                condition=Q(identity_verified_at__isnull=True)
                | (Q(identity_verified_by__isnull=False) & ~Q(identity_verified_how="")),
                name="producers_verification_says_by_whom_and_how",
            ),
            models.CheckConstraint(
                condition=Q(
                    suspended_at__isnull=True, suspended_by__isnull=True, suspension_reason=""
                )
                | (
                    Q(suspended_at__isnull=False, suspended_by__isnull=False)
                    & ~Q(suspension_reason="")
                ),
                name="producers_suspension_says_by_whom_and_why",
            ),
            models.CheckConstraint(
                condition=~Q(registration_no="") | ~Q(tax_code=""),
                name="producers_registration_or_tax_code",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep the Vietnamese sort key beside the name."""
        self.sort_key = sort_key(self.name_vi or self.name or "")
        super().save(*args, **kwargs)

    @property
    def is_identified(self) -> bool:
        """Whether somebody checked who this is; nobody sells before that."""
        return self.identity_verified_at is not None

    @property
    def is_suspended(self) -> bool:
        """Whether the office has taken everything of this producer off sale."""
        return self.suspended_at is not None

    @property
    def is_public(self) -> bool:
        """Whether it is shown and may sell, apart from a pause."""
        return self.is_identified and not self.is_suspended

    def is_paused(self, today: date) -> bool:
        """Whether the producer is closed on ``today`` (both ends of a pause are inclusive)."""
        return bool(self.paused_from and self.paused_from <= today <= self.paused_through)


class Membership(models.Model):
    """One person's part in one producer's work; a packer sees parcels but no money."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        STAFF = "staff", _("Staff")
        PACKER = "packer", _("Packer")

    producer = models.ForeignKey(Producer, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="producer_memberships"
    )
    role = models.CharField(_("role"), max_length=8, choices=Role)

    class Meta:
        verbose_name = _("team member")
        verbose_name_plural = _("team members")
        constraints = [
            models.UniqueConstraint(
                fields=["producer", "user"], name="producers_one_membership_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.producer}"
