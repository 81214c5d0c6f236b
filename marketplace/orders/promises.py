"""By when a consignment is with its buyer: reckoned from the day on which its producer may begin.

At placing that is the same day. What is paid beforehand, or waits for our call, begins later.
"""

from collections.abc import Iterable
from datetime import date

from marketplace.orders.models import Consignment, ConsignmentLine
from marketplace.shipping.promises import Promise, begun_on
from marketplace.shipping.working_days import EXCEPTION_DAYS, exceptions


def if_begun(consignments: Iterable[Consignment], day: date) -> dict[int, Promise]:
    """Consignment id → its promise when it is released on ``day``. Two queries.

    Without those that are not sent. Reads ``producer``.
    """
    sent = [c for c in consignments if c.promise_on and c.handover_on]
    if not sent:
        return {}
    since = min(day, *(c.handover_on for c in sent))
    known = exceptions(since, (day - since).days + EXCEPTION_DAYS)
    life = _life_days(sent)
    return {
        c.pk: begun_on(
            Promise(c.handover_on, c.promise_on),
            day,
            preparation_days=c.producer.preparation_days,
            life_days=life.get(c.pk),
            exceptions=known,
        )
        for c in sent
    }


def _life_days(consignments: Iterable[Consignment]) -> dict[int, int]:
    """How long the goods keep that keep shortest; those that keep as long as you like are out."""
    found: dict[int, int] = {}
    for line in ConsignmentLine.objects.filter(consignment__in=consignments).select_related(
        "line__product__parent"
    ):
        # What has been deleted from the shop since has no product any more.
        days = line.line.product and line.line.product.listing.shelf_life_days
        if days is not None:
            found[line.consignment_id] = min(days, found.get(line.consignment_id, days))
    return found


def begin(consignments: Iterable[Consignment], day: date) -> None:
    """Move the promises of locked consignments that are released on ``day``."""
    consignments = list(consignments)
    promises = if_begun(consignments, day)
    for consignment in consignments:
        promise = promises.get(consignment.pk)
        if promise is None or promise.handover_on == consignment.handover_on:
            continue
        consignment.handover_on = promise.handover_on
        consignment.promise_on = promise.promise_on
        consignment.save(update_fields=["handover_on", "promise_on"])

