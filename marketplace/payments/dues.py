"""What is still to be paid at the door."""

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Sum

from marketplace.payments.models import Account, LedgerRow


def cash_due(consignment_ids: Iterable[int]) -> dict[int, Decimal]:
    """Consignment id → what its buyer still owes, in whole đồng; nothing where paid. One query."""
    found = (
        LedgerRow.objects.filter(
            account=Account.BUYER_RECEIVABLE, consignment__in=list(consignment_ids)
        )
        .order_by()
        .values_list("consignment")
        .annotate(due=Sum("amount"))
    )
    return {pk: due for pk, due in found if due > 0}
