"""Writing a listing step by step on the grower's phone: what is right and what is half typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalogue import actions
from catalogue.errors import UnitUnknown
from catalogue.listing_actions import (
    LABEL_FIELDS,
    UNIT_FIELDS,
    UnitDraft,
    change_listing,
    create_listing,
)
from catalogue.models import Category, HalfStep, Product
from catalogue.states import ListingState
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.producers.models import Producer

#: Longer texts are not kept half typed.
LONGEST = 20_000
MOST_FIELDS = 200
#: A second draft of one name within this time is the same one, sent again.
SAME_DRAFT = timedelta(minutes=10)


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
def start_draft(
    *, producer: Producer, values: Mapping[str, Any], categories: Sequence[Category],
    actor: User | None, now: datetime | None = None,
) -> tuple[Product, bool]:
    """A new draft, or the one of the same name begun some minutes ago, and whether it is new.

    Holds the producer's row: two taps on one button are one draft.
    """
    now = now or clock.now()
    Producer.objects.select_for_update().get(pk=producer.pk)
    begun = Product.objects.filter(
        producer=producer, parent__isnull=True, state=ListingState.DRAFT,
        title_vi=values["title_vi"], date_created__gte=now - SAME_DRAFT,
    ).order_by("-pk").first()
    if begun is not None:
        return begun, False
    return create_listing(
        producer=producer, values=values, categories=categories, pictures=[], units=[],
        actor=actor,
    ), True


@transaction.atomic
def copy_listing(*, listing: Product, actor: User | None) -> Product:
    """A new draft with the label, shelves, photos, sizes and prices of ``listing``.

    Its stock is nothing, its bar codes are empty (a code is of one thing), and its name says
    that it is a copy, in the active language.
    """
    values = {name: getattr(listing, name) for name in LABEL_FIELDS}
    values |= {"title_vi": _("%(name)s (copy)") % {"name": (listing.title_vi or "")[:100]}}
    values |= {"title_en": ""}
    units = list(listing.children.filter(is_public=True).order_by("pk")) or [listing]
    drafts = []
    for unit in units:
        record = unit.stockrecords.first()
        drafts.append(
            UnitDraft(
                label_vi=(unit.title_vi or "") if unit.is_child else "",
                label_en=(unit.title_en or "") if unit.is_child else "",
                values={name: getattr(unit, name) for name in UNIT_FIELDS - {"gtin"}},
                price=record.price if record else None,
            )
        )
    return create_listing(
        producer=listing.producer,
        values=values,
        categories=list(listing.categories.all()),
        pictures=[
            image.original
            for image in listing.images.select_related("original").order_by("display_order", "pk")
        ],
        units=drafts,
        actor=actor,
    )


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
