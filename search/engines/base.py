"""The question and the answer that all engines share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from django.utils.translation import get_language


class Sort(StrEnum):
    """The orders of a list. Without words nothing matches best, so ``BEST`` is ``SEASON``."""

    BEST = "best"
    NEWEST = "newest"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    SEASON = "season"


#: The upper ends of the price steps that are counted; the last step is open.
PRICE_STEPS = (100_000, 300_000)


@dataclass(frozen=True)
class Query:
    """What is looked for. Filters of one kind widen, different kinds narrow.

    ``shelf_id`` is the page's own category and holds for every count; ``category_id`` is the
    filter that a reader chose. Communes are named by code, producers by slug; an unknown one
    finds nothing. Prices are whole đồng, both ends included. ``page`` starts at 1; a page
    behind the last one gives the last.
    """

    now: datetime
    text: str = ""
    shelf_id: int | None = None
    category_id: int | None = None
    communes: Sequence[str] = ()
    producers: Sequence[str] = ()
    price_from: int | None = None
    price_through: int | None = None
    #: 1–12: only what is harvested in this month.
    month: int | None = None
    sort: Sort = Sort.BEST
    page: int = 1
    page_size: int = 24


@dataclass(frozen=True)
class Choice:
    """One choice of a filter: its key (see ``Query``), its two names, and what it would leave.

    ``path`` is a shelf's place in the tree: those of its children begin with it; ``slug`` its
    own part of the address.
    """

    key: str
    count: int
    name_vi: str = ""
    name_en: str = ""
    path: str = ""
    slug: str = ""

    @property
    def name(self) -> str:
        """The name in the reader's language, else the Vietnamese one."""
        return (self.name_en if get_language() == "en" else "") or self.name_vi


@dataclass(frozen=True)
class Facets:
    """How many listings each choice would leave, counted without the filter of its own kind.

    Choices come with the most listings first; of communes and producers at most 60. The key of
    a price is the index of its step (0 up to ``len(PRICE_STEPS)``).
    """

    total: int = 0
    categories: Sequence[Choice] = ()
    communes: Sequence[Choice] = ()
    producers: Sequence[Choice] = ()
    prices: Sequence[Choice] = ()
    in_season: int = 0


@dataclass(frozen=True)
class Suggestion:
    """Fewer words that would find something."""

    text: str
    total: int


@dataclass(frozen=True)
class Results:
    """Ids of the listings of one page, best first, and the counts for all pages.

    ``valid_until`` is when the clock alone may change any of it.
    """

    hits: Sequence[int]
    facets: Facets
    page: int = 1
    page_count: int = 1
    suggestions: Sequence[Suggestion] = ()
    valid_until: datetime | None = None

    @property
    def total(self) -> int:
        """How many listings there are on all pages."""
        return self.facets.total


class Engine(Protocol):
    """Anything that can answer."""

    def search(self, query: Query) -> Results:
        """Answer ``query``. An engine that is down raises; it never looks like "nothing found"."""
