"""R3: the last uses of a code, by threads on PostgreSQL, with a twin without the guard."""

import time
from datetime import UTC, datetime
from functools import partial

import pytest
from django.db.models import F
from oscar.apps.order.models import Order

from marketplace.checkout import actions as checkout
from marketplace.checkout.errors import BasketBusy, CodeGone, OfferChanged
from marketplace.kernel import clock
from marketplace.orders import actions as orders
from marketplace.orders.actors import Actor
from marketplace.payments import cod
from marketplace.payments.models import CodLimits
from marketplace.vouchers import actions, judging
from marketplace.vouchers.models import VoucherTerms, VoucherUse
from tests.concurrency.rivals import all_at_once
from tests.factories.catalogue import make_product
from tests.factories.orders import arguments, make_basket, make_destination, make_tariff
from tests.factories.vouchers import enter, make_voucher

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def buyers(voucher, count, *, same_phone=False):
    """So many buyers of different goods, each having seen the code count."""
    return [
        partial(
            checkout.place_order,
            **arguments(
                enter(make_basket(make_product(price=100_000)), voucher),
                destination=make_destination(phone=f"+8490{0 if same_phone else number:07d}"),
                now=NOW,
            ),
        )
        for number in range(count)
    ]


@pytest.fixture(autouse=True)
def _shop():
    make_tariff()
    CodLimits.objects.update(open_orders_max=1000, refuse_open_orders_above=None,
                             open_amount_max=None)


@pytest.mark.parametrize("rivals", [20, pytest.param(60, marks=pytest.mark.full)])
def test_a_code_for_five_is_used_five_times(rivals):
    with clock.frozen(NOW):
        voucher = make_voucher(uses_max=5)
        calls = buyers(voucher, rivals)
    results = all_at_once(calls)
    placed = [r for r in results if isinstance(r, Order)]
    refused = [r for r in results if not isinstance(r, Order)]
    assert {type(r) for r in refused} <= {CodeGone, OfferChanged, BasketBusy}, refused
    busy = sum(isinstance(r, BasketBusy) for r in refused)
    assert len(placed) == 5 or busy
    assert len(placed) <= 5
    terms = VoucherTerms.objects.get()
    assert terms.uses == len(placed) == VoucherUse.objects.count() == Order.objects.count()


def test_without_the_guard_it_is_used_more_often(monkeypatch):
    """The twin: look first, then write what was seen plus one, as shops do."""

    def look_then_write(terms_id):
        terms = VoucherTerms.objects.get(pk=terms_id)
        if terms.uses >= terms.uses_max:
            return False
        time.sleep(0.05)
        VoucherTerms.objects.filter(pk=terms_id).update(uses=terms.uses + 1)
        return True

    with clock.frozen(NOW):
        calls = buyers(make_voucher(uses_max=5), 20)
    monkeypatch.setattr(actions, "take_one", look_then_write)
    all_at_once(calls)
    assert VoucherUse.objects.count() > 5


def test_one_number_uses_a_code_once_however_fast_it_clicks():
    with clock.frozen(NOW):
        calls = buyers(make_voucher(uses_per_phone=1), 8, same_phone=True)
    results = all_at_once(calls)
    assert sum(isinstance(r, Order) for r in results) == 1, results
    assert VoucherUse.objects.count() == 1


def test_without_the_lock_of_the_number_it_is_used_more_often(monkeypatch):
    """The twin: neither ours nor the one under which unpaid orders of a number are counted."""
    look = judging.check_phone

    def slowly(terms, phone):
        look(terms, phone)
        time.sleep(0.5)

    with clock.frozen(NOW):
        calls = buyers(make_voucher(uses_per_phone=1), 8, same_phone=True)
    monkeypatch.setattr(cod, "hold_phone", lambda phone: None)
    monkeypatch.setattr(actions, "_hold_phone", lambda terms, phone: None)
    monkeypatch.setattr(judging, "check_phone", slowly)
    all_at_once(calls)
    assert VoucherUse.objects.count() > 1


def test_uses_taken_and_given_back_at_once_add_up():
    with clock.frozen(NOW):
        calls = buyers(make_voucher(uses_max=6), 12)

    def order_and_cancel(number):
        order = calls[number]()
        if number % 2:
            orders.cancel_order(order_id=order.pk, actor=Actor.buyer(), now=NOW)
        return order

    results = all_at_once([partial(order_and_cancel, n) for n in range(12)])
    assert {type(r) for r in results} <= {Order, CodeGone, OfferChanged, BasketBusy}, results
    standing = VoucherUse.objects.filter(given_back_at=None).count()
    assert VoucherTerms.objects.get().uses == standing <= 6
    assert VoucherTerms.objects.filter(uses__gt=F("uses_max")).count() == 0
