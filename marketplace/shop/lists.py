"""Lists of goods: all, one shelf, what was searched for, one grower's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from catalogue.cards import product_card
from catalogue.models import Category
from catalogue.queries import first_of, next_midnight, offers
from marketplace.kernel import clock, formats
from marketplace.shop import meta, parameters
from marketplace.shop.parameters import ListParameters
from search.engines import Facets, Query, Results, Sort, engine
from search.engines.base import PRICE_STEPS, Choice
from search.words import as_written
from theme.components import (
    ActiveFilter,
    ActiveFilters,
    Breadcrumbs,
    EmptyState,
    FacetGroup,
    FacetOption,
    FilterPanel,
    Link,
    MenuItem,
    Pager,
    PriceRange,
    ProductCard,
    SortForm,
)

PAGE_SIZE = 24
KEYS = (
    parameters.WORDS, parameters.PAGE, parameters.SORT, parameters.CATEGORY, parameters.COMMUNE,
    parameters.GROWER, parameters.PRICE, parameters.PRICE_FROM, parameters.PRICE_THROUGH,
    parameters.SEASON,
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A page of a list, and until when it is true."""

    results: Results
    cards: list[ProductCard]
    valid_until: datetime


def find(
    asked: ListParameters, now: datetime, *, shelf: Category | None = None,
    growers: tuple[str, ...] = (), page_size: int = PAGE_SIZE,
) -> Found:
    """Ask the engine and make the cards; five queries, whatever was asked."""
    step = int(asked.price_step) if asked.price_step else None
    edges = (None, *PRICE_STEPS, None)
    results = engine().search(
        Query(
            now=now,
            text=asked.words,
            shelf_id=shelf.pk if shelf else None,
            category_id=asked.category,
            communes=asked.communes,
            producers=growers or asked.growers,
            price_from=edges[step] if step is not None else asked.price_from,
            price_through=edges[step + 1] - 1
            if step is not None and edges[step + 1]
            else asked.price_through,
            month=clock.local_date(now).month if asked.in_season else None,
            sort=asked.sort or asked.usual_sort,
            page=asked.page,
            page_size=page_size,
        )
    )
    shown = offers(results.hits, now)
    moments = [results.valid_until, first_of(shown), next_midnight(now)]
    return Found(
        results=results,
        cards=[product_card(offer, now) for offer in shown],
        valid_until=min(moment for moment in moments if moment),
    )


def list_context(
    *, asked: ListParameters, found: Found, title: str, path: str, path_of: Callable[[], str],
    trail: Breadcrumbs, intro: str = "", shelf: Category | None = None,
) -> dict[str, Any]:
    """Everything that shop/product_list.html shows."""
    facets = found.results.facets
    chips = _chips(asked, facets, path)
    is_first = found.results.page == 1
    return {
        "title": title,
        "intro": intro,
        "breadcrumbs": trail,
        "subcategories": _subcategories(facets, shelf, path),
        "promoted": _promoted(asked, facets, path),
        "facets": _filter_panel(asked, facets, path, shelf, len(chips))
        if facets.total or asked.is_filtered or asked.price_error
        else None,
        "active_filters": ActiveFilters(
            tuple(chips), clear_url=ListParameters(words=asked.words).url(path)
        )
        if chips
        else None,
        "sort": _sort_form(asked, path),
        "cards": found.cards,
        "pager": pager(found, lambda page: asked.url(path, page=page)),
        "empty": None if found.cards else _empty(asked, found.results, path),
        "search_query": asked.words,
        "meta": meta.page_meta(
            title=title,
            description=intro,
            path_of=lambda: path_of()
            if is_first
            else ListParameters(page=found.results.page).url(
                path_of(), page=found.results.page
            ),
            noindex=bool(asked.words or asked.is_filtered),
            json_ld=(
                meta.breadcrumb_data(trail, title, path),
                meta.item_list_data([card.url for card in found.cards]),
            ),
        ),
    }


def pager(found: Found, url_of: Callable[[int], str], page_size: int = PAGE_SIZE) -> Pager | None:
    """Links to the other pages, when there are any."""
    results = found.results
    if results.page_count < 2:
        return None
    first = (results.page - 1) * page_size + 1
    return Pager.of(
        results.page,
        results.page_count,
        url_of,
        _("%(first)s–%(last)s of %(total)s products") % {
            "first": formats.number(first),
            "last": formats.number(first + len(found.cards) - 1),
            "total": formats.number(results.total),
        },
    )


def count_words(total: int) -> str:
    """How many products, in words."""
    return ngettext("%(number)s product", "%(number)s products", total) % {
        "number": formats.number(total)
    }


def search_intro(asked: ListParameters, found: Found) -> str:
    """What was looked for and how it was read."""
    total = count_words(found.results.total)
    read = as_written(asked.words, [card.name for card in found.cards])
    if read:
        return _("%(products)s for “%(words)s”, read as %(read)s.") % {
            "products": total, "words": asked.words, "read": read,
        }
    return _("%(products)s for “%(words)s”.") % {"products": total, "words": asked.words}


def _subcategories(facets: Facets, shelf: Category | None, path: str) -> list[Link]:
    """The shelves right below this one that hold anything, in their order in the tree."""
    if shelf is None:
        return []
    children = [
        choice
        for choice in facets.categories
        if choice.path.startswith(shelf.path)
        and len(choice.path) == len(shelf.path) + Category.steplen
    ]
    return [
        Link(f"{choice.name} ({formats.number(choice.count)})", f"{path}{choice.slug}/")
        for choice in sorted(children, key=lambda choice: choice.path)
    ]


def _promoted(asked: ListParameters, facets: Facets, path: str) -> list[MenuItem]:
    """The filters that most people want, above the list."""
    items = []
    if facets.in_season or asked.in_season:
        items.append(
            MenuItem(
                _("In season (%(count)s)") % {"count": formats.number(facets.in_season)},
                asked.url(path, in_season=not asked.in_season),
                icon="leaf",
                is_current=asked.in_season,
            )
        )
    for choice in facets.communes[:2] if len(facets.communes) > 1 else ():
        is_chosen = choice.key in asked.communes
        communes = (
            tuple(code for code in asked.communes if code != choice.key)
            if is_chosen
            else (*asked.communes, choice.key)
        )
        items.append(
            MenuItem(
                _capital(choice.name), asked.url(path, communes=communes), is_current=is_chosen
            )
        )
    return items


def _filter_panel(
    asked: ListParameters, facets: Facets, path: str, shelf: Category | None, chosen: int
) -> FilterPanel:
    groups: list[FacetGroup | PriceRange] = []
    roots = [choice for choice in facets.categories if len(choice.path) == Category.steplen]
    if shelf is None and (roots or asked.category):
        groups.append(_categories(asked, facets, roots))
    groups += [
        FacetGroup(
            name=parameters.COMMUNE,
            title=_("Commune, ward"),
            options=_options(facets.communes, asked.communes),
            shown=6,
        ),
        FacetGroup(
            name=parameters.PRICE,
            title=_("Price"),
            options=(
                FacetOption("", _("Any price"), None, not asked.price_step),
                *(
                    FacetOption(
                        str(step), price_step_words(step), counts.get(str(step), 0),
                        asked.price_step == str(step),
                    )
                    for counts in [{choice.key: choice.count for choice in facets.prices}]
                    for step in range(len(PRICE_STEPS) + 1)
                ),
            ),
            single=True,
        ),
        PriceRange(
            title=_("Price from, to"),
            from_name=parameters.PRICE_FROM,
            through_name=parameters.PRICE_THROUGH,
            from_value=asked.price_typed[0] or _plain(asked.price_from),
            through_value=asked.price_typed[1] or _plain(asked.price_through),
            error=asked.price_error,
        ),
        FacetGroup(
            name=parameters.GROWER,
            title=_("Grower"),
            options=_options(facets.producers, asked.growers),
            shown=6,
            is_open=bool(asked.growers),
        ),
    ]
    hidden = [
        pair
        for pair in asked.pairs()
        if pair[0] in (parameters.WORDS, parameters.SORT, parameters.SEASON)
    ]
    return FilterPanel(
        action=path,
        groups=tuple(group for group in groups if not _is_empty(group)),
        hidden=tuple(hidden),
        button=_("Show %(products)s") % {"products": count_words(facets.total)},
        chosen_count=chosen,
    )


def _is_empty(group: FacetGroup | PriceRange) -> bool:
    return isinstance(group, FacetGroup) and not group.options


def _categories(asked: ListParameters, facets: Facets, roots: list[Choice]) -> FacetGroup:
    """The top shelves; and the one that was chosen deeper down."""
    chosen = [c for c in facets.categories if c.key == str(asked.category) and c not in roots]
    options = [
        FacetOption(choice.key, choice.name, choice.count, choice.key == str(asked.category))
        for choice in sorted(roots, key=lambda choice: choice.path) + chosen
    ]
    return FacetGroup(
        name=parameters.CATEGORY,
        title=_("Category"),
        options=(FacetOption("", _("All categories"), None, asked.category is None), *options),
        single=True,
        shown=12,
    )


def _options(choices: Any, chosen: tuple[str, ...]) -> tuple[FacetOption, ...]:
    known = {choice.key for choice in choices}
    return (
        *(
            FacetOption(choice.key, _capital(choice.name), choice.count, choice.key in chosen)
            for choice in choices
        ),
        # Chosen, but with the other filters nothing is left of it: it must stay to be unticked.
        *(FacetOption(key, key, 0, True) for key in chosen if key not in known),
    )


def price_step_words(step: int) -> str:
    """A step of prices in words."""
    if step == 0:
        return _("Under %(price)s") % {"price": formats.money(PRICE_STEPS[0])}
    if step == len(PRICE_STEPS):
        return _("%(price)s and more") % {"price": formats.money(PRICE_STEPS[-1])}
    return _("%(lowest)s to under %(highest)s") % {
        "lowest": formats.money(PRICE_STEPS[step - 1]),
        "highest": formats.money(PRICE_STEPS[step]),
    }


def _chips(asked: ListParameters, facets: Facets, path: str) -> list[ActiveFilter]:
    """Every filter in force with the list's address without it."""
    names = {
        **{("c", choice.key): choice.name for choice in facets.communes},
        **{("g", choice.key): choice.name for choice in facets.producers},
        **{("s", choice.key): choice.name for choice in facets.categories},
    }
    chips = []
    if asked.category:
        name = names.get(("s", str(asked.category)), _("Category"))
        chips.append(ActiveFilter(name, asked.url(path, category=None)))
    for code in asked.communes:
        rest = tuple(other for other in asked.communes if other != code)
        name = _capital(names.get(("c", code), code))
        chips.append(ActiveFilter(name, asked.url(path, communes=rest)))
    for slug in asked.growers:
        rest = tuple(other for other in asked.growers if other != slug)
        chips.append(ActiveFilter(names.get(("g", slug), slug), asked.url(path, growers=rest)))
    if asked.price_step:
        words = price_step_words(int(asked.price_step))
        chips.append(ActiveFilter(words, asked.url(path, price_step="")))
    if asked.price_from is not None:
        words = _("From %(price)s") % {"price": formats.money(asked.price_from)}
        chips.append(ActiveFilter(words, asked.url(path, price_from=None)))
    if asked.price_through is not None:
        words = _("Up to %(price)s") % {"price": formats.money(asked.price_through)}
        chips.append(ActiveFilter(words, asked.url(path, price_through=None)))
    if asked.in_season:
        chips.append(ActiveFilter(_("In season"), asked.url(path, in_season=False)))
    return chips


def _sort_form(asked: ListParameters, path: str) -> SortForm:
    return SortForm(
        action=path,
        name=parameters.SORT,
        current=str(asked.sort or asked.usual_sort),
        choices=(
            *([(Sort.BEST.value, pgettext("sort", "Best match"))] if asked.words else ()),
            (Sort.SEASON.value, pgettext("sort", "In season first")),
            (Sort.NEWEST.value, pgettext("sort", "Newest")),
            (Sort.CHEAPEST.value, pgettext("sort", "Lowest price")),
            (Sort.DEAREST.value, pgettext("sort", "Highest price")),
        ),
        hidden=tuple(asked.pairs(sort=None)),
    )


def _empty(asked: ListParameters, results: Results, path: str) -> EmptyState:
    """Nothing found: what else could be looked for."""
    links = [
        Link(
            f"{suggestion.text} ({formats.number(suggestion.total)})",
            ListParameters(words=suggestion.text).url(reverse("shop:search")),
        )
        for suggestion in results.suggestions
    ]
    if asked.is_filtered:
        links.append(Link(_("Without filters"), ListParameters(words=asked.words).url(path)))
    links.append(Link(_("All products"), reverse("shop:product_list")))
    if asked.words:
        return EmptyState(
            _("Nothing found for “%(words)s”") % {"words": asked.words},
            _("Try fewer or shorter words, with or without accents."),
            tuple(links),
        )
    return EmptyState(
        _("Nothing here at the moment"), _("Take out a filter, or look at everything."),
        tuple(links),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _plain(number: int | None) -> str:
    return "" if number is None else str(number)
