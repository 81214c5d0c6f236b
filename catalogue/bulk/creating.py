"""Many new listings at once, and taking such drafts away again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from catalogue.bulk.base import (
    FoundDifferent,
    batches,
    child,
    insert,
    insert_records,
    plain,
    refuse_others,
    told_of_unit,
    write,
    write_unit,
)
from catalogue.listing_actions import LABEL_FIELDS, UnitDraft
from catalogue.models import Product, ProductCategory
from catalogue.signals import announce, clean_listing_text, collected
from marketplace.accounts.models import User
from marketplace.kernel.fold import slugify
from marketplace.platform import audit


@dataclass(frozen=True)
class NewListing:
    """A draft to be made: ``values`` as ``plain`` gives them, ``categories`` by id."""

    producer: Any
    values: Mapping[str, Any]
    units: Sequence[UnitDraft]
    categories: Sequence[int] = ()


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
        for batch in batches(listings):
            made += _create_batch(batch, actor)
        announce(listing.pk for listing, _units in made)
    return made


def _create_batch(
    news: Sequence[NewListing], actor: User | None
) -> list[tuple[Product, list[Product]]]:
    products = []
    for new in news:
        refuse_others(new.values, LABEL_FIELDS)
        with_variants = len(new.units) > 1
        listing = Product(
            structure=Product.PARENT if with_variants else Product.STANDALONE,
            producer=new.producer, is_public=False,
            slug=slugify(new.values.get("title_vi") or "") or "mat-hang",
        )
        write(listing, new.values)
        if not with_variants:
            write_unit(listing, new.units[0])
        clean_listing_text(instance=listing)
        products.append(listing)
    insert(products)
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
            units = [child(listing, draft) for draft in new.units]
            children += units
        made.append((listing, units))
    insert(children)
    for (listing, units), new in zip(made, news, strict=True):
        pairs += [(listing, *pair) for pair in zip(units, new.units, strict=True)]
    insert_records(pairs)
    drafts = iter(pairs)
    audit.record_all(
        audit.entry(
            action="catalogue.listing_created", actor=actor, target=listing, before=None,
            after={
                **{name: plain(listing, name) for name in sorted(new.values)},
                "categories": list(new.categories),
                "units": [told_of_unit(*next(drafts)[1:]) for _unit in units],
            },
        )
        for (listing, units), new in zip(made, news, strict=True)
    )
    return made


@transaction.atomic
def remove_drafts(
    *, listing_ids: Iterable[int], unit_ids: Iterable[int], actor: User | None, reason: str
) -> None:
    """Delete drafts, and variants, that an import has just made and nothing depends on.

    The caller has made sure of that; what protects itself (an order's line) still raises.
    """
    with collected():
        for ids in batches(sorted(listing_ids)):
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
        for ids in batches(sorted(unit_ids)):
            rows = list(Product.objects.select_related("parent").filter(pk__in=ids))
            audit.record_all(
                audit.entry(
                    action="catalogue.listing_changed", actor=actor, target=row.parent,
                    reason=reason, before={"unit": row.title_vi}, after={"unit": None},
                )
                for row in rows
            )
            Product.objects.filter(pk__in=ids).delete()
