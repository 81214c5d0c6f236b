"""Oscar's offers and vouchers are neither lost nor refused: split, recorded, and funded."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from oscar.apps.offer.models import Benefit, Condition, ConditionalOffer, Range
from oscar.apps.voucher.models import Voucher

from marketplace.checkout.queries import offer
from marketplace.payments import ledger
from tests.factories.catalogue import make_producer, make_product, make_province
from tests.factories.orders import make_basket, make_tariff, place

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _tariff(db):
    make_tariff()


def percent_off(value: int, **fields) -> ConditionalOffer:
    everything = Range.objects.create(name="everything", includes_all_products=True)
    return ConditionalOffer.objects.create(
        name=f"{value} %",
        condition=Condition.objects.create(range=everything, type=Condition.COUNT, value=1),
        benefit=Benefit.objects.create(range=everything, type=Benefit.PERCENTAGE, value=value),
        **fields,
    )


def test_seven_per_cent_off_in_whole_dong():
    percent_off(7)
    first, second = make_producer(), make_producer()
    basket = make_basket(
        make_product("Xoài", 85_555, producer=first), make_product("Trà", 33_333, producer=second)
    )
    order = place(basket, now=NOW)
    lines = list(order.lines.order_by("pk"))
    assert [x.line_price_before_discounts_incl_tax for x in lines] == [85_555, 33_333]
    off = [x.line_price_before_discounts_incl_tax - x.line_price_incl_tax for x in lines]
    assert off == [5_989, 2_333]
    assert all(x == x.to_integral_value() for x in off)
    assert order.total_incl_tax == sum(x.line_price_incl_tax for x in lines) + 40_000
    assert order.discounts.get().amount == sum(off)
    assert [c.discount_incl_tax for c in order.consignments.order_by("pk")] == off
    # The producers get the full price; whoever gave the offer owes the difference.
    assert ledger.balances(order) == {
        "buyer_receivable": order.total_incl_tax,
        "voucher_funding": sum(off),
        "producer_payable": -118_888,
        "delivery": -40_000,
    }
    assert ledger.payable_to(first.pk) == 85_555


def test_a_code_made_in_oscars_dashboard_counts_for_nothing():
    """It knows neither limits by phone number nor a funder; ``vouchers`` gives codes out."""
    found = percent_off(10, offer_type=ConditionalOffer.VOUCHER)
    voucher = Voucher.objects.create(
        name="Tết", code="TET", usage=Voucher.SINGLE_USE,
        start_datetime=datetime(2026, 1, 1, tzinfo=UTC),
        end_datetime=datetime(2036, 1, 1, tzinfo=UTC),
    )
    voucher.offers.add(found)
    basket = make_basket(make_product(price=100_000))
    basket.vouchers.add(voucher)
    assert place(basket, now=NOW).total_incl_tax == 120_000


def test_the_offer_shown_is_the_offer_placed():
    percent_off(10)
    basket = make_basket((make_product(price=99_999), 3))
    today = offer(basket=basket, province=make_province(), now=NOW)
    assert today.groups[0].discount_incl_tax == Decimal(30_000)
    order = place(basket, expected=today.expected, now=NOW)
    assert order.total_incl_tax == today.total_incl_tax
