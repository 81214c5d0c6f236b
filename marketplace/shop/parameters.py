"""What an address asks for, cleaned: nothing that stands behind the ``?`` can break a page.

What makes no sense is left out; of prices, which people type, the reader is told. The keys are
in ``settings.PUBLIC_PAGE_QUERY_KEYS``: the page cache tells pages apart by them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from search.engines import Sort
from search.words import typed

WORDS = "q"
PAGE = "page"
SORT = "sort"
CATEGORY = "category"
COMMUNE = "commune"
GROWER = "grower"
PRICE = "price"
PRICE_FROM = "price_from"
PRICE_THROUGH = "price_through"
SEASON = "season"
KIND = "kind"
UNIT = "unit"
DELIVER_TO = "giao-den"

#: Nobody ticks more boxes than this.
MOST_VALUES = 20
_PAGE_MOST = 100_000
_SLUG = re.compile(r"[-a-z0-9]{1,120}\Z")
_COMMUNE_CODE = re.compile(r"[0-9]{5}\Z")
_PROVINCE_CODE = re.compile(r"[0-9]{2}\Z")
_PRICE_MARKS = re.compile(r"[\s.,₫đ]")


@dataclass(frozen=True)
class ListParameters:
    """What a list was asked for. ``price_step`` is an index into the steps, or empty."""

    words: str = ""
    page: int = 1
    #: None: the usual one.
    sort: Sort | None = None
    category: int | None = None
    communes: tuple[str, ...] = ()
    growers: tuple[str, ...] = ()
    price_step: str = ""
    price_from: int | None = None
    price_through: int | None = None
    in_season: bool = False
    #: What was typed into the price fields when it is no price, and what to do about it.
    price_typed: tuple[str, str] = ("", "")
    price_error: str = ""

    def pairs(self, **changes: object) -> list[tuple[str, str]]:
        """These parameters for an address, with some exchanged; the first page unless said.

        Names in ``changes`` are those of the fields.
        """
        value = {**self.__dict__, "page": 1, **changes}
        pairs: list[tuple[str, str]] = [(WORDS, value["words"])]
        pairs += [(COMMUNE, code) for code in value["communes"]]
        pairs += [(GROWER, slug) for slug in value["growers"]]
        pairs += [
            (CATEGORY, str(value["category"] or "")),
            (PRICE, value["price_step"]),
            (PRICE_FROM, _text(value["price_from"])),
            (PRICE_THROUGH, _text(value["price_through"])),
            (SEASON, "1" if value["in_season"] else ""),
            (SORT, str(value["sort"] or "")),
            (PAGE, str(value["page"]) if value["page"] > 1 else ""),
        ]
        return [(name, text) for name, text in pairs if text]

    def url(self, path: str, **changes: object) -> str:
        """``path`` with these parameters, some exchanged."""
        query = urlencode(self.pairs(**changes))
        return f"{path}?{query}" if query else path

    @property
    def usual_sort(self) -> Sort:
        """The order when none is asked for: how well words match, else what is in season."""
        return Sort.BEST if self.words else Sort.SEASON

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list besides words and the page's own shelf."""
        return bool(
            self.communes
            or self.growers
            or self.category
            or self.price_step
            or self.price_from is not None
            or self.price_through is not None
            or self.in_season
        )


def list_parameters(query: QueryDict) -> ListParameters:
    """Read a list's parameters."""
    lowest, lowest_wrong = _price(query.get(PRICE_FROM, ""))
    highest, highest_wrong = _price(query.get(PRICE_THROUGH, ""))
    if lowest is not None and highest is not None and lowest > highest:
        lowest, highest = highest, lowest
    words = typed(query.get(WORDS, "")[:2000])
    step = query.get(PRICE, "")
    has_typed_price = lowest is not None or highest is not None
    return ListParameters(
        words=words,
        page=_number(query.get(PAGE, ""), most=_PAGE_MOST) or 1,
        sort=_sort(query.get(SORT, ""), Sort.BEST if words else Sort.SEASON),
        category=_number(query.get(CATEGORY, ""), most=2**31),
        communes=_values(query.getlist(COMMUNE), _COMMUNE_CODE),
        growers=_values(query.getlist(GROWER), _SLUG),
        price_step=step if step in ("0", "1", "2") and not has_typed_price else "",
        price_from=lowest,
        price_through=highest,
        in_season=query.get(SEASON) == "1",
        price_typed=(lowest_wrong, highest_wrong),
        price_error=_("Type prices as whole numbers of đồng, like 50000.")
        if lowest_wrong or highest_wrong
        else "",
    )


def page_number(query: QueryDict) -> int:
    """The page that is asked for; 1 for anything else."""
    return _number(query.get(PAGE, ""), most=_PAGE_MOST) or 1


def unit_id(query: QueryDict) -> int | None:
    """The variant that is asked for."""
    return _number(query.get(UNIT, ""), most=2**63 - 1)


def province_code(query: QueryDict) -> str:
    """The province to deliver to, by its two digits, or empty."""
    code = query.get(DELIVER_TO, "")
    return code if _PROVINCE_CODE.match(code) else ""


def _number(text: str, most: int) -> int | None:
    """A whole number from 1 to ``most`` in ordinary digits, else None."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        return None
    number = int(text)
    return number if 1 <= number <= most else None


def _price(text: str) -> tuple[int | None, str]:
    """A price and nothing, or nothing and what was typed instead of one."""
    shown = typed(text)[:14]
    digits = _PRICE_MARKS.sub("", unicodedata.normalize("NFKC", shown))
    if not digits:
        return None, ""
    if not (digits.isascii() and digits.isdigit()):
        return None, shown
    return int(digits), ""


def _sort(text: str, usual: Sort) -> Sort | None:
    """The order asked for; None for the usual one and for what makes no sense."""
    sort = Sort(text) if text in set(Sort) else usual
    # Without words nothing matches best.
    return None if sort == usual or sort == Sort.BEST else sort


def _values(values: list[str], pattern: re.Pattern[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if pattern.match(value)))[:MOST_VALUES]


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
