"""Finding the page at an address, with what its frame needs, in few queries.

Wagtail walks down the tree, two queries a step; our pages lie at their ``url_path`` and
nowhere else, so the whole way down is one look-up.
"""

from __future__ import annotations

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject
from wagtail.models import Page


def page_below(home: Page, path_components: list[str]) -> Page | None:
    """The page at a path below ``home``, live or not, or None.

    It knows the pages above it (``pages_above``) and its live translations
    (``translation_paths``), so that breadcrumbs and the language switch ask nothing more.
    """
    paths = [home.url_path]
    for component in path_components:
        paths.append(f"{paths[-1]}{component}/")
    rows = {
        row.url_path: row
        for row in Page.objects.filter(url_path__in=paths[1:]).annotate(twins=_twins())
    }
    found = rows.get(paths[-1])
    if found is None:
        return None
    kind = ContentType.objects.get_for_id(found.content_type_id).model_class()
    page = kind._default_manager.select_related(*getattr(kind, "served_with", ())).get(pk=found.pk)
    page.pages_above = [home, *(rows[path] for path in paths[1:-1] if path in rows)]
    page.translation_paths = found.twins
    return page


def _twins() -> ArraySubquery:
    return ArraySubquery(
        Page.objects.filter(translation_key=OuterRef("translation_key"), live=True).values(
            twin=JSONObject(id="id", url_path="url_path", language="locale__language_code")
        )
    )


def translations(page: Page) -> dict[str, str]:
    """The addresses of a page's live translations by language, itself included if live."""
    twins = getattr(page, "translation_paths", None)
    if twins is None:
        twins = Page.objects.filter(translation_key=page.translation_key, live=True).values(
            "id", "url_path", language=F("locale__language_code")
        )
    found = {}
    for twin in twins:
        # An address needs no more of a page than these two.
        if url := Page(id=twin["id"], url_path=twin["url_path"]).get_url():
            found[twin["language"]] = url
    return found
