"""Tables of producers: the profile, as the office's form writes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catalogue.models import Product
from marketplace.accounts.models import User
from marketplace.imports.errors import CannotUndo, WorldChanged
from marketplace.imports.kinds.base import Report, TableKind, Verdict
from marketplace.imports.models import ImportRow
from marketplace.imports.reading import SheetRow
from marketplace.orders.models import Consignment
from marketplace.places.fields import written
from marketplace.places.models import Commune
from marketplace.producers import actions
from marketplace.producers.models import Producer

_REQUIRED = ("kind", "name_vi", "representative", "street", "commune", "phone")


class Producers(TableKind):
    """A row is known by its code, else by the tax code or the registration number."""

    def judge(self, rows: Sequence[SheetRow], report: Report) -> list[Verdict]:
        verdicts = self.said(rows, report)
        by: dict[str, dict[str, list[Producer]]] = {
            "slug": {}, "tax_code": {}, "registration_no": {},
        }
        for producer in Producer.objects.select_related("commune__province"):
            for name, found in by.items():
                if value := getattr(producer, name):
                    found.setdefault(value.lower(), []).append(producer)
        seen: dict[Any, int] = {}
        for verdict in verdicts:
            self._judge_row(verdict, by, seen)
        return verdicts

    def _judge_row(
        self,
        verdict: Verdict,
        by: dict[str, dict[str, list[Producer]]],
        seen: dict[Any, int],
    ) -> None:
        said = verdict.said
        verdict.name = said.get("name_vi", "")[:200]
        producer = self._find(verdict, by)
        verdict.key = producer.slug if producer else said.get("code", "")
        keys = [producer.pk] if producer else [
            (name, said[name].lower()) for name in ("tax_code", "registration_no") if said.get(name)
        ]
        for key in keys:
            if key in seen:
                verdict.fail("doubled", row=seen[key])
                break
            seen[key] = verdict.number
        wanted = {name: value for name, value in said.items() if name != "code"}
        if producer is None:
            for name in _REQUIRED:
                if name not in verdict.cells:
                    verdict.fail("required", name)
            if not (said.get("tax_code") or said.get("registration_no")):
                verdict.fail("registration", "tax_code")
            verdict.values = {"id": None, "values": wanted, "base": {}}
            verdict.settle(is_new=True)
            return
        verdict.name = producer.name_vi
        base = {name: _plain(producer, name) for name in wanted}
        wanted = {name: value for name, value in wanted.items() if value != base[name]}
        verdict.changes = [
            [name, _shown(base[name]), _shown(value)] for name, value in wanted.items()
        ]
        verdict.values = {
            "id": producer.pk, "values": wanted, "base": {name: base[name] for name in wanted},
        }
        verdict.settle()

    def _find(
        self, verdict: Verdict, by: dict[str, dict[str, list[Producer]]]
    ) -> Producer | None:
        said = verdict.said
        if code := said.get("code"):
            found = by["slug"].get(code.lower(), [])
            if not found:
                verdict.fail("producer", "code", value=code[:60])
            return found[0] if found else None
        for name in ("tax_code", "registration_no"):
            if value := said.get(name):
                found = by[name].get(value.lower(), [])
                if len(found) > 1:
                    verdict.fail("producer_several", name)
                if found:
                    return found[0]
        return None

    def write(self, rows: Sequence[ImportRow], actor: User, report: Report) -> None:
        producers = Producer.objects.in_bulk([r.values["id"] for r in rows if r.values["id"]])
        communes = Commune.objects.in_bulk(
            [r.values["values"]["commune"][0] for r in rows if "commune" in r.values["values"]]
        )
        for row in rows:
            values, base = row.values["values"], row.values["base"]
            asked = {
                name: communes[value[0]] if name == "commune" else value
                for name, value in values.items()
            }
            if row.values["id"] is None:
                if _is_taken(values):
                    raise WorldChanged
                producer = actions.create_producer(values=asked, actor=actor)
            else:
                producer = producers.get(row.values["id"])
                if producer is None or any(_plain(producer, n) != base[n] for n in values):
                    raise WorldChanged
                actions.change_producer(producer=producer, values=asked, actor=actor)
            row.written = {
                "id": producer.pk, "is_new": row.values["id"] is None, "to": values, "from": base,
            }
            report(1)

    def undo(self, rows: Sequence[ImportRow], actor: User, report: Report) -> None:
        producers = (
            Producer.objects.select_for_update(of=("self",)).select_related("commune__province")
            .order_by("pk").in_bulk([row.written["id"] for row in rows])
        )  # fmt: skip
        for row in rows:
            producer = producers.get(row.written["id"])
            if producer is None:
                raise CannotUndo(row.number, row.name, "undo_gone")
            if any(_plain(producer, n) != value for n, value in row.written["to"].items()):
                raise CannotUndo(row.number, row.name, "undo_changed")
            if row.written["is_new"]:
                _remove(producer, row, actor)
            else:
                actions.change_producer(
                    producer=producer,
                    values={
                        name: Commune.objects.get(pk=value[0]) if name == "commune" else value
                        for name, value in row.written["from"].items()
                    },
                    actor=actor,
                )
            report(1)


def _remove(producer: Producer, row: ImportRow, actor: User) -> None:
    is_used = (
        producer.is_identified
        or Product.objects.filter(producer=producer).exists()
        or Consignment.objects.filter(producer=producer).exists()
        or producer.memberships.exists()
        or producer.papers.exists()
    )
    if is_used:
        raise CannotUndo(row.number, row.name, "undo_changed")
    actions.remove_unused_producer(producer=producer, actor=actor)


def _is_taken(values: dict[str, Any]) -> bool:
    return any(
        Producer.objects.filter(**{f"{name}__iexact": values[name]}).exists()
        for name in ("tax_code", "registration_no")
        if values.get(name)
    )


def _plain(producer: Producer, name: str) -> Any:
    if name == "commune":
        return [producer.commune_id, written(producer.commune)]
    value = getattr(producer, name)
    return "" if value is None and name.endswith(("_vi", "_en")) else value


def _shown(value: Any) -> Any:
    return value[1] if isinstance(value, list) else value
