"""How far a phone number is trusted with cash on delivery."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from django.db import connection
from django.db.models import Count, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from marketplace.kernel import clock
from marketplace.orders.models import Consignment
from marketplace.orders.states import State
from marketplace.payments.models import Account, CodLimits, LedgerRow
from marketplace.platform.dated import in_force


class Outcome(StrEnum):
    """What follows from the limits."""

    ALLOWED = "allowed"
    CALL_FIRST = "call_first"
    REFUSED = "refused"


class Limit(StrEnum):
    """Which limit was passed."""

    ORDER_AMOUNT = "order_amount"
    NEW_PHONE = "new_phone"
    OPEN_ORDERS = "open_orders"
    OPEN_AMOUNT = "open_amount"
    REFUSALS = "refusals"


@dataclass(frozen=True)
class CodDecision:
    """Whether an order may be paid at the door, and if not at once, which limits say so."""

    outcome: Outcome
    limits: tuple[Limit, ...] = ()

    @property
    def reason(self) -> str:
        """Why it was refused, in words for the buyer; nobody's history is told to a stranger."""
        if self.outcome is not Outcome.REFUSED:
            return ""
        if Limit.ORDER_AMOUNT in self.limits:
            return _("This order is too large to be paid at the door. Please order less at once.")
        return _("We cannot offer payment at the door for this order. Please call us.")


def limits_on(now: datetime) -> CodLimits | None:
    """The limits in force; None when none were ever set."""
    on = clock.local_date(now)
    return (
        CodLimits.objects.filter(in_force(on))
        .order_by("-effective_from")
        .first()
    )


def hold_phone(phone: str) -> None:
    """Let orders of one phone number be judged one after the other, until the transaction ends.

    A limit over several rows that do not exist yet has no row to lock.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [f"cod:{phone}"])


def cod_decision(
    phone: str, amount: Decimal, now: datetime, *, order_id: int | None = None
) -> CodDecision:
    """Judge one more order of ``amount`` đồng by the phone number (E.164). Two queries.

    Open is what somebody still owes at the door, as the ledger says now: not what was cancelled,
    taken off or paid, nor what waits for a transfer and ends by itself. ``order_id``: the order
    itself, when it stands already and was to be paid otherwise.
    Without limits in force every order is called first: no data is no trust.
    """
    limits = limits_on(now)
    if limits is None:
        return CodDecision(Outcome.CALL_FIRST, (Limit.ORDER_AMOUNT,))
    owed = (
        LedgerRow.objects.filter(consignment=OuterRef("pk"), account=Account.BUYER_RECEIVABLE)
        .order_by()
        .values("consignment")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    is_open = Q(owed__gt=0, order__reservation__ends_at__isnull=True)
    rows = Consignment.objects.filter(~Q(order=order_id), order__details__phone=phone).annotate(
        owed=Subquery(owed)
    )
    found = rows.aggregate(
        received=Count("order", filter=Q(state__in=[State.DELIVERED, State.COMPLETED])),
        open_orders=Count("order", distinct=True, filter=is_open),
        open_amount=Coalesce(Sum("owed", filter=is_open), Value(Decimal(0))),
        refusals=Count(
            "order",
            distinct=True,
            filter=Q(
                state=State.REFUSED,
                state_changed_at__gt=now - timedelta(days=limits.refusal_window_days),
            ),
        ),
    )
    open_orders = found["open_orders"] + 1
    refused = _passed(
        (Limit.ORDER_AMOUNT, amount, limits.refuse_order_amount_above),
        (Limit.OPEN_ORDERS, open_orders, limits.refuse_open_orders_above),
        (Limit.REFUSALS, found["refusals"], limits.refuse_refusals_above),
    )
    if refused:
        return CodDecision(Outcome.REFUSED, refused)
    call_first = _passed(
        (Limit.ORDER_AMOUNT, amount, limits.order_amount_max),
        (Limit.NEW_PHONE, amount, None if found["received"] else limits.new_phone_amount_max),
        (Limit.OPEN_ORDERS, open_orders, limits.open_orders_max),
        (Limit.OPEN_AMOUNT, found["open_amount"] + amount, limits.open_amount_max),
        (Limit.REFUSALS, found["refusals"], limits.refusals_max),
    )
    return CodDecision(Outcome.CALL_FIRST if call_first else Outcome.ALLOWED, call_first)


def _passed(*judged: Sequence) -> tuple[Limit, ...]:
    return tuple(
        name for name, value, limit in judged if limit is not None and value > limit
    )
