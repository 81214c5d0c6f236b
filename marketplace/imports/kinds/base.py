"""What all kinds of table share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from oscar.apps.partner.models import StockRecord

from marketplace.accounts.models import User
from marketplace.imports import reading
from marketplace.imports.cells import References, read_cell
from marketplace.imports.columns import Column, columns_of
from marketplace.imports.errors import CellRefused
from marketplace.imports.models import Import, ImportRow
from marketplace.imports.reading import SheetRow
from marketplace.producers.models import Producer

BATCH = 500
Fate = ImportRow.Fate
#: Called with how many more rows are done.
Report = Callable[[int], None]


@dataclass
class Verdict:
    """What is thought of one row; becomes an ``ImportRow``."""

    number: int
    cells: dict[str, Any] = field(default_factory=dict)
    key: str = ""
    name: str = ""
    fate: str = Fate.UNCHANGED
    changes: list[list[Any]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    #: What the cells say; only while judging.
    said: dict[str, Any] = field(default_factory=dict)

    def fail(self, code: str, column: str = "", **params: Any) -> None:
        """Note a fault."""
        self.problems.append({"column": column, "code": code, "params": params})

    def settle(self, *, is_new: bool = False) -> None:
        """Say the fate, from the faults and changes."""
        if self.problems:
            self.fate, self.values, self.changes = Fate.ERROR, {}, []
        elif is_new:
            self.fate = Fate.NEW
        else:
            self.fate = Fate.CHANGED if self.changes else Fate.UNCHANGED


class TableKind:
    """One table at hand. ``producer`` is set when it came from a producer's desk."""

    def __init__(self, table: Import) -> None:
        self.table = table
        self.producer: Producer | None = table.producer

    @property
    def columns(self) -> tuple[Column, ...]:
        return columns_of(self.table.kind, for_office=self.producer is None)

    def read(self) -> tuple[list[SheetRow], list[str]]:
        """The rows of the file, and headings not read. Raises FileRefused."""
        with self.table.file.open("rb") as file:
            sheet = reading.read(file, self.table.file.name, self.columns)
        return sheet.rows, sheet.unread

    def judge(self, rows: Sequence[SheetRow], report: Report) -> list[Verdict]:
        """The fate of each row; writes nothing."""
        raise NotImplementedError

    def write(self, rows: Sequence[ImportRow], actor: User, report: Report) -> None:
        """Do what the rows say, setting ``written``. In the caller's transaction.

        Raises WorldChanged or an error of the domain when something is not as it was judged.
        """
        raise NotImplementedError

    def undo(self, rows: Sequence[ImportRow], actor: User, report: Report) -> None:
        """Take back what was written. In the caller's transaction. Raises CannotUndo."""
        raise NotImplementedError

    def said(self, rows: Iterable[SheetRow], report: Report) -> list[Verdict]:
        """Each row with what its cells say, faulty cells noted; most of judging's work."""
        references = References()
        verdicts = []
        for row in rows:
            verdict = Verdict(
                row.number, cells={key: reading.as_text(v) for key, v in row.cells.items()}
            )
            for column in self.columns:
                if column.key not in row.cells or column.is_for_eyes:
                    continue
                try:
                    verdict.said[column.key] = read_cell(
                        column, row.cells[column.key], references
                    )
                except CellRefused as refused:
                    verdict.problems.append(refused.as_problem(column.key))
            verdicts.append(verdict)
            report(1)
        self.references = references
        return verdicts

    def owners(self, verdicts: Sequence[Verdict]) -> dict[str, Producer]:
        """The producers that the rows name, by code."""
        if self.producer is not None:
            return {}
        codes = {v.said["producer"].lower() for v in verdicts if v.said.get("producer")}
        return {
            row.slug: row
            for row in Producer.objects.filter(slug__in=codes).select_related("partner")
        }

    def owner_of(self, verdict: Verdict, owners: dict[str, Producer]) -> Producer | None:
        """Whose row it is; None (and a fault noted) when the code is unknown or missing."""
        if self.producer is not None:
            return self.producer
        code = verdict.said.get("producer")
        if not code:
            return None
        owner = owners.get(code.lower())
        if owner is None:
            verdict.fail("producer", "producer", value=code[:60])
        return owner

    def records(self, skus: Iterable[str]) -> dict[str, list[StockRecord]]:
        """The stock records with these article numbers that this table may touch."""
        found: dict[str, list[StockRecord]] = defaultdict(list)
        rows = (
            StockRecord.objects.filter(partner__producer__isnull=False)
            .select_related("product__parent__producer", "product__producer", "partner__producer")
            .order_by("pk")
        )
        if self.producer is not None:
            rows = rows.filter(partner=self.producer.partner_id)
        for batch in batches(sorted(set(skus))):
            for record in rows.filter(partner_sku__in=batch):
                found[record.partner_sku].append(record)
        return found


def batches(items: Sequence[Any], size: int = BATCH) -> Iterator[Sequence[Any]]:
    """``items`` in parts."""
    return (items[start : start + size] for start in range(0, len(items), size))


def unit_name(record: StockRecord) -> str:
    """The listing's name, and the variant's if there is one."""
    unit = record.product
    return f"{unit.parent.title_vi} – {unit.title_vi}" if unit.parent_id else unit.title_vi or ""
