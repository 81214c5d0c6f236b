"""What machines read about a page: its one address, its twins in other languages, its data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from marketplace.shop import social_cards
from theme.chrome import PageMeta
from theme.components import Breadcrumbs, Link


def absolute(path: str) -> str:
    """A path of this site as an address."""
    return path if path.startswith(("http://", "https://")) else f"{settings.SITE_URL}{path}"


def page_meta(
    *, title: str, path_of: Callable[[], str], description: str = "", **fields: Any
) -> PageMeta:
    """The meta data of a page whose path is ``path_of()`` in the language active then."""
    alternates = []
    for code, _name in settings.LANGUAGES:
        with override(code):
            alternates.append((code, absolute(path_of())))
    alternates.append(("x-default", alternates[0][1]))
    fields.setdefault("image_url", absolute(social_cards.shop_card_url(get_language())))
    fields.setdefault("image_alt", settings.OSCAR_SHOP_NAME)
    return PageMeta(
        title=title,
        description=shorten(description),
        canonical=absolute(path_of()),
        alternates=tuple(alternates),
        **fields,
    )


def shorten(text: str, length: int = 155) -> str:
    """The beginning of a text, cut between words."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0] + "…"


def breadcrumbs(*links: Link) -> Breadcrumbs:
    """The way down from home; ``links`` end with the page above this one."""
    return Breadcrumbs((Link(_("Home"), home_path()), *links))


def breadcrumb_data(trail: Breadcrumbs, name: str, path: str) -> dict[str, Any]:
    """The same way, this page at its end, as schema.org wants it."""
    steps = [(link.label, link.url) for link in trail.items] + [(name, path)]
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": at, "name": label, "item": absolute(url)}
            for at, (label, url) in enumerate(steps, start=1)
        ],
    }


def item_list_data(urls: Sequence[str]) -> dict[str, Any]:
    """The goods of a list page, in order."""
    return {
        "@context": "https://schema.org",
        "@type": "ItemList",
        "itemListElement": [
            {"@type": "ListItem", "position": at, "url": absolute(url)}
            for at, url in enumerate(urls, start=1)
        ],
    }


def home_path() -> str:
    """Where the home page of the active language is."""
    return "/" if get_language() == settings.LANGUAGE_CODE else f"/{get_language()}/"
