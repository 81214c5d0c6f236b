"""How numbers, money, measures and dates are written, in Vietnamese and in English.

``lang`` is "vi" or "en"; None means the language the reader has now. Days and hours are those
of Viet Nam. A number and its unit are joined by a no-break space; None is written as nothing.
"""

from __future__ import annotations

from datetime import date as Date
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import phonenumbers

from marketplace.kernel import clock
from marketplace.kernel.money import Money, minor_unit_decimals, round_amount

NO_BREAK = "\u00a0"
DASH = "–"

_EN_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = {
    "vi": ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_PIECE = {"vi": "cái", "en": "piece"}


def language(lang: str | None = None) -> str:
    """The language to write in: ``lang``, or the active one; Vietnamese when neither is ours."""
    if lang is None:
        # Only here does the kernel look at Django, and only when nobody said the language.
        from django.utils.translation import get_language

        lang = get_language() or "vi"
    return "en" if lang.startswith("en") else "vi"


def number(value: Decimal | int | None, lang: str | None = None) -> str:
    """A whole number with its thousands apart: 12.500 (vi), 12,500 (en)."""
    return decimal(value, 0, lang)


def decimal(
    value: Decimal | int | float | None, places: int | None = None, lang: str | None = None
) -> str:
    """A number with ``places`` decimals, or with as many as it has: 4,8 (vi), 4.8 (en)."""
    if value is None:
        return ""
    # An average out of the database may be a float; its shortest form is what was meant.
    value = Decimal(str(value))
    if places is not None:
        value = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    whole, _, fraction = f"{abs(value):,f}".partition(".")
    if places is None:
        fraction = fraction.rstrip("0")
    text = f"{whole}.{fraction}" if fraction else whole
    if language(lang) == "vi":
        text = text.translate(str.maketrans(",.", ".,"))
    return f"{DASH}{text}" if value < 0 else text


def money(
    value: Money | Decimal | int | None, lang: str | None = None, *, currency: str = "VND"
) -> str:
    """A price: 285.000 ₫ (vi), ₫285,000 (en); other currencies by their code.

    A bare number is in ``currency``. Rounds to the smallest unit.
    """
    if value is None:
        return ""
    if isinstance(value, Money):
        value, currency = value.amount, value.currency
    amount = round_amount(value, currency)
    text = decimal(abs(amount), minor_unit_decimals(currency), lang)
    minus = DASH if amount < 0 else ""
    if language(lang) == "vi":
        return f"{minus}{text}{NO_BREAK}{'₫' if currency == 'VND' else currency}"
    return f"{minus}₫{text}" if currency == "VND" else f"{minus}{currency}{NO_BREAK}{text}"


def weight(grams: int | Decimal | None, lang: str | None = None) -> str:
    """A weight given in grams: 500 g, 1,5 kg."""
    return _measure(grams, "g", "kg", lang)


def volume(millilitres: int | Decimal | None, lang: str | None = None) -> str:
    """A volume given in millilitres: 330 ml, 1,5 l."""
    return _measure(millilitres, "ml", "l", lang)


def _measure(value: int | Decimal | None, small: str, large: str, lang: str | None) -> str:
    if value is None:
        return ""
    if abs(value) < 1000:
        return f"{decimal(value, lang=lang)}{NO_BREAK}{small}"
    return f"{decimal(Decimal(value) / 1000, lang=lang)}{NO_BREAK}{large}"


def unit_price(
    price: Money | Decimal | int | None,
    net_weight_g: int | None = None,
    net_count: int | None = None,
    basis: str = "none",
    *,
    net_volume_ml: int | None = None,
    count_word: str = "",
    lang: str | None = None,
) -> str:
    """What a unit of measure costs: 95.000 ₫/kg, 44.500 ₫/100 g, 12.000 ₫/cái.

    ``basis`` is kg, 100g, l, 100ml, piece or none, as listings say; ``count_word`` is what is
    counted ("trái"); an English word for several ("nuts") cannot stand for one, so one of them is
    "each". Nothing is written when the quantity for the basis is unknown.
    """
    quantity, per = {
        "kg": (net_weight_g, 1000),
        "100g": (net_weight_g, 100),
        "l": (net_volume_ml, 1000),
        "100ml": (net_volume_ml, 100),
        "piece": (net_count, 1),
    }.get(basis, (None, 1))
    if price is None or not quantity:
        return ""
    written = {
        "kg": "kg",
        "100g": f"100{NO_BREAK}g",
        "l": "l",
        "100ml": f"100{NO_BREAK}ml",
        "piece": count_word or _PIECE[language(lang)],
    }[basis]
    total = price if isinstance(price, Money) else Money(price)
    each = Money(total.amount * per / quantity, total.currency)
    if basis == "piece" and quantity > 1 and written.endswith("s") and language(lang) == "en":
        return f"{money(each, lang)} each"
    return f"{money(each, lang)}/{written}"


def date(value: Date | datetime | None, lang: str | None = None) -> str:
    """A day: 23/11/2026 (vi), 23 Nov 2026 (en). Of a moment, its day in Viet Nam."""
    if value is None:
        return ""
    day = _day(value)
    if language(lang) == "vi":
        return f"{day:%d/%m/%Y}"
    return f"{day.day} {_EN_MONTHS[day.month - 1]} {day.year}"


def datetime_(value: datetime | None, lang: str | None = None) -> str:
    """A moment to the minute: 23/11/2026 14:05 (vi), 23 Nov 2026, 14:05 (en)."""
    if value is None:
        return ""
    comma = "" if language(lang) == "vi" else ","
    return f"{date(value, lang)}{comma} {time(value)}"


def time(value: datetime | None) -> str:
    """The hour and minute of a moment in Viet Nam: 14:05."""
    return f"{value.astimezone(clock.TZ):%H:%M}" if value else ""


def day_month(value: Date | datetime | None, lang: str | None = None) -> str:
    """A day whose year is plain: 23/11 (vi), 23 Nov (en)."""
    if value is None:
        return ""
    day = _day(value)
    if language(lang) == "vi":
        return f"{day:%d/%m}"
    return f"{day.day} {_EN_MONTHS[day.month - 1]}"


def weekday_date(value: Date | datetime | None, lang: str | None = None) -> str:
    """A near day with its weekday: Thứ tư 25/11 (vi), Wed 25 Nov (en)."""
    if value is None:
        return ""
    return f"{_WEEKDAYS[language(lang)][_day(value).weekday()]} {day_month(value, lang)}"


def date_range(first: Date, last: Date, lang: str | None = None) -> str:
    """From one day through another, saying month and year once: 20–25/11/2026, 20–25 Nov 2026."""
    if first == last:
        return date(first, lang)
    is_vi = language(lang) == "vi"
    if (first.year, first.month) == (last.year, last.month):
        beginning = f"{first:%d}" if is_vi else str(first.day)
        return f"{beginning}{DASH}{date(last, lang)}"
    beginning = day_month(first, lang) if first.year == last.year else date(first, lang)
    dash = DASH if is_vi else f" {DASH} "
    return f"{beginning}{dash}{date(last, lang)}"


def phone(e164: str | None) -> str:
    """A number as it is dialled in Viet Nam: 0912 345 678; a foreign one with its +code.

    ``e164`` is like +84912345678. What is no such number is given back as it is.
    """
    if not e164:
        return ""
    try:
        parsed = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if parsed.country_code == 84
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(parsed, style)


def ago(at: datetime | None, now: datetime | None = None, lang: str | None = None) -> str:
    """How long ago a moment was, roughly: 5 phút trước, hôm qua; after a week, the day."""
    if at is None:
        return ""
    now = now or clock.now()
    lang = language(lang)
    past = max(now - at, timedelta(0))
    days = (clock.local_date(now) - clock.local_date(at)).days
    if past < timedelta(minutes=1):
        return {"vi": "vừa xong", "en": "just now"}[lang]
    if past < timedelta(hours=1):
        return _count_ago(past // timedelta(minutes=1), "phút", "minute", lang)
    if past < timedelta(hours=24) and (days == 0 or past < timedelta(hours=6)):
        return _count_ago(past // timedelta(hours=1), "giờ", "hour", lang)
    if days == 1:
        return {"vi": "hôm qua", "en": "yesterday"}[lang]
    if days < 7:
        return _count_ago(days, "ngày", "day", lang)
    return date(at, lang)


def _count_ago(count: int, vi: str, en: str, lang: str) -> str:
    if lang == "vi":
        return f"{count} {vi} trước"
    return f"{count} {en}{'' if count == 1 else 's'} ago"


def _day(value: Date | datetime) -> Date:
    return clock.local_date(value) if isinstance(value, datetime) else value
