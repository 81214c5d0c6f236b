"""Locked rows of orders. Always the order first, then its consignments by primary key."""

from oscar.apps.order.models import Order

from marketplace.orders.models import Consignment


def order_with_consignments(order_id: int) -> tuple[Order, list[Consignment]]:
    """The order and all its consignments, held until the end of the transaction.

    Raises Order.DoesNotExist.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("details").get(pk=order_id)
    consignments = list(
        Consignment.objects.select_for_update(of=("self",))
        .filter(order=order_id)
        .select_related("producer")
        .order_by("pk")
    )
    for consignment in consignments:
        consignment.order = order
    return order, consignments
