"""A revision, and the office's remarks, in words for people: fields by name, values as shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from catalogue.models import Product, Revision
from catalogue.requirements import label
from marketplace.kernel import formats
from marketplace.places.models import Commune

_NOTHING = "—"


def label_of(name: str) -> str:
    """A field of a revision ("unit.12.net_weight_g") or of a remark, in words."""
    field = name.rsplit(".", 1)[-1]
    for suffix in ("_vi", "_en"):
        field = field.removesuffix(suffix)
    words = label(field)
    return _("%(field)s (English)") % {"field": words} if name.endswith("_en") else words


def differences(revision: Revision) -> list[tuple[str, str, str]]:
    """(field, old value, new value) in words."""
    return differences_of([revision])[0]


def differences_of(revisions: Sequence[Revision]) -> list[list[tuple[str, str, str]]]:
    """The same for several: three queries for any number."""
    prefetch_related_objects(revisions, "listing__children")
    asked = {
        pk for revision in revisions for values in (revision.base, revision.values)
        if (pk := values.get("origin_commune"))
    }
    communes = Commune.objects.select_related("province").in_bulk(asked) if asked else {}
    return [
        [
            (
                _label(revision, name),
                _told(name, revision.base.get(name), communes),
                _told(name, value, communes),
            )
            for name, value in revision.values.items()
        ]
        for revision in revisions
    ]


def _label(revision: Revision, name: str) -> str:
    """The field, and of which size it is when there are several."""
    words = label_of(name)
    if name.startswith("unit."):
        pk = int(name.split(".")[1])
        unit = next((unit for unit in revision.listing.children.all() if unit.pk == pk), None)
        return f"{words} ({unit.title})" if unit else words
    return words


def _told(name: str, value: Any, communes: Mapping[int, Commune]) -> str:
    field = name.rsplit(".", 1)[-1]
    if field == "origin_commune":
        commune = communes.get(value)
        return f"{commune.full_name}, {commune.province.name}" if commune else _NOTHING
    if field == "allergens" and value is not None:
        return ", ".join(str(_CHOICES["allergens"].get(v, v)) for v in value) or _("none")
    if value in (None, "", []):
        return _NOTHING
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if field in _CHOICES:
        return str(_CHOICES[field].get(value, value))
    if field.startswith("description"):
        return strip_tags(value.replace("</p>", "\n\n")).strip()
    if field in ("net_weight_g", "gross_weight_g"):
        return formats.weight(value)
    if field == "net_volume_ml":
        return formats.volume(value)
    if field == "vat_rate":
        return f"{formats.decimal(value)}%"
    return str(value)


_CHOICES: dict[str, dict[str, Any]] = {
    "allergens": dict(Product._meta.get_field("allergens").base_field.choices),
    "shipping_class": dict(Product._meta.get_field("shipping_class").choices),
}
