"""R1 and R2: the last units and the double click, by threads on PostgreSQL.

Each guard has a twin that shows the race with the guard taken off. The counts are reduced;
``--full`` runs them in full. The same races over HTTP are in ``test_placing_http.py``.
"""

import random
import threading
import time
from datetime import UTC, datetime
from functools import partial

import pytest
from django.db import connection
from django.db.models import F, Sum
from oscar.apps.order.models import Line, Order
from oscar.apps.partner.models import StockRecord

from marketplace.checkout import actions as checkout
from marketplace.checkout.errors import (
    AlreadyPlaced,
    BasketBusy,
    OfferChanged,
    StockGone,
    UnpaidOrdersWait,
)
from marketplace.orders import actions, stock
from marketplace.orders.actors import Actor
from marketplace.orders.errors import MoveNotAllowed
from marketplace.orders.models import Consignment, ConsignmentLine
from marketplace.orders.states import HOLDS_STOCK
from marketplace.payments import cod, unpaid
from marketplace.payments.models import CodLimits, LedgerRow, MethodTerms
from tests.concurrency.rivals import all_at_once
from tests.factories.catalogue import make_product
from tests.factories.orders import arguments, make_basket, make_destination, make_tariff
from tests.factories.payments import make_collector

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def buyers(product, count: int) -> list:
    """So many buyers, each about to order one, each having seen it on sale."""
    return [
        partial(
            checkout.place_order,
            **arguments(
                make_basket(product),
                destination=make_destination(phone=f"+8490{number:07d}"),
                now=NOW,
            ),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("rivals", [12, pytest.param(50, marks=pytest.mark.full)])
def test_the_last_five_are_sold_five_times(rivals):
    make_tariff()
    product = make_product(stock=5)
    results = all_at_once(buyers(product, rivals))
    sold = [r for r in results if isinstance(r, Order)]
    refused = [r for r in results if not isinstance(r, Order)]
    # A rival sees them gone when looking, when taking, or waits too long for the row.
    assert {type(r) for r in refused} <= {StockGone, OfferChanged, BasketBusy}, refused
    busy = sum(isinstance(r, BasketBusy) for r in refused)
    assert len(sold) == 5 or busy
    assert len(sold) <= 5
    record = StockRecord.objects.get()
    assert (record.num_in_stock, record.num_allocated) == (5, len(sold))
    assert Line.objects.aggregate(n=Sum("quantity"))["n"] == len(sold) == Order.objects.count()


def test_without_the_guard_more_are_sold_than_there_are(monkeypatch):
    """The twin: look first, then write what was seen plus one, as shops do."""

    def look_then_write(stockrecord_id, quantity, *, now):
        record = StockRecord.objects.get(pk=stockrecord_id)
        if record.num_in_stock - (record.num_allocated or 0) < quantity:
            return False
        time.sleep(0.05)
        StockRecord.objects.filter(pk=stockrecord_id).update(
            num_allocated=(record.num_allocated or 0) + quantity
        )
        return True

    make_tariff()
    product = make_product(stock=5)
    calls = buyers(product, 12)
    monkeypatch.setattr(stock, "take_one", look_then_write)
    sold = [r for r in all_at_once(calls) if isinstance(r, Order)]
    assert len(sold) > 5
    assert Line.objects.aggregate(n=Sum("quantity"))["n"] > 5


@pytest.mark.parametrize(
    "run", [0, *(pytest.param(n, marks=pytest.mark.full) for n in range(1, 50))]
)
def test_ten_clicks_are_one_order(run):
    make_tariff()
    product = make_product(stock=100)
    call = arguments(make_basket(product), now=NOW)
    results = all_at_once([partial(checkout.place_order, **call)] * 10)
    orders = [r for r in results if isinstance(r, Order)]
    others = [r for r in results if not isinstance(r, Order)]
    assert len(orders) == 1
    assert all(isinstance(r, AlreadyPlaced) and r.order == orders[0] for r in others), others
    assert Order.objects.count() == 1
    assert StockRecord.objects.get().num_allocated == 1
    assert orders[0].payment_attempts.count() == 1


def test_without_the_freeze_the_database_still_keeps_it_one(monkeypatch):
    """A second lock on the same door: one order per basket is an index, too."""
    make_tariff()
    basket = make_basket(make_product(stock=100))
    monkeypatch.setattr(checkout, "_freeze", lambda basket, key: None)
    results = all_at_once(
        [partial(checkout.place_order, **arguments(basket, now=NOW)) for _click in range(6)]
    )
    assert sum(isinstance(r, Order) for r in results) == 1, results
    assert all(isinstance(r, Order | AlreadyPlaced) for r in results), results
    assert StockRecord.objects.get().num_allocated == 1


def test_without_both_guards_each_click_is_an_order(monkeypatch):
    """The twin: neither freeze nor index."""
    make_tariff()
    basket = make_basket(make_product(stock=100))
    monkeypatch.setattr(checkout, "_freeze", lambda basket, key: None)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX orders_order_one_per_basket")
    try:
        all_at_once(
            [partial(checkout.place_order, **arguments(basket, now=NOW)) for _click in range(6)]
        )
        assert Order.objects.count() > 1
    finally:
        Order.objects.update(basket=None)
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE UNIQUE INDEX orders_order_one_per_basket ON order_order (basket_id)"
            )


def test_a_click_that_fails_leaves_the_next_its_turn():
    """The second click waits for the first; when the first comes to nothing, it places."""
    make_tariff()
    call = arguments(make_basket(make_product(stock=5)), now=NOW)
    arrived = threading.Event()

    def dies_late():
        from django.db import transaction

        with transaction.atomic():
            checkout.place_order(**call)
            arrived.set()
            time.sleep(0.3)
            raise RuntimeError("the process died before the commit")

    def second():
        arrived.wait(10)
        return checkout.place_order(**call)

    first, placed = all_at_once([dies_late, second])
    assert isinstance(first, RuntimeError)
    assert isinstance(placed, Order)
    assert Order.objects.count() == 1
    assert StockRecord.objects.get().num_allocated == 1


def test_orders_and_cancellations_cross_without_deadlock():
    """Baskets that name the same goods in every order, and buyers who change their mind."""
    make_tariff()
    products = [make_product(stock=40, gross_weight_g=300) for _number in range(4)]
    CodLimits.objects.update(open_orders_max=1000, refuse_open_orders_above=None,
                             open_amount_max=None)
    shuffled = random.Random(7)

    def order_and_cancel(number):
        def run():
            order = checkout.place_order(**calls[number])
            if number % 2:
                actions.cancel_order(order_id=order.pk, actor=Actor.buyer(), now=NOW)
            else:
                parcel = order.consignments.order_by("?").first()
                for to in ("confirmed", "packed", "handed_over"):
                    actions.move(
                        consignment_id=parcel.pk, to=to, actor=Actor.office(None), now=NOW
                    )
            return order

        return run

    calls = [
        arguments(
            make_basket(*shuffled.sample(products, 4)),
            destination=make_destination(phone=f"+8490{number:07d}"),
            now=NOW,
        )
        for number in range(10)
    ]
    results = all_at_once([order_and_cancel(number) for number in range(10)])
    assert all(isinstance(r, Order) for r in results), results
    _assert_stock_is_the_sum_of_lines(products, 40)
    assert LedgerRow.objects.aggregate(total=Sum("amount"))["total"] == 0


def test_two_cancel_one_parcel():
    make_tariff()
    order = checkout.place_order(**arguments(make_basket((make_product(stock=9), 2)), now=NOW))
    parcel = order.consignments.get()
    cancel = partial(
        actions.move, consignment_id=parcel.pk, to="cancelled", actor=Actor.buyer(), now=NOW
    )
    results = all_at_once([cancel] * 5)
    assert sum(isinstance(r, Consignment) for r in results) == 1
    assert sum(isinstance(r, MoveNotAllowed) for r in results) == 4
    assert StockRecord.objects.get().num_allocated == 0
    assert parcel.events.filter(to_state="cancelled").count() == 1


def test_limits_of_one_phone_hold_for_orders_at_once():
    make_tariff()
    CodLimits.objects.update(open_orders_max=2, new_phone_amount_max=10**9)
    product = make_product(stock=100)
    calls = [
        partial(checkout.place_order, **arguments(make_basket(product), now=NOW))
        for _number in range(6)
    ]
    results = all_at_once(calls)
    assert all(isinstance(r, Order) for r in results), results
    assert sorted(order.status for order in results) == ["pending"] * 4 + ["placed"] * 2


def unpaid_orders(product, count):
    make_collector()
    MethodTerms.objects.filter(method="vietqr").update(unpaid_orders_max=2)
    return [
        partial(
            checkout.place_order,
            **arguments(make_basket(product), method="vietqr", now=NOW),
        )
        for _number in range(count)
    ]


def test_no_more_orders_of_one_phone_wait_for_money_than_may():
    make_tariff()
    results = all_at_once(unpaid_orders(make_product(stock=100), 6))
    assert sum(isinstance(r, Order) for r in results) == 2
    assert sum(isinstance(r, UnpaidOrdersWait) for r in results) == 4, results
    assert StockRecord.objects.get().num_allocated == 2


def test_without_the_lock_of_the_phone_more_wait(monkeypatch):
    make_tariff()
    both_have_looked = threading.Barrier(3, timeout=30)
    look = unpaid.may_wait

    def may_wait(*order):
        answer = look(*order)
        both_have_looked.wait()
        return answer

    monkeypatch.setattr(cod, "hold_phone", lambda phone: None)
    monkeypatch.setattr(unpaid, "may_wait", may_wait)
    results = all_at_once(unpaid_orders(make_product(stock=100), 3))
    assert sum(isinstance(r, Order) for r in results) == 3, results


def _assert_stock_is_the_sum_of_lines(products, initial: int) -> None:
    for product in products:
        record = StockRecord.objects.get(product=product)
        lines = ConsignmentLine.objects.filter(stockrecord=record)
        held = lines.filter(consignment__state__in=HOLDS_STOCK).aggregate(n=Sum("quantity"))["n"]
        sent = lines.filter(consignment__state="handed_over").aggregate(n=Sum("quantity"))["n"]
        assert record.num_allocated == (held or 0)
        assert record.num_in_stock == initial - (sent or 0)
    assert not StockRecord.objects.filter(num_allocated__gt=F("num_in_stock")).exists()
