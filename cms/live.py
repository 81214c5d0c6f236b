"""A product inside a story, with the price and stock of this minute."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from catalogue.cards import product_card
from catalogue.models import Product
from catalogue.queries import ListingOffer, offers
from marketplace.kernel import formats
from theme.components import Link, LiveProduct

#: A price that names its minute must not look old, however true it still is.
TOLD_FOR = timedelta(minutes=10)


def live_product(listing: Product | None, offer: ListingOffer | None, now: datetime) -> LiveProduct:
    """The block for a listing; one line with the reason when it may not be sold at ``now``.

    ``offer`` is None when the public may not see the listing (any more).
    """
    if listing is None or offer is None:
        return _gone(listing, _("no longer offered here"))
    if offer.is_paused:
        day = formats.date(offer.listing.producer.paused_through)
        return _gone(
            listing, _("the grower is closed through %(day)s") % {"day": day}, _("Closed for now")
        )
    if not offer.can_be_bought:
        return _gone(listing, _("nothing left at the moment"), _("Sold out"))
    card = product_card(offer, now)
    has_sizes = offer.listing.is_parent
    return LiveProduct(
        name=card.name,
        url=card.url,
        price=card.price,
        old_price=card.old_price,
        unit_price=card.unit_price,
        picture=card.picture,
        tint=card.tint,
        producer_name=card.producer_name,
        commune_name=card.commune_name,
        stock_word=offer.stock.word,
        as_of=_("price at %(time)s, %(day)s")
        % {"time": formats.time(now), "day": formats.date(now)},
        button=_("Choose a size") if has_sizes else _("Add to basket"),
        basket_action="" if has_sizes else reverse("checkout:add"),
        product_id=str(offer.lead.unit.pk),
    )


def offers_by_id(listing_ids: Iterable[int], now: datetime) -> dict[int, ListingOffer]:
    """The offers of the public ones among these listings; no query for none."""
    ids = sorted(set(listing_ids))
    return {offer.listing.pk: offer for offer in offers(ids, now)} if ids else {}


def told_until(shown: Iterable[ListingOffer], now: datetime) -> datetime:
    """Until when a page with live products may be kept: a price changes, or the minute is old."""
    changes = [offer.valid_until for offer in shown if offer.valid_until]
    return min([*changes, now + TOLD_FOR])


def _gone(listing: Product | None, reason: str, label: str = "") -> LiveProduct:
    return LiveProduct(
        name=listing.title if listing else _("Goods of this story"),
        url="",
        gone_reason=reason,
        gone_label=label,
        instead=Link(label=_("See what is on sale now"), url=reverse("shop:product_list")),
    )
