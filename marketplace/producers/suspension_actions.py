"""Taking everything of a producer off sale, and back: the office's last means."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from marketplace.accounts.models import User
from marketplace.kernel.fold import clean_text
from marketplace.platform import audit, outbox
from marketplace.producers.errors import RefusalUnexplained, SuspendedAlready
from marketplace.producers.models import Producer
from marketplace.producers.queries import contacts


@transaction.atomic
def suspend(*, producer: Producer, reason: str, actor: User, now: datetime) -> Producer:
    """Show and sell nothing of a producer until ``reinstate``; its owners hear why.

    Open parcels are another matter (``orders.suspending``). Raises RefusalUnexplained without a
    reason, SuspendedAlready.
    """
    reason = clean_text(reason).strip()[:500]
    if not reason:
        raise RefusalUnexplained
    producer = Producer.objects.select_for_update(of=("self",)).get(pk=producer.pk)
    if producer.is_suspended:
        raise SuspendedAlready
    producer.suspended_at, producer.suspended_by = now, actor
    producer.suspension_reason = reason
    producer.save()
    audit.record(
        action="producer.suspended", actor=actor, target=producer,
        before={"is_suspended": False}, after={"is_suspended": True}, reason=reason,
    )
    _tell_owners(producer, "producer_suspended", reason, now)
    return producer


@transaction.atomic
def reinstate(*, producer: Producer, reason: str, actor: User, now: datetime) -> Producer:
    """Show and sell it again; its owners hear it. Raises RefusalUnexplained without a reason.

    Of one that is not suspended nothing is changed.
    """
    reason = clean_text(reason).strip()[:500]
    if not reason:
        raise RefusalUnexplained
    producer = Producer.objects.select_for_update(of=("self",)).get(pk=producer.pk)
    if not producer.is_suspended:
        return producer
    producer.suspended_at = producer.suspended_by = None
    producer.suspension_reason = ""
    producer.save()
    audit.record(
        action="producer.reinstated", actor=actor, target=producer,
        before={"is_suspended": True}, after={"is_suspended": False}, reason=reason,
    )
    _tell_owners(producer, "producer_reinstated", reason, now)
    return producer


def _tell_owners(producer: Producer, template: str, reason: str, now: datetime) -> None:
    """The producer's own address, its owners and staff, each in their language."""
    for contact in contacts([producer])[producer.pk]:
        with override(contact.language):
            outbox.tell(
                email=contact.email,
                phone=contact.phone,
                template=template,
                language=contact.language,
                context={
                    "producer": producer.name,
                    "reason": reason,
                    "button_url": settings.SITE_URL + reverse("portal:home"),
                    "button_label": _("Open your desk"),
                },
                dedupe_key=f"{template}:{producer.pk}:{now.isoformat()}:{contact.user_id or ''}",
            )
