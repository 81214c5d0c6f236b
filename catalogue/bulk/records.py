"""Many prices and counted stocks at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from oscar.apps.partner.models import StockRecord

from catalogue.actions import whole_price
from catalogue.bulk.base import Change, FoundDifferent, batches, check_stock
from catalogue.models import SalePrice
from catalogue.signals import announce, collected
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.platform import audit


@dataclass(frozen=True)
class RecordChange:
    """Another price or stock of one stock record, each as (what is there, what shall be)."""

    record_id: int
    price: Change | None = None
    in_stock: Change | None = None


@transaction.atomic
def change_prices_and_stock(
    *, changes: Sequence[RecordChange], actor: User | None
) -> dict[int, StockRecord]:
    """Set prices and counted stocks; returns the records by id, as they are now.

    Locks the records in the order of their ids. Raises FoundDifferent (also when a price would
    not be above that of a sale, or a stock below what is promised), PriceInvalid, StockInvalid.
    """
    wanted = {change.record_id: change for change in changes}
    now = clock.now()
    with collected():
        written: dict[int, StockRecord] = {}
        for ids in batches(sorted(wanted)):
            records = {
                record.pk: record
                for record in StockRecord.objects.select_for_update(of=("self",))
                .filter(pk__in=ids)
                .select_related("product")
                .order_by("pk")
            }
            _refuse_sales(wanted, ids, now)
            different = set(ids) - records.keys()
            entries = []
            for pk, record in records.items():
                if not _apply(record, wanted[pk]):
                    different.add(pk)
                    continue
                entries += _told_of_record(record, wanted[pk], actor)
                record.date_updated = now
            if different:
                raise FoundDifferent(different)
            StockRecord.objects.bulk_create(
                records.values(), update_conflicts=True, unique_fields=["id"],
                update_fields=["price", "num_in_stock", "date_updated"],
            )
            audit.record_all(entries)
            written |= records
        announce(r.product.parent_id or r.product_id for r in written.values())
    return written


def _refuse_sales(wanted: Mapping[int, RecordChange], ids: Sequence[int], now: Any) -> None:
    prices = {pk: wanted[pk].price[1] for pk in ids if wanted[pk].price}
    if not prices:
        return
    open_sales = SalePrice.objects.filter(stockrecord__in=prices, ends_at__gt=now)
    too_low = {
        pk
        for pk, sale in open_sales.values_list("stockrecord", "price_incl_tax")
        if prices[pk] is None or sale >= prices[pk]
    }
    if too_low:
        raise FoundDifferent(too_low)


def _apply(record: StockRecord, change: RecordChange) -> bool:
    """Set the new values if the old ones are there and the new ones may be."""
    if change.price:
        old, new = change.price
        if record.price != old:
            return False
        # None takes back what an import gave to a unit that had no price.
        record.price = None if new is None else whole_price(new)
    if change.in_stock:
        old, new = change.in_stock
        if (record.num_in_stock or 0) != old or new < (record.num_allocated or 0):
            return False
        check_stock(new)
        record.num_in_stock = new
    return True


def _told_of_record(
    record: StockRecord, change: RecordChange, actor: User | None
) -> list[audit.AuditEntry]:
    """As ``set_price`` and ``set_stock`` tell of themselves."""
    entries = []
    if change.price:
        before, after = (None if p is None else f"{Decimal(p):.0f}" for p in change.price)
        entries.append(
            audit.entry(
                action="catalogue.price_set", actor=actor, target=record.product,
                before={"price": before}, after={"price": after},
            )
        )
    if change.in_stock:
        allocated = record.num_allocated or 0
        before, after = change.in_stock
        entries.append(
            audit.entry(
                action="catalogue.stock_set", actor=actor, target=record.product,
                before={"in_stock": before, "allocated": allocated},
                after={"in_stock": after, "allocated": allocated},
            )
        )
    return entries
