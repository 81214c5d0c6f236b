"""The dated tables that the office keeps: what each is for, its form, and how a row is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from catalogue.models import ListingRequirement, TrustRule
from catalogue.requirements import label
from marketplace.accounts.models import User
from marketplace.kernel import formats
from marketplace.office.forms import rules as forms
from marketplace.office.forms.rates import RateForm
from marketplace.orders.models import ConsentText, FulfilmentTerms
from marketplace.payments.models import CodLimits, CollectorAccount, FeeTerms, MethodTerms
from marketplace.platform.dated_actions import Strand
from marketplace.producers.models import ChecklistItem, Producer
from marketplace.shipping.models import FreeThreshold, NotOffered, Rate

Lines = dict[str, str]


@dataclass(frozen=True)
class Table:
    """One table: rows with the same ``key`` columns replace each other.

    ``lines`` tells a version (one row, or the rows of a price table) as label → words; ``name``
    says which strand a row belongs to.
    """

    slug: str
    model: type[Model]
    heading: Any
    #: What hangs on it, in one or two sentences.
    meaning: Any
    form: type
    lines: Callable[[Sequence[Any]], Lines]
    name: Callable[[Any], str]
    key: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    #: Kept public pages that show it.
    pages: tuple[str, ...] = ()
    #: Whether a day without any makes sense, and what it means.
    may_end: bool = False
    without: Any = ""
    #: Whether the clerk's second factor is asked for again.
    is_delicate: bool = False
    #: Rows of one version beside the first, told apart by this column.
    part: str = ""
    #: Columns that say who made it.
    signed: Callable[[User], dict[str, Any]] = field(default=lambda _user: {})

    def permission(self, action: str) -> str:
        """``view``, ``add`` or ``change``, of this table."""
        return f"{self.model._meta.app_label}.{action}_{self.model._meta.model_name}"

    def strand(self, key: Iterable[tuple[str, Any]]) -> Strand:
        """The rows with these values of the key columns; named in Vietnamese in the audit."""
        key = tuple(key)
        with override("vi"):
            label = self.name(self.model(**dict(key)))
        return Strand(self.model, key, self.pages, label)

    def strand_of(self, row: Model) -> Strand:
        """The rows that replace each other with this one."""
        columns = [self.model._meta.get_field(name).attname for name in self.key]
        return self.strand((column, getattr(row, column)) for column in columns)

    def versions(self) -> QuerySet:
        """The first row of each version, by strand, the newest first."""
        rows = self.model._default_manager.select_related(*self.related)
        if self.part:
            lighter = self.model._default_manager.filter(
                **{name: OuterRef(name) for name in (*self.key, "effective_from")},
                **{f"{self.part}__lt": OuterRef(self.part)},
            )
            rows = rows.filter(~Exists(lighter))
        return rows.order_by(*self.key, "-effective_from", "pk")

    def whole(self, rows: Sequence[Model]) -> dict[int, list[Model]]:
        """Id of a version's first row → all its rows. One query at most."""
        if not self.part:
            return {row.pk: [row] for row in rows}
        columns = [*(self.model._meta.get_field(name).attname for name in self.key),
                   "effective_from"]

        def place(row: Model) -> tuple:
            return tuple(getattr(row, column) for column in columns)

        found: dict[tuple, list[Model]] = {}
        wanted = {
            f"{column}__in": {getattr(row, column) for row in rows} for column in columns
        }
        for row in self.model._default_manager.filter(**wanted).order_by(self.part):
            found.setdefault(place(row), []).append(row)
        return {row.pk: found.get(place(row), [row]) for row in rows}


def by_slug(slug: str) -> Table | None:
    """The table of that address."""
    return next((table for table in TABLES if table.slug == slug), None)


def of_model(model: type[Model]) -> Table | None:
    """The table that keeps rows of ``model``."""
    return next((table for table in TABLES if table.model is model), None)


def readable_by(user: User) -> list[Table]:
    """The tables that this person may look at."""
    return [table for table in TABLES if user.has_perm(table.permission("view"))]


def days(row: Any) -> str:
    """From when to when a row holds."""
    first = formats.date(row.effective_from)
    if row.effective_through is None:
        return _("from %(day)s") % {"day": first}
    return f"{first} – {formats.date(row.effective_through)}"


def standing(row: Any, today: date) -> str:
    """``past``, ``now`` or ``coming``."""
    if row.effective_from > today:
        return "coming"
    is_past = row.effective_through is not None and row.effective_through < today
    return "past" if is_past else "now"


def _yes(value: bool) -> str:
    return _("yes") if value else _("no")


def _words(row: Model, *names: str) -> Lines:
    """Columns in words, under the names that the form gives them."""
    told: Lines = {}
    for name in names:
        column = row._meta.get_field(name)
        value = getattr(row, name)
        if isinstance(value, bool):
            words = _yes(value)
        elif value is None:
            words = "–"
        elif column.choices:
            words = str(getattr(row, f"get_{name}_display")()) or "–"
        elif getattr(column, "max_digits", None) and column.decimal_places == 0:
            words = formats.money(value)
        elif isinstance(value, int):
            words = formats.number(value)
        else:
            words = str(value) or "–"
        told[_capital(column.verbose_name)] = words
    return told


def _capital(words: Any) -> str:
    text = str(words)
    return text[:1].upper() + text[1:]


def _columns(*names: str) -> Callable[[Sequence[Model]], Lines]:
    return lambda rows: _words(rows[0], *names)


def _limits(rows: Sequence[Any]) -> Lines:
    return _words(
        rows[0], "order_amount_max", "new_phone_amount_max", "open_orders_max", "open_amount_max",
        "refusals_max", "refusal_window_days", "refuse_order_amount_above",
        "refuse_open_orders_above", "refuse_refusals_above", "source",
    )


def _fee(rows: Sequence[Any]) -> Lines:
    (row,) = rows
    return {
        _("Percent"): f"{formats.decimal(row.percent)} %",
        _("Fixed amount"): formats.money(row.fixed),
        **_words(row, "source"),
    }


def _fee_name(row: Any) -> str:
    kind = row.get_producer_kind_display() if row.producer_kind else _("all kinds of producer")
    return f"{row.get_kind_display()} · {kind}"


def _item(rows: Sequence[Any]) -> Lines:
    (row,) = rows
    kinds = dict(Producer.Kind.choices)
    return {
        **_words(row, "name_vi", "name_en", "help_vi", "help_en", "proof"),
        _("For"): ", ".join(str(kinds.get(kind, kind)) for kind in row.producer_kinds) or _("all"),
        _("Product sets"): ", ".join(map(str, row.product_sets)) or _("all"),
        **_words(row, "ends", "needs_verification"),
        _("Reminders, days before"): ", ".join(map(str, row.remind_days)) or "–",
        **_words(row, "position", "source"),
    }


def _trust(rows: Sequence[Any]) -> Lines:
    (row,) = rows
    return {
        _("Pass unjudged"): ", ".join(label(name) for name in row.fields),
        **_words(row, "reason"),
    }


def _rates(rows: Sequence[Any]) -> Lines:
    told = {}
    for row in sorted(rows, key=lambda row: row.weight_through_g):
        span = f"{row.transit_days_min}–{row.transit_days_max}"
        through = formats.weight(row.weight_through_g)
        weights = _("Up to %(through)s") % {"through": through}
        if row.weight_from_g:
            weights = _("Over %(first)s, up to %(through)s") % {
                "first": formats.weight(row.weight_from_g - 1), "through": through,
            }
        told[weights] = _("%(fee)s, %(days)s working days") % {
            "fee": formats.money(row.fee_incl_tax), "days": span,
        }
    return {**told, **_words(rows[0], "source")}


def _way(row: Any) -> str:
    return f"{row.zone.name} · {row.get_shipping_class_display()}"


TABLES: tuple[Table, ...] = (
    Table(
        "delivery-prices", Rate, gettext_lazy("Delivery prices"),
        gettext_lazy(
            "What buyers pay for sending, by zone, delivery class and weight, and how long it "
            "takes. A new price list of a zone and class is one form."
        ),
        RateForm, _rates, _way, key=("zone", "shipping_class"), related=("zone",),
        pages=("shipping",), part="weight_from_g",
    ),
    Table(
        "not-sent", NotOffered, gettext_lazy("Not sent to"),
        gettext_lazy("What is not sent to a zone, with the reason that the buyer reads."),
        forms.NotOfferedForm, _columns("reason_vi", "reason_en", "source"), _way,
        key=("zone", "shipping_class"), related=("zone",), pages=("shipping",), may_end=True,
        without=gettext_lazy("From the day after, it is sent there again at the price list."),
    ),
    Table(
        "free-delivery", FreeThreshold, gettext_lazy("Free delivery"),
        gettext_lazy("From which amount of goods on a grower pays for the sending."),
        forms.FreeThresholdForm, _columns("amount_incl_tax", "source"),
        lambda row: row.producer.name, key=("producer",), related=("producer",),
        pages=("shipping",), may_end=True,
        without=gettext_lazy("From the day after, buyers of this grower pay for every parcel."),
    ),
    Table(
        "fulfilment", FulfilmentTerms, gettext_lazy("Fulfilment terms"),
        gettext_lazy("How long growers, buyers and the office have for each step of a parcel."),
        forms.FulfilmentForm,
        _columns(
            "unconfirmed_working_days", "completed_after_days", "work_begins_hour",
            "work_ends_hour", "remind_after_working_hours", "escalate_after_working_hours",
            "short_pack_answer_hours", "undo_minutes", "source",
        ),
        lambda row: _("All orders"),
    ),
    Table(
        "consents", ConsentText, gettext_lazy("Consent texts"),
        gettext_lazy(
            "What buyers agree to in the checkout. Agreements given before keep their old text."
        ),
        forms.ConsentForm, _columns("version", "text_vi", "text_en", "is_required"),
        lambda row: row.get_purpose_display(), key=("purpose",), may_end=True,
        without=gettext_lazy("From the day after, buyers are not asked for it any more."),
    ),
    Table(
        "cash-limits", CodLimits, gettext_lazy("Limits of cash on delivery"),
        gettext_lazy("When the office calls before an order is sent, and when cash is refused."),
        forms.CodLimitsForm, _limits, lambda row: _("All orders"),
    ),
    Table(
        "ways-of-paying", MethodTerms, gettext_lazy("Ways of paying"),
        gettext_lazy("Which ways are offered, and how long an unpaid order is held."),
        forms.MethodForm,
        _columns(
            "is_offered", "hold_minutes", "extensions_max", "extension_minutes",
            "unpaid_orders_max", "unpaid_amount_max", "source",
        ),
        lambda row: row.get_method_display(), key=("method",),
    ),
    Table(
        "collector", CollectorAccount, gettext_lazy("Account that receives transfers"),
        gettext_lazy(
            "Buyers' transfers go to it. Your second factor is asked for before it changes."
        ),
        forms.CollectorForm, _columns("bank_name", "account_no", "holder", "source"),
        lambda row: _("All transfers"), may_end=True, is_delicate=True,
        without=gettext_lazy("From the day after, only cash on delivery is offered."),
    ),
    Table(
        "fees", FeeTerms, gettext_lazy("Fees"),
        gettext_lazy("What the marketplace keeps of a delivered parcel. No row, no fee."),
        forms.FeeForm, _fee, _fee_name, key=("kind", "producer_kind"), may_end=True,
        without=gettext_lazy("From the day after, this fee is not taken any more."),
    ),
    Table(
        "papers", ChecklistItem, gettext_lazy("Papers of growers"),
        gettext_lazy("What a grower must show before a listing can be handed in."),
        forms.ChecklistForm, _item, lambda row: row.name, key=("code",), may_end=True,
        without=gettext_lazy("From the day after, nobody needs it any more."),
    ),
    Table(
        "label-fields", ListingRequirement, gettext_lazy("Fields that labels need"),
        gettext_lazy("Without these fields a listing of the set cannot be published."),
        forms.RequirementForm, _columns("source"),
        lambda row: f"{row.product_class.name} · {label(row.field)}",
        key=("product_class", "field"), related=("product_class",), may_end=True,
        without=gettext_lazy("From the day after, listings do without it."),
    ),
    Table(
        "trust", TrustRule, gettext_lazy("Changes that pass unjudged"),
        gettext_lazy(
            "Which changes of a trusted producer's published listings need no judging. They are "
            "logged like the others."
        ),
        forms.TrustForm, _trust, lambda row: row.producer.name, key=("producer",),
        related=("producer",), may_end=True,
        without=gettext_lazy("From the day after, every change waits for the office again."),
        signed=lambda user: {"set_by": user},
    ),
)
