"""Pictures and the cards that stand in grids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from theme.components.base import Part


@dataclass(frozen=True)
class PictureSource:
    """One `<source>`: a MIME type and its srcset, best format first."""

    type: str
    srcset: str


@dataclass(frozen=True)
class Picture(Part):
    """A picture with its sizes, so that nothing moves while it loads.

    `src` is the fallback of about 800 px. `alt` is empty only for pictures that say nothing
    beyond the text beside them. `is_drawing` adds the word to the caption: a drawing must not
    pass for a photograph of the goods.
    """

    template_name = "components/picture.html"

    src: str
    width: int
    height: int
    alt: str = ""
    sources: Sequence[PictureSource] = ()
    sizes: str = "(min-width: 900px) 280px, 46vw"
    loading: str = "lazy"
    caption: str = ""
    is_drawing: bool = False

    @property
    def is_urgent(self) -> bool:
        return self.loading == "eager"


@dataclass(frozen=True)
class ProductCard(Part):
    """One product in a grid; the whole card is one link.

    `stock_state`: in, few, out, paused or preseason; `stock_word` says it in words and is shown
    for all but "in". `badge` is the place of the certificate, empty until a certificate fills it.
    `heading` is the heading level (3 under a section title, 2 right under the page's).
    """

    template_name = "components/product_card.html"

    name: str
    url: str
    price: str
    picture: Picture | None = None
    producer_name: str = ""
    commune_name: str = ""
    old_price: str = ""
    unit_price: str = ""
    price_from: bool = False
    stock_state: str = "in"
    stock_word: str = ""
    season_chip: str = ""
    badge: Part | None = None
    tint: str = "la"
    heading: int = 3

    @property
    def is_greyed(self) -> bool:
        return self.stock_state in {"out", "paused"}


@dataclass(frozen=True)
class CategoryTile(Part):
    template_name = "components/category_tile.html"

    name: str
    url: str
    picture: Picture | None = None
    tint: str = "la"
    count: str = ""


@dataclass(frozen=True)
class StoryCard(Part):
    """A story, a place or a trip: picture, kicker, title, two lines. `kind`: story or trip.

    `is_small`: on phones the picture is small and stands beside the words.
    """

    template_name = "components/story_card.html"

    title: str
    url: str
    kicker: str = ""
    intro: str = ""
    picture: Picture | None = None
    kind: str = "story"
    meta: Sequence[str] = ()
    is_small: bool = False


@dataclass(frozen=True)
class ProducerCard(Part):
    """A producer in the list of growers."""

    template_name = "components/producer_card.html"

    name: str
    url: str
    kind: str = ""
    commune_name: str = ""
    intro: str = ""
    picture: Picture | None = None
    product_count: str = ""
    paused: str = ""
