"""What a listing must say before it may be published: dated rows, checked field by field.

A row names a field of the listing or of its sellable units, or a fact that is more than one
column: ``net_quantity``, ``price``, ``images``, ``category``, ``allergens_declared`` (answered,
also with "none") and ``materials`` (what a craft or a plant consists of).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.core.exceptions import FieldDoesNotExist
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalogue.errors import MissingField
from catalogue.models import ListingRequirement, Product
from marketplace.platform.dated import in_force

#: Fields that belong to what is sold (a variant, or the listing without variants).
UNIT_FIELDS = frozenset(
    {"net_weight_g", "net_volume_ml", "net_count", "gross_weight_g", "gtin"}
)
LABELS: dict[str, str | Promise] = {
    "net_quantity": _("net weight, volume or count"),
    "price": _("price"),
    "images": _("picture with a description"),
    "allergens_declared": _("allergens"),
    "materials": _("materials"),
    "category": _("category"),
    "title": _("name"),
    "description": _("description"),
    "origin_commune": _("commune of origin"),
    "harvest_main": _("main season"),
}


def missing_fields(listing: Product, on: date) -> list[MissingField]:
    """Everything that keeps ``listing`` from being published on ``on``, in the order of the law.

    What every listing needs comes first: a name, a category, a producer and a price.
    """
    required = required_fields(listing.product_class_id, on)
    units = list(sellable_units(listing))
    missing = []
    for field, source in required.items():
        check = _UNIT_CHECKS.get(field)
        if check is None and field in UNIT_FIELDS:
            check = _has(field)
        if check is not None:
            missing += [
                MissingField(field, label(field), unit.title if unit != listing else "", source)
                for unit in units
                if not check(unit)
            ]
            if not units:
                missing.append(MissingField(field, label(field), "", source))
        elif not _LISTING_CHECKS.get(field, _has(field))(listing):
            missing.append(MissingField(field, label(field), "", source))
    return missing


def required_fields(product_class_id: int | None, on: date) -> dict[str, str]:
    """What a listing of this type must say on ``on``, in the order of the law → its source.

    What every listing needs has no source. One query.
    """
    rows = ListingRequirement.objects.filter(
        in_force(on), product_class=product_class_id
    ).order_by("pk")
    required = {"title": "", "category": "", "producer": "", "price": "", "vat_rate": ""}
    return required | {row.field: row.source for row in rows}


def sellable_units(listing: Product) -> list[Product]:
    """The variants of a listing, or the listing itself when it has none."""
    if listing.is_parent:
        return list(listing.children.filter(is_public=True).order_by("pk"))
    return [listing]


def label(field: str) -> str:
    """The field's name as a form would show it, in the active language."""
    if field in LABELS:
        return str(LABELS[field])
    try:
        return str(Product._meta.get_field(field).verbose_name)
    except FieldDoesNotExist:
        return field


def _has(field: str) -> Callable[[Product], bool]:
    """Whether a column is filled, in Vietnamese where it exists in two languages."""
    base = f"{field}_vi" if hasattr(Product, f"{field}_vi") else field

    def check(product: Product) -> bool:
        value = getattr(product, base)
        if isinstance(value, str):
            return bool(value.strip())
        if isinstance(value, list):
            return bool(value)
        return value is not None

    return check


def _has_price(unit: Product) -> bool:
    record = unit.stockrecords.first()
    return record is not None and record.price is not None and record.price > 0


def _has_net_quantity(unit: Product) -> bool:
    return bool(
        unit.net_weight_g or unit.net_volume_ml or (unit.net_count and unit.count_unit)
    )


def _has_picture(listing: Product) -> bool:
    return listing.images.exclude(original__alt_vi="").exists()


_LISTING_CHECKS: dict[str, Callable[[Product], bool]] = {
    "images": _has_picture,
    "materials": lambda listing: bool((listing.ingredients_vi or "").strip()),
    "allergens_declared": lambda listing: listing.allergens is not None,
    "category": lambda listing: listing.categories.exists(),
    "producer": lambda listing: listing.producer_id is not None,
    "origin_commune": lambda listing: listing.origin_commune_id is not None,
}
_UNIT_CHECKS: dict[str, Callable[[Product], bool]] = {
    "price": _has_price,
    "net_quantity": _has_net_quantity,
}
