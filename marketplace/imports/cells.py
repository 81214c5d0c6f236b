"""What the cells of one row say, as plain values that JSON can keep."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.html import linebreaks

from catalogue import gtin as gtins
from catalogue.errors import GtinInvalid
from catalogue.models import Category, ProductClass
from marketplace.accounts import phones
from marketplace.imports.columns import Column
from marketplace.imports.errors import CellRefused
from marketplace.imports.numbers import parse_number
from marketplace.imports.reading import Fault, Formula
from marketplace.kernel.fold import clean_text, fold
from marketplace.places.fields import CommuneField, written

PROVINCE = "82"
_NONE = {"khong", "khong co", "none", "no", "nothing"}
_YES = {"co", "yes", "x", "1", "true", "dung"}
_NO = {"khong", "no", "0", "false"}
_LIST = re.compile(r"[;,\n]")
_TAG = re.compile(r"</?(p|strong|b|em|i|ul|ol|li|h3|h4|a|blockquote)\b", re.IGNORECASE)


class References:
    """Communes, product sets and categories by what people call them; each asked for once."""

    def __init__(self) -> None:
        self._communes: dict[str, Any] = {}
        rows = ProductClass.objects.exclude(set_number=None)
        self.classes = {row.set_number: row for row in rows}
        self._categories: dict[str, Category] = {}
        rows = list(Category.objects.order_by("-depth", "-path"))
        for row in rows:
            for name in (row.name_vi, row.name_en, row.slug):
                if name:
                    self._categories[fold(name)] = row
        self.category_names = {row.pk: row.name_vi for row in rows}

    def commune(self, text: str) -> Any:
        """The commune that is meant, today. Raises CellRefused."""
        if text not in self._communes:
            self._communes[text] = self._find_commune(text)
        found = self._communes[text]
        if isinstance(found, CellRefused):
            raise found
        return found

    def _find_commune(self, text: str) -> Any:
        for province in (PROVINCE, ""):
            try:
                return CommuneField(province=province).clean(text)
            except ValidationError as error:
                first = error.error_list[0]
                if first.code == "ambiguous_commune":
                    return CellRefused("commune_several", names=first.params["names"])
        return CellRefused("commune")

    def product_class(self, text: str) -> ProductClass:
        """By number, or by the number that the words begin with. Raises CellRefused."""
        found = re.match(r"\s*([0-9]{1,2})(?![0-9])", text)
        row = self.classes.get(int(found[1])) if found else None
        if row is None:
            row = next((c for c in self.classes.values() if fold(c.name_vi) == fold(text)), None)
        if row is None:
            raise CellRefused("product_set", value=text[:60])
        return row

    def category(self, text: str) -> Category:
        """By its name in either language or its address. Raises CellRefused."""
        row = self._categories.get(fold(text.rsplit(">", 1)[-1]))
        if row is None:
            raise CellRefused("category", value=text.strip()[:60])
        return row


def read_cell(column: Column, value: Any, references: References) -> Any:
    """What a cell says, as JSON keeps it. Raises CellRefused."""
    if isinstance(value, Formula):
        raise CellRefused("formula")
    if isinstance(value, Fault):
        raise CellRefused("excel_error")
    if isinstance(value, datetime | date | time):
        raise CellRefused("a_date")
    return READERS[column.kind](column, value, references)


def _as_text(column: Column, value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e18:
        value = int(value)
    text = clean_text(str(value)).strip()
    if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@"):
        # So that a spreadsheet would not compute it, our export wrote it like this.
        text = text[1:]
    if text.startswith("="):
        raise CellRefused("formula")
    if len(text) > column.longest:
        raise CellRefused("too_long", count=column.longest)
    return text


def _text(column: Column, value: Any, _references: References) -> str:
    return _as_text(column, value)


def _code(column: Column, value: Any, _references: References) -> str:
    return re.sub(r"\s+", " ", _as_text(column, value))


def _paragraphs(column: Column, value: Any, _references: References) -> str:
    text = _as_text(column, value)
    return text if _TAG.search(text) else linebreaks(text, autoescape=True)


def _whole(column: Column, value: Any, _references: References) -> int:
    number = parse_number(value)
    lowest, highest = column.bounds
    if number is None or number != number.to_integral_value() or not lowest <= number <= highest:
        raise CellRefused("number", lowest=lowest, highest=highest)
    return int(number)


def _rate(_column: Column, value: Any, _references: References) -> str:
    number = parse_number(value)
    if isinstance(value, float) and 0 < value < 0.26:
        # A cell that Excel shows as "8%".
        number = parse_number(round(value * 100, 4))
    if number is None or not 0 <= number <= 25 or number != round(number, 2):
        raise CellRefused("rate")
    return f"{number.normalize():f}"


def _choice(column: Column, value: Any, _references: References) -> str:
    text = _as_text(column, value)
    code = column.choice_words.get(fold(text))
    if code is None:
        choices = ", ".join(str(label) for _code, label in column.choices)
        raise CellRefused("choice", value=text[:60], choices=choices)
    return code


def _allergens(column: Column, value: Any, references: References) -> list[str]:
    words = _words(column, value)
    if len(words) == 1 and fold(words[0]) in _NONE:
        return []
    return sorted({_choice(column, word, references) for word in words})


def _months(column: Column, value: Any, _references: References) -> list[int]:
    months = set()
    for word in _words(column, value):
        first, dash, last = word.partition("-")
        ends = [parse_number(part) for part in ((first, last) if dash else (first, first))]
        if any(end is None or end not in range(1, 13) for end in ends):
            raise CellRefused("months")
        start, end = (int(month) for month in ends)
        span = range(start, end + 1) if start <= end else [*range(start, 13), *range(1, end + 1)]
        months.update(span)
    return sorted(months)


def _yes_no(column: Column, value: Any, _references: References) -> bool:
    word = fold(str(value))
    if value is True or word in _YES:
        return True
    if value is False or word in _NO:
        return False
    raise CellRefused("yes_no")


def _phone(column: Column, value: Any, _references: References) -> str:
    text = _as_text(column, value)
    if not isinstance(value, str) and len(text) == 9:
        # Excel took the 0 in front.
        text = "0" + text
    try:
        return phones.normalise(text)
    except ValidationError as error:
        raise CellRefused("phone") from error


def _email(column: Column, value: Any, _references: References) -> str:
    text = _as_text(column, value)
    try:
        validate_email(text)
    except ValidationError as error:
        raise CellRefused("email") from error
    return text


def _gtin(column: Column, value: Any, _references: References) -> str | None:
    try:
        return gtins.parse_gtin(_as_text(column, value))
    except GtinInvalid as error:
        raise CellRefused("gtin") from error


def _commune(column: Column, value: Any, references: References) -> list[Any]:
    commune = references.commune(_as_text(column, value))
    return [commune.pk, written(commune)]


def _product_class(column: Column, value: Any, references: References) -> list[Any]:
    row = references.product_class(_as_text(column, value))
    return [row.pk, row.name_vi]


def _categories(column: Column, value: Any, references: References) -> list[int]:
    # A category's name may hold a comma.
    words = re.split(r"[;\n]", _as_text(column, value))
    return sorted({references.category(word).pk for word in words if word.strip()})


def _words(column: Column, value: Any) -> list[str]:
    text = _as_text(column, value)
    return [word.strip() for word in _LIST.split(text) if word.strip()]


READERS: dict[str, Callable[[Column, Any, References], Any]] = {
    "text": _text,
    "code": _code,
    "paragraphs": _paragraphs,
    "price": _whole,
    "count": _whole,
    "rate": _rate,
    "choice": _choice,
    "allergens": _allergens,
    "months": _months,
    "yes_no": _yes_no,
    "phone": _phone,
    "email": _email,
    "gtin": _gtin,
    "commune": _commune,
    "product_class": _product_class,
    "categories": _categories,
}
