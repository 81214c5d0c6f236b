"""Letters with a one-time code, for growers without an e-mail address."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.producers.models.profile import Membership, Producer


class AccessLetter(models.Model):
    """One letter that the office printed: whoever holds it and the phone number gets an account
    in the producer's team.

    The code itself is on the paper only; here stands a keyed hash of it.
    """

    producer = models.ForeignKey(Producer, models.CASCADE, related_name="letters")
    phone = models.CharField(_("phone"), max_length=16)
    role = models.CharField(_("role"), max_length=8, choices=Membership.Role)
    code_hash = models.CharField(max_length=64, editable=False)
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    #: A newer letter for the same number took its place.
    voided_at = models.DateTimeField(_("voided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("letter with a code")
        verbose_name_plural = _("letters with a code")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["phone"],
                condition=Q(used_at__isnull=True, voided_at__isnull=True),
                name="producers_letter_one_open_for_a_number",
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(used_by__isnull=False),
                name="producers_letter_used_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at")),
                name="producers_letter_expires_later",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
