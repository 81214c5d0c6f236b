"""Numbers as people in Viet Nam and Excel write them."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

_UNITS = re.compile(r"(?:₫|đồng|dong|đ|vnd|vnđ|%)$", re.IGNORECASE)
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
#: 12.000 · 12,000 · 1.234.567: one sign, always three digits behind it.
_GROUPED = re.compile(r"-?[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+|(?:,[0-9]{3})+)")
#: 1.234,50 and 1,234.50.
_POINT_COMMA = re.compile(r"-?[1-9][0-9]{0,2}(?:\.[0-9]{3})+,[0-9]+")
_COMMA_POINT = re.compile(r"-?[1-9][0-9]{0,2}(?:,[0-9]{3})+\.[0-9]+")
_PLAIN = re.compile(r"-?[0-9]{1,18}(?:[.,][0-9]{1,6})?")


def parse_number(value: Any) -> Decimal | None:
    """The number in a cell, or None when there is none that is certain.

    "12.000" and "12,000" are twelve thousand, "12,5" and "12.5" twelve and a half, "1.234,50"
    one thousand two hundred and thirty-four and a half. NaN, 1e9 as text and truth values are
    no numbers.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float | Decimal):
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            return None
        return number if number.is_finite() and abs(number) < Decimal(10) ** 18 else None
    if not isinstance(value, str) or len(value) > 40:
        return None
    text = unicodedata.normalize("NFKC", value).strip().removeprefix("'")
    text = _SPACES.sub("", _UNITS.sub("", text.strip()).strip())
    if _GROUPED.fullmatch(text):
        return Decimal(re.sub("[.,]", "", text))
    if _POINT_COMMA.fullmatch(text):
        return Decimal(text.replace(".", "").replace(",", "."))
    if _COMMA_POINT.fullmatch(text):
        return Decimal(text.replace(",", ""))
    if _PLAIN.fullmatch(text):
        return Decimal(text.replace(",", "."))
    return None
