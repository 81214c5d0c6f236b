"""Parts of the home page and of stories."""

from __future__ import annotations

from dataclasses import dataclass

from theme.components.base import Part
from theme.components.cards import Picture
from theme.components.frame import Link


@dataclass(frozen=True)
class Hero(Part):
    """The first thing on the home page. Without a picture our own drawing is shown."""

    template_name = "components/hero.html"

    title: str
    accent: str = ""
    text: str = ""
    primary: Link | None = None
    secondary: Link | None = None
    picture: Picture | None = None


@dataclass(frozen=True)
class LiveProduct(Part):
    """A product inside a story, with price and stock of this minute.

    When it may not be sold (`gone_reason`), the block shrinks to one line saying why.
    `basket_action` posts `product` there; without it the button leads to the product's page.
    """

    template_name = "components/live_product.html"

    name: str
    url: str
    price: str = ""
    old_price: str = ""
    unit_price: str = ""
    picture: Picture | None = None
    tint: str = "la"
    producer_name: str = ""
    commune_name: str = ""
    stock_word: str = ""
    as_of: str = ""
    button: str = ""
    basket_action: str = ""
    product_id: str = ""
    badge: Part | None = None
    gone_reason: str = ""
    gone_label: str = ""
    instead: Link | None = None
