"""The frame of every page: header, menus, footer."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse, translate_url
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, gettext

from cms.models import SiteSettings
from cms.models.site import in_language
from marketplace.kernel import formats
from marketplace.platform import page_versions
from theme.chrome import Chrome
from theme.components import Link, MenuItem

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
_KEPT_S = 24 * 3600
#: By language, the version of "site" and the frame made of it.
_frames: dict[str, tuple[int, Chrome]] = {}


def chrome(request: HttpRequest) -> dict[str, Any]:
    """``chrome`` for the templates; nothing is asked unless a page shows the frame."""
    return {"chrome": SimpleLazyObject(lambda: chrome_for(request))}


def chrome_for(request: HttpRequest) -> Chrome:
    """The frame around the answer to ``request``: the same for every reader of this address.

    At most one query (the version of "site"); what the settings say is kept until that changes.
    The addresses in other languages are the page's own, when Wagtail serves it.
    """
    language = get_language() or settings.LANGUAGE_CODE
    frame = _kept_frame(language, page_versions.site_version(request))
    return dataclasses.replace(
        frame,
        menu=_marked(frame.menu, request.path),
        tabs=_marked(frame.tabs, request.path),
        language_links=language_links(request, language),
    )


def _kept_frame(language: str, version: int) -> Chrome:
    """What the settings of this version say: out of this process, else out of the cache."""
    known = _frames.get(language)
    if known is not None and known[0] == version:
        return known[1]
    key = f"chrome:{language}:{version}"
    frame = cache.get(key)
    if frame is None:
        frame = _frame(language)
        cache.set(key, frame, _KEPT_S)
    # Version 0 is no version: nothing was ever changed, or a test took it back.
    if version:
        _frames[language] = (version, frame)
    return frame


def language_links(request: HttpRequest, current: str) -> tuple[tuple[str, str, str, bool], ...]:
    """(code, name, address, is it this one) of the languages in which this page exists."""
    addresses = getattr(request, "page_alternates", None)
    if addresses is None:
        addresses = dict(_twins(request.path, current))
        if addresses["vi"] == addresses["en"]:
            # An address without a twin: other languages begin at home.
            addresses = {code: _home(code) for code in LANGUAGES} | {current: request.path}
    return tuple(
        (code, name, addresses[code], code == current)
        for code, name in LANGUAGES.items()
        if code in addresses
    )


@lru_cache(maxsize=4096)
def _twins(path: str, current: str) -> tuple[tuple[str, str], ...]:
    """The address in each language; it follows from the path and the language that it is in."""
    return tuple((code, translate_url(path, code)) for code in LANGUAGES)


def _home(language: str) -> str:
    return "/" if language == settings.LANGUAGE_CODE else f"/{language}/"


def _marked(items: tuple[MenuItem, ...], path: str) -> tuple[MenuItem, ...]:
    return tuple(
        dataclasses.replace(item, is_current=True) if item.url == path else item for item in items
    )


def _frame(language: str) -> Chrome:
    row = SiteSettings.objects.order_by("-site__is_default_site").first() or SiteSettings()
    has_row = row.pk is not None
    return Chrome(
        site_name=settings.WAGTAIL_SITE_NAME,
        tagline=in_language(row, "tagline"),
        home_url=_home(language),
        search_url=reverse("shop:search"),
        basket_url=reverse("checkout:basket"),
        account_url=reverse("account_home"),
        menu=_items(row.menu_entries.select_related("page", "category")) if has_row else (),
        tabs=_tabs(language),
        strip_text=in_language(row, "strip"),
        strip_links=_items(row.strip_links.select_related("page", "category")) if has_row else (),
        footer_columns=_columns(row) if has_row else (),
        about=in_language(row, "about"),
        legal_lines=_legal_lines(row),
        seal_text=in_language(row, "seal"),
        seal_url=row.seal_url,
        phone=row.phone,
        phone_shown=formats.phone(row.phone) if row.phone else "",
        phone_hours=in_language(row, "phone_hours"),
    )


def _items(rows: Any) -> tuple[MenuItem, ...]:
    return tuple(
        MenuItem(label=in_language(row, "label"), url=url, hot=getattr(row, "is_hot", False))
        for row in rows
        if (url := row.address)
    )


def _tabs(language: str) -> tuple[MenuItem, ...]:
    return (
        MenuItem(label=gettext("Home"), url=_home(language), icon="home"),
        MenuItem(label=gettext("Goods"), url=reverse("shop:product_list"), icon="grid"),
        MenuItem(label=gettext("Search"), url=reverse("shop:search"), icon="search"),
        MenuItem(label=gettext("Basket"), url=reverse("checkout:basket"), icon="cart"),
        MenuItem(label=gettext("Account"), url=reverse("account_home"), icon="user"),
    )


def _columns(row: SiteSettings) -> tuple[tuple[str, tuple[MenuItem, ...]], ...]:
    columns = []
    for column in row.footer_columns.all():
        links = _items(column.links.select_related("page", "category"))
        if links:
            columns.append((in_language(column, "title"), links))
    contact = _contact(row)
    if contact:
        columns.append((gettext("Contact"), contact))
    return tuple(columns)


def _contact(row: SiteSettings) -> tuple[Link, ...]:
    links = []
    if row.phone:
        label = gettext("Call %(phone)s") % {"phone": formats.phone(row.phone)}
        links.append(Link(label=label, url=f"tel:{row.phone}"))
    if row.zalo:
        links.append(Link(label=gettext("Write on Zalo"), url=row.zalo))
    if row.email:
        links.append(Link(label=row.email, url=f"mailto:{row.email}"))
    return tuple(links)


def _legal_lines(row: SiteSettings) -> tuple[str, ...]:
    who = [in_language(row, "operator"), in_language(row, "address")]
    numbers = [in_language(row, "registration")]
    if row.tax_code:
        numbers.append(gettext("Tax code %(code)s") % {"code": row.tax_code})
    if row.responsible_person:
        numbers.append(
            gettext("Responsible person: %(name)s") % {"name": row.responsible_person}
        )
    lines = (" · ".join(filter(None, parts)) for parts in (who, numbers))
    return tuple(filter(None, lines))
