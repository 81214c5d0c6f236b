"""Reading payments."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db.models import DecimalField, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from oscar.apps.order.models import Order

from catalogue.models import ShippingClass
from marketplace.kernel import clock
from marketplace.orders.models import ConsignmentLine
from marketplace.orders.states import DEAD
from marketplace.payments.models import (
    Account,
    CollectorAccount,
    LedgerRow,
    Method,
    MethodTerms,
    Transfer,
)
from marketplace.payments.transfer_states import OPEN, PAID
from marketplace.platform.dated import in_force


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


def must_be_paid_ahead(order_id: int) -> bool:
    """Whether anything alive of an order cannot be paid at the door. One query."""
    return (
        ConsignmentLine.objects.filter(
            Q(shipping_class=ShippingClass.NONE)
            | Q(line__product__product_class__paid_ahead=True)
            | Q(line__product__parent__product_class__paid_ahead=True),
            consignment__order=order_id,
        )
        .exclude(consignment__state__in=DEAD)
        .exists()
    )


def with_due(rows: QuerySet[Transfer]) -> QuerySet[Transfer]:
    """Transfers, each with ``due``: what its order's buyer still owes, in whole đồng."""
    due = (
        LedgerRow.objects.filter(
            transaction__order=OuterRef("order"), account=Account.BUYER_RECEIVABLE
        )
        .order_by()
        .values("transaction__order")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    return rows.annotate(
        due=Coalesce(
            Subquery(due), Decimal(0), output_field=DecimalField(max_digits=14, decimal_places=0)
        )
    )


def refund_owed(order_id: int) -> Decimal:
    """What is owed to the buyer of an order, as a positive amount. One query."""
    total = LedgerRow.objects.filter(
        transaction__order=order_id, account=Account.REFUND_OWED
    ).aggregate(total=Sum("amount"))["total"]
    return -(total or Decimal(0))


def refunds_owed(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Those of ``orders`` whose buyers are owed money, the oldest debt first.

    Each with ``refund_balance`` (below zero) and ``refund_kind``, the kind of the last
    transaction that owes some of it. What anything posts to the account is found here.
    """
    rows = LedgerRow.objects.filter(
        transaction__order=OuterRef("pk"), account=Account.REFUND_OWED
    ).order_by()
    last = rows.filter(amount__lt=0).order_by("-pk")
    return (
        orders.filter(ledger__rows__account=Account.REFUND_OWED)
        .annotate(
            refund_balance=Subquery(
                rows.values("transaction__order")
                .annotate(total=Sum("amount"))
                .values("total")
            ),
            refund_kind=Subquery(last.values("transaction__kind")[:1]),
            refund_since=Subquery(last.values("transaction__occurred_at")[:1]),
        )
        .filter(refund_balance__lt=0)
        .select_related("details", "refund_account")
        .distinct()
        .order_by("refund_since", "pk")
    )


def to_collect(consignment_ids: Iterable[int]) -> dict[int, Decimal]:
    """Consignment id → what is still to be paid at the door; without those that owe nothing.

    One query, for lists, labels and delivery notes.
    """
    found = (
        LedgerRow.objects.filter(
            consignment__in=list(consignment_ids), account=Account.BUYER_RECEIVABLE
        )
        .order_by()
        .values_list("consignment")
        .annotate(total=Sum("amount"))
    )
    return {pk: total for pk, total in found if total > 0}


def transfers_of(order_ids: Iterable[int]) -> dict[int, bool]:
    """Order id → whether all that was to be transferred has come; without other orders.

    A withdrawn or expired try says nothing. One query, for lists.
    """
    found: dict[int, bool] = {}
    rows = Transfer.objects.filter(order__in=list(order_ids), state__in=OPEN | PAID)
    for order_id, state in rows.order_by("pk").values_list("order", "state"):
        found[order_id] = state in PAID
    return found
