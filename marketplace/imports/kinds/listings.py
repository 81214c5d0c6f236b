"""Tables of listings: one row for each sellable unit, rows of one group are variants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from oscar.apps.partner.models import StockRecord

from catalogue.bulk import plain
from catalogue.listing_actions import LABEL_FIELDS, UNIT_FIELDS
from catalogue.models import Product, ProductCategory
from catalogue.signals import clean_html
from marketplace.accounts.models import User
from marketplace.imports.kinds import listing_writing
from marketplace.imports.kinds.base import (
    BATCH,
    Report,
    TableKind,
    Verdict,
    batches,
    unit_name,
)
from marketplace.imports.kinds.records import Prices
from marketplace.imports.models import ImportRow
from marketplace.imports.reading import SheetRow
from marketplace.places.fields import written
from marketplace.places.models import Commune
from marketplace.producers.models import Producer

_REFERRED = ("origin_commune", "product_class")
_HTML = ("description_vi", "description_en")
#: Without these there is no draft.
_REQUIRED = ("title_vi", "product_class")


@dataclass
class _Group:
    """The rows of one listing."""

    owner: Producer
    members: list[tuple[Verdict, StockRecord | None]] = field(default_factory=list)

    @property
    def listing(self) -> Product | None:
        """The listing that some row belongs to already."""
        for _verdict, record in self.members:
            if record is not None:
                return record.product.parent or record.product
        return None


class Listings(TableKind):
    """A row is known by its article number; rows without one known are new."""

    def judge(self, rows: Sequence[SheetRow], report: Report) -> list[Verdict]:
        verdicts = self.said(rows, report)
        owners = self.owners(verdicts)
        records = self.records(v.said["sku"] for v in verdicts if v.said.get("sku"))
        groups = self._grouped(verdicts, owners, records)
        found = [r for rs in records.values() for r in rs]
        self._shelves = _shelves([r.product.parent_id or r.product_id for r in found])
        self._sales = Prices(self.table).highest_sales([r.pk for r in found])
        self._communes = {
            pk: written(commune)
            for pk, commune in Commune.objects.select_related("province")
            .in_bulk({(r.product.parent or r.product).origin_commune_id for r in found} - {None})
            .items()
        }
        self._classes = {row.pk: row.name_vi for row in self.references.classes.values()}
        self._check_gtins(verdicts, found)
        for group in groups:
            self._judge_group(group)
        for verdict in verdicts:
            if verdict.problems:
                verdict.settle()
        return verdicts

    def _grouped(
        self,
        verdicts: Sequence[Verdict],
        owners: dict[str, Producer],
        records: dict[str, list[StockRecord]],
    ) -> list[_Group]:
        groups: dict[Any, _Group] = {}
        seen: dict[Any, int] = {}
        for verdict in verdicts:
            said = verdict.said
            verdict.key = sku = said.get("sku", "")
            verdict.name = " – ".join(
                text for text in (said.get("title_vi"), said.get("label_vi")) if text
            )[:200]
            owner = self.owner_of(verdict, owners)
            if not sku and "sku" not in verdict.cells:
                verdict.fail("required", "sku")
            if owner is None and "producer" not in verdict.cells and self.producer is None:
                verdict.fail("required", "producer")
            if not sku or owner is None:
                continue
            if (owner.pk, sku) in seen:
                verdict.fail("doubled", "sku", row=seen[owner.pk, sku])
                continue
            seen[owner.pk, sku] = verdict.number
            record = next(
                (r for r in records.get(sku, ()) if r.partner_id == owner.partner_id), None
            )
            key = (owner.pk, "group", said["group"]) if said.get("group") else (owner.pk, sku)
            groups.setdefault(key, _Group(owner)).members.append((verdict, record))
        return list(groups.values())

    def _check_gtins(
        self, verdicts: Sequence[Verdict], records: Sequence[StockRecord]
    ) -> None:
        """A GTIN stands once, in the file and among all goods."""
        own_ids: dict[Any, set[int]] = defaultdict(set)
        for record in records:
            own_ids[record.partner_sku].add(record.product_id)
        wanted = {v.said["gtin"] for v in verdicts if v.said.get("gtin")}
        taken: dict[str, int] = {}
        for batch in batches(sorted(wanted)):
            rows = Product.objects.filter(gtin__in=batch)
            taken |= {gtin: pk for pk, gtin in rows.values_list("pk", "gtin")}
        seen: dict[str, int] = {}
        for verdict in verdicts:
            gtin = verdict.said.get("gtin")
            if not gtin:
                continue
            if gtin in seen:
                verdict.fail("doubled", "gtin", row=seen[gtin])
            seen[gtin] = verdict.number
            holder = taken.get(gtin)
            if holder is not None and holder not in own_ids[verdict.said.get("sku")]:
                verdict.fail("gtin_taken", "gtin")

    def _judge_group(self, group: _Group) -> None:
        listing = group.listing
        # What belongs to the listing is said in its first row that is known, else in the first.
        lead = next((v for v, record in group.members if record), group.members[0][0])
        has_variants = len(group.members) > 1 or bool(lead.said.get("group"))
        for verdict, record in group.members:
            said = verdict.said
            if record is not None:
                if (record.product.parent or record.product).pk != listing.pk:
                    verdict.fail("two_listings", "group")
                self._judge_known(verdict, record, lead)
                continue
            if listing is not None:
                if not listing.is_parent:
                    verdict.fail("no_variants", "group")
                elif listing.is_public:
                    # It would be on sale at once, whatever the law wants on it.
                    verdict.fail("published", "group")
            elif verdict is lead:
                for name in _REQUIRED:
                    if name not in verdict.cells:
                        verdict.fail("required", name)
            if verdict is not lead:
                self._compare_labels(verdict, lead)
            if (has_variants and len(group.members) > 1 or listing is not None) and not said.get(
                "label_vi"
            ):
                verdict.fail("label_required", "label_vi")
            verdict.values = {
                "do": "variant" if listing is not None else "listing",
                "listing": listing.pk if listing is not None else None,
                "producer": group.owner.pk,
                "group": lead.number,
                "label": _label_values(lead.said) if verdict is lead else {},
                "categories": lead.said.get("categories", []) if verdict is lead else [],
                "unit": _unit_values(said),
                "names": [said.get("label_vi", ""), said.get("label_en", "")],
                "sku": said["sku"],
                "price": said.get("price"),
                "in_stock": said.get("in_stock", 0),
            }
            verdict.settle(is_new=True)
        if listing is None and lead.problems:
            for verdict, _record in group.members[1:]:
                if not verdict.problems:
                    # Without its first row the listing cannot be made.
                    verdict.fail("differs", "group", row=lead.number)
                    verdict.settle()

    def _compare_labels(self, verdict: Verdict, lead: Verdict) -> None:
        """What belongs to the listing may be left out in further rows, or be the same."""
        for name in (*LABEL_FIELDS, "categories"):
            if name in verdict.said and verdict.said[name] != lead.said.get(name):
                verdict.fail("differs", name, row=lead.number)

    def _judge_known(self, verdict: Verdict, record: StockRecord, lead: Verdict) -> None:
        said, unit = verdict.said, record.product
        listing = unit.parent or unit
        verdict.name = unit_name(record)[:200]
        label, units = {}, {}
        if verdict is not lead:
            self._compare_labels(verdict, lead)
        for name, value in _label_values(said).items():
            old = plain(listing, name)
            if value != old and verdict is lead:
                label[name] = [old, value]
                verdict.changes.append(
                    [name, self._shown(name, old), self._shown(name, value)]
                )
        wanted = _unit_values(said)
        if unit.parent_id:
            wanted |= {
                f"title_{language}": said[f"label_{language}"]
                for language in ("vi", "en")
                if said.get(f"label_{language}")
            }
        for name, value in wanted.items():
            old = plain(unit, name)
            if value != old:
                units[name] = [old, value]
                verdict.changes.append([name.replace("title_", "label_"), old, value])
        shelves = sorted(self._shelves.get(listing.pk, []))
        categories = None
        if verdict is lead and "categories" in said and said["categories"] != shelves:
            categories = [shelves, said["categories"]]
            names = self.references.category_names
            verdict.changes.append(
                ["categories", *([names.get(pk, "") for pk in pks] for pks in categories)]
            )
        if listing.is_public and (
            "product_class" in label or (verdict.changes and self.producer is not None)
        ):
            # Another product set has other duties; a producer's words are looked at first.
            verdict.fail("published")
        price = self._judge_price(verdict, record)
        stock = self._judge_stock(verdict, record)
        verdict.values = {
            "do": "change", "listing": listing.pk, "unit": unit.pk, "record": record.pk,
            "label": label, "units": units, "categories": categories,
            "price": price, "in_stock": stock,
        }
        verdict.settle()

    def _judge_price(self, verdict: Verdict, record: StockRecord) -> list[Any] | None:
        old = None if record.price is None else int(record.price)
        new = verdict.said.get("price", old)
        if new == old:
            return None
        if record.pk in self._sales and self._sales[record.pk] >= new:
            verdict.fail("not_lower", "price")
        verdict.changes.append(["price", old, new])
        return [old, new]

    def _judge_stock(self, verdict: Verdict, record: StockRecord) -> list[int] | None:
        old = record.num_in_stock or 0
        new = verdict.said.get("in_stock", old)
        if new == old:
            return None
        if new < (record.num_allocated or 0):
            verdict.fail("promised", "in_stock", count=record.num_allocated or 0)
        verdict.changes.append(["in_stock", old, new])
        return [old, new]

    def _shown(self, name: str, value: Any) -> Any:
        if name == "origin_commune":
            return self._communes.get(value) or self._new_communes.get(value, "")
        if name == "product_class":
            return self._classes.get(value, "")
        return value

    def said(self, rows: Any, report: Report) -> list[Verdict]:
        """Rows referred to are kept by their ids, their names beside."""
        verdicts = super().said(rows, report)
        self._new_communes: dict[int, str] = {}
        for verdict in verdicts:
            for name in _REFERRED:
                if name in verdict.said:
                    pk, shown = verdict.said[name]
                    verdict.said[name] = pk
                    if name == "origin_commune":
                        self._new_communes[pk] = shown
            for name in _HTML:
                if name in verdict.said:
                    verdict.said[name] = clean_html(verdict.said[name])
        return verdicts

    def write(self, rows: Sequence[ImportRow], actor: User, report: Report) -> None:
        listing_writing.write(rows, actor, report)

    def undo(self, rows: Sequence[ImportRow], actor: User, report: Report) -> None:
        listing_writing.undo(rows, actor, self.table.applied_at, report)


def _label_values(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name in LABEL_FIELDS}


def _unit_values(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name in UNIT_FIELDS}


def _shelves(listing_ids: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for batch in batches(sorted(set(listing_ids)), BATCH * 4):
        rows = ProductCategory.objects.filter(product__in=batch)
        for listing_id, category_id in rows.values_list("product", "category"):
            found.setdefault(listing_id, []).append(category_id)
    return found
