"""What lists read of listings and their units: two fixed statements, written out once.

A list shows two dozen listings with their grower, place, picture, sizes, prices and sales.
Having Django build these two statements anew for every page takes longer than everything else
that a page does, so they are text, made from the models' own columns. The instances are models
as ever; a column that is not read here costs a query when it is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.db.models.base import ModelState
from oscar.apps.basket.models import Line as BasketLine
from oscar.apps.partner.models import Partner, StockRecord

from catalogue.models import Product, ProductClass, ProductImage, SalePrice
from marketplace.media.models import LibraryImage
from marketplace.places.models import Commune, Province
from marketplace.platform import statements
from marketplace.producers.models import Producer

#: What belongs to a sellable unit.
UNIT_FIELDS = (
    "id", "structure", "parent_id", "product_class_id", "is_public", "title", "title_vi",
    "title_en", "net_weight_g", "net_volume_ml", "net_count", "count_unit", "count_unit_vi",
    "count_unit_en", "gross_weight_g", "gtin", "upc",
)  # fmt: skip
LISTING_FIELDS = (
    *UNIT_FIELDS, "slug", "priority", "harvest_main", "harvest_side", "vat_rate",
    "unit_price_basis", "shelf_life_days", "shipping_class", "producer_id", "origin_commune_id",
)  # fmt: skip
GROWER_FIELDS = (
    "id", "name", "name_vi", "name_en", "slug", "identity_verified_at", "suspended_at",
    "paused_from", "paused_through", "commune_id", "preparation_days",
)  # fmt: skip
COMMUNE_FIELDS = ("id", "kind", "name", "province_id")
CLASS_FIELDS = ("id", "group", "track_stock", "minimum_age", "paid_ahead")
RECORD_FIELDS = (
    "id", "product_id", "partner_id", "partner_sku", "price", "price_currency", "num_in_stock",
    "num_allocated",
)  # fmt: skip
#: What ``media.queries.picture`` reads of an image.
PICTURE_FIELDS = (
    "id", "sources", "alt_vi", "alt_en", "caption_vi", "caption_en", "width", "height",
    "is_drawing",
)  # fmt: skip

#: More pictures of one listing nobody looks at.
MOST_PICTURES = 8


def listing_rows(listing_ids: Sequence[int], *, whole: bool = False) -> list[Product]:
    """The public ones among these listings, each with ``shown_pictures``: the first, if any.

    ``whole`` reads every field, the places of origin and of the grower up to the province,
    the grower's portrait, and all pictures that a page shows.
    """
    rows = statements.rows(_listing_sql(whole), [list(listing_ids)])
    listings = []
    for row in rows:
        values = iter(row)
        listing, grower, origin, kind = (_take(model, names, values) for model, names, _alias in (
            _WHOLE if whole else _CARD
        ))
        listing._state.fields_cache |= {
            "producer": grower, "origin_commune": origin, "product_class": kind,
        }
        listing.shown_pictures = [picture_of(value) for value in next(values)]
        if whole:
            origin_province = _take(Province, None, values)
            if origin is not None:
                origin._state.fields_cache["province"] = origin_province
            home = _take(Commune, None, values)
            home._state.fields_cache["province"] = _take(Province, None, values)
            grower._state.fields_cache |= {
                "commune": home, "portrait": picture_of(next(values)),
            }
        listings.append(listing)
    return listings


def stock_rows(listing_ids: Iterable[int], now: datetime) -> list[StockRecord]:
    """The stock records of these listings and their public variants, by unit.

    ``record.product`` is the unit; ``record.sale_prices.all()`` gives the sales that run at
    ``now`` or will run, in order, without a query.
    """
    ids = list(listing_ids)
    rows = statements.rows(_stock_sql(), [now, ids, ids])
    records = []
    for row in rows:
        values = iter(row)
        record = _take(StockRecord, RECORD_FIELDS, values)
        record._state.fields_cache["product"] = _take(Product, UNIT_FIELDS, values)
        _remember_sales(record, next(values))
        records.append(record)
    return records


def basket_rows(basket_id: int, now: datetime) -> list[BasketLine]:
    """A basket's lines in their order, with all that selling and showing them asks for.

    ``line.product`` is the unit, public or not, with its listing, the listing's type, grower
    and ``shown_pictures`` (the first, if any); ``line.stockrecord`` the unit's record with its
    partner; sales as in ``stock_rows``. One statement.
    """
    found = []
    for row in statements.rows(_basket_sql(), [now, basket_id]):
        values = iter(row)
        line, record, partner, unit, listing, grower, kind = (
            _take(model, names, values) for model, names, _alias in _BASKET
        )
        _remember_sales(record, next(values))
        listing._state.fields_cache |= {"producer": grower, "product_class": kind}
        listing.shown_pictures = [picture_of(value) for value in next(values)]
        if unit.parent_id is None:
            unit = listing
        else:
            unit._state.fields_cache["parent"] = listing
        record._state.fields_cache |= {"product": unit, "partner": partner}
        line._state.fields_cache |= {"product": unit, "stockrecord": record}
        found.append(line)
    return found


def _remember_sales(record: StockRecord, value: Any) -> None:
    """Let ``record.sale_prices.all()`` give these sales."""
    record._prefetched_objects_cache = {
        "sale_prices": [
            SalePrice(
                stockrecord=record,
                price_incl_tax=Decimal(sale["price"]),
                starts_at=datetime.fromisoformat(sale["start"]),
                ends_at=datetime.fromisoformat(sale["end"]),
            )
            for sale in _loaded(value) or ()
        ]
    }


def picture_of(value: str | dict[str, Any] | None) -> LibraryImage | None:
    """The image out of what was read of it, without asking for its other fields."""
    values = _loaded(value)
    if not values:
        return None
    ordered = iter([values[name] for name in _in_order(LibraryImage, PICTURE_FIELDS)])
    return _take(LibraryImage, PICTURE_FIELDS, ordered)


def _loaded(value: Any) -> Any:
    """Django has psycopg hand JSON over as text."""
    return json.loads(value) if isinstance(value, str) else value


@cache
def _in_order(model: type[Model], names: tuple[str, ...] | None) -> tuple[str, ...]:
    """The names (None: all) in the order of the model's columns, which ``from_db`` goes by."""
    all_names = (field.attname for field in model._meta.concrete_fields)
    return tuple(name for name in all_names if names is None or name in names)


def _take(model: type[Model], names: tuple[str, ...] | None, values: Any) -> Any:
    """The next instance out of a row; None when an outer join found nothing.

    As ``Model.from_db`` makes it, but without the work that Oscar and the translated fields add
    to every new instance, which is half the time of a list: what is read here is only shown.
    """
    names = _in_order(model, names)
    taken = {name: next(values) for name in names}
    if taken[model._meta.pk.attname] is None:
        return None
    instance = model.__new__(model)
    state = instance._state = ModelState()
    state.adding, state.db = False, DEFAULT_DB_ALIAS
    instance.__dict__.update(taken)
    return instance


def _columns(model: type[Model], names: tuple[str, ...] | None, alias: str) -> str:
    columns = {field.attname: field.column for field in model._meta.concrete_fields}
    return ", ".join(f'{alias}."{columns[name]}"' for name in _in_order(model, names))


_CARD = (
    (Product, LISTING_FIELDS, "listing"),
    (Producer, GROWER_FIELDS, "grower"),
    (Commune, COMMUNE_FIELDS, "origin"),
    (ProductClass, CLASS_FIELDS, "kind"),
)
_BASKET = (
    (BasketLine, None, "line"),
    (StockRecord, RECORD_FIELDS, "record"),
    (Partner, ("id", "name", "code"), "partner"),
    (Product, UNIT_FIELDS, "unit"),
    (Product, LISTING_FIELDS, "listing"),
    (Producer, None, "grower"),
    (ProductClass, CLASS_FIELDS, "kind"),
)
_WHOLE = tuple((model, None, alias) for model, _names, alias in _CARD)


#: A picture, of the table ``image``.
_PICTURE = ", ".join(f"'{name}', image.\"{name}\"" for name in PICTURE_FIELDS)


def _pictures(most: int) -> str:
    """The first pictures of a listing."""
    return (
        f"ARRAY(SELECT jsonb_build_object({_PICTURE})::text"  # noqa: S608
        f" FROM {ProductImage._meta.db_table} AS shown"
        f" JOIN {LibraryImage._meta.db_table} AS image ON image.id = shown.original_id"
        " WHERE shown.product_id = listing.id ORDER BY shown.display_order, shown.id"
        f" LIMIT {most})"
    )


@cache
def _listing_sql(whole: bool) -> str:
    columns = [_columns(*part) for part in (_WHOLE if whole else _CARD)]
    columns.append(_pictures(MOST_PICTURES if whole else 1))
    places = ""
    if whole:
        columns += [
            _columns(Province, None, "origin_province"),
            _columns(Commune, None, "home"),
            _columns(Province, None, "home_province"),
            f"(SELECT jsonb_build_object({_PICTURE})"  # noqa: S608
            f" FROM {LibraryImage._meta.db_table} AS image WHERE image.id = grower.portrait_id)",
        ]
        places = (
            f" LEFT JOIN {Province._meta.db_table} AS origin_province"
            " ON origin_province.code = origin.province_id"
            f" JOIN {Commune._meta.db_table} AS home ON home.id = grower.commune_id"
            f" JOIN {Province._meta.db_table} AS home_province"
            " ON home_province.code = home.province_id"
        )
    return (
        f"SELECT {', '.join(columns)} FROM {Product._meta.db_table} AS listing"  # noqa: S608
        f" JOIN {Producer._meta.db_table} AS grower ON grower.id = listing.producer_id"
        f" LEFT JOIN {Commune._meta.db_table} AS origin ON origin.id = listing.origin_commune_id"
        f" LEFT JOIN {ProductClass._meta.db_table} AS kind ON kind.id = listing.product_class_id"
        f"{places}"
        # As ``queries.public_listings``.
        f" WHERE listing.id = {_ANY} AND listing.parent_id IS NULL AND listing.is_public"
        " AND grower.identity_verified_at IS NOT NULL AND grower.suspended_at IS NULL"
    )


#: One of these ids. A subquery hides how many there are, so that the server keeps one plan.
_ANY = "ANY((SELECT %s::bigint[])::bigint[])"
#: The sales of a record that run or will run at a moment, the first first.
_SALES = (
    "(SELECT jsonb_agg(jsonb_build_object('price', sale.price_incl_tax::text,"  # noqa: S608
    " 'start', sale.starts_at, 'end', sale.ends_at) ORDER BY sale.starts_at)"
    f" FROM {SalePrice._meta.db_table} AS sale"
    " WHERE sale.stockrecord_id = record.id AND sale.ends_at > %s)"
)


@cache
def _stock_sql() -> str:
    return (
        f"SELECT {_columns(StockRecord, RECORD_FIELDS, 'record')},"  # noqa: S608
        f" {_columns(Product, UNIT_FIELDS, 'unit')},"
        f" {_SALES}"
        f" FROM {StockRecord._meta.db_table} AS record"
        f" JOIN {Product._meta.db_table} AS unit ON unit.id = record.product_id"
        f" WHERE (unit.id = {_ANY} AND unit.parent_id IS NULL)"
        f" OR (unit.parent_id = {_ANY} AND unit.is_public)"
        " ORDER BY record.product_id, record.id"
    )


@cache
def _basket_sql() -> str:
    columns = ", ".join(_columns(*part) for part in _BASKET)
    return (
        f"SELECT {columns}, {_SALES}, {_pictures(1)}"  # noqa: S608
        f" FROM {BasketLine._meta.db_table} AS line"
        f" JOIN {StockRecord._meta.db_table} AS record ON record.id = line.stockrecord_id"
        f" JOIN {Partner._meta.db_table} AS partner ON partner.id = record.partner_id"
        f" JOIN {Product._meta.db_table} AS unit ON unit.id = record.product_id"
        f" JOIN {Product._meta.db_table} AS listing"
        " ON listing.id = COALESCE(unit.parent_id, unit.id)"
        f" LEFT JOIN {Producer._meta.db_table} AS grower ON grower.id = listing.producer_id"
        f" LEFT JOIN {ProductClass._meta.db_table} AS kind"
        " ON kind.id = listing.product_class_id"
        " WHERE line.basket_id = %s ORDER BY line.id"
    )
