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

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model
from oscar.apps.partner.models import StockRecord

from catalogue.models import Product, ProductClass, ProductImage, SalePrice
from marketplace.media.models import LibraryImage
from marketplace.places.models import Commune, Province
from marketplace.producers.models import Producer

#: What belongs to a sellable unit.
UNIT_FIELDS = (
    "id", "structure", "parent_id", "product_class_id", "is_public", "title", "title_vi",
    "title_en", "net_weight_g", "net_volume_ml", "net_count", "count_unit", "count_unit_vi",
    "count_unit_en", "gross_weight_g", "gtin",
)  # fmt: skip
LISTING_FIELDS = (
    *UNIT_FIELDS, "slug", "priority", "harvest_main", "harvest_side", "vat_rate",
    "unit_price_basis", "shelf_life_days", "shipping_class", "producer_id", "origin_commune_id",
)  # fmt: skip
GROWER_FIELDS = (
    "id", "name", "name_vi", "name_en", "slug", "identity_verified_at", "paused_from",
    "paused_through", "commune_id", "preparation_days",
)  # fmt: skip
COMMUNE_FIELDS = ("id", "kind", "name", "province_id")
CLASS_FIELDS = ("id", "group", "track_stock", "minimum_age")
RECORD_FIELDS = (
    "id", "product_id", "partner_id", "partner_sku", "price", "price_currency", "num_in_stock",
    "num_allocated",
)  # fmt: skip
#: What ``media.queries.picture`` reads of an image.
PICTURE_FIELDS = (
    "id", "sources", "alt_vi", "alt_en", "caption_vi", "caption_en", "width", "height",
    "is_drawing",
)  # fmt: skip


def listing_rows(listing_ids: Sequence[int], *, whole: bool = False) -> list[Product]:
    """The public ones among these listings, each with ``first_picture`` (an image or None).

    ``whole`` reads every field, the places of origin and of the grower up to the province, and
    the grower's portrait.
    """
    with connection.cursor() as cursor:
        cursor.execute(_listing_sql(whole), [list(listing_ids)])
        rows = cursor.fetchall()
    listings = []
    for row in rows:
        values = iter(row)
        listing, grower, origin, kind = (_take(model, names, values) for model, names, _alias in (
            _WHOLE if whole else _CARD
        ))
        listing._state.fields_cache |= {
            "producer": grower, "origin_commune": origin, "product_class": kind,
        }
        listing.first_picture = picture_of(next(values))
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
    with connection.cursor() as cursor:
        cursor.execute(_stock_sql(), [now, ids, ids])
        rows = cursor.fetchall()
    records = []
    for row in rows:
        values = iter(row)
        record = _take(StockRecord, RECORD_FIELDS, values)
        record._state.fields_cache["product"] = _take(Product, UNIT_FIELDS, values)
        sales = [
            SalePrice(
                stockrecord=record,
                price_incl_tax=Decimal(sale["price"]),
                starts_at=datetime.fromisoformat(sale["start"]),
                ends_at=datetime.fromisoformat(sale["end"]),
            )
            for sale in _loaded(next(values)) or ()
        ]
        record._prefetched_objects_cache = {"sale_prices": sales}
        records.append(record)
    return records


def picture_of(value: str | dict[str, Any] | None) -> LibraryImage | None:
    """The image out of what ``first_picture`` read, without asking for its other fields."""
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
    """The next instance out of a row; None when an outer join found nothing."""
    names = _in_order(model, names)
    taken = [next(values) for _ in names]
    if taken[names.index(model._meta.pk.attname)] is None:
        return None
    return model.from_db(DEFAULT_DB_ALIAS, names, taken)


def _columns(model: type[Model], names: tuple[str, ...] | None, alias: str) -> str:
    columns = {field.attname: field.column for field in model._meta.concrete_fields}
    return ", ".join(f'{alias}."{columns[name]}"' for name in _in_order(model, names))


_CARD = (
    (Product, LISTING_FIELDS, "listing"),
    (Producer, GROWER_FIELDS, "grower"),
    (Commune, COMMUNE_FIELDS, "origin"),
    (ProductClass, CLASS_FIELDS, "kind"),
)
_WHOLE = tuple((model, None, alias) for model, _names, alias in _CARD)


@cache
def _listing_sql(whole: bool) -> str:
    shown = ", ".join(f"'{name}', image.\"{name}\"" for name in PICTURE_FIELDS)
    columns = [_columns(*part) for part in (_WHOLE if whole else _CARD)]
    columns.append(
        f"(SELECT jsonb_build_object({shown})"  # noqa: S608
        f" FROM {ProductImage._meta.db_table} AS shown"
        f" JOIN {LibraryImage._meta.db_table} AS image ON image.id = shown.original_id"
        " WHERE shown.product_id = listing.id ORDER BY shown.display_order, shown.id LIMIT 1)"
    )
    places = ""
    if whole:
        columns += [
            _columns(Province, None, "origin_province"),
            _columns(Commune, None, "home"),
            _columns(Province, None, "home_province"),
            f"(SELECT jsonb_build_object({shown})"  # noqa: S608
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
        " WHERE listing.id = ANY(%s) AND listing.parent_id IS NULL AND listing.is_public"
        " AND grower.identity_verified_at IS NOT NULL"
    )


@cache
def _stock_sql() -> str:
    return (
        f"SELECT {_columns(StockRecord, RECORD_FIELDS, 'record')},"  # noqa: S608
        f" {_columns(Product, UNIT_FIELDS, 'unit')},"
        " (SELECT jsonb_agg(jsonb_build_object('price', sale.price_incl_tax::text,"
        " 'start', sale.starts_at, 'end', sale.ends_at) ORDER BY sale.starts_at)"
        f" FROM {SalePrice._meta.db_table} AS sale"
        " WHERE sale.stockrecord_id = record.id AND sale.ends_at > %s)"
        f" FROM {StockRecord._meta.db_table} AS record"
        f" JOIN {Product._meta.db_table} AS unit ON unit.id = record.product_id"
        " WHERE (unit.id = ANY(%s) AND unit.parent_id IS NULL)"
        " OR (unit.parent_id = ANY(%s) AND unit.is_public)"
        " ORDER BY record.product_id, record.id"
    )
