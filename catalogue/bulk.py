"""Many listings, prices and stocks in a few statements: what an import of tables needs.

The rules are those of ``catalogue.actions`` and ``catalogue.listing_actions``: the same limits,
one row of the audit for each thing, the same signal to pages and search. What is different is
that every change says what it expects to find: one that finds something else raises
``FoundDifferent``, and with it nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from oscar.apps.partner.models import StockRecord

from catalogue.actions import HIGHEST_STOCK, whole_price
from catalogue.errors import CatalogueError, StockInvalid, VariantsNeedLabels
from catalogue.listing_actions import LABEL_FIELDS, UNIT_FIELDS, UnitDraft
from catalogue.models import Product, ProductCategory, SalePrice
from catalogue.requirements import missing_fields
from catalogue.signals import announce, clean_listing_text, collected
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.fold import slugify
from marketplace.platform import audit

BATCH = 500
#: Old and new.
Change = tuple[Any, Any]


class FoundDifferent(CatalogueError):
    """Something is not what the change expected; ``ids`` are those of listings or records."""

    def __init__(self, ids: Iterable[int]) -> None:
        self.ids = set(ids)
        super().__init__(self.ids)


@dataclass(frozen=True)
class RecordChange:
    """Another price or stock of one stock record, each as (what is there, what shall be)."""

    record_id: int
    price: Change | None = None
    in_stock: Change | None = None


@dataclass(frozen=True)
class NewListing:
    """A draft to be made: ``values`` as ``plain`` gives them, ``categories`` by id."""

    producer: Any
    values: Mapping[str, Any]
    units: Sequence[UnitDraft]
    categories: Sequence[int] = ()


@dataclass(frozen=True)
class ListingChange:
    """Changes of one listing; ``units`` by id, ``new_units`` for a listing with variants."""

    listing_id: int
    values: Mapping[str, Change] = field(default_factory=dict)
    categories: Change | None = None
    units: Mapping[int, Mapping[str, Change]] = field(default_factory=dict)
    new_units: Sequence[UnitDraft] = ()


def plain(product: Any, name: str) -> Any:
    """A column as JSON keeps it: a row referred to by its id, a decimal as text, no None text."""
    model_field = product._meta.get_field(name)
    value = getattr(product, model_field.attname)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if value is None and model_field.get_internal_type() in ("CharField", "TextField"):
        return ""
    return list(value) if isinstance(value, list | tuple) else value


@transaction.atomic
def change_prices_and_stock(
    *, changes: Sequence[RecordChange], actor: User | None
) -> dict[int, StockRecord]:
    """Set prices and counted stocks; returns the records by id, as they are now.

    Locks the records in the order of their ids. Raises FoundDifferent (also when a price would
    not be above that of a sale, or a stock below what is promised), PriceInvalid, StockInvalid.
    """
    wanted = {change.record_id: change for change in changes}
    now = clock.now()
    with collected():
        written: dict[int, StockRecord] = {}
        for ids in _batches(sorted(wanted)):
            records = {
                record.pk: record
                for record in StockRecord.objects.select_for_update(of=("self",))
                .filter(pk__in=ids)
                .select_related("product")
                .order_by("pk")
            }
            _refuse_sales(wanted, ids, now)
            different = set(ids) - records.keys()
            entries = []
            for pk, record in records.items():
                if not _apply(record, wanted[pk]):
                    different.add(pk)
                    continue
                entries += _told_of_record(record, wanted[pk], actor)
                record.date_updated = now
            if different:
                raise FoundDifferent(different)
            StockRecord.objects.bulk_create(
                records.values(), update_conflicts=True, unique_fields=["id"],
                update_fields=["price", "num_in_stock", "date_updated"],
            )
            audit.record_all(entries)
            written |= records
        announce(r.product.parent_id or r.product_id for r in written.values())
    return written


def _refuse_sales(wanted: Mapping[int, RecordChange], ids: Sequence[int], now: Any) -> None:
    prices = {pk: wanted[pk].price[1] for pk in ids if wanted[pk].price}
    if not prices:
        return
    open_sales = SalePrice.objects.filter(stockrecord__in=prices, ends_at__gt=now)
    too_low = {
        pk
        for pk, sale in open_sales.values_list("stockrecord", "price_incl_tax")
        if prices[pk] is None or sale >= prices[pk]
    }
    if too_low:
        raise FoundDifferent(too_low)


def _apply(record: StockRecord, change: RecordChange) -> bool:
    """Set the new values if the old ones are there and the new ones may be."""
    if change.price:
        old, new = change.price
        if record.price != old:
            return False
        # None takes back what an import gave to a unit that had no price.
        record.price = None if new is None else whole_price(new)
    if change.in_stock:
        old, new = change.in_stock
        if (record.num_in_stock or 0) != old or new < (record.num_allocated or 0):
            return False
        _check_stock(new)
        record.num_in_stock = new
    return True


def _told_of_record(
    record: StockRecord, change: RecordChange, actor: User | None
) -> list[audit.AuditEntry]:
    """As ``set_price`` and ``set_stock`` tell of themselves."""
    entries = []
    if change.price:
        before, after = (None if p is None else f"{Decimal(p):.0f}" for p in change.price)
        entries.append(
            audit.entry(
                action="catalogue.price_set", actor=actor, target=record.product,
                before={"price": before}, after={"price": after},
            )
        )
    if change.in_stock:
        allocated = record.num_allocated or 0
        before, after = change.in_stock
        entries.append(
            audit.entry(
                action="catalogue.stock_set", actor=actor, target=record.product,
                before={"in_stock": before, "allocated": allocated},
                after={"in_stock": after, "allocated": allocated},
            )
        )
    return entries


@transaction.atomic
def create_listings(
    *, listings: Sequence[NewListing], actor: User | None
) -> list[tuple[Product, list[Product]]]:
    """Write down drafts, each with its units (a listing without variants is its own unit).

    As ``listing_actions.create_listing`` does for one. Raises FoundDifferent when an article
    number or a GTIN is taken, VariantsNeedLabels, PriceInvalid, StockInvalid.
    """
    made: list[tuple[Product, list[Product]]] = []
    with collected():
        for batch in _batches(listings):
            made += _create_batch(batch, actor)
        announce(listing.pk for listing, _units in made)
    return made


def _create_batch(
    news: Sequence[NewListing], actor: User | None
) -> list[tuple[Product, list[Product]]]:
    products = []
    for new in news:
        _refuse_others(new.values, LABEL_FIELDS)
        with_variants = len(new.units) > 1
        listing = Product(
            structure=Product.PARENT if with_variants else Product.STANDALONE,
            producer=new.producer, is_public=False,
            slug=slugify(new.values.get("title_vi") or "") or "mat-hang",
        )
        _write(listing, new.values)
        if not with_variants:
            _write_unit(listing, new.units[0])
        clean_listing_text(instance=listing)
        products.append(listing)
    _insert(products)
    ProductCategory.objects.bulk_create(
        [
            ProductCategory(product=listing, category_id=pk)
            for listing, new in zip(products, news, strict=True)
            for pk in new.categories
        ]
    )
    made, pairs, children = [], [], []
    for listing, new in zip(products, news, strict=True):
        units = [listing]
        if len(new.units) > 1:
            units = [_child(listing, draft) for draft in new.units]
            children += units
        made.append((listing, units))
    _insert(children)
    for (listing, units), new in zip(made, news, strict=True):
        pairs += [(listing, *pair) for pair in zip(units, new.units, strict=True)]
    _insert_records(pairs)
    drafts = iter(pairs)
    audit.record_all(
        audit.entry(
            action="catalogue.listing_created", actor=actor, target=listing, before=None,
            after={
                **{name: plain(listing, name) for name in sorted(new.values)},
                "categories": list(new.categories),
                "units": [_told_of_unit(*next(drafts)[1:]) for _unit in units],
            },
        )
        for (listing, units), new in zip(made, news, strict=True)
    )
    return made


@transaction.atomic
def change_listings(
    *, changes: Sequence[ListingChange], actor: User | None
) -> dict[int, list[Product]]:
    """Change labels, categories and units; returns the new variants by listing.

    As ``listing_actions.change_listing`` does for one; prices and stock have a function of
    their own. Locks listings and units in the order of their ids. Raises FoundDifferent (also
    when a published listing would lose what the law wants on it), VariantsNeedLabels.
    """
    wanted = {change.listing_id: change for change in changes}
    made: dict[int, list[Product]] = {}
    with collected():
        for ids in _batches(sorted(wanted)):
            _change_batch({pk: wanted[pk] for pk in ids}, made, actor)
        announce(wanted)
    return made


def _change_batch(
    wanted: Mapping[int, ListingChange], made: dict[int, list[Product]], actor: User | None
) -> None:
    unit_ids = {pk for change in wanted.values() for pk in change.units}
    locked = {
        row.pk: row
        for row in Product.objects.select_for_update(of=("self",))
        .filter(pk__in={*wanted, *unit_ids})
        .select_related("producer__partner")
        .order_by("pk")
    }
    shelves: dict[int, list[int]] = {}
    for listing_id, category in ProductCategory.objects.filter(product__in=wanted).values_list(
        "product", "category"
    ):
        shelves.setdefault(listing_id, []).append(category)
    different, entries, changed, pairs, law = set(), [], set(), [], []
    for pk, change in wanted.items():
        listing = locked.get(pk)
        if listing is None or (change.new_units and not listing.is_parent):
            different.add(pk)
            continue
        before, after = {}, {}
        _refuse_others(change.values, LABEL_FIELDS)
        parts = [(listing, change.values, "")]
        for unit_id, values in change.units.items():
            unit = locked.get(unit_id)
            if unit is None or (unit.parent_id or unit.pk) != pk:
                different.add(pk)
                continue
            _refuse_others(values, UNIT_FIELDS | {"title_vi", "title_en"})
            parts.append((unit, values, f"#{unit_id} " if unit.is_child else ""))
        if listing.is_public and _may_lose(change):
            law.append((listing, missing_fields(listing, clock.today())))
        for product, values, prefix in parts:
            for name, (old, new) in values.items():
                if plain(product, name) != old:
                    different.add(pk)
                before[prefix + name], after[prefix + name] = old, new
                _write(product, {name: new})
                changed.add(product)
        if change.categories is not None:
            old, new = change.categories
            if sorted(shelves.get(pk, [])) != sorted(old):
                different.add(pk)
            before["categories"], after["categories"] = old, new
        children = [_child(listing, draft) for draft in change.new_units]
        made[pk] = children
        pairs += [
            (listing, *pair) for pair in zip(children, change.new_units, strict=True)
        ]
        entries.append((listing, before, after, children, change.new_units))
    if different:
        raise FoundDifferent(different)
    names = {name for change in wanted.values() for name in change.values}
    names |= {n for change in wanted.values() for unit in change.units.values() for n in unit}
    _update(changed, names)
    _set_categories(wanted)
    _insert([child for _listing, child, _draft in pairs])
    _insert_records(pairs)
    for listing, lacked in law:
        if any(m not in lacked for m in missing_fields(listing, clock.today())):
            raise FoundDifferent([listing.pk])
    audit.record_all(
        audit.entry(
            action="catalogue.listing_changed", actor=actor, target=listing, before=before,
            after=after
            | (
                {"new_units": [_told_of_unit(*p) for p in zip(children, drafts, strict=True)]}
                if children
                else {}
            ),
        )
        for listing, before, after, children, drafts in entries
        if before != after or children
    )


def _may_lose(change: ListingChange) -> bool:
    """Whether the law may find something missing afterwards that was there before."""
    changes = [*change.values.items()]
    changes += [pair for unit in change.units.values() for pair in unit.items()]
    return (
        change.categories is not None
        or "product_class" in change.values
        or any(new in ("", None, []) for _name, (_old, new) in changes)
    )


@transaction.atomic
def remove_drafts(
    *, listing_ids: Iterable[int], unit_ids: Iterable[int], actor: User | None, reason: str
) -> None:
    """Delete drafts, and variants, that an import has just made and nothing depends on.

    The caller has made sure of that; what protects itself (an order's line) still raises.
    """
    with collected():
        for ids in _batches(sorted(listing_ids)):
            rows = list(Product.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
            if any(row.is_public for row in rows):
                raise FoundDifferent(row.pk for row in rows if row.is_public)
            audit.record_all(
                audit.entry(
                    action="catalogue.listing_removed", actor=actor, target=row, reason=reason,
                    before={"title_vi": row.title_vi}, after=None,
                )
                for row in rows
            )
            Product.objects.filter(parent__in=ids).delete()
            Product.objects.filter(pk__in=ids).delete()
        for ids in _batches(sorted(unit_ids)):
            rows = list(Product.objects.select_related("parent").filter(pk__in=ids))
            audit.record_all(
                audit.entry(
                    action="catalogue.listing_changed", actor=actor, target=row.parent,
                    reason=reason, before={"unit": row.title_vi}, after={"unit": None},
                )
                for row in rows
            )
            Product.objects.filter(pk__in=ids).delete()


def _child(listing: Product, draft: UnitDraft) -> Product:
    if not draft.label_vi.strip():
        raise VariantsNeedLabels
    unit = Product(
        structure=Product.CHILD, parent=listing, is_public=draft.is_on_sale,
        title_vi=draft.label_vi.strip(), title_en=draft.label_en.strip(),
        slug=slugify(f"{listing.slug} {draft.label_vi}")[:255] or "mat-hang",
    )
    _write_unit(unit, draft)
    clean_listing_text(instance=unit)
    return unit


def _insert(products: Sequence[Product]) -> None:
    try:
        with transaction.atomic():
            Product.objects.bulk_create(products, batch_size=BATCH)
    except IntegrityError as error:
        raise FoundDifferent([]) from error


def _update(products: Iterable[Product], names: set[str]) -> None:
    """Write these columns of all of them; an upsert, which Django builds far faster than a
    ``CASE`` for each row."""
    products = sorted(products, key=lambda product: product.pk)
    for product in products:
        clean_listing_text(instance=product)
    if not (products and names):
        return
    # A text in two languages has a third column, which follows the language of the moment.
    plain_names = {name.removesuffix("_vi").removesuffix("_en") for name in names}
    columns = {f.name for f in Product._meta.concrete_fields}
    try:
        with transaction.atomic():
            Product.objects.bulk_create(
                products, update_conflicts=True, unique_fields=["id"], batch_size=BATCH,
                update_fields=sorted(((names | plain_names) & columns) | {"date_updated"}),
            )
    except IntegrityError as error:
        raise FoundDifferent([]) from error


def _set_categories(wanted: Mapping[int, ListingChange]) -> None:
    sets = {pk: change.categories[1] for pk, change in wanted.items() if change.categories}
    if not sets:
        return
    ProductCategory.objects.filter(product__in=sets)._raw_delete("default")
    ProductCategory.objects.bulk_create(
        [ProductCategory(product_id=pk, category_id=c) for pk, found in sets.items() for c in found]
    )


def _insert_records(pairs: Sequence[tuple[Product, Product, UnitDraft]]) -> None:
    """Oscar's stock records, with the article number that ``create_listing`` would give."""
    records = []
    for listing, unit, draft in pairs:
        _check_stock(draft.in_stock)
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


def _told_of_unit(unit: Product, draft: UnitDraft) -> dict[str, Any]:
    return {
        "id": unit.pk,
        "label": unit.title_vi if unit.is_child else "",
        "sku": draft.sku,
        "price": None if draft.price is None else f"{draft.price:.0f}",
        "in_stock": draft.in_stock,
        **{name: getattr(unit, name) for name in sorted(draft.values)},
    }


def _write_unit(unit: Product, draft: UnitDraft) -> None:
    _refuse_others(draft.values, UNIT_FIELDS)
    _write(unit, draft.values)


def _write(product: Product, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        model_field = product._meta.get_field(name)
        if value is not None and model_field.get_internal_type() == "DecimalField":
            value = Decimal(value)
        setattr(product, model_field.attname, value)


def _check_stock(in_stock: int) -> None:
    if not 0 <= in_stock <= HIGHEST_STOCK:
        raise StockInvalid


def _refuse_others(values: Mapping[str, Any], allowed: frozenset[str]) -> None:
    if others := values.keys() - allowed:
        raise ValueError(f"not part of a listing: {', '.join(sorted(others))}")


def _batches(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
