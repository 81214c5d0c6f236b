"""Taking an expired order anew: its money came after all, and the goods are still there.

The one way back from ``cancelled``; not in the table of moves, because nobody may choose it.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from oscar.apps.order.models import Line, Order

from catalogue import actions as catalogue
from marketplace.accounts.models import User
from marketplace.orders import kinds
from marketplace.orders.errors import StockGone
from marketplace.orders.models import (
    Consignment,
    ConsignmentEvent,
    ConsignmentLine,
    OrderDetails,
    Reservation,
)
from marketplace.orders.states import ActorKind, State
from marketplace.vouchers import actions as vouchers
from marketplace.vouchers.errors import VoucherRefused


def expired(consignments: Sequence[Consignment]) -> list[Consignment]:
    """Those that the clock cancelled before any producer saw them. One query."""
    by_clock = set(
        ConsignmentEvent.objects.filter(
            consignment__in=consignments, to_state=State.CANCELLED, actor_kind=ActorKind.CLOCK
        ).values_list("consignment", flat=True)
    )
    return [
        c
        for c in consignments
        if c.state == State.CANCELLED and c.released_at is None and c.pk in by_clock
    ]


def revive(
    *, order: Order, consignments: Sequence[Consignment], actor: User, reason: str, now: datetime
) -> list[ConsignmentEvent] | None:
    """Take the goods of expired consignments once more; None, and nothing changed, when gone.

    The order's use of a voucher is taken again, too; without one left the order would cost more
    than was paid. Runs inside the caller's transaction, which holds the order's rows. The caller
    posts what the buyer owes anew and releases the order.
    """
    lines = list(
        ConsignmentLine.objects.filter(consignment__in=consignments).order_by("stockrecord", "pk")
    )
    taken = [kinds.Taken(line.kind, line.stockrecord_id, line.quantity) for line in lines]
    try:
        with transaction.atomic():
            for kind, things in kinds.grouped(taken):
                kind.take(things, now=now)
            vouchers.take_again(order=order, now=now)
    except (StockGone, VoucherRefused):
        return None
    events = []
    for consignment in consignments:
        before = consignment.state
        consignment.state, consignment.state_changed_at = State.NEW, now
        consignment.save(update_fields=["state", "state_changed_at"])
        events.append(
            ConsignmentEvent.objects.create(
                consignment=consignment,
                from_state=before,
                to_state=State.NEW,
                at=now,
                actor_kind=ActorKind.OFFICE,
                actor=actor,
                reason=reason,
            )
        )
    for line in lines:
        Line.objects.filter(pk=line.line_id).update(
            status=State.NEW,
            num_allocated=line.quantity if line.stockrecord_id else 0,
            allocation_cancelled=False,
        )
    OrderDetails.objects.filter(pk=order.pk).update(cancelled_at=None)
    order.details.cancelled_at = None
    Reservation.objects.filter(pk=order.pk).update(ended_at=None, paused_at=None)
    sold: dict[int, int] = {}
    for line in lines:
        if line.stockrecord_id:
            sold[line.stockrecord_id] = sold.get(line.stockrecord_id, 0) + line.quantity
    if sold:
        catalogue.stock_moved(taken=sold)
    return events
