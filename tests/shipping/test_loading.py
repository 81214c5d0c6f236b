"""An operator's price list out of a file."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from marketplace.shipping.loading import load_rates
from marketplace.shipping.models import NotOffered, Rate, ZoneMember
from tests.factories.catalogue import make_commune, make_province

pytestmark = pytest.mark.django_db

CONTENT = Path(__file__).parents[2] / "marketplace" / "demo" / "content"


def test_the_demo_price_list_loads_twice_to_the_same():
    make_province("82")
    island = make_commune("Phú Quốc", "31078", make_province("91", "An Giang"))
    rates = load_rates(CONTENT / "shipping.toml")
    first = list(Rate.objects.order_by("zone__code", "shipping_class", "weight_from_g").values(
        "zone__code", "shipping_class", "weight_from_g", "weight_through_g", "fee_incl_tax"
    ))
    assert rates == len(first) > 100
    assert load_rates(CONTENT / "shipping.toml") == rates
    assert first == list(
        Rate.objects.order_by("zone__code", "shipping_class", "weight_from_g").values(
            "zone__code", "shipping_class", "weight_from_g", "weight_through_g", "fee_incl_tax"
        )
    )
    assert ZoneMember.objects.get(province="82").zone.code == "same"
    assert NotOffered.objects.count() == 5
    member = ZoneMember.objects.filter(commune=island).first()
    assert member is None or member.zone.code == "islands"


def test_a_later_list_ends_the_earlier(tmp_path):
    make_province("82")
    zones = """
[[zone]]
code = "same"
name_vi = "Trong tỉnh"
name_en = "Here"
[[province]]
code = "82"
zone = "same"
"""
    (tmp_path / "provinces.toml").write_text(zones)
    for starts, fee in (("2026-01-01", 10_000), ("2026-07-01", 12_000)):
        (tmp_path / "shipping.toml").write_text(f"""
[[tariff]]
class = "ambient"
zone = "same"
transit_days_min = 1
transit_days_max = 2
bands = [{{ up_to_g = 1000, fee_incl_tax = {fee} }}]
effective_from = "{starts}"
source = "tests"
""")
        load_rates(tmp_path / "shipping.toml")
    assert list(
        Rate.objects.order_by("effective_from").values_list(
            "fee_incl_tax", "effective_from", "effective_through"
        )
    ) == [
        (Decimal(10_000), date(2026, 1, 1), date(2026, 6, 30)),
        (Decimal(12_000), date(2026, 7, 1), None),
    ]
