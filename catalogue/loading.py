"""Brings the 26 product sets and what their listings must say into the database.

Idempotent. A requirement is a dated row: a newer file with a later ``effective_from`` adds rows
and never changes those that were law before.
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

from django.db import transaction
from oscar.apps.address.models import Country

from catalogue.models import ListingRequirement, ProductClass
from marketplace.kernel.fold import slugify

PRODUCT_SETS = Path(__file__).parent / "data" / "product_sets.toml"


@transaction.atomic
def load_product_sets() -> int:
    """Load the sets of Decision 26/2026/QĐ-TTg with their requirements; returns how many sets."""
    with PRODUCT_SETS.open("rb") as file:
        rows = tomllib.load(file)["product_set"]
    known = {
        (requirement.product_class_id, requirement.field, requirement.effective_from)
        for requirement in ListingRequirement.objects.all()
    }
    requirements = []
    for row in rows:
        product_class, _ = ProductClass.objects.update_or_create(
            set_number=row["number"],
            defaults={
                "name_vi": row["name_vi"],
                "name_en": row["name_en"],
                "slug": f"{row['number']:02d}-{slugify(row['name_vi'])}"[:128],
                "group": row["group"],
                "minimum_age": row.get("minimum_age", 0),
                "paid_ahead": row.get("paid_ahead", False),
                "requires_shipping": row["group"] != ProductClass.Group.TOURISM,
                "track_stock": True,
            },
        )
        since = date.fromisoformat(str(row["effective_from"]))
        requirements += [
            ListingRequirement(
                product_class=product_class,
                field=field,
                effective_from=since,
                source=row["source"][:200],
            )
            for field in row["required"]
            if (product_class.pk, field, since) not in known
        ]
    ListingRequirement.objects.bulk_create(requirements)
    return len(rows)


def load_countries() -> None:
    """The one country that goods are sent to; Oscar's addresses want a row for it."""
    Country.objects.update_or_create(
        iso_3166_1_a2="VN",
        defaults={
            "iso_3166_1_a3": "VNM",
            "iso_3166_1_numeric": "704",
            "printable_name": "Việt Nam",
            "name": "Việt Nam",
            "is_shipping_country": True,
        },
    )
