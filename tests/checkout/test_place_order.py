"""Placing an order: what is written, and what is refused with nothing written."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from oscar.apps.basket.models import Basket
from oscar.apps.order.models import Line, LinePrice, Order, OrderStatusChange, ShippingAddress
from oscar.apps.partner.models import StockRecord

from catalogue.models import ShippingClass
from marketplace.checkout import errors
from marketplace.checkout.actions import ConsentGiven, place_order
from marketplace.checkout.queries import ExpectedTotals, offer
from marketplace.checkout.writing import ALPHABET
from marketplace.orders.models import (
    ConsentRecord,
    Consignment,
    ConsignmentEvent,
    ConsignmentLine,
    OrderDetails,
    Reservation,
)
from marketplace.payments import ledger
from marketplace.payments.models import (
    CallTask,
    CodLimits,
    LedgerRow,
    LedgerTransaction,
    MethodTerms,
    PaymentAttempt,
)
from marketplace.platform import outbox
from marketplace.shipping.models import FreeThreshold, Rate
from tests.factories.catalogue import (
    make_commune,
    make_producer,
    make_product,
    make_province,
    make_sale,
)
from tests.factories.orders import (
    all_consents,
    arguments,
    make_basket,
    make_destination,
    make_tariff,
    place,
)
from tests.factories.payments import make_collector

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)

WRITTEN = (
    Order, Line, LinePrice, ShippingAddress, OrderStatusChange, OrderDetails, Consignment,
    ConsignmentLine, ConsignmentEvent, ConsentRecord, Reservation, PaymentAttempt,
    LedgerTransaction, LedgerRow, CallTask,
)


@pytest.fixture(autouse=True)
def _tariff(db):
    make_tariff()


@pytest.fixture
def sent(monkeypatch):
    """Mails put into the outbox."""
    mails = []
    monkeypatch.setattr(outbox, "send_mail", lambda **mail: mails.append(mail))
    return mails


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in WRITTEN}


def stock() -> list[tuple]:
    return list(StockRecord.objects.order_by("pk").values_list("num_in_stock", "num_allocated"))


def refuse(basket: Basket, error: type[Exception], **given) -> Exception:
    """The call raises ``error``, and nothing at all has changed."""
    before = counts(), stock()
    with pytest.raises(error) as raised:
        place(basket, **given)
    assert (counts(), stock()) == before
    assert Basket.objects.get(pk=basket.pk).status == Basket.OPEN
    return raised.value


def test_a_guest_orders_from_three_producers(sent):
    producers = [
        make_producer(name, email=f"p{i}@example.test", preparation_days=1)
        for i, name in enumerate(["Vườn Mây", "HTX Sen", "Lò Bánh"])
    ]
    mango = make_product("Xoài", 285_000, 10, producer=producers[0], gross_weight_g=3_400)
    tea = make_product("Trà", 120_000, 5, producer=producers[1], gross_weight_g=200)
    candy = make_product("Kẹo", 45_500, 8, producer=producers[2], gross_weight_g=500)
    FreeThreshold.objects.create(
        producer=producers[0], amount_incl_tax=500_000, effective_from=date(2026, 1, 1),
        source="tests",
    )
    basket = make_basket((mango, 2), tea, (candy, 3))

    order = place(basket, now=NOW, gift_text="Chúc mừng", hide_prices=True, language="vi")

    order = Order.objects.get(pk=order.pk)
    assert order.number[:2] == "DT"
    assert len(order.number) == 10
    assert set(order.number[2:]) <= set(ALPHABET)
    assert order.status == "placed"
    # Goods 570,000 + 120,000 + 136,500; the first producer sends for nothing (heavy but free).
    assert order.shipping_incl_tax == 40_000
    assert order.total_incl_tax == Decimal(866_500)
    assert order.currency == "VND"
    assert order.guest_email == "bay@example.test"
    assert order.user is None
    address = order.shipping_address
    assert (address.first_name, address.line1, address.line2, address.line4) == (
        "Trần Văn Bảy", "12 ấp Tịnh Châu", "phường Cao Lãnh", "Đồng Tháp"
    )
    assert address.country_id == "VN"

    lines = list(order.lines.order_by("pk"))
    assert [(x.title, x.quantity, x.line_price_incl_tax, x.num_allocated) for x in lines] == [
        ("Xoài", 2, 570_000, 2), ("Trà", 1, 120_000, 1), ("Kẹo", 3, 136_500, 3),
    ]
    # 5 % VAT is inside the price: 285,000 holds 13,571.
    assert lines[0].unit_price_excl_tax == 271_429
    assert lines[0].line_price_excl_tax == 542_858
    assert lines[0].prices.get().price_incl_tax == 285_000

    parcels = list(order.consignments.order_by("pk"))
    assert [
        (p.number, p.producer.name, p.state, p.goods_incl_tax, p.fee_incl_tax, p.promise_on)
        for p in parcels
    ] == [
        (f"{order.number}-1", "Vườn Mây", "new", 570_000, 0, date(2026, 11, 27)),
        (f"{order.number}-2", "HTX Sen", "new", 120_000, 20_000, date(2026, 11, 27)),
        (f"{order.number}-3", "Lò Bánh", "new", 136_500, 20_000, date(2026, 11, 27)),
    ]
    assert all(p.released_at == NOW for p in parcels)
    assert [e.to_state for p in parcels for e in p.events.all()] == ["new"] * 3
    assert [(x.stockrecord.product, x.quantity) for x in ConsignmentLine.objects.all()] == [
        (mango, 2), (tea, 1), (candy, 3)
    ]

    assert stock() == [(10, 2), (5, 1), (8, 3)]
    assert ledger.balances(order) == {
        "buyer_receivable": 866_500, "producer_payable": -826_500, "delivery": -40_000,
    }
    assert ledger.payable_to(producers[2].pk) == 136_500
    attempt = order.payment_attempts.get()
    assert (attempt.method, attempt.state, attempt.amount, attempt.idempotency_key) == (
        "cod", "pending", 866_500, f"{order.number}:1"
    )
    assert order.reservation.ends_at is None
    assert sorted(c.text.purpose for c in order.consents.select_related("text")) == [
        "marketing", "privacy", "terms"
    ]
    assert (order.details.gift_text, order.details.hide_prices) == ("Chúc mừng", True)
    assert len(order.details.secret) == 43
    assert Basket.objects.get(pk=basket.pk).status == Basket.SUBMITTED

    assert [(m["template"], m["to"]) for m in sent] == [
        ("order_placed", "bay@example.test"),
        ("new_consignment", "p0@example.test"),
        ("new_consignment", "p1@example.test"),
        ("new_consignment", "p2@example.test"),
    ]
    assert sent[0]["context"]["total"] == "866.500\u00a0₫"
    assert order.details.secret in sent[0]["context"]["button_url"]
    # A producer reads neither the secret nor the other producers' goods.
    assert order.details.secret not in str(sent[2]["context"])
    assert "Xoài" not in str(sent[2]["context"])


def test_the_same_basket_again_is_the_same_order():
    product = make_product(stock=10)
    basket = make_basket(product)
    call = arguments(basket, now=NOW)
    order = place_order(**call)
    with pytest.raises(errors.AlreadyPlaced) as again:
        place_order(**call)
    assert again.value.order == order
    assert again.value.order.details.secret
    assert stock() == [(10, 1)]


def test_the_same_key_with_another_basket_is_the_same_order():
    product = make_product(stock=10)
    order = place(make_basket(product), idempotency_key="k" * 32)
    basket = make_basket(product)
    raised = refuse(basket, errors.AlreadyPlaced, idempotency_key="k" * 32)
    assert raised.order == order


def test_an_empty_and_an_unsaved_basket():
    refuse(make_basket(), errors.BasketEmpty)
    with pytest.raises(errors.BasketEmpty):
        place(Basket())


def test_a_changed_price_is_shown_and_nothing_written():
    product = make_product("Xoài", 285_000)
    basket = make_basket(product)
    seen = offer(basket=basket, province=make_province(), now=NOW).expected
    product.stockrecords.update(price=290_000)
    with override("en"):
        changed = refuse(basket, errors.OfferChanged, expected=seen, now=NOW)
    assert changed.messages == ["Xoài: the price is now ₫290,000 instead of ₫285,000."]
    assert changed.changes[0].line_id == basket.lines.get().pk
    # Confirmed anew, it goes through.
    assert place(basket, now=NOW).total_incl_tax == 310_000


def test_a_sale_that_ended_while_the_buyer_was_reading():
    product = make_product("Xoài", 285_000)
    make_sale(product, 200_000, NOW - timedelta(days=1), NOW)
    basket = make_basket(product)
    before = NOW - timedelta(seconds=1)
    seen = offer(basket=basket, province=make_province(), now=before).expected
    assert seen.lines[basket.lines.get().pk] == (1, 200_000)
    refuse(basket, errors.OfferChanged, expected=seen, now=NOW)
    assert place(basket, expected=seen, now=before).total_incl_tax == 220_000


def test_a_changed_fee_is_shown():
    product = make_product("Xoài", 285_000, producer=make_producer("Vườn Mây"))
    basket = make_basket(product)
    seen = offer(basket=basket, province=make_province(), now=NOW).expected
    Rate.objects.update(fee_incl_tax=25_000)
    with override("en"):
        changed = refuse(basket, errors.OfferChanged, expected=seen, now=NOW)
    assert changed.messages == ["Vườn Mây: delivery now costs ₫25,000 instead of ₫20,000."]


def test_a_basket_changed_in_another_tab():
    mango, tea = make_product("Xoài", gross_weight_g=900), make_product("Trà")
    basket = make_basket(mango, tea)
    seen = offer(basket=basket, province=make_province(), now=NOW).expected
    basket.lines.filter(product=mango).update(quantity=2)
    basket.lines.filter(product=tea).delete()
    with override("en"):
        changed = refuse(basket, errors.OfferChanged, expected=seen, now=NOW)
    assert changed.messages == [
        "Xoài: the quantity is now 2 instead of 1.",
        "Some goods are no longer in your basket.",
    ]


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "[[1]]", "null", '[[[1,2,"x"]],[]]', '[[[1,2,"NaN"]],[]]', "[" * 9000]
)
def test_totals_that_are_nonsense_show_everything_anew(text):
    basket = make_basket(make_product())
    refuse(basket, errors.OfferChanged, expected=ExpectedTotals.from_text(text), now=NOW)


def test_totals_survive_the_form():
    seen = offer(basket=make_basket(make_product()), province=make_province(), now=NOW).expected
    assert ExpectedTotals.from_text(seen.to_text()) == seen


def test_too_many_says_how_many_are_left():
    product = make_product("Xoài", stock=3)
    basket = make_basket((product, 4))
    with override("en"):
        changed = refuse(basket, errors.OfferChanged, now=NOW)
    assert changed.messages == ["Xoài: Only 3 left."]


def test_stock_gone_between_the_look_and_the_taking(monkeypatch):
    product = make_product("Xoài", stock=3)
    basket = make_basket((product, 3))
    call = arguments(basket, now=NOW)
    from marketplace.orders import stock as stock_module

    monkeypatch.setattr(stock_module, "take_one", lambda *args, **kwargs: False)
    before = counts(), stock()
    with pytest.raises(errors.StockGone) as gone:
        place_order(**call)
    assert gone.value.changes[0].line_id == basket.lines.get().pk
    assert (counts(), stock()) == before


def test_two_lines_of_one_stock_record_count_together():
    product = make_product("Xoài", stock=5, gross_weight_g=500)
    basket = make_basket((product, 3))
    line = basket.lines.get()
    line.pk, line.line_reference, line.quantity = None, "other", 3
    line.save()
    refuse(basket, errors.StockGone, now=NOW)
    line.quantity = 2
    line.save()
    place(basket, now=NOW)
    assert stock() == [(5, 5)]


@pytest.mark.parametrize("how", ["unpublished", "unverified", "paused", "foreign", "no price"])
def test_what_may_not_be_sold_is_refused(how):
    product = make_product(
        producer=make_producer(
            verified=how != "unverified",
            paused=(date(2026, 11, 24), date(2026, 11, 24)) if how == "paused" else None,
        ),
        published=how != "unpublished",
    )
    if how == "foreign":
        product.stockrecords.update(price_currency="USD", price=7)
    if how == "no price":
        product.stockrecords.update(price=None)
    refuse(make_basket(product), errors.OfferChanged, now=NOW)


def test_a_producer_opens_again_the_day_after_its_pause():
    paused = make_producer(paused=(date(2026, 11, 20), date(2026, 11, 23)))
    assert place(make_basket(make_product(producer=paused)), now=NOW)


def test_alcohol_asks_for_the_age():
    wine = make_product("Rượu sen", set_number=14)
    basket = make_basket(wine)
    assert refuse(basket, errors.AgeNotConfirmed, now=NOW).minimum_age == 18
    order = place(basket, now=NOW, age_confirmed=True)
    assert order.details.age_confirmed


def test_needed_consents_of_the_version_shown():
    basket = make_basket(make_product())
    missing = refuse(basket, errors.ConsentMissing, consents=[], now=NOW)
    assert sorted(missing.purposes) == ["privacy", "terms"]
    old = [ConsentGiven(given.purpose, "2019-01") for given in all_consents(NOW)]
    refuse(basket, errors.ConsentMissing, consents=old, now=NOW)


def test_goods_need_a_whole_address():
    basket = make_basket(make_product())
    to = make_destination()
    elsewhere = make_commune("Ba Đình", "00004", make_province("01", "Hà Nội"))
    gone = make_commune("Xã Cũ", "30000", valid_through=date(2025, 12, 31))
    for wrong in (
        {"province": None, "commune": None},
        {"commune": None},
        {"commune": elsewhere},
        {"commune": gone},
        {"recipient": "  "},
        {"phone": "0912345678"},
        {"phone": ""},
        {"street": "x" * 201},
        {"note": "a\x00b"},
    ):
        refuse(basket, errors.DestinationIncomplete, destination=replace(to, **wrong), now=NOW)


def test_what_cannot_be_sent_there_is_refused():
    product = make_product("Bánh", shelf_life_days=1)
    with override("en"):
        refused = refuse(make_basket(product), errors.CannotSend, now=NOW)
    assert refused.messages == [
        "Bánh: It may be on the way for 2 days but keeps only 1, so it cannot be sent there."
    ]


def test_services_alone_need_no_address():
    stay = make_product(
        "Homestay", 450_000, shipping_class=ShippingClass.NONE, set_number=26, stock=4
    )
    to = make_destination(province=None, street="")
    make_collector()
    order = place(
        make_basket(stay), destination=replace(to, province=None, commune=None),
        method="vietqr", now=NOW,
    )
    parcel = order.consignments.get()
    assert order.shipping_address is None
    assert (parcel.needs_delivery, parcel.fee_incl_tax, parcel.promise_on) == (False, 0, None)
    assert order.total_incl_tax == 450_000
    assert stock() == [(4, 1)]


def test_an_uncounted_service_takes_no_stock():
    visit = make_product("Tham quan", 50_000, stock=0, shipping_class=ShippingClass.NONE,
                         set_number=26)
    visit.product_class.track_stock = False
    visit.product_class.save()
    make_collector()
    order = place(make_basket((visit, 40)), method="vietqr", now=NOW)
    assert order.consignments.get().lines.get().kind == "uncounted"
    assert stock() == [(0, 0)]


def test_a_variant_is_sold_under_both_names():
    listing = make_product("Xoài", variants=[("Hộp 1 kg", 90_000, 5)])
    order = place(make_basket(listing.children.get()), now=NOW)
    assert order.lines.get().title == "Xoài – Hộp 1 kg"


@pytest.mark.parametrize("quantity", [0, 10_000, 2_000_000_000])
def test_impossible_quantities(quantity):
    product = make_product(stock=2_000_000_001)
    basket = make_basket((product, quantity))
    refuse(basket, errors.OfferChanged, now=NOW)


def test_larger_than_any_order_can_be():
    product = make_product(price=9_000_000, stock=9_999, gross_weight_g=1)
    refuse(make_basket((product, 9_999)), errors.TooMuch, now=NOW)


@pytest.mark.parametrize("method", ["card", "vietqr", "barter", ""])
def test_only_ways_of_paying_on_offer(method):
    refuse(make_basket(make_product()), errors.MethodNotOffered, method=method, now=NOW)


def test_a_way_of_paying_ended_by_a_dated_row():
    ends, begins = date(2026, 11, 23), date(2026, 11, 24)
    MethodTerms.objects.filter(method="cod").update(effective_through=ends)
    MethodTerms.objects.create(
        method="cod", effective_from=begins, is_offered=False, source="tests"
    )
    basket = make_basket(make_product())
    refuse(basket, errors.MethodNotOffered, now=NOW)
    assert place(basket, now=NOW - timedelta(days=1))


def test_beyond_the_limits_the_office_calls_first(sent):
    CodLimits.objects.update(new_phone_amount_max=100_000)
    producer = make_producer(email="p@example.test")
    order = place(make_basket(make_product(producer=producer)), now=NOW)
    assert order.status == "pending"
    assert order.consignments.get().released_at is None
    assert order.call_task.reasons == ["new_phone"]
    assert [m["template"] for m in sent] == ["order_placed"]
    assert sent[0]["context"]["is_called_first"] is True


def test_far_beyond_the_limits_is_refused():
    CodLimits.objects.update(refuse_order_amount_above=100_000)
    refuse(make_basket(make_product()), errors.CodRefused, now=NOW)


def test_a_signed_in_buyer(django_user_model):
    user = django_user_model.objects.create_user("khach@example.test")
    order = place(make_basket(make_product(), owner=user), user=user, now=NOW)
    assert order.user == user
    assert order.guest_email == ""
    assert {record.user for record in order.consents.all()} == {user}


def test_no_mail_without_an_address(sent):
    place(make_basket(make_product()), destination=make_destination(email=""), now=NOW)
    assert sent == []


def test_queries_do_not_grow_with_the_basket():
    """The whole guest checkout may take 110; this is its largest part."""

    def cost(products: int) -> int:
        basket = make_basket(*(make_product() for _number in range(products)))
        call = arguments(basket, now=NOW)
        place_order(**arguments(make_basket(make_product()), now=NOW))
        with CaptureQueriesContext(connection, ) as captured:
            place_order(**call)
        return len(captured)

    three = cost(3)
    assert three <= 55
    # Each further line takes its own stock record, and each producer has its mail.
    assert cost(6) <= three + 6
