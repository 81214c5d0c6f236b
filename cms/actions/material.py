"""What the texts in content files refer to, and how a text is read in one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalogue.models import Category, Product
from marketplace.media.models import LibraryImage
from marketplace.places.models import Commune
from marketplace.producers.models import Producer

LANGUAGES = ("vi", "en")


@dataclass(frozen=True)
class Material:
    """The things that content files name: pictures by file, the others by slug or code.

    What a file names and nobody made is left out of the page.
    """

    pictures: Mapping[str, LibraryImage] = field(default_factory=dict)
    products: Mapping[str, Product] = field(default_factory=dict)
    categories: Mapping[str, Category] = field(default_factory=dict)
    producers: Mapping[str, Producer] = field(default_factory=dict)
    communes: Mapping[str, Commune] = field(default_factory=dict)

    @classmethod
    def at_hand(cls, pictures: Mapping[str, LibraryImage]) -> Material:
        """Everything in the database, with the given pictures."""
        return cls(
            pictures=pictures,
            products={p.slug: p for p in Product.objects.filter(parent__isnull=True)},
            categories={c.slug: c for c in Category.objects.all()},
            producers={p.slug: p for p in Producer.objects.select_related("portrait")},
            communes={c.code: c for c in Commune.objects.filter(valid_through=None)},
        )


def said(entry: Mapping[str, Any], name: str, language: str) -> str:
    """The text ``name`` of an entry in a language, Vietnamese when there is no other; "" for none.

    Files carry ``name_vi`` and ``name_en``, or one ``name`` for both.
    """
    for key in (f"{name}_{language}", f"{name}_vi", name):
        if text := entry.get(key):
            return str(text).strip()
    return ""
