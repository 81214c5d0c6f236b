"""Fields that forms about listings share, wherever the form is."""

from __future__ import annotations

import re
import unicodedata
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

_CURRENCY = re.compile(r"\s*(?:₫|đ|đồng|vnđ|vnd)$", re.IGNORECASE)
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

    def __init__(self, *, lowest: int = 0, highest: int, unit: str = "", **kwargs: Any) -> None:
        self.lowest, self.highest, self.unit = lowest, highest, unit
        kwargs.setdefault("max_length", 30)
        super().__init__(**kwargs)
        self.widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        text = _CURRENCY.sub("", unicodedata.normalize("NFKC", text).strip())
        if _GROUPED.fullmatch(text):
            text = re.sub(r"[^0-9]", "", text)
        if not (_PLAIN.fullmatch(text) and text.isascii()) or not (
            self.lowest <= int(text) <= self.highest
        ):
            raise ValidationError(
                _("Enter a whole number from %(lowest)s to %(highest)s."),
                code="invalid_number",
                params={"lowest": number(self.lowest), "highest": number(self.highest)},
            )
        return int(text)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another number was typed; however it was written."""
        if self.disabled:
            return False
        try:
            return self.clean(data) != (None if initial in (None, "") else int(initial))
        except ValidationError:
            return True


class DongField(WholeNumberField):
    """A price in whole đồng, VAT included; cleans to a Decimal or None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(lowest=1, highest=int(HIGHEST_PRICE), **kwargs)

    def clean(self, value: Any) -> Decimal | None:
        amount = super().clean(value)
        return None if amount is None else Decimal(amount)


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
