"""Reading payments."""

from datetime import date, datetime
from decimal import Decimal

from django.db.models import Exists, Q, Sum

from marketplace.kernel import clock
from marketplace.payments.models import (
    Account,
    CollectorAccount,
    LedgerRow,
    Method,
    MethodTerms,
    Transfer,
)
from marketplace.payments.transfer_states import OPEN


def in_force(on: date) -> Q:
    """Dated rows that hold on a day."""
    return Q(effective_from__lte=on) & (
        Q(effective_through__isnull=True) | Q(effective_through__gte=on)
    )


def methods_offered(now: datetime) -> list[MethodTerms]:
    """The ways of paying that may be chosen now, the newest terms of each. One query.

    A transfer needs an account of the operator that receives it.
    """
    on = clock.local_date(now)
    newest: dict[str, MethodTerms] = {}
    for terms in (
        MethodTerms.objects.filter(in_force(on))
        .filter(
            ~Q(method=Method.VIETQR) | Exists(CollectorAccount.objects.filter(in_force(on)))
        )
        .order_by("effective_from")
    ):
        newest[terms.method] = terms
    return [terms for terms in newest.values() if terms.is_offered]


def terms_of(method: str, now: datetime) -> MethodTerms | None:
    """The terms of one way of paying, offered or not; None before the first."""
    return (
        MethodTerms.objects.filter(in_force(clock.local_date(now)), method=method)
        .order_by("-effective_from")
        .first()
    )


def collector_on(now: datetime) -> CollectorAccount | None:
    """The account that receives transfers now; None when the operator does not collect."""
    return CollectorAccount.objects.filter(in_force(clock.local_date(now))).first()


def awaits_transfer(order_id: int) -> bool:
    """Whether an order is to be paid by transfer, and has not been. One query."""
    return Transfer.objects.filter(order=order_id, state__in=OPEN).exists()


def refund_owed(order_id: int) -> Decimal:
    """What is owed to the buyer of an order, as a positive amount. One query."""
    total = LedgerRow.objects.filter(
        transaction__order=order_id, account=Account.REFUND_OWED
    ).aggregate(total=Sum("amount"))["total"]
    return -(total or Decimal(0))
