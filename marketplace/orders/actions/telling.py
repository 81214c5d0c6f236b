"""Telling the buyer once a step can no longer be taken back."""

from datetime import datetime

from django.db import transaction

from marketplace.orders import locks, news
from marketplace.orders.models import Handover
from marketplace.orders.states import State


@transaction.atomic
def tell_of_handover(*, consignment_id: int, now: datetime) -> bool:
    """Tell the buyer that it left; whether it was told now. Idempotent.

    Holds the order's rows. What has arrived or come back meanwhile was told by that.
    """
    consignment, order, _all = locks.consignment_with_order(consignment_id)
    handover = Handover.objects.filter(pk=consignment_id, told_at__isnull=True).first()
    if handover is None:
        return False
    handover.told_at = now
    handover.save(update_fields=["told_at"])
    if consignment.state != State.HANDED_OVER:
        return False
    news.handed_over(order, consignment, handover)
    return True
