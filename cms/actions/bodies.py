"""Blocks of pages out of the blocks of content files, in one language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wagtail.models import Page

from cms.actions.material import Material, said
from cms.links import Route
from cms.rich_text import kept

SPECIAL_ROUTES = {
    "products": Route.PRODUCTS,
    "producers": Route.PRODUCERS,
    "apply": Route.APPLY,
    "track": Route.TRACKING,
    "basket": Route.BASKET,
    "account": Route.ACCOUNT,
    "search": Route.SEARCH,
}
Block = tuple[str, Any]


def story_body(entry: Mapping[str, Any], material: Material, language: str) -> list[Block]:
    """A story's blocks, with its facts as papers at the end."""
    body: list[Block] = []
    for block in entry.get("block", ()):
        body += _story_block(block, material, language)
    facts = [
        {"text": said(fact, "text", language), "label": fact.get("source", ""), "url": ""}
        for fact in entry.get("fact", ())
    ]
    if facts:
        body.append(("sources", {"title": "", "sources": facts}))
    return body


def _story_block(block: Mapping[str, Any], material: Material, language: str) -> list[Block]:
    kind, text = block["kind"], said(block, "text", language)
    if kind == "heading":
        return [("heading", text)]
    if kind == "paragraph":
        return [("text", paragraphs(text))]
    if kind == "quote":
        return [("quote", {"quote": text, "name": said(block, "name", language)})]
    if kind == "drawing":
        image = material.pictures.get(block["drawing"])
        # The library adds the word itself to every drawing.
        caption = said(block, "caption", language).removeprefix("Tranh vẽ: ")
        caption = caption.removeprefix("Drawing: ")
        caption = caption[:1].upper() + caption[1:]
        return [("picture", {"image": image, "caption": caption})] if image else []
    if kind == "live_product":
        product = material.products.get(block["product"])
        return [("product", {"product": product})] if product else []
    raise ValueError(f"A story has no blocks of the kind {kind!r}.")


def people(entry: Mapping[str, Any], material: Material, language: str) -> list[Block]:
    """Who acts for the producers of the story."""
    found = (material.producers.get(slug) for slug in entry.get("producers", ()))
    return [
        (
            "person",
            {
                "name": producer.representative,
                "text": (producer.name_en if language == "en" else "") or producer.name_vi,
                "image": producer.portrait,
            },
        )
        for producer in found
        if producer
    ]


def paragraphs(text: str) -> str:
    """Plain words with a few tags as rich text."""
    if not text.lstrip().startswith("<"):
        text = "".join(f"<p>{part.strip()}</p>" for part in text.split("\n\n") if part.strip())
    return kept(text)


def sections(entry: Mapping[str, Any], language: str) -> list[Block]:
    """The body of an ordinary page: headings with their text."""
    body: list[Block] = []
    for section in entry.get("section", ()):
        if heading := said(section, "heading", language):
            body.append(("heading", heading))
        body.append(("text", kept(said(section, "body", language))))
    return body


class HomeBody:
    """Makes the blocks of a home page; knows the pages that buttons lead to."""

    def __init__(self, material: Material, language: str, pages: Mapping[str, Page]) -> None:
        self.material, self.language, self.pages = material, language, pages

    def blocks(self, entries: Iterable[Mapping[str, Any]]) -> list[Block]:
        """One block for each entry, in order."""
        return [(entry["kind"], getattr(self, f"_{entry['kind']}")(entry)) for entry in entries]

    def _said(self, entry: Mapping[str, Any], name: str) -> str:
        return said(entry, name, self.language)

    def _link(self, entry: Mapping[str, Any], name: str) -> dict[str, Any]:
        label = self._said(entry, name)
        keys = ("page", "category", "special")
        place = self.place({key: entry.get(f"{name}_{key}") for key in keys})
        return {"label": label if any(place.values()) else "", **place}

    def place(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Where a link leads: the page, the category or the part of the shop that it names."""
        special = entry.get("special") or ""
        page = self.pages.get(special if special == "stories" else entry.get("page") or "")
        category = self.material.categories.get(entry.get("category") or "")
        return {"page": page, "category": category, "route": SPECIAL_ROUTES.get(special, "")}

    def _hero(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "title": self._said(entry, "title"),
            "accent": self._said(entry, "accent"),
            "text": self._said(entry, "text"),
            "primary": self._link(entry, "button"),
            "secondary": self._link(entry, "second_button"),
            "image": self.material.pictures.get(entry.get("drawing", "")),
        }

    def _promises(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        items = [
            {"icon": item["icon"], "text": self._said(item, "text")} for item in entry["item"]
        ]
        return {"items": items}

    def _categories(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        found = (self.material.categories.get(slug) for slug in entry.get("categories", ()))
        return {"title": self._said(entry, "title"), "categories": list(filter(None, found))}

    def _picks(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        found = (self.material.products.get(slug) for slug in entry.get("products", ()))
        products = list(filter(None, found))
        return {
            "title": self._said(entry, "title"),
            "intro": self._said(entry, "text"),
            "rule": "chosen" if products else entry.get("rule", "season"),
            "products": products,
            "category": self.material.categories.get(entry.get("category", "")),
            "limit": max(len(products), 1) if products else entry.get("limit", 8),
            "more": self._link(entry, "more"),
        }

    def _stories(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        found = (self.pages.get(slug) for slug in entry.get("stories", ()))
        return {
            "title": self._said(entry, "title"),
            "stories": list(filter(None, found)),
            "limit": 3,
            "more": self._link(entry, "more"),
        }

    def _teaser(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        story = next((self.pages.get(slug) for slug in entry.get("stories", ())), None)
        link = self._link(entry, "button")
        if story:
            link = {**link, "label": self._said(entry, "button"), "page": story}
        return {
            "title": self._said(entry, "title"),
            "text": paragraphs(self._said(entry, "text")),
            "image": self.material.pictures.get(entry.get("drawing", "")),
            "link": link,
            "tint": entry.get("tint", "ma"),
        }
