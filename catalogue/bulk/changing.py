"""Many listings changed at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from catalogue.bulk.base import (
    BATCH,
    Change,
    FoundDifferent,
    batches,
    child,
    insert,
    insert_records,
    plain,
    refuse_others,
    told_of_unit,
    write,
)
from catalogue.listing_actions import LABEL_FIELDS, UNIT_FIELDS, UnitDraft
from catalogue.models import Product, ProductCategory
from catalogue.requirements import missing_fields
from catalogue.signals import announce, clean_listing_text, collected
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.platform import audit


@dataclass(frozen=True)
class ListingChange:
    """Changes of one listing; ``units`` by id, ``new_units`` for a listing with variants."""

    listing_id: int
    values: Mapping[str, Change] = field(default_factory=dict)
    categories: Change | None = None
    units: Mapping[int, Mapping[str, Change]] = field(default_factory=dict)
    new_units: Sequence[UnitDraft] = ()


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
        for ids in batches(sorted(wanted)):
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
        refuse_others(change.values, LABEL_FIELDS)
        parts = [(listing, change.values, "")]
        for unit_id, values in change.units.items():
            unit = locked.get(unit_id)
            if unit is None or (unit.parent_id or unit.pk) != pk:
                different.add(pk)
                continue
            refuse_others(values, UNIT_FIELDS | {"title_vi", "title_en"})
            parts.append((unit, values, f"#{unit_id} " if unit.is_child else ""))
        if listing.is_public and _may_lose(change):
            law.append((listing, missing_fields(listing, clock.today())))
        for product, values, prefix in parts:
            for name, (old, new) in values.items():
                if plain(product, name) != old:
                    different.add(pk)
                before[prefix + name], after[prefix + name] = old, new
                write(product, {name: new})
                changed.add(product)
        if change.categories is not None:
            old, new = change.categories
            if sorted(shelves.get(pk, [])) != sorted(old):
                different.add(pk)
            before["categories"], after["categories"] = old, new
        children = [child(listing, draft) for draft in change.new_units]
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
    insert([child for _listing, child, _draft in pairs])
    insert_records(pairs)
    for listing, lacked in law:
        if any(m not in lacked for m in missing_fields(listing, clock.today())):
            raise FoundDifferent([listing.pk])
    audit.record_all(
        audit.entry(
            action="catalogue.listing_changed", actor=actor, target=listing, before=before,
            after=after
            | (
                {"new_units": [told_of_unit(*p) for p in zip(children, drafts, strict=True)]}
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
        or bool(change.new_units)
        or "product_class" in change.values
        or any(new in ("", None, []) for _name, (_old, new) in changes)
    )


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
