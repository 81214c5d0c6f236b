"""Newcomers who ask to sell."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.producers.models.profile import Producer


class SellerApplication(models.Model):
    """Somebody who would like to sell, as they wrote; the office makes a producer of it or says
    why not."""

    class State(models.TextChoices):
        NEW = "new", _("To look at")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")

    #: What the applicant may say on the telephone; nobody can guess a neighbour's.
    number = models.CharField(_("number"), max_length=12, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.NEW)
    kind = models.CharField(_("kind"), max_length=12, choices=Producer.Kind)
    name = models.CharField(_("name"), max_length=128)
    representative = models.CharField(_("representative"), max_length=120)
    registration_no = models.CharField(_("registration number"), max_length=40, blank=True)
    tax_code = models.CharField(_("tax code"), max_length=14, blank=True)
    phone = models.CharField(_("phone"), max_length=16)
    email = models.EmailField(_("email address"), blank=True)
    street = models.CharField(_("street or hamlet"), max_length=200)
    commune = models.ForeignKey("places.Commune", models.PROTECT, related_name="+")
    goods = models.TextField(_("what they sell"), max_length=1000)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    #: When they agreed that the office keeps and uses what they wrote (91/2025/QH15).
    consented_at = models.DateTimeField(_("consented at"))
    created_at = models.DateTimeField(_("received at"))
    judged_at = models.DateTimeField(_("judged at"), null=True, blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    producer = models.OneToOneField(
        Producer, models.SET_NULL, null=True, blank=True, related_name="application"
    )

    class Meta:
        verbose_name = _("application to sell")
        verbose_name_plural = _("applications to sell")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="new", judged_at__isnull=True)
                | Q(state="accepted", judged_at__isnull=False)
                | (Q(state="declined", judged_at__isnull=False) & ~Q(reason="")),
                name="producers_application_judged_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(registration_no="") | ~Q(tax_code=""),
                name="producers_application_registration_or_tax_code",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def audit_label(self) -> str:
        """Without the name: an entry of the audit cannot be erased."""
        return self.number
