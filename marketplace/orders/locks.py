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


def consignment_with_order(consignment_id: int) -> tuple[Consignment, Order, list[Consignment]]:
    """One consignment, its order and all consignments of it, held likewise.

    Raises Consignment.DoesNotExist.
    """
    order_id = Consignment.objects.values_list("order", flat=True).get(pk=consignment_id)
    order, consignments = order_with_consignments(order_id)
    return next(c for c in consignments if c.pk == consignment_id), order, consignments
