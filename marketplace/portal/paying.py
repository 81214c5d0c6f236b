"""How a parcel is paid, in words for whoever hands it over."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from marketplace.kernel import formats
from marketplace.orders.models import Consignment
from marketplace.orders.states import HOLDS_STOCK, State
from marketplace.payments.queries import to_collect, transfers_of
from marketplace.portal.queries import Desk


def payment_words(desk: Desk, consignments: Sequence[Consignment]) -> dict[int, str]:
    """Consignment id → paid, to be collected, or waited for; while it is not delivered.

    Empty for whoever sees no money. Two queries for any number.
    """
    shown = [
        c for c in consignments
        if desk.sees_money(c) and (c.state in HOLDS_STOCK or c.state == State.HANDED_OVER)
    ]
    if not shown:
        return {}
    due = to_collect(c.pk for c in shown)
    transfers = transfers_of(c.order_id for c in shown)
    words = {}
    for consignment in shown:
        if transfers.get(consignment.order_id) is False:
            words[consignment.pk] = _("Waiting for the buyer's transfer")
        elif consignment.pk in due:
            words[consignment.pk] = _("Collect %(amount)s at the door") % {
                "amount": formats.money(due[consignment.pk])
            }
        elif consignment.order_id in transfers:
            words[consignment.pk] = _("Already paid by transfer, nothing to collect")
    return words
