"""Stories from content files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from wagtail.models import Page

from cms.actions import bodies
from cms.actions.material import Material, said
from cms.actions.tree import ensure_page
from cms.models import StoryPage
from marketplace.kernel import clock


def build_stories(
    *, entries: Iterable[Mapping[str, Any]], parents: Mapping[str, Page], material: Material
) -> dict[str, dict[str, StoryPage]]:
    """Make the stories that are not there yet; returns all by slug and language.

    ``published_days`` is counted from today, so that a demo looks as if written lately.
    """
    return {entry["slug"]: _story(entry, parents, material) for entry in entries}


def _story(
    entry: Mapping[str, Any], parents: Mapping[str, Page], material: Material
) -> dict[str, StoryPage]:
    def fields(language: str) -> dict[str, Any]:
        return {
            "title": said(entry, "title", language),
            "kicker": said(entry, "kicker", language),
            "standfirst": said(entry, "standfirst", language),
            "byline": said(entry, "byline", language),
            "place": said(entry, "place", language),
            "place_text": said(entry, "place_text", language),
            "commune": material.communes.get(entry.get("commune_code", "")),
            "cover": material.pictures.get(entry.get("drawing", "")),
            "body": bodies.story_body(entry, material, language),
            "people": bodies.people(entry, material, language),
            "first_published_at": clock.now() + timedelta(days=entry.get("published_days", 0)),
        }

    return ensure_page(
        StoryPage,
        parents=parents,
        slugs={"vi": entry["slug"], "en": entry.get("slug_en", entry["slug"])},
        fields=fields,
    )
