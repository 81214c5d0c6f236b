"""What a producer decides about its deliveries."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.platform import audit, page_versions
from marketplace.platform.dated_actions import Strand
from marketplace.producers.models import Producer
from marketplace.shipping.models import FreeThreshold


@transaction.atomic
def set_free_threshold(
    *, producer: Producer, amount: Decimal | None, actor: User | None, today: date
) -> None:
    """From ``amount`` of goods on (whole đồng) a producer sends for nothing; None: never.

    Holds from today on, and until a later row of the office begins; what held before is kept
    as history. Saying the same again changes nothing. Holds the producer's row.
    """
    Producer.objects.select_for_update(no_key=True).get(pk=producer.pk)
    # The office may be writing a row to come.
    Strand(FreeThreshold, (("producer_id", producer.pk),)).hold()
    rows = FreeThreshold.objects.filter(producer=producer)
    current = rows.in_force(today).first()
    before = current.amount_incl_tax if current else None
    if before == amount:
        return
    if current is not None and current.effective_from == today:
        current.delete()
    elif current is not None:
        current.effective_through = today - timedelta(days=1)
        current.save(update_fields=["effective_through"])
    if amount is not None:
        later = rows.filter(effective_from__gt=today).order_by("effective_from").first()
        FreeThreshold.objects.create(
            producer=producer,
            amount_incl_tax=amount,
            effective_from=today,
            effective_through=later.effective_from - timedelta(days=1) if later else None,
        )
    audit.record(
        action="producer.free_threshold_set", actor=actor, target=producer,
        before={"amount": before}, after={"amount": amount},
    )
    page_versions.bump("shipping", f"producer:{producer.pk}")
