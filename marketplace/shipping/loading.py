"""Delivery prices out of a file: an operator's price list becomes dated rows.

Two TOML files lie side by side: the price list (``[[tariff]]`` by zone and class with weight
bands, ``[[refusal]]``) and ``provinces.toml`` (``[[zone]]``, ``[[province]]`` and ``[[island]]``
with their zone).
"""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from marketplace.places.models import Commune, Province
from marketplace.platform import page_versions
from marketplace.shipping.models import NotOffered, Rate, Zone, ZoneMember


@transaction.atomic
def load_rates(path: Path | str, zones_path: Path | str | None = None) -> int:
    """Load a price list and the zones it names; how many rates it holds. Idempotent.

    Rows of the same zone, class and first day are replaced; rows of an older list that have no
    end yet are ended the day before. Provinces and communes must be there already: those that
    are not are left out. Raises KeyError for a zone that nobody defined.
    """
    path = Path(path)
    zones = _load_zones(_read(zones_path or path.with_name("provinces.toml")))
    data = _read(path)
    rates = []
    for tariff in data.get("tariff", ()):
        starts = _day(tariff["effective_from"])
        _make_room(Rate, zones[tariff["zone"]], tariff["class"], starts)
        lighter = -1
        for band in tariff["bands"]:
            rates.append(
                Rate(
                    zone=zones[tariff["zone"]],
                    shipping_class=tariff["class"],
                    weight_from_g=lighter + 1,
                    weight_through_g=band["up_to_g"],
                    fee_incl_tax=Decimal(band["fee_incl_tax"]),
                    transit_days_min=tariff["transit_days_min"],
                    transit_days_max=tariff["transit_days_max"],
                    effective_from=starts,
                    effective_through=_day(tariff.get("effective_through")),
                    source=tariff["source"],
                )
            )
            lighter = band["up_to_g"]
    Rate.objects.bulk_create(rates)
    for refusal in data.get("refusal", ()):
        starts = _day(refusal["effective_from"])
        _make_room(NotOffered, zones[refusal["zone"]], refusal["class"], starts)
        NotOffered.objects.create(
            zone=zones[refusal["zone"]],
            shipping_class=refusal["class"],
            reason_vi=refusal["reason_vi"],
            reason_en=refusal["reason_en"],
            effective_from=starts,
            effective_through=_day(refusal.get("effective_through")),
            source=refusal["source"],
        )
    page_versions.bump("shipping")
    return len(rates)


def _make_room(model: type, zone: Zone, shipping_class: str, starts: date) -> None:
    rows = model.objects.filter(zone=zone, shipping_class=shipping_class)
    rows.filter(effective_from=starts).delete()
    rows.filter(effective_from__lt=starts, effective_through__isnull=True).update(
        effective_through=date.fromordinal(starts.toordinal() - 1)
    )


def _load_zones(data: dict) -> dict[str, Zone]:
    zones = {
        zone["code"]: Zone.objects.update_or_create(
            code=zone["code"], defaults={"name_vi": zone["name_vi"], "name_en": zone["name_en"]}
        )[0]
        for zone in data["zone"]
    }
    provinces = Province.objects.in_bulk()
    communes = {
        commune.code: commune
        for commune in Commune.objects.filter(
            code__in=[island["commune_code"] for island in data.get("island", ())],
            valid_through__isnull=True,
        )
    }
    places = [
        *(("province", provinces.get(row["code"]), row["zone"]) for row in data["province"]),
        *(
            ("commune", communes.get(row["commune_code"]), row["zone"])
            for row in data.get("island", ())
        ),
    ]
    for field, place, zone in places:
        if place is not None:
            ZoneMember.objects.update_or_create(
                **{field: place},
                effective_through=None,
                defaults={
                    "zone": zones[zone],
                    "source": data.get("source", "provinces.toml"),
                },
                create_defaults={
                    "zone": zones[zone],
                    "effective_from": date(2025, 7, 1),
                    "source": data.get("source", "provinces.toml"),
                },
            )
    return zones


def _read(path: Path | str) -> dict:
    return tomllib.loads(Path(path).read_text(encoding="utf-8"))


def _day(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
