"""Writing down a listing: its label, its shelves and pictures, and its sellable units.

Prices and stock of units that exist already are changed by ``catalogue.actions``; here they are
only given to a unit that is new. Every function is one transaction and one row of the audit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from oscar.apps.basket.models import Line as BasketLine
from oscar.apps.partner.models import StockRecord

from catalogue import actions
from catalogue.errors import ListingIncomplete, SkuTaken, UnitUnknown, VariantsNeedLabels
from catalogue.models import Category, Product, ProductImage
from catalogue.requirements import missing_fields
from catalogue.signals import collected
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.fold import slugify
from marketplace.media.models import LibraryImage
from marketplace.platform import audit

_TRANSLATED = (
    "title", "summary", "description", "ingredients", "may_contain", "storage", "usage",
    "warnings",
)  # fmt: skip
#: What a listing's form may write; publishing has an action of its own, and who owns it is
#: said once, when it is made.
LABEL_FIELDS = frozenset(
    {f"{name}_{language}" for name in _TRANSLATED for language in ("vi", "en")}
    | {
        "product_class", "origin_commune", "allergens", "shelf_life_days", "harvest_main",
        "harvest_side", "shipping_class", "vat_rate", "hs_code", "unit_price_basis",
    }
)  # fmt: skip
UNIT_FIELDS = frozenset(
    {
        "net_weight_g", "net_volume_ml", "net_count", "count_unit_vi", "count_unit_en",
        "gross_weight_g", "gtin",
    }
)  # fmt: skip


@dataclass(frozen=True)
class UnitDraft:
    """One sellable unit as somebody typed it.

    ``unit_id`` None makes a new one, which alone takes ``price`` and ``in_stock``. ``label``
    is the variant's name ("500 g"); a listing with one unit needs none.
    """

    unit_id: int | None = None
    label_vi: str = ""
    label_en: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    sku: str = ""
    price: Decimal | None = None
    in_stock: int = 0
    is_on_sale: bool = True


@transaction.atomic
def create_listing(
    *,
    producer: Any,
    values: Mapping[str, Any],
    categories: Sequence[Category],
    pictures: Sequence[LibraryImage],
    units: Sequence[UnitDraft],
    actor: User | None,
) -> Product:
    """Write down a new listing as a draft; nobody but the office sees it until it is published.

    One unit makes a listing without variants. Raises VariantsNeedLabels, SkuTaken,
    PriceInvalid, StockInvalid.
    """
    _refuse_others(values, LABEL_FIELDS)
    units = list(units) or [UnitDraft()]
    with_variants = len(units) > 1
    with collected():
        listing = Product(
            structure=Product.PARENT if with_variants else Product.STANDALONE,
            producer=producer,
            is_public=False,
            slug=slugify(values.get("title_vi") or "") or "mat-hang",
        )
        _write(listing, values)
        if not with_variants:
            _write(listing, _unit_values(units[0]))
        listing.save()
        listing.categories.set(categories)
        _set_pictures(listing, pictures)
        if with_variants:
            for draft in units:
                _new_variant(listing, draft, actor)
        else:
            _new_record(listing, listing, units[0], actor)
        audit.record(
            action="catalogue.listing_created", actor=actor, target=listing,
            before=None, after=_told(listing, values) | _told_around(listing),
        )
    return listing


@transaction.atomic
def change_listing(
    *,
    listing: Product,
    values: Mapping[str, Any],
    categories: Sequence[Category] | None = None,
    pictures: Sequence[LibraryImage] | None = None,
    units: Sequence[UnitDraft] | None = None,
    actor: User | None,
) -> Product:
    """Write what was changed of a listing; None leaves shelves, pictures or units alone.

    A second unit turns a listing without variants into one with them: what it was becomes the
    first variant and keeps its stock record, its promises to buyers and its place in baskets.
    Raises UnitUnknown for a unit of another listing, VariantsNeedLabels, SkuTaken,
    PriceInvalid, StockInvalid, and ListingIncomplete when a published listing would lose what
    the law wants on it.
    """
    _refuse_others(values, LABEL_FIELDS)
    today = clock.today()
    with collected():
        listing = Product.objects.select_for_update().get(pk=listing.pk)
        lacked = missing_fields(listing, today) if listing.is_public else []
        values = {n: value for n, value in values.items() if getattr(listing, n) != value}
        before = _told(listing, values) | _told_around(listing)
        _write(listing, values)
        if values:
            listing.save()
        if categories is not None:
            listing.categories.set(categories)
        if pictures is not None:
            _set_pictures(listing, pictures)
        if units is not None:
            _change_units(listing, units, actor)
        if listing.is_public and (
            lost := [m for m in missing_fields(listing, today) if m not in lacked]
        ):
            raise ListingIncomplete(lost)
        after = _told(listing, values) | _told_around(listing)
        if before != after:
            audit.record(
                action="catalogue.listing_changed", actor=actor, target=listing,
                before=_only_different(before, after), after=_only_different(after, before),
            )
    return listing


def _change_units(listing: Product, drafts: Sequence[UnitDraft], actor: User | None) -> None:
    if not listing.is_parent and len(drafts) > 1:
        drafts = _grow_variants(listing, drafts)
    existing = _units_of(listing)
    for draft in drafts:
        if draft.unit_id is None:
            if listing.is_parent:
                _new_variant(listing, draft, actor)
            elif not listing.stockrecords.exists():
                _write(listing, _unit_values(draft))
                listing.save()
                _new_record(listing, listing, draft, actor)
            else:
                raise UnitUnknown
            continue
        unit = existing.get(draft.unit_id)
        if unit is None:
            raise UnitUnknown
        _change_unit(listing, unit, draft)


def _grow_variants(listing: Product, drafts: Sequence[UnitDraft]) -> list[UnitDraft]:
    """Make the listing's own unit its first variant."""
    if not all(draft.label_vi.strip() for draft in drafts):
        raise VariantsNeedLabels
    own = next((draft for draft in drafts if draft.unit_id == listing.pk), None)
    record = listing.stockrecords.first()
    if own is None or record is None:
        raise UnitUnknown
    columns = {
        name: getattr(listing, name) for name in (*UNIT_FIELDS, "upc") if hasattr(listing, name)
    }
    for name in columns:
        setattr(listing, name, "" if name.startswith("count_unit") else None)
    listing.structure = Product.PARENT
    listing.save()
    child = Product(
        structure=Product.CHILD, parent=listing, is_public=True,
        title_vi=own.label_vi, title_en=own.label_en, **columns,
    )
    child.save()
    StockRecord.objects.filter(pk=record.pk).update(product=child)
    BasketLine.objects.filter(product=listing, stockrecord=record).update(
        product=child, line_reference=f"{child.pk}_{record.pk}"
    )
    return [
        UnitDraft(**{**vars(draft), "unit_id": child.pk}) if draft is own else draft
        for draft in drafts
    ]


def _change_unit(listing: Product, unit: Product, draft: UnitDraft) -> None:
    wanted = _unit_values(draft)
    if unit.is_child:
        if not draft.label_vi.strip():
            raise VariantsNeedLabels
        wanted |= {
            "title_vi": draft.label_vi.strip(),
            "title_en": draft.label_en.strip(),
            "is_public": draft.is_on_sale,
        }
    # A column in two languages holds NULL or "" for nothing.
    if changed := {
        n: value
        for n, value in wanted.items()
        if (getattr(unit, n) or None) != (value or None)
    }:
        _write(unit, changed)
        unit.save()
    record = unit.stockrecords.first()
    if record is None:
        _new_record(listing, unit, draft, None)
    elif draft.sku.strip() and record.partner_sku != draft.sku.strip():
        record.partner_sku = draft.sku.strip()
        _save_record(record)


def _new_variant(listing: Product, draft: UnitDraft, actor: User | None) -> Product:
    if not draft.label_vi.strip():
        raise VariantsNeedLabels
    unit = Product(
        structure=Product.CHILD, parent=listing, is_public=True,
        title_vi=draft.label_vi.strip(), title_en=draft.label_en.strip(),
    )
    _write(unit, _unit_values(draft))
    unit.save()
    _new_record(listing, unit, draft, actor)
    return unit


def _new_record(listing: Product, unit: Product, draft: UnitDraft, actor: User | None) -> None:
    """Oscar's stock record; price and stock pass through the actions that judge them."""
    _save_record(
        StockRecord(
            product=unit,
            partner=listing.producer.partner,
            partner_sku=draft.sku.strip() or f"{listing.producer_id}-{unit.pk}",
            price_currency="VND",
            price=None,
            num_in_stock=0,
            num_allocated=0,
        )
    )
    if draft.price is not None:
        actions.set_price(unit=unit, price=draft.price, actor=actor)
    if draft.in_stock:
        actions.set_stock(unit=unit, in_stock=draft.in_stock, actor=actor)


def _save_record(record: StockRecord) -> None:
    """Save, telling a second use of a producer's article number from other faults."""
    others = StockRecord.objects.filter(
        partner=record.partner_id, partner_sku=record.partner_sku
    ).exclude(pk=record.pk)
    if others.exists():
        raise SkuTaken(record.partner_sku)
    try:
        with transaction.atomic():
            record.save()
    except IntegrityError as error:
        raise SkuTaken(record.partner_sku) from error


def _set_pictures(listing: Product, pictures: Sequence[LibraryImage]) -> None:
    """Show these pictures in this order, each once."""
    wanted = list(dict.fromkeys(picture.pk for picture in pictures))
    shown = {}
    for image in listing.images.order_by("display_order", "pk"):
        if image.original_id in wanted and image.original_id not in shown:
            shown[image.original_id] = image
        else:
            image.delete()
    for order, pk in enumerate(wanted):
        image = shown.get(pk)
        if image is None:
            ProductImage.objects.create(product=listing, original_id=pk, display_order=order)
        elif image.display_order != order:
            image.display_order = order
            image.save(update_fields=["display_order"])


def _units_of(listing: Product) -> dict[int, Product]:
    """The listing's units by id, locked; on sale or not."""
    if not listing.is_parent:
        return {listing.pk: listing}
    return {unit.pk: unit for unit in listing.children.select_for_update().order_by("pk")}


def _refuse_others(values: Mapping[str, Any], allowed: frozenset[str]) -> None:
    if others := values.keys() - allowed:
        raise ValueError(f"not part of a listing: {', '.join(sorted(others))}")


def _unit_values(draft: UnitDraft) -> dict[str, Any]:
    _refuse_others(draft.values, UNIT_FIELDS)
    return dict(draft.values)


def _write(product: Product, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(product, name, value)


def _told(listing: Product, names: Mapping[str, Any]) -> dict[str, Any]:
    told = {}
    for name in sorted(names):
        value = getattr(listing, name)
        told[name] = str(value) if isinstance(value, Decimal) else getattr(value, "pk", value)
    return told


def _told_around(listing: Product) -> dict[str, Any]:
    """What hangs on a listing: shelves, pictures, and each unit's columns and article number."""
    return {
        "categories": sorted(listing.categories.values_list("pk", flat=True)),
        "pictures": list(
            listing.images.order_by("display_order", "pk").values_list("original", flat=True)
        ),
        "units": [
            {
                "id": unit.pk,
                "label": unit.title_vi if unit.is_child else "",
                "on_sale": unit.is_public if unit.is_child else True,
                "sku": ", ".join(unit.stockrecords.values_list("partner_sku", flat=True)),
                **{name: getattr(unit, name) for name in sorted(UNIT_FIELDS)},
            }
            for unit in (
                listing.children.order_by("pk") if listing.is_parent else (listing,)
            )
        ],
    }


def _only_different(values: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if other.get(name) != value}
