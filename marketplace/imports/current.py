"""What is there now, as rows for a template: to be changed in a spreadsheet and handed in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from oscar.apps.partner.models import StockRecord

from catalogue.bulk import plain
from catalogue.models import Category, ProductCategory, ProductClass
from marketplace.imports.columns import LISTINGS, PRODUCERS
from marketplace.imports.kinds.base import unit_name
from marketplace.imports.models import Import
from marketplace.kernel import formats
from marketplace.places.fields import written
from marketplace.producers.models import Producer

_BATCH = 1000
_OF_UNIT = {
    "net_weight_g", "net_volume_ml", "net_count", "count_unit_vi", "count_unit_en",
    "gross_weight_g", "gtin",
}  # fmt: skip


def rows(kind: str, *, producer: Producer | None) -> Iterator[dict[str, Any]]:
    """The rows of a kind of table; only a producer's own when one is given."""
    if kind == Import.Kind.PRODUCERS:
        return _producers()
    records = (
        StockRecord.objects.filter(partner__producer__isnull=False)
        .select_related(
            "product__parent__origin_commune__province", "product__origin_commune__province",
            "partner__producer",
        )
        .order_by("partner__producer__sort_key", "product__parent_id", "product_id", "pk")
    )  # fmt: skip
    if producer is not None:
        records = records.filter(partner=producer.partner_id)
    if kind == Import.Kind.LISTINGS:
        return _listings(records)
    return _records(kind, records)


def _records(kind: str, records: QuerySet[StockRecord]) -> Iterator[dict[str, Any]]:
    for record in records.iterator(chunk_size=_BATCH):
        if kind == Import.Kind.PRICES:
            value = None if record.price is None else int(record.price)
        else:
            value = record.num_in_stock or 0
        yield {
            "producer": record.partner.producer.slug, "sku": record.partner_sku,
            "title": unit_name(record), "seen": value,
            "price" if kind == Import.Kind.PRICES else "in_stock": value,
        }  # fmt: skip


def _producers() -> Iterator[dict[str, Any]]:
    for producer in Producer.objects.select_related("commune__province").order_by("sort_key"):
        row = {column.key: getattr(producer, column.key, "") for column in PRODUCERS}
        yield row | {
            "code": producer.slug, "commune": written(producer.commune),
            "phone": formats.phone(producer.phone),
        }  # fmt: skip


def _listings(records: QuerySet[StockRecord]) -> Iterator[dict[str, Any]]:
    classes = {
        row.pk: f"{row.set_number} – {row.name}"
        for row in ProductClass.objects.exclude(set_number=None)
    }
    names = {row.pk: row.name for row in Category.objects.all()}
    shelves: dict[int, list[str]] = {}
    for listing_id, category_id in ProductCategory.objects.order_by("pk").values_list(
        "product", "category"
    ):
        shelves.setdefault(listing_id, []).append(names[category_id])
    label = {column.key for column in LISTINGS} - _OF_UNIT - {
        "producer", "sku", "group", "label_vi", "label_en", "categories", "price", "in_stock",
    }  # fmt: skip
    seen: set[int] = set()
    for record in records.iterator(chunk_size=_BATCH):
        unit = record.product
        listing = unit.parent or unit
        row = {
            "producer": record.partner.producer.slug, "sku": record.partner_sku,
            "price": None if record.price is None else int(record.price),
            "in_stock": record.num_in_stock or 0,
        }  # fmt: skip
        row |= {name: plain(unit, name) for name in _OF_UNIT}
        if unit.parent_id:
            row |= {"group": f"{listing.pk}", "label_vi": unit.title_vi, "label_en": unit.title_en}
        if listing.pk not in seen:
            # Further variants say only what is theirs.
            seen.add(listing.pk)
            row |= {name: plain(listing, name) for name in label}
            row |= {
                "product_class": classes.get(listing.product_class_id, ""),
                "categories": shelves.get(listing.pk, []),
                "origin_commune": written(listing.origin_commune)
                if listing.origin_commune
                else "",
            }
        yield row
