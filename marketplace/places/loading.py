"""Brings the provinces and communes of the versioned files into the database.

Idempotent and quick (bulk): a unit that stands as the file says is left alone, one whose name
or details were corrected is updated in place. Nothing is deleted: a unit that ends gets a last
day by a newer file, because addresses refer to it.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from marketplace.kernel.fold import fold, sort_key
from marketplace.places.models import Commune, Province

DATA = Path(__file__).parent / "data"
_PROVINCE_FIELDS = ["name", "kind", "region", "sort_key", "folded"]
_COMMUNE_FIELDS = [
    "name", "kind", "latitude", "longitude", "formed_from", "source", "sort_key", "folded",
]


@transaction.atomic
def load_places() -> tuple[int, int]:
    """Load all provinces, then all communes; returns how many units the files hold of each."""
    with (DATA / "provinces.toml").open("rb") as file:
        data = tomllib.load(file)
    provinces = [
        Province(**row, sort_key=sort_key(row["name"]), folded=fold(row["name"]))
        for row in data["province"]
    ]
    Province.objects.bulk_create(
        provinces, update_conflicts=True, unique_fields=["code"], update_fields=_PROVINCE_FIELDS
    )
    communes = [
        Commune(
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            province_id=row["province"],
            latitude=Decimal(row["latitude"]) if row["latitude"] else None,
            longitude=Decimal(row["longitude"]) if row["longitude"] else None,
            formed_from=row["formed_from"],
            valid_from=data["valid_from"],
            source=data["source"],
            sort_key=sort_key(row["name"]),
            folded=fold(row["name"]),
        )
        for row in _rows(DATA / "communes.csv")
    ]
    _save_communes(communes)
    return len(provinces), len(communes)


def _save_communes(communes: list[Commune]) -> None:
    """Insert what is new and correct what differs; the living unit with a code is the one."""
    living = {unit.code: unit for unit in Commune.objects.filter(valid_through=None)}
    new, changed = [], []
    for commune in communes:
        known = living.get(commune.code)
        if known is None:
            new.append(commune)
        elif any(getattr(known, name) != getattr(commune, name) for name in _COMMUNE_FIELDS):
            commune.pk = known.pk
            changed.append(commune)
    Commune.objects.bulk_create(new, batch_size=1000)
    Commune.objects.bulk_update(changed, _COMMUNE_FIELDS, batch_size=500)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV whose comments begin with ``#``."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(line for line in file if not line.startswith("#"))
