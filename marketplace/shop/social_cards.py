"""The picture that a link shows when it is shared: of one listing, and of the shop itself."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from catalogue.cards import commune_of
from catalogue.models import Product
from marketplace.media import social_cards
from marketplace.media.models import LibraryImage


def product_card_url(listing: Product, language: str) -> str:
    """The path of a listing's card in a language, with the version of what it says."""
    return reverse(
        "shop_product_card",
        kwargs={"pk": listing.pk, "language": language, "version": version_of(listing)},
    )


def version_of(listing: Product) -> str:
    """A short hash of all that the card shows."""
    return social_cards.version_of(*_words(listing))


def draw(listing: Product, image: LibraryImage | None) -> bytes:
    """The card of a listing in the active language, as PNG."""
    name, *below = _words(listing)
    return social_cards.draw(name, tuple(below), image)


def shop_card_url(language: str) -> str:
    """The path of the card of lists, shelves and growers; call it with the language active."""
    return reverse(
        "shop_card", kwargs={"language": language, "version": social_cards.version_of(*_shop())}
    )


def draw_shop() -> bytes:
    """The card of the shop in the active language, as PNG."""
    name, *below = _shop()
    return social_cards.draw(name, tuple(below), None)


def _words(listing: Product) -> tuple[str, str, str]:
    return listing.title, listing.producer.name, commune_of(listing)


def _shop() -> tuple[str, str]:
    return _("Goods of Đồng Tháp, with the names of those who make them"), settings.SITE_URL.split(
        "//"
    )[-1]
