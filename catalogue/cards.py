"""Product cards for any page that shows goods: lists, stories, a producer's page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from catalogue.models import Product
from catalogue.queries import ListingOffer, is_in_season, offers
from marketplace.kernel import clock, formats
from marketplace.media.queries import picture
from theme.components import ProductCard

#: The tint of a card's well follows the kind of goods, so that shelves look alike.
_TINTS = {
    "food": "xoai",
    "drink": "nuoc",
    "medicinal": "ma",
    "craft": "phusa",
    "ornamental": "sen",
    "tourism": "la",
}


def product_cards(
    listing_ids: Sequence[int], now: datetime | None = None, *, heading: int = 3
) -> list[ProductCard]:
    """Cards of the public ones among these listings, in this order; two queries in all."""
    now = now or clock.now()
    return [product_card(offer, now, heading=heading) for offer in offers(listing_ids, now)]


def product_card(offer: ListingOffer, now: datetime, *, heading: int = 3) -> ProductCard:
    """The card of a listing whose offer is at hand; asks the database nothing."""
    listing = offer.listing
    price = offer.lead.price if offer.lead else None
    state, word = stock_of_card(offer)
    season = is_in_season(listing, clock.local_date(now).month)
    return ProductCard(
        name=listing.title,
        url=listing.get_absolute_url(),
        price=formats.money(price.incl_tax) if price else "",
        old_price=formats.money(price.old_price_incl_tax) if price else "",
        unit_price=unit_price_of(offer),
        price_from=offer.is_priced_from,
        picture=picture(offer.picture),
        producer_name=listing.producer.name,
        commune_name=commune_of(listing),
        stock_state=state,
        stock_word=word,
        season_chip=_("In season") if season and state in ("in", "few") else "",
        tint=_TINTS.get(listing.product_class.group, "la") if listing.product_class else "la",
        heading=heading,
    )


def stock_of_card(offer: ListingOffer) -> tuple[str, str]:
    """The card's stock state and word; a pause says more than a stock that cannot be bought."""
    if offer.is_paused:
        return "paused", _("Closed for now")
    state = offer.stock
    return state.state, "" if state.state == "in" else state.word


def unit_price_of(offer: ListingOffer) -> str:
    """What the leading unit costs per measure, in the listing's basis."""
    if not offer.lead:
        return ""
    unit, listing = offer.lead.unit, offer.listing
    return formats.unit_price(
        offer.lead.price.incl_tax,
        unit.net_weight_g,
        unit.net_count,
        listing.unit_price_basis,
        net_volume_ml=unit.net_volume_ml,
        count_word=unit.count_unit or "",
    )


def commune_of(listing: Product) -> str:
    """Where it comes from: the commune of origin, else the producer's."""
    commune = listing.origin_commune or listing.producer.commune
    return commune.full_name

