"""Fees, promises and refusals of one consignment."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from catalogue.models import ShippingClass
from marketplace.shipping.models import FreeThreshold, WorkingDayException
from marketplace.shipping.queries import QuoteLine, RefusalCode, quote, quote_all
from tests.factories.catalogue import make_commune, make_producer, make_product, make_province
from tests.factories.orders import SINCE, make_not_offered, make_rate, make_tariff, make_zone

pytestmark = pytest.mark.django_db

#: A Tuesday, 10:00 in Viet Nam.
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.fixture
def zone():
    return make_tariff()


def ask(*lines, producer=None, now=NOW, commune=None, province=None):
    lines = [line if isinstance(line, tuple) else (line, 1, Decimal(100_000)) for line in lines]
    commune = commune or make_commune()
    return quote(
        producer=producer or lines[0][0].listing.producer,
        lines=lines,
        province=province or commune.province,
        commune=commune,
        now=now,
    )


def test_the_band_of_the_whole_weight_decides(zone):
    mango = make_product(gross_weight_g=2_500)
    assert ask(mango).fee_incl_tax == 20_000
    at_the_edge = ask((mango, 2, Decimal(285_000)))
    assert (at_the_edge.weight_g, at_the_edge.fee_incl_tax) == (5_000, 20_000)
    above = ask((mango, 3, Decimal(285_000)))
    assert (above.weight_g, above.fee_incl_tax) == (7_500, 40_000)
    assert above.goods_incl_tax == 855_000
    assert above.total_incl_tax == 895_000


def test_the_strictest_class_decides_for_a_mixed_consignment(zone):
    producer = make_producer()
    jam = make_product("Mứt", producer=producer, gross_weight_g=400)
    nem = make_product(
        "Nem", producer=producer, gross_weight_g=400, shipping_class=ShippingClass.CHILLED
    )
    assert ask(jam).fee_incl_tax == 20_000
    mixed = ask(jam, nem)
    assert (mixed.shipping_class, mixed.fee_incl_tax) == (ShippingClass.CHILLED, 45_000)


def test_too_heavy_is_refused_with_a_reason(zone):
    rice = make_product("Gạo", gross_weight_g=5_100)
    heavy = ask((rice, 4, Decimal(150_000)))
    assert [r.code for r in heavy.refusals] == [RefusalCode.TOO_HEAVY]
    assert "20" in heavy.refusals[0].reason
    assert not heavy.can_send
    assert heavy.promise_on is None
    assert ask((rice, 3, Decimal(150_000))).can_send


def test_a_transit_longer_than_the_shelf_life_is_refused(zone):
    bread = make_product(shelf_life_days=1)
    slow = ask(bread)
    assert [r.code for r in slow.refusals] == [RefusalCode.TOO_SLOW]
    assert ask(make_product(shelf_life_days=2)).can_send
    assert ask(make_product(shelf_life_days=None)).can_send


def test_what_is_not_offered_says_why_in_the_readers_language(zone):
    islands = make_zone("islands", make_commune("Thổ Châu", "31105"))
    make_rate(islands, ShippingClass.AMBIENT, 90_000, days=(3, 7))
    make_not_offered(islands, ShippingClass.FRESH)
    producer = make_producer()
    fresh = make_product(producer=producer, shipping_class=ShippingClass.FRESH, gross_weight_g=1)
    dry = make_product(producer=producer, gross_weight_g=400, shelf_life_days=None)
    commune = make_commune("Thổ Châu", "31105")
    with override("vi"):
        assert ask(fresh, commune=commune).refusals[0].reason == "Không gửi được."
    with override("en"):
        mixed = ask(fresh, dry, commune=commune)
    assert [(r.line.unit, r.code, r.reason) for r in mixed.refusals] == [
        (fresh, RefusalCode.NOT_OFFERED, "Cannot be sent.")
    ]
    # What can be sent is quoted as if the rest were not there.
    assert (mixed.fee_incl_tax, mixed.weight_g) == (90_000, 400)


def test_a_commune_wins_over_its_province(zone):
    island = make_commune("Đảo", "31105")
    make_rate(make_zone("islands", island), ShippingClass.AMBIENT, 90_000, days=(3, 5))
    product = make_product(gross_weight_g=100)
    assert ask(product, commune=island).fee_incl_tax == 90_000
    assert ask(product).fee_incl_tax == 20_000


def test_a_place_in_no_zone_is_refused_not_free(zone):
    nowhere = make_province("01", "Hà Nội")
    commune = make_commune("Ba Đình", "00004", nowhere)
    refused = ask(make_product(), province=nowhere, commune=commune)
    assert [r.code for r in refused.refusals] == [RefusalCode.NOT_OFFERED]


def test_free_from_the_threshold_on(zone):
    producer = make_producer()
    FreeThreshold.objects.create(
        producer=producer, amount_incl_tax=500_000, effective_from=SINCE, source="tests"
    )
    product = make_product(producer=producer, gross_weight_g=100)
    below = ask((product, 1, Decimal(499_999)))
    assert (below.fee_incl_tax, below.missing_for_free) == (20_000, 1)
    met = ask((product, 1, Decimal(500_000)))
    assert (met.fee_incl_tax, met.ordinary_fee_incl_tax, met.missing_for_free) == (0, 20_000, None)
    # A voucher that brings the goods below the threshold ends the free delivery.
    found = quote_all(
        groups=[(producer, [QuoteLine(product, 1, Decimal(500_000))])],
        province="82",
        now=NOW,
        discounts={producer.pk: Decimal(1)},
    )
    assert found[producer.pk].fee_incl_tax == 20_000


def test_a_threshold_holds_on_its_days_only(zone):
    producer = make_producer()
    FreeThreshold.objects.create(
        producer=producer, amount_incl_tax=1, effective_from=date(2026, 11, 25),
        effective_through=date(2026, 11, 25), source="tests",
    )
    product = make_product(producer=producer, gross_weight_g=100)
    fees = [
        ask(product, now=datetime(2026, 11, day, 3, tzinfo=UTC)).fee_incl_tax
        for day in (24, 25, 26)
    ]
    assert fees == [20_000, 0, 20_000]


def test_a_new_price_list_holds_from_its_day_in_vietnam():
    zone = make_zone("same", make_province())
    make_rate(zone, fee=20_000, through=date(2026, 11, 30))
    make_rate(zone, fee=25_000, since=date(2026, 12, 1))
    product = make_product()
    # 16:59 UTC is 23:59 in Viet Nam.
    assert ask(product, now=datetime(2026, 11, 30, 16, 59, tzinfo=UTC)).fee_incl_tax == 20_000
    assert ask(product, now=datetime(2026, 11, 30, 17, 0, tzinfo=UTC)).fee_incl_tax == 25_000


def test_services_need_no_address_and_cost_nothing(zone):
    stay = make_product("Homestay", shipping_class=ShippingClass.NONE, set_number=26)
    quoted = ask(stay)
    assert (quoted.needs_delivery, quoted.fee_incl_tax, quoted.promise_on) == (False, 0, None)
    assert quoted.can_send


@pytest.mark.parametrize(
    ("now", "preparation", "promise"),
    [
        # Tuesday, one day to prepare, two on the way.
        (NOW, 1, date(2026, 11, 27)),
        # Friday: Monday, then Wednesday.
        (datetime(2026, 11, 27, 3, tzinfo=UTC), 1, date(2026, 12, 2)),
        # Ready at once on a Sunday: Monday, then Wednesday.
        (datetime(2026, 11, 29, 3, tzinfo=UTC), 0, date(2026, 12, 2)),
        # Thursday a week before Tết: nothing in the way yet.
        (datetime(2027, 1, 28, 3, tzinfo=UTC), 1, date(2027, 2, 2)),
        # Ready on the last working day before Tết 2027 (3 February), on the way after it.
        (datetime(2027, 2, 2, 3, tzinfo=UTC), 1, date(2027, 2, 12)),
    ],
)
def test_the_promise_counts_working_days(zone, now, preparation, promise):
    product = make_product(producer=make_producer(preparation_days=preparation))
    assert ask(product, now=now).promise_on == promise


def test_no_promise_falls_into_tet(zone):
    """Mùng 1 Tết Đinh Mùi is 6 February 2027; its days off are 4 to 10 February."""
    product = make_product(producer=make_producer(preparation_days=1), gross_weight_g=100)
    quoted = ask(product, now=datetime(2027, 2, 3, 3, tzinfo=UTC))
    assert quoted.handover_on == date(2027, 2, 11)
    assert quoted.promise_on == date(2027, 2, 15)


def test_what_keeps_three_days_is_not_sent_over_tet(zone):
    """Handed over on 3 February 2027 it would lie until the 12th; afterwards it goes again."""
    producer = make_producer(preparation_days=1)
    plum = make_product(producer=producer, shelf_life_days=3, gross_weight_g=100)
    jam = make_product(producer=producer, shelf_life_days=300, gross_weight_g=100)
    before, during = datetime(2027, 2, 2, 3, tzinfo=UTC), datetime(2027, 2, 9, 3, tzinfo=UTC)
    with override("en"):
        quoted = ask(plum, jam, now=before)
    assert [(r.line.unit, r.code, r.reason) for r in quoted.refusals] == [
        (
            plum,
            RefusalCode.TOO_SLOW,
            "With the weekends and holidays ahead it would be on the way for 9 days but keeps"
            " only 3, so it cannot be sent there now.",
        )
    ]
    assert ask(jam, now=before).can_send
    assert ask(plum, now=datetime(2027, 2, 1, 3, tzinfo=UTC)).refusals != ()
    after = ask(plum, now=during)
    assert (after.can_send, after.handover_on, after.promise_on) == (
        True, date(2027, 2, 15), date(2027, 2, 17),
    )


def test_what_keeps_three_days_waits_for_monday(zone):
    """Ready on a Friday, two days on the way: over the weekend it would be four."""
    producer = make_producer(preparation_days=1)
    plum = make_product(producer=producer, shelf_life_days=3, gross_weight_g=100)
    jam = make_product(producer=producer, gross_weight_g=100)
    thursday = datetime(2026, 11, 26, 3, tzinfo=UTC)
    assert ask(jam, now=thursday).handover_on == date(2026, 11, 27)
    mixed = ask(plum, jam, now=thursday)
    assert (mixed.handover_on, mixed.promise_on) == (date(2026, 11, 30), date(2026, 12, 2))
    assert mixed.can_send


def test_the_days_can_be_corrected_by_hand(zone):
    product = make_product(producer=make_producer(preparation_days=1))
    WorkingDayException.objects.create(day=date(2026, 11, 25), name="Nghỉ bù", source="tests")
    assert ask(product).promise_on == date(2026, 11, 30)
    WorkingDayException.objects.create(
        day=date(2026, 11, 28), is_working=True, name="Làm bù", source="tests"
    )
    assert ask(product).promise_on == date(2026, 11, 28)


def test_landed_price_per_kilogram(zone):
    producer = make_producer()
    three_kg = make_product(producer=producer, net_weight_g=3_000, gross_weight_g=3_400)
    assert ask((three_kg, 1, Decimal(285_000))).per_kg_landed == 101_667
    unweighed = make_product(producer=producer, net_weight_g=None, gross_weight_g=900)
    assert ask((three_kg, 1, Decimal(285_000)), unweighed).per_kg_landed is None


def test_one_query_for_any_basket(zone, django_assert_num_queries):
    groups = [
        (product.producer, [(product, 1, Decimal(1_000))])
        for product in (make_product() for _number in range(5))
    ]
    with django_assert_num_queries(1):
        assert len(quote_all(groups=groups, province="82", now=NOW)) == 5


def test_two_fees_for_one_parcel_are_impossible(zone):
    with pytest.raises(IntegrityError, match="delivery_rate_one_fee_ambient"), transaction.atomic():
        make_rate(zone, ShippingClass.AMBIENT, 1, weights=(4_000, 6_000))
    make_rate(zone, ShippingClass.AMBIENT, 1, weights=(20_001, 30_000))
