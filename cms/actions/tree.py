"""Placing a page and its translation in the tree, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wagtail.models import Locale, Page

from cms.models import BasePage

Fields = Callable[[str], Mapping[str, Any]]


def locales() -> dict[str, Locale]:
    """The two languages of the site, made where they are missing."""
    return {code: Locale.objects.get_or_create(language_code=code)[0] for code in ("vi", "en")}


def ensure_page(
    kind: type[BasePage],
    *,
    parents: Mapping[str, Page],
    slugs: Mapping[str, str],
    fields: Fields,
) -> dict[str, BasePage]:
    """The page with these slugs under these parents, by language; published when it is made.

    A page that is there is left as its editors have it. ``fields(language)`` gives the rest.
    """
    found: dict[str, BasePage] = {}
    for language, locale in locales().items():
        there = kind.objects.child_of(parents[language]).filter(slug=slugs[language]).first()
        if there is None:
            there = _make(kind, found.get("vi"), parents[language], slugs[language], locale, fields)
        found[language] = there
    return found


def _make(
    kind: type[BasePage],
    original: BasePage | None,
    parent: Page,
    slug: str,
    locale: Locale,
    fields: Fields,
) -> BasePage:
    values = dict(fields(locale.language_code))
    first_published_at = values.pop("first_published_at", None)
    page = kind(slug=slug, locale=locale, live=False, **values)
    if original is not None:
        page.translation_key = original.translation_key
    parent.add_child(instance=page)
    page.save_revision().publish()
    if first_published_at is not None:
        page.first_published_at = page.last_published_at = first_published_at
        page.save(update_fields=["first_published_at", "last_published_at"])
    page.refresh_from_db()
    return page
