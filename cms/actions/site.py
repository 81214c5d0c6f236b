"""The site from content files: home pages, ordinary and legal pages, menus, operator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from wagtail.models import Page, Site

from cms.actions import bodies
from cms.actions.material import LANGUAGES, Material, said
from cms.actions.stories import build_stories
from cms.actions.tree import ensure_page
from cms.actions.workflow import ensure_workflow
from cms.models import (
    FooterColumn,
    FooterLink,
    HomePage,
    LegalPage,
    MenuEntry,
    SiteSettings,
    StandardPage,
    StoryIndexPage,
)

#: Pages of the content files that the law wants, by slug; the others are ordinary.
LEGAL_KINDS = {
    "thong-tin-don-vi-van-hanh": LegalPage.Kind.OPERATOR,
    "quy-che-hoat-dong": LegalPage.Kind.RULES,
    "giao-hang-va-phi": LegalPage.Kind.DELIVERY,
    "doi-tra-va-hoan-tien": LegalPage.Kind.RETURNS,
    "thanh-toan": LegalPage.Kind.PAYMENT,
    "quyen-rieng-tu": LegalPage.Kind.PRIVACY,
    "khieu-nai": LegalPage.Kind.COMPLAINTS,
}
STORY_INDEX = {
    "slug_vi": "chuyen-lang",
    "slug_en": "stories",
    "title_vi": "Chuyện làng",
    "title_en": "Village stories",
    "intro_vi": "Nơi chốn có thật, số liệu có nguồn, món hàng mua được ngay trong bài.",
    "intro_en": "Real places, figures with their sources, goods you can buy out of the story.",
}


@transaction.atomic
def build_site(
    *, content: Mapping[str, Any], stories: Iterable[Mapping[str, Any]], material: Material
) -> Site:
    """Make the site that the files describe, in both languages; safe to repeat.

    ``content`` is a parsed ``pages.toml``, ``stories`` the parsed files of stories. What is
    there already stays as its editors have it, menus and settings too.
    """
    homes = _homes(content)
    site = _site(homes["vi"])
    ensure_workflow()
    pages: dict[str, dict[str, Page]] = {language: {} for language in LANGUAGES}
    _remember(pages, "stories", _story_index(homes))
    for entry in content.get("page", ()):
        _remember(pages, entry["slug"], _plain_page(entry, homes))
    index = {language: pages[language]["stories"] for language in LANGUAGES}
    for slug, story in build_stories(entries=stories, parents=index, material=material).items():
        _remember(pages, slug, story)
    for language, home in homes.items():
        if not home.body:
            maker = bodies.HomeBody(material, language, pages[language])
            home.body = maker.blocks(content["home"].get("block", ()))
            home.save_revision().publish()
    _settings(site, content, material, pages["vi"])
    return site


def _remember(pages: dict[str, dict[str, Page]], key: str, found: Mapping[str, Page]) -> None:
    for language, page in found.items():
        pages[language][key] = page


def _homes(content: Mapping[str, Any]) -> dict[str, HomePage]:
    entry = content["home"]
    root = Page.objects.filter(depth=1).get()
    return ensure_page(
        HomePage,
        parents=dict.fromkeys(LANGUAGES, root),
        slugs={"vi": "trang-chu", "en": "home-en"},
        fields=lambda language: {
            "title": said(entry, "title", language),
            "search_description": said(entry, "description", language),
        },
    )


def _site(home: HomePage) -> Site:
    """The default site, with its root at the Vietnamese home page."""
    address = urlsplit(settings.SITE_URL)
    site, _ = Site.objects.update_or_create(
        is_default_site=True,
        defaults={
            "root_page": home,
            "hostname": address.hostname or "localhost",
            "port": address.port or (443 if address.scheme == "https" else 80),
            "site_name": settings.WAGTAIL_SITE_NAME,
        },
    )
    # Wagtail's migrations leave a page that only says hello.
    Page.objects.filter(depth=2, slug="home", url_path="/home/").exclude(pk=home.pk).delete()
    return site


def _story_index(homes: Mapping[str, HomePage]) -> dict[str, StoryIndexPage]:
    return ensure_page(
        StoryIndexPage,
        parents=homes,
        slugs={language: STORY_INDEX[f"slug_{language}"] for language in LANGUAGES},
        fields=lambda language: {
            "title": said(STORY_INDEX, "title", language),
            "intro": said(STORY_INDEX, "intro", language),
        },
    )


def _plain_page(
    entry: Mapping[str, Any], homes: Mapping[str, HomePage]
) -> dict[str, LegalPage | StandardPage]:
    kind = LEGAL_KINDS.get(entry["slug"])

    def fields(language: str) -> dict[str, Any]:
        values = {
            "title": said(entry, "title", language),
            "intro": said(entry, "standfirst", language),
            "body": bodies.sections(entry, language),
        }
        if kind:
            values |= {
                "kind": kind,
                "in_force_from": date.fromisoformat(str(entry["effective_from"])),
            }
        return values

    return ensure_page(
        LegalPage if kind else StandardPage,
        parents=homes,
        slugs={"vi": entry["slug"], "en": entry.get("slug_en", entry["slug"])},
        fields=fields,
    )


def _settings(
    site: Site, content: Mapping[str, Any], material: Material, pages: Mapping[str, Page]
) -> None:
    row, is_new = SiteSettings.objects.get_or_create(site=site)
    if not is_new and row.operator_vi:
        return
    frame, operator = content["site"], content["operator"]
    for name in ("tagline", "strip", "about", "phone_hours"):
        for language in LANGUAGES:
            setattr(row, f"{name}_{language}", said(frame, name, language))
    for language in LANGUAGES:
        setattr(row, f"operator_{language}", said(operator, "name", language))
        setattr(row, f"registration_{language}", said(operator, "registration_no", language))
        setattr(row, f"address_{language}", _address(operator, material, language))
    row.tax_code = operator.get("tax_code", "")
    row.responsible_person = operator.get("representative", "")
    row.phone, row.email = frame.get("phone", ""), frame.get("email", "")
    row.zalo = frame.get("zalo", "")
    row.save()
    _menus(row, content, bodies.HomeBody(material, "vi", pages))
    # Once more, after its rows: whoever kept the frame meanwhile must forget it.
    row.save()


def _address(operator: Mapping[str, Any], material: Material, language: str) -> str:
    parts = [said(operator, "street", language)]
    if commune := material.communes.get(operator.get("commune_code", "")):
        parts += [commune.full_name, commune.province.name]
    return ", ".join(filter(None, parts))


def _menus(row: SiteSettings, content: Mapping[str, Any], places: bodies.HomeBody) -> None:
    _links(MenuEntry, {"settings": row}, content.get("menu", ()), places)
    for order, entry in enumerate(content.get("footer_column", ())):
        column = FooterColumn.objects.create(
            settings=row,
            sort_order=order,
            title_vi=entry["title_vi"],
            title_en=entry["title_en"],
        )
        _links(FooterLink, {"column": column}, entry.get("link", ()), places)


def _links(
    kind: type[MenuEntry] | type[FooterLink],
    owner: Mapping[str, Any],
    entries: Iterable[Mapping[str, Any]],
    places: bodies.HomeBody,
) -> None:
    for order, entry in enumerate(entries):
        place = places.place(entry)
        if any(place.values()):
            kind.objects.create(
                **owner,
                sort_order=order,
                label_vi=entry["label_vi"],
                label_en=entry["label_en"],
                **place,
            )
