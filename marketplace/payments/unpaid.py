"""How many orders one phone number may leave unpaid: each holds goods that others cannot buy."""

from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from marketplace.payments.models import MethodTerms, Transfer
from marketplace.payments.queries import with_due
from marketplace.payments.transfer_states import OPEN


def waiting(phone: str) -> QuerySet[Transfer]:
    """Transfers of orders from one phone number (E.164) that hold goods until they are paid.

    What is paid at the door if no transfer comes holds nothing for want of money.
    """
    return Transfer.objects.filter(
        order__details__phone=phone,
        order__reservation__ends_at__isnull=False,
        order__reservation__ended_at__isnull=True,
        state__in=OPEN,
    )


def may_wait(phone: str, amount: Decimal, terms: MethodTerms) -> bool:
    """Whether one more order of ``amount`` đồng may wait for its money. One query.

    The amount is limited only together with others: one large order is what transfers are for.
    Judged under the phone's lock (``cod.hold_phone``), or two at once would both be within it.
    """
    if terms.unpaid_orders_max is None and terms.unpaid_amount_max is None:
        return True
    found = with_due(waiting(phone)).aggregate(count=Count("pk"), amount=Sum("due"))
    if not found["count"]:
        return terms.unpaid_orders_max != 0
    return (
        terms.unpaid_orders_max is None or found["count"] < terms.unpaid_orders_max
    ) and (terms.unpaid_amount_max is None or found["amount"] + amount <= terms.unpaid_amount_max)
