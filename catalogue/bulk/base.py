"""What all bulk changes share: expecting what is there, and values as JSON keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from oscar.apps.partner.models import StockRecord

from catalogue.actions import HIGHEST_STOCK, whole_price
from catalogue.errors import CatalogueError, StockInvalid, VariantsNeedLabels
from catalogue.listing_actions import UNIT_FIELDS, UnitDraft
from catalogue.models import Product
from catalogue.signals import clean_listing_text
from marketplace.kernel.fold import slugify

BATCH = 500
#: Old and new.
Change = tuple[Any, Any]


class FoundDifferent(CatalogueError):
    """Something is not what the change expected; ``ids`` are those of listings or records."""

    def __init__(self, ids: Iterable[int]) -> None:
        self.ids = set(ids)
        super().__init__(self.ids)


def plain(product: Any, name: str) -> Any:
    """A column as JSON keeps it: a row referred to by its id, a decimal as text, no None text."""
    model_field = product._meta.get_field(name)
    value = getattr(product, model_field.attname)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if value is None and model_field.get_internal_type() in ("CharField", "TextField"):
        return ""
    return list(value) if isinstance(value, list | tuple) else value


def child(listing: Product, draft: UnitDraft) -> Product:
    """A variant of ``listing``, not yet written. Raises VariantsNeedLabels."""
    if not draft.label_vi.strip():
        raise VariantsNeedLabels
    unit = Product(
        structure=Product.CHILD, parent=listing, is_public=draft.is_on_sale,
        title_vi=draft.label_vi.strip(), title_en=draft.label_en.strip(),
        slug=slugify(f"{listing.slug} {draft.label_vi}")[:255] or "mat-hang",
    )
    write_unit(unit, draft)
    clean_listing_text(instance=unit)
    return unit


def insert(products: Sequence[Product]) -> None:
    """Write new products; a GTIN that is taken raises FoundDifferent."""
    try:
        with transaction.atomic():
            Product.objects.bulk_create(products, batch_size=BATCH)
    except IntegrityError as error:
        raise FoundDifferent([]) from error


def insert_records(pairs: Sequence[tuple[Product, Product, UnitDraft]]) -> None:
    """Oscar's stock records, with the article number that ``create_listing`` would give."""
    records = []
    for listing, unit, draft in pairs:
        check_stock(draft.in_stock)
        records.append(
            StockRecord(
                product=unit, partner=listing.producer.partner, price_currency="VND",
                partner_sku=draft.sku.strip() or f"{listing.producer_id}-{unit.pk}",
                price=None if draft.price is None else whole_price(draft.price),
                num_in_stock=draft.in_stock, num_allocated=0,
            )
        )
    try:
        with transaction.atomic():
            StockRecord.objects.bulk_create(records, batch_size=BATCH)
    except IntegrityError as error:
        raise FoundDifferent([]) from error


def told_of_unit(unit: Product, draft: UnitDraft) -> dict[str, Any]:
    """A new unit as the audit tells of it."""
    return {
        "id": unit.pk,
        "label": unit.title_vi if unit.is_child else "",
        "sku": draft.sku,
        "price": None if draft.price is None else f"{draft.price:.0f}",
        "in_stock": draft.in_stock,
        **{name: getattr(unit, name) for name in sorted(draft.values)},
    }


def write_unit(unit: Product, draft: UnitDraft) -> None:
    """Set the columns of a sellable unit."""
    refuse_others(draft.values, UNIT_FIELDS)
    write(unit, draft.values)


def write(product: Product, values: Mapping[str, Any]) -> None:
    """Set columns from values as ``plain`` gives them."""
    for name, value in values.items():
        model_field = product._meta.get_field(name)
        if value is not None and model_field.get_internal_type() == "DecimalField":
            value = Decimal(value)
        setattr(product, model_field.attname, value)


def check_stock(in_stock: int) -> None:
    """Raise StockInvalid for a stock that cannot be."""
    if not 0 <= in_stock <= HIGHEST_STOCK:
        raise StockInvalid


def refuse_others(values: Mapping[str, Any], allowed: frozenset[str]) -> None:
    """Raise ValueError for what is not part of a listing."""
    if others := values.keys() - allowed:
        raise ValueError(f"not part of a listing: {', '.join(sorted(others))}")


def batches(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """``items`` in parts of ``BATCH``."""
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
