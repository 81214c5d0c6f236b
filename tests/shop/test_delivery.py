"""What the product page promises for a province, and where it says that it cannot send."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from catalogue.models import ShippingClass
from marketplace.kernel import clock
from marketplace.shipping.models import NotOffered, Rate, Zone, ZoneMember
from marketplace.shop.delivery import out_of_reach
from tests.factories.catalogue import make_product, make_province

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
SINCE = date(2026, 1, 1)


@pytest.fixture(autouse=True)
def _standing_clock_and_language():
    with clock.frozen(NOW), translation.override("vi"):
        yield


@pytest.fixture
def zones(db):
    """Quick to the delta, four days to the north; chilled goods do not go there."""
    made = {}
    for code, name, days in (("mekong", "Đồng bằng", 1), ("north", "Miền Bắc", 4)):
        made[code] = zone = Zone.objects.create(code=code, name_vi=name, name_en=code.title())
        for kind in (ShippingClass.AMBIENT, ShippingClass.FRESH):
            Rate.objects.create(
                zone=zone, shipping_class=kind, weight_from_g=1, weight_through_g=20_000,
                fee_incl_tax=22_000, transit_days_min=1, transit_days_max=days,
                effective_from=SINCE, source="tests",
            )
    NotOffered.objects.create(
        zone=made["north"], shipping_class=ShippingClass.CHILLED, reason_vi="Chưa có xe lạnh.",
        reason_en="No chilled lorry yet.", effective_from=SINCE, source="tests",
    )
    for code, province in (
        ("mekong", make_province()),
        ("north", make_province("01", "Hà Nội", region="north")),
    ):
        ZoneMember.objects.create(
            zone=made[code], province=province, effective_from=SINCE, source="tests"
        )
    return made


def facts(product):
    return [(fact.term, fact.value) for fact in out_of_reach(product, product, NOW.date())]


def test_what_keeps_too_short_is_not_sent_far(zones):
    product = make_product(shelf_life_days=3, shipping_class=ShippingClass.FRESH)
    with translation.override("en"):
        assert facts(product) == [
            ("Not sent to: North", "keeps 3 days, may be 4 days on the way")
        ]
    assert facts(make_product(shelf_life_days=4, shipping_class=ShippingClass.FRESH)) == []


def test_a_class_that_does_not_go_there_has_its_reason(zones):
    product = make_product(shelf_life_days=30, shipping_class=ShippingClass.CHILLED)
    assert ("Không giao tới: Miền Bắc", "Chưa có xe lạnh.") in facts(product) or (
        "Not sent to: Miền Bắc", "Chưa có xe lạnh."
    ) in facts(product)


def test_services_are_sent_nowhere_and_say_nothing(zones):
    assert facts(make_product(shipping_class=ShippingClass.NONE)) == []


def test_the_page_says_day_and_fee_for_the_chosen_province(client, zones):
    product = make_product(shelf_life_days=3, shipping_class=ShippingClass.FRESH)
    path = product.get_absolute_url()

    asked = client.get(path).content.decode()
    near = client.get(f"{path}?giao-den=82").content.decode()
    far = client.get(f"{path}?giao-den=01").content.decode()

    assert 'name="giao-den"' in asked
    assert "22.000" not in asked
    assert "22.000" in near
    assert "26/11" in near
    assert "22.000" not in far
    assert "Hà Nội" in far


def test_over_tet_the_page_says_what_would_not_arrive_in_time(zones):
    product = make_product(shelf_life_days=2, shipping_class=ShippingClass.FRESH)
    assert [term for term, _reason in facts(product)] == ["Không giao tới: Miền Bắc"]
    with translation.override("en"):
        said = out_of_reach(product, product, date(2027, 2, 2))
    assert [(fact.term, fact.value) for fact in said] == [
        (
            "Not sent to: Mekong",
            "keeps 2 days; over the holidays it would not arrive in time",
        ),
        ("Not sent to: North", "keeps 2 days, may be 4 days on the way"),
    ]
