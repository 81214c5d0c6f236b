"""What a code takes off, to the đồng: by line, by funder, and back again."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum
from oscar.apps.voucher.models import Voucher

from catalogue.models import ShippingClass
from marketplace.checkout.actions import place_order
from marketplace.checkout.errors import CodeGone, MethodNotOffered, OfferChanged
from marketplace.checkout.queries import offer
from marketplace.kernel import clock
from marketplace.orders import actions as orders
from marketplace.orders.actions import Missing
from marketplace.orders.actors import Actor
from marketplace.orders.models import ConsignmentLine
from marketplace.payments import actions as payments
from marketplace.payments import earnings, ledger, payout_actions
from marketplace.payments.models import CollectorAccount, FeeTerms, LedgerRow, Method
from marketplace.shipping.models import FreeThreshold
from marketplace.vouchers import actions
from marketplace.vouchers.models import VoucherUse
from tests.checkout.test_place_order_discounts import percent_off
from tests.factories.accounts import make_user
from tests.factories.catalogue import make_category, make_producer, make_product, make_province
from tests.factories.orders import arguments, make_basket, make_destination, make_tariff, place
from tests.factories.vouchers import Funder, Kind, enter, make_voucher, terms_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_frozen", "_tariff")]

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.fixture
def _frozen():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def _tariff(db):
    make_tariff()


@pytest.fixture
def lanh(db):
    return make_producer("Vườn Út Lành")


@pytest.fixture
def sen(db):
    return make_producer("Cơ sở Hương Sen")


def today(basket, **given):
    return offer(basket=basket, province=make_province(), now=NOW, **given)


def off(order):
    """What was taken off each line."""
    return [
        int(x.line_price_before_discounts_incl_tax - x.line_price_incl_tax)
        for x in order.lines.order_by("pk")
    ]


def nets():
    return LedgerRow.objects.aggregate(total=Sum("amount"))["total"]


# --- What is taken off ------------------------------------------------------------------


def test_per_cent_with_a_cap_is_split_by_largest_remainder(lanh, sen):
    voucher = make_voucher(percent=Decimal(7), cap_incl_tax=Decimal(5_000))
    basket = make_basket(
        make_product("A", 85_555, producer=lanh), make_product("B", 33_333, producer=sen)
    )
    order = place(enter(basket, voucher))
    # 7 % would be 8.322: the cap of 5.000 is split 85.555 : 33.333.
    assert off(order) == [3_598, 1_402]
    assert order.total_incl_tax == 85_555 + 33_333 - 5_000 + 40_000
    assert VoucherUse.objects.get().goods_incl_tax == 5_000
    assert [(d.voucher_code, d.amount) for d in order.discounts.all()] == [("SEN50", 5_000)]


@pytest.mark.parametrize(("price", "taken"), [(80_000, 50_000), (30_000, 30_000)])
def test_a_fixed_amount_takes_no_more_than_there_is(price, taken):
    voucher = make_voucher(amount=50_000)
    order = place(enter(make_basket(make_product(price=price)), voucher))
    assert off(order) == [taken]
    assert order.total_incl_tax == price - taken + 20_000


def test_only_goods_of_one_grower_chosen_goods_or_a_shelf_count(lanh, sen):
    fruit = make_category("Trái cây")
    mango = make_product("Xoài", 100_000, producer=lanh, category=fruit)
    tea = make_product("Trà", 100_000, producer=sen, category=make_category("Trà"))
    basket = make_basket(mango, tea)
    for number, chosen in enumerate(
        ({"producer": lanh}, {"listings": [mango]}, {"categories": [fruit]})
    ):
        enter(basket, make_voucher(f"CHON{number}", **chosen))
        assert [line.voucher_incl_tax for line in today(basket).lines] == [10_000, 0], chosen


def test_the_minimum_is_of_the_goods_that_count(lanh, sen):
    voucher = make_voucher(amount=20_000, minimum_incl_tax=Decimal(150_000), producer=lanh)
    basket = make_basket(
        make_product("Xoài", 100_000, producer=lanh), make_product("Trà", 500_000, producer=sen)
    )
    found = today(enter(basket, voucher))
    assert found.voucher_incl_tax == 0
    assert "50.000" in found.code.refused


def test_free_delivery_up_to_a_cap_over_all_parcels(lanh, sen):
    voucher = make_voucher(kind=Kind.DELIVERY, cap_incl_tax=Decimal(30_001))
    basket = make_basket(
        make_product(producer=lanh, price=100_000), make_product(producer=sen, price=50_000)
    )
    order = place(enter(basket, voucher))
    parcels = order.consignments.order_by("pk")
    assert [(c.fee_incl_tax, c.fee_discount_incl_tax) for c in parcels] == [
        (4_999, 15_001), (5_000, 15_000),
    ]
    assert order.shipping_incl_tax == 9_999
    # The carrier's fee is whole in the ledger; the marketplace owes what the buyer does not pay.
    assert ledger.balances(order) == {
        "buyer_receivable": 159_999, "voucher_funding": 30_001,
        "producer_payable": -150_000, "delivery": -40_000,
    }


def test_free_delivery_counts_for_nothing_where_it_is_free_or_nothing_is_sent():
    voucher = make_voucher(kind=Kind.DELIVERY)
    basket = make_basket(make_product(price=100_000, shipping_class=ShippingClass.NONE))
    found = today(enter(basket, voucher))
    assert found.code.judged is None
    assert found.total_incl_tax == 100_000


def test_a_code_never_makes_delivery_dearer(lanh):
    FreeThreshold.objects.create(
        producer=lanh, amount_incl_tax=100_000, effective_from=date(2026, 1, 1), source="tests"
    )
    basket = make_basket(make_product(price=100_000, producer=lanh))
    found = today(enter(basket, make_voucher()))
    assert (found.goods_incl_tax, found.fees_incl_tax) == (90_000, 0)


# --- Who pays ---------------------------------------------------------------------------


def test_the_grower_gets_the_whole_price_when_the_marketplace_pays(lanh):
    order = place(enter(make_basket(make_product(price=100_000, producer=lanh)), make_voucher()))
    assert ledger.balances(order) == {
        "buyer_receivable": 110_000, "voucher_funding": 10_000,
        "producer_payable": -100_000, "delivery": -20_000,
    }


def test_the_grower_gets_less_when_the_grower_pays(lanh):
    voucher = make_voucher(funder=Funder.PRODUCER, producer=lanh)
    order = place(enter(make_basket(make_product(price=100_000, producer=lanh)), voucher))
    assert ledger.balances(order) == {
        "buyer_receivable": 110_000, "producer_payable": -90_000, "delivery": -20_000,
    }
    assert earnings.sums([lanh.pk]).under_way == 90_000


def test_the_growers_free_delivery_is_taken_from_the_goods_and_never_below_zero(lanh):
    voucher = make_voucher(kind=Kind.DELIVERY, funder=Funder.PRODUCER, producer=lanh)
    order = place(enter(make_basket(make_product(price=15_000, producer=lanh)), voucher))
    assert ledger.balances(order) == {"buyer_receivable": 20_000, "delivery": -20_000}


def test_a_payout_is_what_the_grower_is_owed_after_its_own_code_and_the_fees(lanh):
    FeeTerms.objects.create(
        kind="platform", producer_kind="", percent=5, effective_from=date(2026, 1, 1), source="t"
    )
    voucher = make_voucher(funder=Funder.PRODUCER, producer=lanh)
    order = place(enter(make_basket(make_product(price=100_000, producer=lanh)), voucher))
    (parcel,) = order.consignments.all()
    for to in ("confirmed", "packed", "handed_over", "delivered", "completed"):
        orders.move(consignment_id=parcel.pk, to=to, actor=Actor.office(None), now=NOW)
    payments.remit(consignment_id=parcel.pk, reference="1", actor=make_user(), now=NOW)
    assert [e.amount for e in payout_actions.ready(lanh.pk)] == [85_500]
    assert nets() == 0


# --- And back again ---------------------------------------------------------------------


def drop_one(order, *, twice=False):
    """Of the first line one piece is missing; the buyer takes the money back."""
    parcel = order.consignments.order_by("pk").first()
    line = parcel.lines.first()
    for _time in range(2 if twice else 1):
        asked = orders.ask_buyer(
            consignment_id=parcel.pk,
            lines=[Missing(line.pk, ConsignmentLine.objects.get(pk=line.pk).quantity_left - 1)],
            note="Hư một thùng.", actor=Actor.office(None), now=NOW,
        )
        orders.answer_short_pack(
            short_pack_id=asked.pk, answer="money_back", actor=Actor.buyer(), now=NOW
        )
    parcel.refresh_from_db()
    return parcel


@pytest.mark.parametrize("own", [False, True])
def test_what_is_missing_takes_its_share_of_the_discount_along(lanh, own):
    voucher = make_voucher(
        amount=10_001, producer=lanh, funder=Funder.PRODUCER if own else Funder.PLATFORM
    )
    product = make_product(price=50_000, producer=lanh, gross_weight_g=300)
    order = place(enter(make_basket((product, 3)), voucher))
    parcel = drop_one(order)
    assert (parcel.reduced_incl_tax, parcel.lapsed_discount_incl_tax) == (46_666, 3_334)
    funding = {} if own else {"voucher_funding": 6_667}
    assert ledger.balances(order) == {
        "buyer_receivable": 150_000 - 10_001 - 46_666 + 20_000,
        "producer_payable": -(100_000 - (6_667 if own else 0)),
        "delivery": -20_000,
        **funding,
    }
    drop_one(order)
    assert nets() == 0


def test_funding_by_both_lapses_in_proportion_and_ends_at_zero(lanh):
    percent_off(7)
    voucher = make_voucher(percent=Decimal(3), funder=Funder.PRODUCER, producer=lanh)
    order = place(
        enter(
            make_basket(
                (make_product(price=33_333, producer=lanh), 3),
                make_product(price=10_001, producer=lanh),
            ),
            voucher,
        )
    )
    parcel = drop_one(order, twice=True)
    balances = ledger.balances(order)
    left = parcel.discount_left_incl_tax
    own = parcel.own_discount_incl_tax
    assert 0 < balances["voucher_funding"] < left
    # The payable is the goods left, less the producer's own part of what is still off.
    assert -balances["producer_payable"] == 43_334 - (left - balances["voucher_funding"])
    assert left - balances["voucher_funding"] < own
    orders.cancel_order(order_id=order.pk, actor=Actor.office(None), reason="x", now=NOW)
    assert ledger.balances(order) == {}


@pytest.mark.parametrize("kind", [Kind.PERCENT, Kind.DELIVERY])
@pytest.mark.parametrize("own", [False, True])
def test_cancelling_reverses_all_of_it_and_gives_the_use_back(lanh, kind, own):
    voucher = make_voucher(
        kind=kind, uses_max=1, producer=lanh, funder=Funder.PRODUCER if own else Funder.PLATFORM
    )
    order = place(enter(make_basket(make_product(price=100_000, producer=lanh)), voucher))
    assert terms_of(voucher).uses == 1
    orders.cancel_order(order_id=order.pk, actor=Actor.buyer(), now=NOW)
    assert ledger.balances(order) == {}
    voucher.refresh_from_db()
    assert (terms_of(voucher).uses, voucher.num_orders, voucher.total_discount) == (0, 0, 0)
    assert VoucherUse.objects.get().given_back_at == NOW
    place(enter(make_basket(make_product(price=100_000, producer=lanh)), voucher))


def test_a_part_cancelled_keeps_the_use_and_reverses_its_part(lanh, sen):
    voucher = make_voucher()
    order = place(
        enter(
            make_basket(
                make_product(price=100_000, producer=lanh), make_product(price=50_000, producer=sen)
            ),
            voucher,
        )
    )
    first = order.consignments.order_by("pk").first()
    orders.move(consignment_id=first.pk, to="cancelled", actor=Actor.buyer(), now=NOW)
    assert ledger.balances(order) == {
        "buyer_receivable": 65_000, "voucher_funding": 5_000,
        "producer_payable": -50_000, "delivery": -20_000,
    }
    assert terms_of(voucher).uses == 1


def test_what_came_back_after_delivery_is_owed_to_the_buyer_without_the_discount(lanh):
    voucher = make_voucher(funder=Funder.PRODUCER, producer=lanh)
    order = place(enter(make_basket(make_product(price=100_000, producer=lanh)), voucher))
    (parcel,) = order.consignments.all()
    for to in ("confirmed", "packed", "handed_over", "delivered", "returned"):
        orders.move(
            consignment_id=parcel.pk, to=to, actor=Actor.office(None), reason="Hư", now=NOW
        )
    assert ledger.balances(order) == {"carrier_cash": 110_000, "refund_owed": -110_000}
    # It was sent, so the use stays used.
    assert terms_of(voucher).uses == 1


# --- Limits, judged again when the order is placed --------------------------------------


def seen_then(voucher, change):
    """The buyer sees the code count; then something happens; then the order is sent."""
    basket = enter(make_basket(make_product(price=100_000)), voucher)
    call = arguments(basket)
    assert call["expected"].code == voucher.code
    change()
    with pytest.raises(OfferChanged) as changed:
        place_order(**call)
    assert not VoucherUse.objects.filter(order__basket=basket).exists()
    basket.refresh_from_db()
    assert basket.status == basket.OPEN
    assert basket.vouchers.get() == voucher
    return changed.value.messages


def test_a_code_that_ended_meanwhile_is_a_changed_offer():
    voucher = make_voucher(last_day=date(2026, 11, 24))

    def wait():
        type(voucher.voucher_set).objects.update(end_datetime=NOW - timedelta(hours=1))

    assert seen_then(voucher, wait)[0] == "Mã SEN50 có hiệu lực đến hết ngày 24/11/2026."


def test_a_code_that_was_stopped_meanwhile_is_a_changed_offer():
    voucher = make_voucher()
    stop = lambda: actions.stop(  # noqa: E731
        pk=voucher.voucher_set_id, reason="", actor=make_user(), now=NOW
    )
    assert seen_then(voucher, stop) == ["Mã SEN50 không còn hiệu lực."]


def test_the_last_use_is_gone_at_the_very_moment(monkeypatch):
    voucher = make_voucher(uses_max=1)
    call = arguments(enter(make_basket(make_product(price=100_000)), voucher))
    monkeypatch.setattr(actions, "take_one", lambda terms_id: False)
    with pytest.raises(CodeGone):
        place_order(**call)
    assert not LedgerRow.objects.exists()


def test_one_phone_number_uses_a_code_so_often_and_others_still_may():
    voucher = make_voucher(uses_per_phone=1)
    place(enter(make_basket(make_product(price=100_000)), voucher))
    basket = enter(make_basket(make_product(price=100_000)), voucher)
    assert today(basket).voucher_incl_tax == 10_000
    assert today(basket, phone="+84912345678").voucher_incl_tax == 0
    order = place(basket, destination=make_destination(phone="+84900000001"))
    assert order.total_incl_tax == 110_000


def test_each_code_of_a_batch_is_good_once():
    make_voucher(batch=3)
    first, second, _third = Voucher.objects.select_related("voucher_set__terms").order_by("pk")
    terms = first.voucher_set.terms
    place(enter(make_basket(make_product(price=100_000)), first))
    assert today(enter(make_basket(make_product(price=100_000)), first)).voucher_incl_tax == 0
    place(enter(make_basket(make_product(price=100_000)), second))
    terms.refresh_from_db()
    assert (terms.uses, terms.uses_max) == (2, 3)


def test_nothing_to_pay_is_nothing_for_a_bank():
    CollectorAccount.objects.create(
        bank_bin="970405", bank_name="x", account_no="1", holder="X",
        effective_from=date(2026, 1, 1), source="t",
    )
    voucher = make_voucher(amount=500_000)
    product = make_product(price=100_000, shipping_class=ShippingClass.NONE)
    basket = enter(make_basket(product), voucher)
    with pytest.raises(MethodNotOffered):
        place(basket, method=Method.VIETQR)
    assert place(basket).total_incl_tax == 0


def test_an_ordinary_basket_asks_no_more_than_before(django_assert_num_queries):
    basket = make_basket(make_product(price=100_000))
    province = make_province()
    with django_assert_num_queries(3):
        offer(basket=basket, province=province, now=NOW)
