"""Lists: filters, sorting, pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from theme.components.base import Part


@dataclass(frozen=True)
class FacetOption:
    """One choice of a filter, with how many goods it would leave."""

    value: str
    label: str
    count: int | None = None
    is_chosen: bool = False


@dataclass(frozen=True)
class FacetGroup(Part):
    """One filter. `single` makes radio buttons instead of ticks.

    Options beyond `shown` fold away under "More"; a chosen one is always in sight.
    """

    template_name = "components/facet_group.html"

    name: str
    title: str
    options: Sequence[FacetOption] = ()
    single: bool = False
    is_open: bool = True
    shown: int = 8

    @property
    def first_options(self) -> list[FacetOption]:
        return [
            option for at, option in enumerate(self.options) if at < self.shown or option.is_chosen
        ]

    @property
    def more_options(self) -> list[FacetOption]:
        return [
            option
            for at, option in enumerate(self.options)
            if at >= self.shown and not option.is_chosen
        ]


@dataclass(frozen=True)
class PriceRange(Part):
    """Lowest and highest price as two fields; values are what the reader typed."""

    template_name = "components/price_range.html"

    title: str
    from_name: str = "gia_tu"
    through_name: str = "gia_den"
    from_value: str = ""
    through_value: str = ""
    error: str = ""


@dataclass(frozen=True)
class FilterPanel(Part):
    """All filters as one GET form: a column on desktop, a full-height sheet on phones.

    `hidden` are (name, value) pairs kept in the address (search words, order). The sheet opens
    by its fragment `#filters`, so it works without script.
    """

    template_name = "components/filter_panel.html"

    action: str
    groups: Sequence[FacetGroup | PriceRange] = ()
    hidden: Sequence[tuple[str, str]] = ()
    button: str = ""
    chosen_count: int = 0


@dataclass(frozen=True)
class ActiveFilter:
    """A filter in force; `url` is this list without it."""

    label: str
    url: str


@dataclass(frozen=True)
class ActiveFilters(Part):
    template_name = "components/active_filters.html"

    items: Sequence[ActiveFilter] = ()
    clear_url: str = ""


@dataclass(frozen=True)
class SortForm(Part):
    """Order of the list as a GET form; `choices` are (value, label)."""

    template_name = "components/sort_form.html"

    action: str
    choices: Sequence[tuple[str, str]]
    current: str = ""
    name: str = "xep"
    hidden: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Pager(Part):
    """Pages of a list. `pages` are (number, url), with number None for a gap."""

    template_name = "components/pager.html"

    number: int
    count: int
    pages: Sequence[tuple[int | None, str]] = ()
    previous_url: str = ""
    next_url: str = ""
    summary: str = ""

    @classmethod
    def of(cls, number: int, count: int, url_of, summary: str = "") -> Pager:
        """Build the pages around `number`; `url_of(n)` gives a page's address."""
        near = sorted({1, count, *(n for n in range(number - 1, number + 2) if 1 <= n <= count)})
        pages: list[tuple[int | None, str]] = []
        for at, n in enumerate(near):
            if at and n - near[at - 1] == 2:
                pages.append((n - 1, url_of(n - 1)))
            elif at and n - near[at - 1] > 2:
                pages.append((None, ""))
            pages.append((n, url_of(n)))
        return cls(
            number=number,
            count=count,
            pages=tuple(pages),
            previous_url=url_of(number - 1) if number > 1 else "",
            next_url=url_of(number + 1) if number < count else "",
            summary=summary,
        )
