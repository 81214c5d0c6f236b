"""Invented values for the sample pages, which show every component and page in every state."""

from theme.samples.forms import SampleForm, form
from theme.samples.pages import PAGES, page
from theme.samples.parts import (
    category_tiles,
    chrome,
    drawing,
    hero,
    live,
    product_cards,
    story_cards,
)
from theme.samples.sections import sections

__all__ = [
    "PAGES",
    "SampleForm",
    "category_tiles",
    "chrome",
    "drawing",
    "form",
    "hero",
    "live",
    "page",
    "product_cards",
    "sections",
    "story_cards",
]
