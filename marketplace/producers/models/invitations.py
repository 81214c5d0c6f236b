"""People whom an owner asks into the team."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.producers.models.profile import Membership, Producer


class Invitation(models.Model):
    """One person whom an owner has asked into a producer's team, not yet a member.

    By e-mail with a link, or by phone with a one-time code. Of link and code only a keyed hash
    stands here; sending it again makes a new one, and the older works no more.
    """

    producer = models.ForeignKey(Producer, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("email address"), blank=True)
    phone = models.CharField(_("phone"), max_length=16, blank=True)
    role = models.CharField(_("role"), max_length=8, choices=Membership.Role)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    key_hash = models.CharField(max_length=64, editable=False)
    #: Whether the key went to the number or address alone: whoever has it holds these.
    is_sent = models.BooleanField(_("sent"), default=True)
    invited_at = models.DateTimeField(_("invited at"))
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    expires_at = models.DateTimeField(_("expires at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation to a team")
        verbose_name_plural = _("invitations to teams")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["email"], name="producers_invitation_email"),
            models.Index(fields=["phone"], name="producers_invitation_phone"),
            models.Index(fields=["key_hash"], name="producers_invitation_key"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(~Q(email="") & Q(phone="")) | (Q(email="") & ~Q(phone="")),
                name="producers_invitation_by_one_way",
            ),
            models.UniqueConstraint(
                fields=["producer", "email", "phone"],
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="producers_invitation_one_open_each",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, withdrawn_at=None),
                name="producers_invitation_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("invited_at")),
                name="producers_invitation_expires_later",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether nobody has accepted or withdrawn it; it may have run out all the same."""
        return self.accepted_at is None and self.withdrawn_at is None

    def holds_at(self, now: datetime) -> bool:
        """Whether it can be accepted."""
        return self.is_open and now < self.expires_at
