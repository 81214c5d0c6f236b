"""Fields that forms about listings share, wherever the form is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import linebreaks, strip_tags
from django.utils.translation import gettext_lazy as _

from catalogue.actions import HIGHEST_PRICE, HIGHEST_STOCK
from catalogue.errors import GtinInvalid
from catalogue.gtin import parse_gtin
from marketplace.kernel.formats import number

_CURRENCY = re.compile(r"\s*(?:₫|đ|đồng|dong|vnđ|vnd)\Z", re.IGNORECASE)
_GROUPED = re.compile(r"[0-9]{1,3}([.,\u00a0 ][0-9]{3})+")
_PLAIN = re.compile(r"[0-9]+")


class GtinField(forms.CharField):
    """A GTIN as somebody types or scans it; cleaned to its digits, or None when left empty."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.setdefault("max_length", 30)
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("inputmode", "numeric")

    def clean(self, value: object) -> str | None:
        """The digits, or None. Says why when the number is none."""
        try:
            return parse_gtin(super().clean(value))
        except GtinInvalid as error:
            raise ValidationError(str(error), code="invalid_gtin") from error


class WholeNumberField(forms.CharField):
    """A whole number as people type it: full-width digits, "285.000", "285 000" and "285.000đ" too.

    Cleans to an int or None. Says what is wanted, and between which bounds.
    """

    wrong_number = _("Enter a whole number from %(lowest)s to %(highest)s.")

    def __init__(self, *, lowest: int = 0, highest: int, unit: str = "", **kwargs: Any) -> None:
        self.lowest, self.highest, self.unit = lowest, highest, unit
        kwargs.setdefault("max_length", 30)
        super().__init__(**kwargs)
        self.widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        text = self.spelt_out(unicodedata.normalize("NFKC", text).strip())
        if _GROUPED.fullmatch(text):
            text = re.sub(r"[^0-9]", "", text)
        if not (_PLAIN.fullmatch(text) and text.isascii()) or not (
            self.lowest <= int(text) <= self.highest
        ):
            raise ValidationError(
                self.wrong_number,
                code="invalid_number",
                params={"lowest": number(self.lowest), "highest": number(self.highest)},
            )
        return int(text)

    def spelt_out(self, text: str) -> str:
        """What was typed without what may stand around the number."""
        return _CURRENCY.sub("", text)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another number was typed; however it was written."""
        if self.disabled:
            return False
        try:
            return self.clean(data) != (None if initial in (None, "") else int(initial))
        except ValidationError:
            return True


class DongField(WholeNumberField):
    """A price in whole đồng, VAT included; cleans to a Decimal or None.

    People write "285.000", "285k", "285 nghìn", "1,2 triệu" and "1tr2", with "đ" behind or not.
    """

    _SHORT = re.compile(
        r"(?P<head>[0-9]{1,6})(?:[.,](?P<part>[0-9]{1,2}))?\s*"
        r"(?P<word>k|ngàn|nghìn|ngan|nghin|tr|triệu|trieu)(?:\s*(?P<tail>[0-9]{1,3}))?"
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"lowest": 1, **kwargs}, highest=int(HIGHEST_PRICE))

    def spelt_out(self, text: str) -> str:
        """In digits, as far as it is a price."""
        text = _CURRENCY.sub("", unicodedata.normalize("NFC", text.lower()))
        short = self._SHORT.fullmatch(text)
        if short is None or (short["part"] and short["tail"]):
            return text
        places = 3 if short["word"].startswith(("k", "ng")) else 6
        behind = short["part"] or short["tail"] or ""
        return short["head"] + behind.ljust(places, "0")

    def clean(self, value: Any) -> Decimal | None:
        amount = super().clean(value)
        return None if amount is None else Decimal(amount)


class AmountField(WholeNumberField):
    """A weight or a volume: a number alone is in the smallest unit, "1,5 kg" is 1500.

    ``units``: what may stand behind the number → how many of the smallest unit it is. Cleans to
    an int or None.
    """

    wrong_number = _("Write the number with its unit, such as 500 g, 1,5 kg or 330 ml.")
    _TYPED = re.compile(r"(?P<number>[0-9][0-9., \u00a0]*?)\s*(?P<unit>[^\W0-9_]*)")
    _DECIMAL = re.compile(r"[0-9]{1,6}([.,][0-9]{1,3})?")

    def __init__(self, *, units: Mapping[str, int], **kwargs: Any) -> None:
        self.units = units
        super().__init__(**kwargs)
        # A keyboard with letters, for the unit.
        self.widget.attrs["inputmode"] = "text"

    def spelt_out(self, text: str) -> str:
        """The number in the smallest unit, as far as it is clear which one is meant."""
        typed = self._TYPED.fullmatch(unicodedata.normalize("NFC", text.lower()))
        if typed is None:
            return text
        number, times = typed["number"].strip(), self.units.get(typed["unit"])
        if typed["unit"] == "" or times == 1:
            return number
        # "1.500 kg" may be one kilogram and a half or a ton and a half.
        if times is None or not self._DECIMAL.fullmatch(number) or _GROUPED.fullmatch(number):
            return text
        amount = Decimal(number.replace(",", ".")) * times
        return f"{amount:.0f}" if amount == amount.to_integral_value() else text


GRAMS = {"g": 1, "gr": 1, "gam": 1, "gram": 1, "lạng": 100, "kg": 1000, "ký": 1000, "kí": 1000,
         "kilo": 1000, "kilogam": 1000}
MILLILITRES = {"ml": 1, "cc": 1, "l": 1000, "lit": 1000, "lít": 1000, "litre": 1000}


class StockField(WholeNumberField):
    """How many lie on the shelf, those promised to buyers included."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(lowest=0, highest=HIGHEST_STOCK, **kwargs)


class ParagraphsField(forms.CharField):
    """A description: people type paragraphs, the shop keeps clean HTML.

    An empty line begins a new paragraph. A text that has lists or headings already is shown
    and kept as the HTML that it is.
    """

    _TAG = re.compile(r"</?(strong|b|em|i|ul|ol|li|h3|h4|a|blockquote)\b", re.IGNORECASE)

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 6}))
        kwargs.setdefault("max_length", 20_000)
        kwargs.setdefault("help_text", _("An empty line begins a new paragraph."))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        if not value or self._TAG.search(value) or not value.lstrip().startswith("<p"):
            return value
        text = re.sub(r"<br\s*/?>", "\n", value)
        text = re.sub(r"</p>\s*<p[^>]*>", "\n\n", text)
        return _unescaped(strip_tags(text)).strip()

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text or self.disabled or self._TAG.search(text):
            return text
        return linebreaks(text.replace("\r\n", "\n"), autoescape=True)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the text as shown was changed."""
        if self.disabled:
            return False
        shown = (self.prepare_value(initial) or "").replace("\r\n", "\n").strip()
        return shown != (data or "").replace("\r\n", "\n").strip()


def _unescaped(text: str) -> str:
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'")):
        text = text.replace(entity, char)
    return text.replace("&amp;", "&")


class MonthsField(forms.TypedMultipleChoiceField):
    """Months of a crop, 1 to 12."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=[(month, str(month)) for month in range(1, 13)],
            coerce=int,
            required=False,
            widget=forms.CheckboxSelectMultiple,
            **kwargs,
        )

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other months were ticked."""
        if self.disabled:
            return False
        return {str(month) for month in initial or ()} != {str(month) for month in data or ()}
