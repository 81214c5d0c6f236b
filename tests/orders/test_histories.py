"""R28 for orders: after any history, stock is the sum of lines, and money the sum of parcels."""

from collections import defaultdict
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oscar.apps.partner.models import StockRecord

from catalogue.models import ShippingClass
from marketplace.checkout.errors import CheckoutRefused
from marketplace.orders import actions
from marketplace.orders.actors import Actor
from marketplace.orders.errors import OrdersError
from marketplace.orders.models import Consignment, ConsignmentEvent, ConsignmentLine
from marketplace.orders.states import DEAD, HOLDS_STOCK, TRANSITIONS, ActorKind, State
from marketplace.payments import actions as payments
from marketplace.payments.errors import NothingToRemit
from marketplace.payments.models import Account, CodLimits, LedgerRow
from tests.factories.catalogue import make_product
from tests.factories.orders import make_basket, place
from tests.orders.conftest import ANYBODY, NOW

INITIAL = 12

placing = st.tuples(
    st.just("place"),
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(1, 6)),
        min_size=1, max_size=3, unique_by=lambda line: line[0],
    ),
)
#: Any move by anybody, and moves that the table allows.
trying = st.tuples(
    st.just("try"), st.integers(0, 9), st.sampled_from(State.values),
    st.sampled_from(list(ActorKind)),
)
moving = st.tuples(
    st.just("move"), st.integers(0, 9), st.integers(0, 9), st.sampled_from([None, True, False])
)
others = st.tuples(st.sampled_from(["cancel", "remit"]), st.integers(0, 9))
steps = st.lists(placing | moving | moving | moving | trying | others, max_size=16)
histories = st.tuples(placing, steps).map(
    lambda parts: [parts[0], *parts[1]]
)


@pytest.fixture
def goods(tariff):
    CodLimits.objects.update(
        order_amount_max=10**9, new_phone_amount_max=10**9, open_orders_max=1000,
        open_amount_max=None, refuse_open_orders_above=None, refuse_refusals_above=None,
    )
    classes = (ShippingClass.AMBIENT, ShippingClass.FRESH, ShippingClass.FRAGILE)
    return [
        make_product(stock=INITIAL, gross_weight_g=200, shipping_class=kind) for kind in classes
    ]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=histories)
def test_any_history_keeps_the_sums(goods, history):
    with transaction.atomic():
        for minute, (what, *how) in enumerate(history):
            _do(what, how, goods, NOW + timedelta(minutes=minute))
            _check(goods)
        transaction.set_rollback(True)


def _do(what: str, how: list, goods: list, now: object) -> None:
    parcels = list(Consignment.objects.order_by("pk"))
    try:
        if what == "place":
            place(make_basket(*((goods[i], quantity) for i, quantity in how[0])), now=now)
        elif not parcels:
            return
        elif what == "try":
            index, to, kind = how
            actions.move(
                consignment_id=parcels[index % len(parcels)].pk, to=to,
                actor=Actor(frozenset({kind})), reason="test", now=now,
            )
        elif what == "move":
            parcel = parcels[how[0] % len(parcels)]
            ways = [to for source, to in TRANSITIONS if source == parcel.state]
            if ways:
                actions.move(
                    consignment_id=parcel.pk, to=ways[how[1] % len(ways)], actor=ANYBODY,
                    reason="test", put_back=how[2], now=now,
                )
        elif what == "cancel":
            actions.cancel_order(
                order_id=parcels[how[0] % len(parcels)].order_id, actor=Actor.buyer(), now=now
            )
        else:
            payments.remit(
                consignment_id=parcels[how[0] % len(parcels)].pk, reference="x", actor=None,
                now=now,
            )
    except (OrdersError, CheckoutRefused, NothingToRemit):
        return


def _check(goods: list) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    for product in goods:
        record = StockRecord.objects.get(product=product)
        held = left = 0
        for line in ConsignmentLine.objects.filter(stockrecord=record).select_related(
            "consignment"
        ):
            state = line.consignment.state
            held += line.quantity * (state in HOLDS_STOCK)
            is_gone = state not in HOLDS_STOCK | DEAD and not _came_back_whole(line)
            left += line.quantity * is_gone
        assert record.num_allocated == held
        assert record.num_in_stock == INITIAL - left
    owed = defaultdict(int)
    for account, total in (
        LedgerRow.objects.order_by().values_list("account").annotate(total=Sum("amount"))
    ):
        owed[account] = total
    parcels = list(Consignment.objects.all())
    assert sum(owed.values()) == 0
    still_to_pay = [p for p in parcels if p.state in HOLDS_STOCK | {State.HANDED_OVER}]
    assert owed[Account.BUYER_RECEIVABLE] == sum(p.total_incl_tax for p in still_to_pay)
    earning = [p for p in parcels if p.state in {State.DELIVERED, State.COMPLETED}]
    earned = sum(p.goods_incl_tax for p in (*still_to_pay, *earning))
    assert -owed[Account.PRODUCER_PAYABLE] == earned
    for parcel in parcels:
        last = parcel.events.order_by("-pk").first()
        assert (last.to_state, last.at) == (parcel.state, parcel.state_changed_at)


def _came_back_whole(line: ConsignmentLine) -> bool:
    """Whether it is on sale again: it came back, and was not written off."""
    event = ConsignmentEvent.objects.filter(
        consignment=line.consignment_id, to_state__in=[State.REFUSED, State.RETURNED]
    ).first()
    if event is None:
        return False
    if event.put_back is None:
        return line.shipping_class not in actions.SPOILS
    return event.put_back
