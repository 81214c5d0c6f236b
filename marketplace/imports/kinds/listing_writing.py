"""Writing what a table of listings says, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from oscar.apps.basket.models import Line as BasketLine
from oscar.apps.order.models import Line as OrderLine
from oscar.apps.partner.models import StockRecord

from catalogue import bulk
from catalogue.errors import CatalogueError
from catalogue.listing_actions import UnitDraft
from catalogue.models import Product, ProductCategory
from marketplace.accounts.models import User
from marketplace.imports.errors import CannotUndo, WorldChanged
from marketplace.imports.kinds.base import Report, batches
from marketplace.imports.models import ImportRow
from marketplace.producers.models import Producer


def write(rows: Sequence[ImportRow], actor: User, report: Report) -> None:
    """Make the new listings, then change the others in the order of their ids."""
    new = [row for row in rows if row.values["do"] == "listing"]
    _create(new, actor, report)
    known: dict[int, list[ImportRow]] = {}
    for row in rows:
        if row.values["do"] != "listing":
            known.setdefault(row.values["listing"], []).append(row)
    for ids in batches(sorted(known)):
        _change([row for pk in ids for row in known[pk]], actor)
        report(sum(len(known[pk]) for pk in ids))


def _create(rows: Sequence[ImportRow], actor: User, report: Report) -> None:
    groups: dict[int, list[ImportRow]] = {}
    for row in rows:
        groups.setdefault(row.values["group"], []).append(row)
    producers = Producer.objects.select_related("partner").in_bulk(
        {row.values["producer"] for row in rows}
    )
    for part in batches(list(groups.values())):
        lead = [group[0].values for group in part]
        made = bulk.create_listings(
            listings=[
                bulk.NewListing(
                    producer=producers[first["producer"]],
                    values=first["label"],
                    categories=first["categories"],
                    units=[_draft(row.values) for row in group],
                )
                for first, group in zip(lead, part, strict=True)
            ],
            actor=actor,
        )
        for (listing, units), group in zip(made, part, strict=True):
            for row, unit in zip(group, units, strict=True):
                row.written = {"do": "listing", "listing": listing.pk, "unit": unit.pk}
        report(sum(len(group) for group in part))


def _draft(values: dict[str, Any]) -> UnitDraft:
    return UnitDraft(
        label_vi=values["names"][0],
        label_en=values["names"][1],
        values=values["unit"],
        sku=values["sku"],
        price=None if values["price"] is None else Decimal(values["price"]),
        in_stock=values["in_stock"],
    )


def _change(rows: Sequence[ImportRow], actor: User) -> None:
    changes: dict[int, dict[str, Any]] = {}
    records = []
    for row in rows:
        values = row.values
        change = changes.setdefault(
            values["listing"], {"values": {}, "categories": None, "units": {}, "new": []}
        )
        if values["do"] == "variant":
            change["new"].append(row)
            continue
        change["values"] |= values["label"]
        change["categories"] = change["categories"] or values["categories"]
        if values["units"]:
            change["units"][values["unit"]] = values["units"]
        if values["price"] or values["in_stock"]:
            records.append(
                bulk.RecordChange(
                    values["record"], price=values["price"], in_stock=values["in_stock"]
                )
            )
        row.written = dict(values)
    made = bulk.change_listings(
        changes=[
            bulk.ListingChange(
                listing_id=pk,
                values=change["values"],
                categories=change["categories"],
                units=change["units"],
                new_units=[_draft(row.values) for row in change["new"]],
            )
            for pk, change in changes.items()
            if change["values"] or change["categories"] or change["units"] or change["new"]
        ],
        actor=actor,
    )
    for pk, change in changes.items():
        for row, unit in zip(change["new"], made.get(pk, ()), strict=True):
            row.written = {"do": "variant", "listing": pk, "unit": unit.pk}
    changed = bulk.change_prices_and_stock(changes=records, actor=actor)
    for row in rows:
        if row.written.get("record") in changed:
            row.written["allocated"] = changed[row.written["record"]].num_allocated or 0


def undo(
    rows: Sequence[ImportRow], actor: User, since: datetime, report: Report
) -> None:
    """Remove what was made and set back what was changed, if nobody has touched it since."""
    made = [row for row in rows if row.written["do"] != "change"]
    changed = [row for row in rows if row.written["do"] == "change"]
    for part in batches(made):
        _check_drafts(part)
    for part in batches(sorted(changed, key=lambda row: row.written["listing"])):
        _check_unmoved(part, since)
    try:
        for part in batches(made):
            bulk.remove_drafts(
                listing_ids={r.written["listing"] for r in part if r.written["do"] == "listing"},
                unit_ids={r.written["unit"] for r in part if r.written["do"] == "variant"},
                actor=actor, reason="import undone",
            )
            report(len(part))
        by_listing: dict[int, list[ImportRow]] = {}
        for row in changed:
            by_listing.setdefault(row.written["listing"], []).append(row)
        for ids in batches(sorted(by_listing)):
            part = [row for pk in ids for row in by_listing[pk]]
            _change([_reversed(row) for row in part], actor)
            report(len(part))
    except CatalogueError as error:
        raise WorldChanged from error


def _reversed(row: ImportRow) -> ImportRow:
    written = row.written
    turned = {
        **written,
        "label": {name: pair[::-1] for name, pair in written["label"].items()},
        "units": {name: pair[::-1] for name, pair in written["units"].items()},
        **{
            name: written[name][::-1] if written[name] else None
            for name in ("categories", "price", "in_stock")
        },
    }
    return ImportRow(number=row.number, name=row.name, values=turned)


def _check_drafts(rows: Sequence[ImportRow]) -> None:
    ids = {row.written[name] for row in rows for name in ("listing", "unit")}
    products = Product.objects.select_for_update().order_by("pk").in_bulk(ids)
    records = {r.product_id: r for r in StockRecord.objects.filter(product__in=ids)}
    sold = set(OrderLine.objects.filter(product__in=ids).values_list("product", flat=True))
    sold |= set(BasketLine.objects.filter(product__in=ids).values_list("product", flat=True))
    for row in rows:
        listing, unit = (products.get(row.written[name]) for name in ("listing", "unit"))
        if listing is None or unit is None:
            raise CannotUndo(row.number, row.name, "undo_gone")
        record = records.get(unit.pk)
        if unit.pk in sold:
            raise CannotUndo(row.number, row.name, "undo_sold")
        if row.written["do"] == "listing" and listing.is_public:
            raise CannotUndo(row.number, row.name, "undo_published")
        values = row.values
        is_same = (
            record is not None
            and record.partner_sku == values["sku"]
            and record.price == (None if values["price"] is None else Decimal(values["price"]))
            and record.num_in_stock == values["in_stock"]
            and not record.num_allocated
            and all(bulk.plain(listing, n) == v for n, v in values["label"].items())
            and all((bulk.plain(unit, n) or "") == (v or "") for n, v in values["unit"].items())
        )
        if not is_same:
            raise CannotUndo(row.number, row.name, "undo_changed")


def _check_unmoved(rows: Sequence[ImportRow], since: datetime) -> None:
    ids = {row.written[name] for row in rows for name in ("listing", "unit")}
    products = Product.objects.select_for_update().order_by("pk").in_bulk(ids)
    records = StockRecord.objects.select_for_update().order_by("pk").in_bulk(
        [row.written["record"] for row in rows]
    )
    sold = set(
        OrderLine.objects.filter(
            stockrecord__in=records, order__date_placed__gte=since
        ).values_list("stockrecord", flat=True)
    )
    shelves: dict[int, list[int]] = {}
    for listing_id, category in ProductCategory.objects.filter(product__in=ids).values_list(
        "product", "category"
    ):
        shelves.setdefault(listing_id, []).append(category)
    for row in rows:
        done = row.written
        listing, unit = products.get(done["listing"]), products.get(done["unit"])
        record = records.get(done["record"])
        if listing is None or unit is None or record is None:
            raise CannotUndo(row.number, row.name, "undo_gone")
        if done["price"] or done["in_stock"]:
            allocated = record.num_allocated or 0
            if record.pk in sold or allocated != done.get("allocated", allocated):
                raise CannotUndo(row.number, row.name, "undo_sold")
        is_same = (
            all(bulk.plain(listing, n) == pair[1] for n, pair in done["label"].items())
            and all(bulk.plain(unit, n) == pair[1] for n, pair in done["units"].items())
            and (not done["price"] or record.price == done["price"][1])
            and (not done["in_stock"] or record.num_in_stock == done["in_stock"][1])
            and (
                not done["categories"]
                or sorted(shelves.get(listing.pk, [])) == sorted(done["categories"][1])
            )
        )
        if not is_same:
            raise CannotUndo(row.number, row.name, "undo_changed")
