"""What the blocks of the home page show, gathered for all of them at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from catalogue.cards import product_card
from catalogue.models import Category, Product
from catalogue.queries import first_of, next_midnight, on_sale
from cms import live
from marketplace.kernel import clock
from marketplace.media.queries import picture
from theme.components import CategoryTile, ProductCard

TILE_SIZES = "(min-width: 900px) 130px, 22vw"
TINTS = ("xoai", "sen", "ma", "phusa", "nuoc", "la")
MAIN_CATEGORIES = 8


def product_cards(
    body: Iterable[Any], now: datetime
) -> tuple[dict[int, list[ProductCard]], datetime | None]:
    """Cards by block value (its ``id()``), and until when all of them are true.

    One query for each block with a rule, and those of ``catalogue.queries.offers`` for all.
    """
    values = [block.value for block in body if block.block_type == "picks"]
    ids = {id(value): _listing_ids(value, now) for value in values}
    offers = live.offers_by_id({pk for listed in ids.values() for pk in listed}, now)
    cards = {
        key: [product_card(offers[pk], now) for pk in listed if pk in offers]
        for key, listed in ids.items()
    }
    # The month decides what is in season.
    moments = [next_midnight(now)] if values else []
    if (first := first_of(offers.values())) is not None:
        moments.append(first)
    return cards, min(moments, default=None)


def _listing_ids(value: Any, now: datetime) -> list[int]:
    if value["rule"] == "chosen":
        return [product.pk for product in value["products"] if product]
    listings: QuerySet[Product] = on_sale(now)
    if value["rule"] == "season":
        listings = listings.filter(harvest_main__contains=[clock.local_date(now).month])
    elif value["rule"] == "category" and value["category"]:
        shelves = Category.get_tree(value["category"]).values("pk")
        listings = listings.filter(categories__in=shelves).distinct()
    order = ("-priority", "-published_at", "-pk")
    if value["rule"] == "newest":
        order = order[1:]
    return list(listings.order_by(*order).values_list("pk", flat=True)[: value["limit"]])


def category_tiles(body: Iterable[Any]) -> dict[int, list[CategoryTile]]:
    """Tiles by block value: the shelves chosen, else the main ones."""
    values = [block.value for block in body if block.block_type == "categories"]
    if not values:
        return {}
    main = list(
        Category.get_root_nodes().filter(is_public=True).select_related("picture")[:MAIN_CATEGORIES]
    )
    return {
        id(value): [
            CategoryTile(
                name=category.name,
                url=category.get_absolute_url(),
                picture=picture(category.picture, TILE_SIZES, decorative=True),
                tint=TINTS[at % len(TINTS)],
            )
            for at, category in enumerate(
                [category for category in value["categories"] if category] or main
            )
        ]
        for value in values
    }
