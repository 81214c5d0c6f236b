"""A listing as a buyer would see it, before anybody may: nothing is saved.

The page belongs to the shop, above; the desks ask for it here (``register``, ``page``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from catalogue.models import Product
from catalogue.queries import ListingOffer, offer_of
from catalogue.signals import clean_listing_text
from marketplace.media.models import LibraryImage

#: The offer, what stands behind the address's ``?`` and the page's own path → the context of
#: ``shop/product_detail.html``.
Page = Callable[..., dict[str, Any]]

_pages: list[Page] = []


def register(page: Page) -> None:
    """Let the shop say how its product page is filled."""
    _pages[:] = [page]


def page(
    listing: Product, changes: Mapping[str, Any], *, asked: Mapping[str, str], path: str,
    now: datetime,
) -> dict[str, Any]:
    """The product page's context for ``listing`` with ``changes`` (see ``offer_with``)."""
    return _pages[0](offer_with(listing, changes, now), asked=asked, path=path, now=now)


def offer_with(listing: Product, changes: Mapping[str, Any], now: datetime) -> ListingOffer:
    """The listing and its units as they would stand with ``changes``, names as in a revision.

    ``changes`` are Python values (``revision_actions.parse``). They are cleaned as saving would
    clean them; the instances must not be saved.
    """
    listing.shown_pictures = _pictures(listing)
    offer = offer_of(listing, now)
    units = {unit.unit.pk: unit.unit for unit in offer.units}
    for name, value in changes.items():
        if not name.startswith("unit."):
            setattr(listing, name, value)
            continue
        _unit, pk, field = name.split(".")
        if int(pk) in units:
            setattr(units[int(pk)], field, value)
    clean_listing_text(instance=listing)
    return offer


def _pictures(listing: Product) -> list[LibraryImage]:
    shown = listing.images.select_related("original").order_by("display_order", "pk")
    return [image.original for image in shown]
