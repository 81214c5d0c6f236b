"""Who acts for a grower who agreed to it, and in which communes an officer may."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.producers.models.profile import Producer


class AreaAssignment(models.Model):
    """That an area officer looks after one commune."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="area_assignments"
    )
    commune = models.ForeignKey("places.Commune", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("area of an officer")
        verbose_name_plural = _("areas of officers")
        constraints = [
            models.UniqueConstraint(fields=["user", "commune"], name="producers_area_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.commune_id}"


class Delegation(models.Model):
    """A grower's recorded consent that somebody else does their desk's work for them.

    Either one officer of their area, or the owners and staff of one co-operative. Nobody acts
    without a row that holds today; a withdrawn one stays as history.
    """

    class How(models.TextChoices):
        SIGNED = "signed", _("Signed paper, kept at the office")
        IN_PERSON = "in_person", _("Said in person at the office")
        PHONE = "phone", _("Said on the telephone, from the number in the profile")
        DESK = "desk", _("Given by the owner on the desk")

    producer = models.ForeignKey(Producer, models.CASCADE, related_name="delegations")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="delegations"
    )
    agent_producer = models.ForeignKey(
        Producer, models.PROTECT, null=True, blank=True, related_name="delegated_to_it"
    )
    how = models.CharField(_("how they agreed"), max_length=10, choices=How)
    consented_on = models.DateField(_("agreed on"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    valid_through = models.DateField(_("valid through"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(agent__isnull=False, agent_producer__isnull=True)
                | Q(agent__isnull=True, agent_producer__isnull=False),
                name="producers_delegation_to_one",
            ),
            models.CheckConstraint(
                condition=Q(agent_producer__isnull=True) | ~Q(agent_producer=F("producer")),
                name="producers_delegation_not_to_itself",
            ),
            models.UniqueConstraint(
                fields=["producer", "agent"],
                condition=Q(withdrawn_at__isnull=True, agent__isnull=False),
                name="producers_delegation_one_open_to_officer",
            ),
            models.UniqueConstraint(
                fields=["producer", "agent_producer"],
                condition=Q(withdrawn_at__isnull=True, agent_producer__isnull=False),
                name="producers_delegation_one_open_to_cooperative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.producer_id} ← {self.agent_id or self.agent_producer_id}"

    @property
    def audit_label(self) -> str:
        """Whose desk it opens, by number."""
        return f"#{self.pk}"

    def holds_on(self, day: date) -> bool:
        """Whether it stands on ``day``."""
        return self.withdrawn_at is None and (
            self.valid_through is None or self.valid_through >= day
        )
