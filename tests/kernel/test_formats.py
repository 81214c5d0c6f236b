from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation

from marketplace.kernel import clock, formats
from marketplace.kernel.money import Money

LATE = datetime(2026, 11, 23, 18, 5, tzinfo=UTC)  # already the 24th in Viet Nam


def spaced(text: str) -> str:
    """The text with its no-break spaces made visible."""
    return text.replace("\u00a0", "~")


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (285000, "285.000~₫", "₫285,000"),
        (Decimal("4862000.00"), "4.862.000~₫", "₫4,862,000"),
        (0, "0~₫", "₫0"),
        (-153600, "–153.600~₫", "–₫153,600"),
        (Decimal("999.5"), "1.000~₫", "₫1,000"),
        (Money("3.1", "USD"), "3,10~USD", "USD~3.10"),
        (Money("-1234.5", "USD"), "–1.234,50~USD", "–USD~1,234.50"),
        (None, "", ""),
    ],
)
def test_money(value, vi, en):
    assert spaced(formats.money(value, "vi")) == vi
    assert spaced(formats.money(value, "en")) == en


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [(1234567, "1.234.567", "1,234,567"), (999, "999", "999"), (-1000, "–1.000", "–1,000")],
)
def test_number(value, vi, en):
    assert formats.number(value, "vi") == vi
    assert formats.number(value, "en") == en


@pytest.mark.parametrize(
    ("value", "places", "vi", "en"),
    [
        (Decimal("4.80"), None, "4,8", "4.8"),
        (Decimal("4.85"), 1, "4,9", "4.9"),
        (4.8, None, "4,8", "4.8"),
        (Decimal("1234.5"), 2, "1.234,50", "1,234.50"),
        (Decimal("1E+3"), None, "1.000", "1,000"),
        (7, None, "7", "7"),
        (None, None, "", ""),
    ],
)
def test_decimal(value, places, vi, en):
    assert formats.decimal(value, places, "vi") == vi
    assert formats.decimal(value, places, "en") == en


@pytest.mark.parametrize(
    ("grams", "vi", "en"),
    [
        (500, "500~g", "500~g"),
        (1000, "1~kg", "1~kg"),
        (1500, "1,5~kg", "1.5~kg"),
        (1250, "1,25~kg", "1.25~kg"),
        (12_000_000, "12.000~kg", "12,000~kg"),
        (None, "", ""),
    ],
)
def test_weight(grams, vi, en):
    assert spaced(formats.weight(grams, "vi")) == vi
    assert spaced(formats.weight(grams, "en")) == en


def test_volume():
    assert spaced(formats.volume(330, "vi")) == "330~ml"
    assert spaced(formats.volume(1500, "en")) == "1.5~l"


@pytest.mark.parametrize(
    ("price", "quantities", "vi", "en"),
    [
        (285000, {"net_weight_g": 3000, "basis": "kg"}, "95.000~₫/kg", "₫95,000/kg"),
        (89000, {"net_weight_g": 200, "basis": "100g"}, "44.500~₫/100~g", "₫44,500/100~g"),
        (10000, {"net_weight_g": 3000, "basis": "kg"}, "3.333~₫/kg", "₫3,333/kg"),
        (60000, {"net_volume_ml": 750, "basis": "l"}, "80.000~₫/l", "₫80,000/l"),
        (60000, {"net_volume_ml": 750, "basis": "100ml"}, "8.000~₫/100~ml", "₫8,000/100~ml"),
        (120000, {"net_count": 10, "basis": "piece"}, "12.000~₫/cái", "₫12,000/piece"),
        (
            120000,
            {"net_count": 10, "basis": "piece", "count_word": "trái"},
            "12.000~₫/trái",
            "₫12,000/trái",
        ),
        (120000, {"net_count": 10, "basis": "none"}, "", ""),
        (120000, {"net_count": 10, "basis": "kg"}, "", ""),
        (None, {"net_count": 10, "basis": "piece"}, "", ""),
    ],
)
def test_unit_price(price, quantities, vi, en):
    assert spaced(formats.unit_price(price, **quantities, lang="vi")) == vi
    assert spaced(formats.unit_price(price, **quantities, lang="en")) == en


def test_dates_are_those_of_viet_nam():
    assert formats.date(date(2026, 11, 2), "vi") == "02/11/2026"
    assert formats.date(date(2026, 11, 2), "en") == "2 Nov 2026"
    assert formats.date(LATE, "vi") == "24/11/2026"
    assert formats.date(None, "vi") == ""
    assert formats.datetime_(LATE, "vi") == "24/11/2026 01:05"
    assert formats.datetime_(LATE, "en") == "24 Nov 2026, 01:05"
    assert formats.time(LATE) == "01:05"
    assert formats.day_month(LATE, "vi") == "24/11"
    assert formats.day_month(LATE, "en") == "24 Nov"
    with pytest.raises(ValueError, match="time zone"):
        formats.date(datetime(2026, 11, 2), "vi")


@pytest.mark.parametrize(
    ("day", "vi", "en"),
    [
        (date(2026, 11, 23), "Thứ hai 23/11", "Mon 23 Nov"),
        (date(2026, 11, 25), "Thứ tư 25/11", "Wed 25 Nov"),
        (date(2026, 11, 29), "Chủ nhật 29/11", "Sun 29 Nov"),
    ],
)
def test_weekday_date(day, vi, en):
    assert formats.weekday_date(day, "vi") == vi
    assert formats.weekday_date(day, "en") == en


@pytest.mark.parametrize(
    ("first", "last", "vi", "en"),
    [
        (date(2026, 11, 20), date(2026, 11, 20), "20/11/2026", "20 Nov 2026"),
        (date(2026, 11, 2), date(2026, 11, 25), "02–25/11/2026", "2–25 Nov 2026"),
        (date(2026, 9, 20), date(2026, 11, 20), "20/09–20/11/2026", "20 Sep – 20 Nov 2026"),
        (
            date(2026, 12, 28),
            date(2027, 1, 3),
            "28/12/2026–03/01/2027",
            "28 Dec 2026 – 3 Jan 2027",
        ),
    ],
)
def test_date_range(first, last, vi, en):
    assert formats.date_range(first, last, "vi") == vi
    assert formats.date_range(first, last, "en") == en


@pytest.mark.parametrize(
    ("e164", "written"),
    [
        ("+84912345678", "0912 345 678"),
        ("+842773851234", "0277 3851 234"),
        ("+8419000000", "1900 0000"),
        ("+33612345678", "+33 6 12 34 56 78"),
        ("call me", "call me"),
        ("", ""),
        (None, ""),
    ],
)
def test_phone(e164, written):
    assert formats.phone(e164) == written


@pytest.mark.parametrize(
    ("past", "vi", "en"),
    [
        (timedelta(seconds=59), "vừa xong", "just now"),
        (timedelta(seconds=-5), "vừa xong", "just now"),
        (timedelta(minutes=1), "1 phút trước", "1 minute ago"),
        (timedelta(minutes=59), "59 phút trước", "59 minutes ago"),
        (timedelta(hours=2), "2 giờ trước", "2 hours ago"),
        (timedelta(hours=13), "hôm qua", "yesterday"),
        (timedelta(days=3), "3 ngày trước", "3 days ago"),
        (timedelta(days=7), "17/11/2026", "17 Nov 2026"),
    ],
)
def test_ago(past, vi, en):
    noon = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
    assert formats.ago(noon - past, noon, "vi") == vi
    assert formats.ago(noon - past, noon, "en") == en
    with clock.frozen(noon):
        assert formats.ago(noon - past, lang="vi") == vi


def test_without_a_language_the_readers_is_used():
    with translation.override("en"):
        assert formats.money(1000) == "₫1,000"
    with translation.override("vi"):
        assert spaced(formats.money(1000)) == "1.000~₫"
    with translation.override(None):
        assert spaced(formats.money(1000)) == "1.000~₫"


def test_templates_write_with_the_same_functions():
    template = Template(
        "{% load formats %}{{ price|money }} {{ g|weight }} {{ n|vnumber }} {{ r|vdecimal:1 }} "
        "{{ at|vdate }} {{ at|vdatetime }} {{ at|weekday_date }} {{ at|day_month }} {{ p|phone }}"
    )
    values = {
        "price": Decimal(285000), "g": 1500, "n": 1200, "r": 4.75, "at": LATE,
        "p": "+84912345678",
    }  # fmt: skip
    with translation.override("vi"):
        written = template.render(Context(values))
    assert spaced(written) == (
        "285.000~₫ 1,5~kg 1.200 4,8 24/11/2026 24/11/2026 01:05 Thứ ba 24/11 24/11 0912 345 678"
    )
