"""The picture that a shared link to a page shows: its title beside its own picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from marketplace.media import social_cards

if TYPE_CHECKING:
    from cms.models.base import BasePage


def page_card_url(page: BasePage) -> str:
    """The path of a page's card, with the version of what it shows."""
    return reverse("cms_page_card", kwargs={"pk": page.pk, "version": version_of(page)})


def version_of(page: BasePage) -> str:
    """A short hash of all that the card shows."""
    picture = page.social_image or page.own_picture()
    return social_cards.version_of(*_words(page), str(picture.pk if picture else ""))


def draw(page: BasePage) -> bytes:
    """The card of a page, as PNG."""
    name, *below = _words(page)
    return social_cards.draw(name, tuple(below), page.social_image or page.own_picture())


def _words(page: BasePage) -> tuple[str, ...]:
    return (page.title, *page.card_lines())
