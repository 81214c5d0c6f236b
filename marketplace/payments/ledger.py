"""The ledger: who owes whom, in balanced sets that are never changed.

Signs: positive is a debit (owed to us, or held by us), negative a credit (owed by us).
Cash on delivery: placing turns what the buyer will pay into what the producers are owed and
the delivery fee; delivery turns the buyer's debt into cash with the carrier; remittance turns
that into money on the operator's bank account. Whatever is cancelled is posted in reverse.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Sum
from oscar.apps.order.models import Order

from marketplace.orders.models import Consignment
from marketplace.payments.errors import Unbalanced
from marketplace.payments.models import Account, LedgerRow, LedgerTransaction


@dataclass(frozen=True)
class Entry:
    """One amount to post, in whole đồng."""

    account: Account
    amount: Decimal
    producer_id: int | None = None
    consignment_id: int | None = None


def post(
    *, order: Order | int, kind: str, rows: Sequence[Entry], dedupe_key: str, occurred_at: datetime
) -> LedgerTransaction | None:
    """Write one balanced set; None when this event was posted before, or moves nothing.

    Raises Unbalanced before the database's own deferred check would.
    """
    rows = [row for row in rows if row.amount]
    if sum((row.amount for row in rows), Decimal(0)):
        raise Unbalanced(dedupe_key)
    if not rows:
        return None
    try:
        with transaction.atomic():
            posted = LedgerTransaction.objects.create(
                order_id=order if isinstance(order, int) else order.pk,
                kind=kind,
                dedupe_key=dedupe_key,
                occurred_at=occurred_at,
            )
    except IntegrityError:
        if LedgerTransaction.objects.filter(dedupe_key=dedupe_key).exists():
            return None
        raise
    LedgerRow.objects.bulk_create(
        LedgerRow(
            transaction=posted,
            account=row.account,
            amount=row.amount,
            producer_id=row.producer_id,
            consignment_id=row.consignment_id,
        )
        for row in rows
    )
    return posted


def entries_of_placing(consignments: Iterable[Consignment]) -> list[Entry]:
    """What an order means for the ledger when it is placed.

    The producer is owed the goods before the marketplace's vouchers, which the marketplace owes
    as funding, and after its own; a voucher for delivery likewise leaves the fee whole.
    """
    entries = []
    for c in consignments:
        own = c.own_discount_incl_tax + c.own_fee_discount_incl_tax
        off = c.discount_incl_tax + c.fee_discount_incl_tax
        gross = c.goods_incl_tax + c.discount_incl_tax
        fee = c.fee_incl_tax + c.fee_discount_incl_tax
        entries += [
            Entry(Account.BUYER_RECEIVABLE, c.total_incl_tax, None, c.pk),
            Entry(Account.VOUCHER_FUNDING, off - own, None, c.pk),
            Entry(Account.PRODUCER_PAYABLE, own - gross, c.producer_id, c.pk),
            Entry(Account.DELIVERY, -fee, None, c.pk),
        ]
    return entries


def balances(order: Order | int) -> dict[str, Decimal]:
    """Account → sum over one order; accounts at zero are left out."""
    found = (
        LedgerRow.objects.filter(transaction__order=order)
        .order_by()
        .values_list("account")
        .annotate(total=Sum("amount"))
    )
    return {account: total for account, total in found if total}


def standing(consignment_id: int) -> list[Entry]:
    """What one consignment has on each account now; accounts at zero are left out."""
    found = (
        LedgerRow.objects.filter(consignment=consignment_id)
        .order_by("account")
        .values_list("account", "producer_id")
        .annotate(total=Sum("amount"))
    )
    return [
        Entry(Account(account), total, producer_id, consignment_id)
        for account, producer_id, total in found
        if total
    ]


def payable_to(producer_id: int) -> Decimal:
    """What a producer is owed now, as a positive amount in whole đồng."""
    total = LedgerRow.objects.filter(
        account=Account.PRODUCER_PAYABLE, producer=producer_id
    ).aggregate(total=Sum("amount"))["total"]
    return -(total or Decimal(0))
