"""What producers earned, told from the ledger: the rows of what they are owed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from marketplace.kernel import clock
from marketplace.orders.states import State
from marketplace.payments.models import Account, LedgerRow

_SOLD = Q(transaction__kind="placed")
_FEES = Q(transaction__kind=State.DELIVERED.value)
_PAID = Q(transaction__kind__in=["paid_out", "payout_undone"])
_ARRIVED = Q(consignment__state__in=[State.DELIVERED, State.COMPLETED])


@dataclass(frozen=True)
class Sums:
    """Whole đồng, none below zero."""

    #: Ordered and not delivered yet.
    under_way: Decimal
    #: Delivered, fees taken, not paid out yet.
    owed: Decimal
    paid: Decimal


@dataclass(frozen=True)
class Month:
    """What one month brought; each amount on the day on which it was posted."""

    begins: date
    sold: Decimal
    #: Cancelled, declined, shortened or returned.
    came_back: Decimal
    fees: Decimal
    paid: Decimal


def sums(producers: Iterable[int]) -> Sums:
    """Where some producers' money stands now. One query."""
    found = _rows(producers).aggregate(
        under_way=Sum("amount", filter=~_ARRIVED),
        owed=Sum("amount", filter=_ARRIVED),
        paid=Sum("amount", filter=_PAID),
    )
    return Sums(
        under_way=-(found["under_way"] or Decimal(0)),
        owed=-(found["owed"] or Decimal(0)),
        paid=found["paid"] or Decimal(0),
    )


def months(producers: Iterable[int]) -> QuerySet:
    """The months in which anything happened, the newest first, as rows for ``month``."""
    return (
        _rows(producers)
        .order_by()
        .annotate(begins=TruncMonth("transaction__occurred_at", tzinfo=clock.TZ))
        .values("begins")
        .annotate(
            sold=Sum("amount", filter=_SOLD),
            fees=Sum("amount", filter=_FEES),
            paid=Sum("amount", filter=_PAID),
            came_back=Sum("amount", filter=~(_SOLD | _FEES | _PAID)),
        )
        .order_by("-begins")
    )


def month(row: dict) -> Month:
    """One row of ``months``."""
    return Month(
        begins=clock.local_date(row["begins"]),
        sold=-(row["sold"] or Decimal(0)),
        came_back=row["came_back"] or Decimal(0),
        fees=row["fees"] or Decimal(0),
        paid=row["paid"] or Decimal(0),
    )


def _rows(producers: Iterable[int]) -> QuerySet[LedgerRow]:
    """What was never released (not paid, not confirmed by phone) is not theirs yet."""
    return LedgerRow.objects.filter(
        account=Account.PRODUCER_PAYABLE,
        producer__in=list(producers),
        consignment__released_at__isnull=False,
    )
