"""Tables of prices and of counted stock: one row for each sellable unit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from oscar.apps.order.models import Line as OrderLine
from oscar.apps.partner.models import StockRecord

from catalogue import bulk
from catalogue.models import SalePrice
from marketplace.accounts.models import User
from marketplace.imports.errors import CannotUndo
from marketplace.imports.kinds.base import (
    Report,
    TableKind,
    Verdict,
    batches,
    unit_name,
)
from marketplace.imports.models import ImportRow
from marketplace.imports.reading import SheetRow
from marketplace.kernel import clock


class _Records(TableKind):
    """What prices and stock share."""

    column: str

    def judge(self, rows: Sequence[SheetRow], report: Report) -> list[Verdict]:
        verdicts = self.said(rows, report)
        owners = self.owners(verdicts)
        records = self.records(v.said["sku"] for v in verdicts if v.said.get("sku"))
        sales = self.highest_sales([r.pk for found in records.values() for r in found])
        seen: dict[int, int] = {}
        for verdict in verdicts:
            self._judge_row(verdict, owners, records, sales, seen)
            verdict.settle()
        return verdicts

    def _judge_row(
        self,
        verdict: Verdict,
        owners: dict[str, Any],
        records: dict[str, list[StockRecord]],
        sales: dict[int, Decimal],
        seen: dict[int, int],
    ) -> None:
        sku = verdict.key = verdict.said.get("sku", "")
        if not sku:
            if "sku" not in verdict.cells:
                verdict.fail("required", "sku")
            return
        owner = self.owner_of(verdict, owners)
        found = records.get(sku, [])
        if owner is not None:
            found = [record for record in found if record.partner_id == owner.partner_id]
        elif verdict.said.get("producer"):
            return
        if len(found) != 1:
            verdict.fail("sku_several" if found else "sku_unknown", "sku")
            return
        record = found[0]
        verdict.name = unit_name(record)[:200]
        if record.pk in seen:
            verdict.fail("doubled", "sku", row=seen[record.pk])
            return
        seen[record.pk] = verdict.number
        if self.column not in verdict.said:
            # An empty cell leaves what is there.
            return
        wanted, is_now = verdict.said[self.column], self.value_of(record)
        if wanted == is_now or wanted == verdict.said.get("seen"):
            return
        self.judge_value(verdict, record, wanted, is_now, sales)
        verdict.changes = [[self.column, is_now, wanted]]
        verdict.values = {"record": record.pk, "from": is_now, "to": wanted}

    def highest_sales(self, record_ids: list[int]) -> dict[int, Decimal]:
        """Prices of sales that run or will run; the highest of each record."""
        return {}

    def value_of(self, record: StockRecord) -> int | None:
        """What is there now."""
        raise NotImplementedError

    def judge_value(
        self, verdict: Verdict, record: StockRecord, wanted: int, is_now: int | None, sales: Any
    ) -> None:
        """Note why the new value cannot be."""
        raise NotImplementedError

    def change(self, record_id: int, old: int | None, new: int | None) -> bulk.RecordChange:
        """As the catalogue takes it."""
        raise NotImplementedError

    def write(self, rows: Sequence[ImportRow], actor: User, report: Report) -> None:
        """In the order of the records' ids, as everybody locks them."""
        for part in batches(sorted(rows, key=lambda row: row.values["record"])):
            records = bulk.change_prices_and_stock(
                changes=[
                    self.change(row.values["record"], row.values["from"], row.values["to"])
                    for row in part
                ],
                actor=actor,
            )
            for row in part:
                record = records[row.values["record"]]
                row.written = {**row.values, "allocated": record.num_allocated or 0}
            report(len(part))

    def undo(self, rows: Sequence[ImportRow], actor: User, report: Report) -> None:
        for part in batches(sorted(rows, key=lambda row: row.written["record"])):
            self._check_unmoved(part)
            bulk.change_prices_and_stock(
                changes=[
                    self.change(row.written["record"], row.written["to"], row.written["from"])
                    for row in part
                ],
                actor=actor,
            )
            report(len(part))

    def _check_unmoved(self, part: Sequence[ImportRow]) -> None:
        records = StockRecord.objects.select_for_update().order_by("pk").in_bulk(
            [row.written["record"] for row in part]
        )
        sold = set(
            OrderLine.objects.filter(
                stockrecord__in=records, order__date_placed__gte=self.table.applied_at
            ).values_list("stockrecord", flat=True)
        )
        for row in part:
            record = records.get(row.written["record"])
            if record is None:
                raise CannotUndo(row.number, row.name, "undo_gone")
            if record.pk in sold or (record.num_allocated or 0) != row.written["allocated"]:
                raise CannotUndo(row.number, row.name, "undo_sold")
            if self.value_of(record) != row.written["to"]:
                raise CannotUndo(row.number, row.name, "undo_changed")


class Prices(_Records):
    """Ordinary prices."""

    column = "price"

    def highest_sales(self, record_ids: list[int]) -> dict[int, Decimal]:
        found: dict[int, Decimal] = {}
        open_sales = SalePrice.objects.filter(ends_at__gt=clock.now())
        for batch in batches(record_ids, 2000):
            for pk, price in open_sales.filter(stockrecord__in=batch).values_list(
                "stockrecord", "price_incl_tax"
            ):
                found[pk] = max(price, found.get(pk, price))
        return found

    def value_of(self, record: StockRecord) -> int | None:
        return None if record.price is None else int(record.price)

    def judge_value(
        self, verdict: Verdict, record: StockRecord, wanted: int, is_now: int | None, sales: Any
    ) -> None:
        seen = verdict.said.get("seen")
        if seen is not None and seen != is_now:
            verdict.fail("stale_price", "price", count=is_now or 0)
        elif record.pk in sales and sales[record.pk] >= wanted:
            verdict.fail("not_lower", "price")

    def change(self, record_id: int, old: int | None, new: int | None) -> bulk.RecordChange:
        return bulk.RecordChange(record_id, price=(old, new))


class Stock(_Records):
    """Counted stock, promised units included."""

    column = "in_stock"

    def value_of(self, record: StockRecord) -> int:
        return record.num_in_stock or 0

    def judge_value(
        self, verdict: Verdict, record: StockRecord, wanted: int, is_now: int | None, sales: Any
    ) -> None:
        seen = verdict.said.get("seen")
        if seen is not None and seen != is_now:
            verdict.fail("stale_stock", "in_stock", count=is_now or 0)
        elif wanted < (record.num_allocated or 0):
            verdict.fail("promised", "in_stock", count=record.num_allocated or 0)

    def change(self, record_id: int, old: int | None, new: int | None) -> bulk.RecordChange:
        return bulk.RecordChange(record_id, in_stock=(old or 0, new or 0))
