"""The audit's values in words: what a column is called, and what its value says.

An entry keeps names of columns and raw values, so that it means the same in ten years; what
people read is made here, in their language.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, ForeignKey, Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.requirements import label
from marketplace.accounts.roles import Role
from marketplace.kernel import formats
from marketplace.orders.models import CallNote, ShortPack
from marketplace.orders.states import ActorKind
from marketplace.payments import banks
from marketplace.payments.models import CallTask, Method
from marketplace.payments.transfer_states import TransferState
from marketplace.platform.audit import AuditEntry
from marketplace.producers.models import Membership, Producer

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
_UNIT = re.compile(r"unit\.\d+\.(\w+)")

#: What is no column of the thing that the entry is about.
NAMES: dict[str, str | Promise] = {
    "about": gettext_lazy("About"),
    "agent": gettext_lazy("Area officer"),
    "agent_producer": gettext_lazy("Co-operative"),
    "allocated": gettext_lazy("Promised to buyers"),
    "amount": gettext_lazy("Amount"),
    "answer": gettext_lazy("Answer"),
    "as": gettext_lazy("Acted as"),
    "bank": gettext_lazy("Bank"),
    "bank_id": gettext_lazy("Bank's transaction number"),
    "by": gettext_lazy("By whom"),
    "categories": gettext_lazy("Categories"),
    "code": gettext_lazy("Code"),
    "codes": gettext_lazy("Codes"),
    "funder": gettext_lazy("Who pays for it"),
    "invitation": gettext_lazy("Invitation"),
    "listings": gettext_lazy("Listings"),
    "lookup_code": gettext_lazy("Code to look it up"),
    "lookup_url": gettext_lazy("Where to look it up"),
    "off": gettext_lazy("Taken off"),
    "percent": gettext_lazy("Percent"),
    "stopped": gettext_lazy("Stopped"),
    "symbol": gettext_lazy("Symbol"),
    "uses_max": gettext_lazy("Uses at most"),
    "uses_per_phone": gettext_lazy("Uses for each phone number"),
    "changed": gettext_lazy("Rows changed"),
    "communes": gettext_lazy("Communes"),
    "consented_on": gettext_lazy("Agreed on"),
    "consignments": gettext_lazy("Parcels"),
    "day": gettext_lazy("Day"),
    "done": gettext_lazy("Done"),
    "due": gettext_lazy("Still due"),
    "email": gettext_lazy("E-mail address"),
    "ending": gettext_lazy("Account ends in"),
    "ends_at": gettext_lazy("Until"),
    "fields": gettext_lazy("Changes that pass unjudged"),
    "from": gettext_lazy("From"),
    "gtin": "GTIN",
    "how": gettext_lazy("How"),
    "id": gettext_lazy("Number"),
    "in_stock": gettext_lazy("In stock"),
    "is_locked": gettext_lazy("Locked"),
    "is_public": gettext_lazy("On sale"),
    "is_suspended": gettext_lazy("Suspended"),
    "is_working": gettext_lazy("Worked"),
    "issued_on": gettext_lazy("Issued on"),
    "item": gettext_lazy("Paper"),
    "kind": gettext_lazy("Kind"),
    "kinds": gettext_lazy("Kinds"),
    "label": gettext_lazy("Label"),
    "left_out": gettext_lazy("Rows left out"),
    "letter": gettext_lazy("Letter"),
    "member": gettext_lazy("Member"),
    "method": gettext_lazy("Way of paying"),
    "name": gettext_lazy("Name"),
    "new": gettext_lazy("New rows"),
    "number": gettext_lazy("Number"),
    "on_sale": gettext_lazy("On sale"),
    "outcome": gettext_lazy("Outcome"),
    "pictures": gettext_lazy("Pictures"),
    "price": gettext_lazy("Price"),
    "producer": gettext_lazy("Producer"),
    "reason": gettext_lazy("Reason"),
    "reason_en": gettext_lazy("Reason (English)"),
    "reason_vi": gettext_lazy("Reason (Vietnamese)"),
    "reduced_incl_tax": gettext_lazy("Taken off"),
    "reference": gettext_lazy("Reference"),
    "report": gettext_lazy("Report"),
    "role": gettext_lazy("Role"),
    "sku": gettext_lazy("Article number"),
    "slug": gettext_lazy("Address of the page"),
    "source": gettext_lazy("Source"),
    "starts_at": gettext_lazy("From"),
    "state": gettext_lazy("State"),
    "through": gettext_lazy("Through"),
    "total": gettext_lazy("Total"),
    "transfer": gettext_lazy("Transfer"),
    "unit": gettext_lazy("Unit"),
    "units": gettext_lazy("Units"),
    "valid_through": gettext_lazy("Valid through"),
    "verified_at": gettext_lazy("Verified on"),
    "verified_by": gettext_lazy("Verified by"),
    "withdrawn": gettext_lazy("Withdrawn"),
}
_MONEY = frozenset({"amount", "due", "price", "reduced_incl_tax", "total"})
#: Values of a few names that mean something, whatever the entry is about.
_CHOICES: dict[str, dict[str, Any]] = {
    "about": dict(CallNote.About.choices),
    "answer": dict(ShortPack.Answer.choices),
    "as": {
        ActorKind.BUYER: gettext_lazy("Buyer"),
        ActorKind.OWNER: gettext_lazy("Owner"),
        ActorKind.STAFF: gettext_lazy("Staff"),
        ActorKind.PACKER: gettext_lazy("Packer"),
        ActorKind.OFFICE: gettext_lazy("The office"),
        ActorKind.CLOCK: gettext_lazy("The system"),
    },
    "kinds": dict(Producer.Kind.choices),
    "method": dict(Method.choices),
    "outcome": dict(CallTask.Outcome.choices),
    "role": dict(Membership.Role.choices) | dict(Role.choices),
    "transfer": dict(TransferState.choices),
}


class Words:
    """Says names and values of some entries; whatever they refer to is read at once."""

    def __init__(self, entries: Iterable[AuditEntry]) -> None:
        wanted: dict[type[Model], set[Any]] = defaultdict(set)
        for entry in entries:
            model = _model_of(entry)
            for values in (entry.before or {}, entry.after or {}):
                for name, value in values.items():
                    column = _column(model, name)
                    if isinstance(column, ForeignKey) and not isinstance(value, list | dict):
                        wanted[column.related_model].add(value)
        self.found: dict[type[Model], dict[Any, Model]] = {
            model: model._default_manager.in_bulk([pk for pk in pks if pk is not None])
            for model, pks in wanted.items()
        }

    def name(self, entry: AuditEntry, name: str) -> str:
        """What a value is called."""
        unit = _UNIT.fullmatch(name)
        if unit:
            return _capital(label(unit[1]))
        column = _column(_model_of(entry), name)
        if column is not None:
            return _capital(column.verbose_name)
        return str(NAMES.get(name, name.replace("_", " ")))

    def value(self, entry: AuditEntry, name: str, value: Any) -> str:
        """What it says: a choice's words, a day as it is written here, who somebody is."""
        if isinstance(value, list):
            return "; ".join(self.value(entry, name, item) for item in value) or "–"
        if isinstance(value, dict):
            return ", ".join(
                f"{self.name(entry, key)} {self.value(entry, key, item)}"
                for key, item in value.items()
                if item is not None
            )
        if value is None or value == "":
            return "–"
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        column = _column(_model_of(entry), name)
        if isinstance(column, ForeignKey):
            found = self.found.get(column.related_model, {})
            row = found.get(column.related_model._meta.pk.to_python(value))
            return str(row) if row is not None else f"#{value}"
        return _told(column, name, value)


def _told(column: Field | None, name: str, value: Any) -> str:
    choices = dict(getattr(column, "flatchoices", None) or ()) or _CHOICES.get(name, {})
    base = getattr(column, "base_field", None)
    if base is not None and base.flatchoices:
        choices = dict(base.flatchoices)
    if value in choices:
        return str(choices[value]) or "–"
    if name == "bank" or name == "bank_bin":
        return banks.name_of(str(value))
    if name == "fields":
        return label(str(value))
    text = str(value)
    whole_dong = getattr(column, "max_digits", None) and column.decimal_places == 0
    if whole_dong or name in _MONEY:
        try:
            return formats.money(Decimal(text))
        except InvalidOperation:
            return text
    if _MOMENT.match(text):
        return _moment(text)
    if _DAY.fullmatch(text):
        return formats.date(date.fromisoformat(text))
    return text if len(text) <= 300 else text[:300] + "…"


def _moment(text: str) -> str:
    try:
        return formats.datetime_(datetime.fromisoformat(text))
    except ValueError:
        return text


def _model_of(entry: AuditEntry) -> type[Model] | None:
    return entry.content_type.model_class() if entry.content_type else None


def _column(model: type[Model] | None, name: str) -> Field | None:
    if model is None:
        return None
    for wanted in (name, name.removesuffix("_id")):
        try:
            column = model._meta.get_field(wanted)
        except FieldDoesNotExist:
            continue
        return column if isinstance(column, Field) and column.concrete else None
    return None


def _capital(words: Any) -> str:
    text = str(words)
    return text[:1].upper() + text[1:]
