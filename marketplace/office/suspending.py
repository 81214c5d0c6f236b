"""What hangs on a producer when the office thinks of taking it off sale."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, Sum
from oscar.apps.basket.models import Basket, Line

from catalogue.models import Product
from marketplace.orders.models import Consignment
from marketplace.orders.states import State
from marketplace.orders.suspending import GROUPS
from marketplace.payments import payout_actions
from marketplace.payments.models import PaymentAttempt, Payout
from marketplace.producers.models import Producer


@dataclass(frozen=True)
class Group:
    """Open parcels that stand alike."""

    code: str
    count: int
    #: Of which the buyers have paid already.
    paid: int


@dataclass(frozen=True)
class Consequences:
    """What a suspension means for one producer. Amounts in whole đồng."""

    listings: int
    baskets: int
    groups: tuple[Group, ...]
    #: Left already: they arrive whatever the office does.
    on_the_way: Group
    earned: Decimal
    prepared: Decimal

    @property
    def open_count(self) -> int:
        """Parcels that can still be cancelled."""
        return sum(group.count for group in self.groups)


def consequences(producer: Producer) -> Consequences:
    """Read what hangs on it now. Five queries."""
    paid = PaymentAttempt.objects.filter(
        order=OuterRef("order"), state=PaymentAttempt.State.PAID
    )
    counted = {
        state: (count, count_paid)
        for state, count, count_paid in Consignment.objects.filter(producer=producer)
        .order_by()
        .annotate(is_paid=Exists(paid))
        .values("state")
        .annotate(count=Count("pk"), paid=Count("pk", filter=Q(is_paid=True)))
        .values_list("state", "count", "paid")
    }

    def group(code: str, states: tuple[State, ...]) -> Group:
        found = [counted.get(state.value, (0, 0)) for state in states]
        return Group(code, sum(count for count, _paid in found), sum(p for _count, p in found))

    return Consequences(
        listings=Product.objects.filter(
            producer=producer, parent__isnull=True, is_public=True
        ).count(),
        baskets=Line.objects.filter(
            basket__status__in=(Basket.OPEN, Basket.SAVED), stockrecord__partner__producer=producer
        ).aggregate(count=Count("basket", distinct=True))["count"],
        groups=tuple(group(code, states) for code, states in GROUPS.items()),
        on_the_way=group("handed_over", (State.HANDED_OVER,)),
        earned=sum((row.amount for row in payout_actions.ready(producer.pk)), Decimal(0)),
        prepared=Payout.objects.filter(
            producer=producer, state=Payout.State.PREPARED
        ).aggregate(total=Sum("amount"))["total"]
        or Decimal(0),
    )
