"""Which producers may sell, and which of them somebody may act for."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from marketplace.accounts.models import User
from marketplace.producers.models import Producer


def identified() -> QuerySet[Producer]:
    """Producers whose identity somebody has checked: only they appear in public."""
    return Producer.objects.filter(identity_verified_at__isnull=False)


def selling_on(day: date) -> QuerySet[Producer]:
    """Identified producers that are not closed on ``day``."""
    return identified().exclude(paused_from__lte=day, paused_through__gte=day)


def visible_to(user: User) -> QuerySet[Producer]:
    """The producers for which ``user`` acts, in any part; a foreign one is nobody's business."""
    if not user.is_authenticated:
        return Producer.objects.none()
    return Producer.objects.filter(memberships__user=user).distinct()
