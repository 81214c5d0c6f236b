"""Writing a listing step by step on the grower's phone: what is right and what is half typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from catalogue import actions
from catalogue.errors import UnitUnknown
from catalogue.listing_actions import UnitDraft, change_listing
from catalogue.models import HalfStep, Product
from marketplace.accounts.models import User

#: Longer texts are not kept half typed.
LONGEST = 20_000
MOST_FIELDS = 200


@transaction.atomic
def keep_half_step(*, listing: Product, step: str, typed: Mapping[str, Sequence[str]]) -> HalfStep:
    """Keep what was typed in a step that is not right yet, in place of what was kept before."""
    kept = {
        name[:60].replace("\x00", ""): [value[:LONGEST].replace("\x00", "") for value in values]
        for name, values in list(typed.items())[:MOST_FIELDS]
    }
    return HalfStep.objects.update_or_create(
        listing=listing, step=step, defaults={"typed": kept}
    )[0]


@transaction.atomic
def write_step(
    *, listing: Product, step: str, actor: User | None, values: Mapping[str, Any] | None = None,
    **more: Any,
) -> Product:
    """Write a step that is right; what was half typed before goes. As ``change_listing``."""
    HalfStep.objects.filter(listing=listing, step=step).delete()
    return change_listing(listing=listing, values=values or {}, actor=actor, **more)


@transaction.atomic
def write_units(
    *, listing: Product, step: str, units: Sequence[UnitDraft], actor: User | None
) -> Product:
    """Write a draft's units with prices and stock, of those that exist already too.

    Raises what ``change_listing``, ``set_price`` and ``set_stock`` raise; then nothing is kept.
    """
    listing = write_step(listing=listing, step=step, units=units, actor=actor)
    children = list(listing.children.order_by("pk")) if listing.is_parent else []
    by_id = {unit.pk: unit for unit in children or [listing]}
    for draft in units:
        if draft.unit_id is None:
            continue
        unit = by_id.get(draft.unit_id)
        if unit is None and children and draft.unit_id == listing.pk:
            unit = children[0]
        if unit is None:
            raise UnitUnknown
        record = unit.stockrecords.get()
        if draft.price is not None and draft.price != record.price:
            actions.set_price(unit=unit, price=draft.price, actor=actor)
        if draft.in_stock != (record.num_in_stock or 0):
            actions.set_stock(unit=unit, in_stock=draft.in_stock, actor=actor)
    return listing
