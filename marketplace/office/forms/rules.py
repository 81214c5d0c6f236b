"""Forms for a new version of a dated row, with what each field means beside it.

Each says which strand it is about (``key``) and the columns of each of its rows (``values``);
``platform.dated_actions`` writes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.listing_actions import UNIT_FIELDS
from catalogue.models import ListingRequirement, ProductClass, TrustRule
from catalogue.requirements import LABELS, label
from catalogue.revision_actions import REVISABLE
from marketplace.office.forms.fields import WholeNumberField
from marketplace.orders.models import ConsentText, FulfilmentTerms
from marketplace.payments import banks
from marketplace.payments.forms import BankDetailsForm
from marketplace.payments.models import CodLimits, CollectorAccount, FeeTerms, MethodTerms
from marketplace.producers.models import ChecklistItem, Producer
from marketplace.shipping.models import FreeThreshold, NotOffered

MOST_DONG = 10**9
_MOST_DAYS = 365
_TEXT = forms.Textarea(attrs={"rows": 4})


def first_day_field() -> forms.DateField:
    """From when the new version holds."""
    return forms.DateField(
        label=gettext_lazy("First day"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy(
            "Today or later. What holds until then ends by itself the day before."
        ),
    )


def source_field() -> forms.CharField:
    """Who decided it, for whoever asks later."""
    return forms.CharField(
        label=gettext_lazy("Source"),
        max_length=200,
        help_text=gettext_lazy("The decision, contract or law that says so, with its number."),
    )


def _field_for(column: models.Field, **options: Any) -> forms.Field | None:
    """Numbers as people type them; everything else as Django does it."""
    options.pop("widget", None)
    if isinstance(column, models.PositiveIntegerField | models.PositiveSmallIntegerField):
        highest = 32_767 if isinstance(column, models.PositiveSmallIntegerField) else 10**7
    elif isinstance(column, models.DecimalField) and column.decimal_places == 0:
        highest = MOST_DONG
    else:
        return column.formfield(**options)
    return WholeNumberField(
        label=column.verbose_name, help_text=options.get("help_text", ""),
        required=not column.blank, highest=highest,
    )  # fmt: skip


class RuleForm(forms.ModelForm):
    """One row. With ``fixed`` the version ``rows`` is changed: its strand and days stay."""

    #: Columns that say which rows replace each other.
    key_fields: ClassVar[tuple[str, ...]] = ()
    #: Judged by the strand's actions, not by the form.
    unjudged: ClassVar[frozenset[str]] = frozenset({"effective_from"})

    effective_from = first_day_field()
    source = source_field()

    def __init__(
        self, data: Any = None, *, rows: Sequence[models.Model] = (), fixed: bool = False
    ) -> None:
        self.rows, self.fixed = rows, fixed
        instance = self._meta.model()
        if rows:
            instance = type(rows[0]).objects.get(pk=rows[0].pk)
            instance.pk = None
            instance._state.adding = True
        initial = {} if fixed else {"effective_from": None}
        if not fixed:
            initial["source"] = ""
        super().__init__(data, instance=instance, initial=initial)
        self.order_fields([*self.key_fields, "effective_from"])
        if fixed:
            for name in (*self.key_fields, "effective_from"):
                self.fields.pop(name, None)
        for field in self.fields.values():
            field.label = capfirst(field.label)
        if "source" in self.fields:
            self.fields["source"] = self.fields.pop("source")

    @property
    def key(self) -> tuple[tuple[str, Any], ...]:
        """The strand, of a form that is right (or of the rows to be changed)."""
        columns = [self._meta.model._meta.get_field(name).attname for name in self.key_fields]
        return tuple((column, getattr(self.instance, column)) for column in columns)

    @property
    def values(self) -> list[dict[str, Any]]:
        """The columns of the one row, without key and days."""
        hidden = {*self.key_fields, "effective_from"}
        return [{name: getattr(self.instance, name) for name in self.fields if name not in hidden}]

    def validate_unique(self) -> None:
        """Left to the strand: whether something begins on that day already."""

    def _get_validation_exclusions(self) -> set[str]:
        """Constraints about these columns are the strand's business, and are told in words."""
        return super()._get_validation_exclusions() | self.unjudged


class _Meta:
    formfield_callback = _field_for
    help_texts: ClassVar[dict[str, Any]] = {}


class ConsentForm(RuleForm):
    key_fields = ("purpose",)
    unjudged = frozenset({"effective_from", "version"})
    source = None

    class Meta(_Meta):
        model = ConsentText
        fields = ("purpose", "effective_from", "version", "text_vi", "text_en", "is_required")
        widgets: ClassVar = {"text_vi": _TEXT, "text_en": _TEXT}
        help_texts: ClassVar = {
            "purpose": gettext_lazy("What the buyer agrees to with it."),
            "version": gettext_lazy(
                "A name of your own that no text of this purpose had yet, like 2026-12."
            ),
            "text_vi": gettext_lazy("As it stands beside the box in the checkout."),
            "text_en": gettext_lazy("The same in English; it must say the same."),
            "is_required": gettext_lazy("Without it no order can be placed."),
        }

    def clean_version(self) -> str:
        """An agreement is to one text: no two have one name."""
        version = self.cleaned_data["version"].strip()
        purpose = self.cleaned_data.get("purpose") or self.instance.purpose
        taken = ConsentText.objects.filter(purpose=purpose, version=version)
        if self.fixed:
            taken = taken.exclude(pk__in=[row.pk for row in self.rows])
        if taken.exists():
            raise ValidationError(_("There is a text of this name already."), code="taken")
        return version


class FulfilmentForm(RuleForm):
    class Meta(_Meta):
        model = FulfilmentTerms
        fields = (
            "effective_from", "unconfirmed_working_days", "completed_after_days",
            "work_begins_hour", "work_ends_hour", "remind_after_working_hours",
            "escalate_after_working_hours", "short_pack_answer_hours", "undo_minutes", "source",
        )
        help_texts: ClassVar = {
            "unconfirmed_working_days": gettext_lazy(
                "A new parcel that no grower confirmed by then is cancelled."
            ),
            "completed_after_days": gettext_lazy(
                "Days after delivery; then the grower has earned it."
            ),
            "work_begins_hour": gettext_lazy("Full hour, 0 to 23. Hours outside do not count."),
            "work_ends_hour": gettext_lazy("Full hour, later than the beginning, at most 24."),
            "remind_after_working_hours": gettext_lazy("The grower gets one message."),
            "escalate_after_working_hours": gettext_lazy(
                "The parcel stands on the call list then; not before the reminder."
            ),
            "short_pack_answer_hours": gettext_lazy("Silence means money back."),
            "undo_minutes": gettext_lazy("So long a step taken by mistake can be taken back."),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        begins, ends = cleaned.get("work_begins_hour"), cleaned.get("work_ends_hour")
        if begins is not None and ends is not None and not begins < ends <= 24:
            self.add_error("work_ends_hour", _("Work ends after it begins, at 24 at the latest."))
        remind = cleaned.get("remind_after_working_hours")
        escalate = cleaned.get("escalate_after_working_hours")
        if remind is not None and escalate is not None and escalate < remind:
            self.add_error(
                "escalate_after_working_hours",
                _("The office calls after the reminder, not before."),
            )
        return cleaned


class CodLimitsForm(RuleForm):
    class Meta(_Meta):
        model = CodLimits
        fields = (
            "effective_from", "order_amount_max", "new_phone_amount_max", "open_orders_max",
            "open_amount_max", "refusals_max", "refusal_window_days",
            "refuse_order_amount_above", "refuse_open_orders_above", "refuse_refusals_above",
            "source",
        )
        help_texts: ClassVar = {
            "order_amount_max": gettext_lazy(
                "In đồng. Above it the office calls the buyer first."
            ),
            "new_phone_amount_max": gettext_lazy(
                "In đồng. A number is new until something was delivered to it."
            ),
            "open_orders_max": gettext_lazy("Of one number. Above it the office calls first."),
            "open_amount_max": gettext_lazy("In đồng, of all open orders. Empty: no limit."),
            "refusals_max": gettext_lazy("Parcels refused at the door before the office calls."),
            "refusal_window_days": gettext_lazy("Older refusals are forgotten."),
            "refuse_order_amount_above": gettext_lazy(
                "In đồng. Above it another way of paying is asked for. Empty: never."
            ),
            "refuse_open_orders_above": gettext_lazy("The same by open orders. Empty: never."),
            "refuse_refusals_above": gettext_lazy("The same by refusals. Empty: never."),
        }


class MethodForm(RuleForm):
    key_fields = ("method",)

    class Meta(_Meta):
        model = MethodTerms
        fields = (
            "method", "effective_from", "is_offered", "hold_minutes", "extensions_max",
            "extension_minutes", "unpaid_orders_max", "unpaid_amount_max", "source",
        )
        help_texts: ClassVar = {
            "is_offered": gettext_lazy(
                "Off: nobody can choose it from that day on; orders placed before go on."
            ),
            "hold_minutes": gettext_lazy(
                "Minutes after which an unpaid order is cancelled; 1,440 is one day. Empty only "
                "for cash on delivery."
            ),
            "extensions_max": gettext_lazy("How often a buyer may ask for more time."),
            "extension_minutes": gettext_lazy("How much each time adds."),
            "unpaid_orders_max": gettext_lazy("Empty: no limit."),
            "unpaid_amount_max": gettext_lazy("In đồng. Empty: no limit."),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        method = cleaned.get("method") or self.instance.method
        if "hold_minutes" in cleaned and cleaned["hold_minutes"] is None and method != "cod":
            self.add_error("hold_minutes", _("What is paid in advance is not held for ever."))
        return cleaned


class FeeForm(RuleForm):
    key_fields = ("kind", "producer_kind")
    percent = forms.DecimalField(
        label=gettext_lazy("percent"), min_value=0, max_value=100, max_digits=5, decimal_places=2,
        localize=True, widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        help_text=gettext_lazy("Of the goods before vouchers, like 2.5."),
    )

    class Meta(_Meta):
        model = FeeTerms
        fields = ("kind", "producer_kind", "effective_from", "percent", "fixed", "source")
        help_texts: ClassVar = {
            "producer_kind": gettext_lazy("Empty: all kinds that have no row of their own."),
            "fixed": gettext_lazy("In đồng for each parcel, on top of the percentage."),
        }


class CollectorForm(RuleForm):
    """The bank comes from the list, so that the QR code names one that exists."""

    bank_bin = BankDetailsForm.base_fields["bank_bin"]
    account_no = BankDetailsForm.base_fields["account_no"]
    holder = BankDetailsForm.base_fields["holder"]

    class Meta(_Meta):
        model = CollectorAccount
        fields = ("effective_from", "bank_bin", "account_no", "holder", "source")

    clean_account_no = BankDetailsForm.clean_account_no
    clean_holder = BankDetailsForm.clean_holder

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bank_bin"].choices = [("", _("Choose a bank")), *banks.names().items()]

    @property
    def values(self) -> list[dict[str, Any]]:
        """With the bank's name beside its number."""
        (row,) = super().values
        return [{**row, "bank_name": banks.name_of(row["bank_bin"])}]


class NotOfferedForm(RuleForm):
    key_fields = ("zone", "shipping_class")

    class Meta(_Meta):
        model = NotOffered
        fields = (
            "zone", "shipping_class", "effective_from", "reason_vi", "reason_en", "source",
        )
        help_texts: ClassVar = {
            "reason_vi": gettext_lazy("The buyer reads it in the basket."),
            "reason_en": gettext_lazy("The same in English."),
        }


class FreeThresholdForm(RuleForm):
    key_fields = ("producer",)
    amount_incl_tax = WholeNumberField(
        label=gettext_lazy("goods from"), lowest=1, highest=MOST_DONG,
        help_text=gettext_lazy(
            "In đồng: from this amount of the grower's goods on, delivery costs nothing."
        ),
    )

    class Meta(_Meta):
        model = FreeThreshold
        fields = ("producer", "effective_from", "amount_incl_tax", "source")


class ChecklistForm(RuleForm):
    key_fields = ("code",)
    producer_kinds = forms.MultipleChoiceField(
        label=gettext_lazy("kinds of producer"), choices=Producer.Kind.choices, required=False,
        widget=forms.CheckboxSelectMultiple, help_text=gettext_lazy("None ticked: all."),
    )
    product_sets = forms.TypedMultipleChoiceField(
        label=gettext_lazy("product sets"), coerce=int, required=False,
        widget=forms.CheckboxSelectMultiple, help_text=gettext_lazy("None ticked: all."),
    )
    remind_days = forms.CharField(
        label=gettext_lazy("reminders, in days before"), required=False, max_length=60,
        help_text=gettext_lazy("Like 60, 30, 7. Empty: nobody is reminded."),
    )

    class Meta(_Meta):
        model = ChecklistItem
        fields = (
            "code", "effective_from", "name_vi", "name_en", "help_vi", "help_en", "proof",
            "producer_kinds", "product_sets", "ends", "needs_verification", "remind_days",
            "position", "source",
        )
        help_texts: ClassVar = {
            "code": gettext_lazy(
                "The same code means the same item; papers handed in for it stay good."
            ),
            "help_vi": gettext_lazy("For somebody who has never heard of it."),
            "proof": gettext_lazy("How the marketplace knows that it is there."),
            "ends": gettext_lazy("The grower must say until when the paper holds."),
            "needs_verification": gettext_lazy(
                "Otherwise it is enough that the grower says so."
            ),
            "position": gettext_lazy("Smaller numbers stand higher on the list."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product_sets"].choices = [
            (row.set_number, f"{row.set_number}. {row.name}")
            for row in ProductClass.objects.filter(set_number__isnull=False).order_by("set_number")
        ]
        self.initial["remind_days"] = ", ".join(map(str, self.instance.remind_days))

    def clean_remind_days(self) -> list[int]:
        """Whole days, the longest first."""
        parts = self.cleaned_data["remind_days"].replace(";", ",").split(",")
        parts = [part.strip() for part in parts if part.strip()]
        if not all(part.isascii() and part.isdecimal() and 1 <= int(part) <= _MOST_DAYS
                   for part in parts):
            raise ValidationError(_("Whole numbers of days with commas between, like 60, 30, 7."))
        return sorted({int(part) for part in parts}, reverse=True)


class RequirementForm(RuleForm):
    key_fields = ("product_class", "field")
    field = forms.ChoiceField(
        label=gettext_lazy("field"),
        help_text=gettext_lazy("Without it, a listing of that set cannot be published."),
    )

    class Meta(_Meta):
        model = ListingRequirement
        fields = ("product_class", "field", "effective_from", "source")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "field" in self.fields:
            known = {*LABELS, *UNIT_FIELDS}
            known |= set(ListingRequirement.objects.values_list("field", flat=True))
            self.fields["field"].choices = sorted(
                ((name, label(name)) for name in known), key=lambda choice: choice[1]
            )


class TrustForm(RuleForm):
    key_fields = ("producer",)
    source = None
    fields_trusted = forms.MultipleChoiceField(
        label=gettext_lazy("Changes that pass unjudged"), widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "A proposed change passes at once when all that it changes is ticked here."
        ),
    )
    reason = forms.CharField(
        label=gettext_lazy("reason"), max_length=500,
        help_text=gettext_lazy("Why this producer may be trusted with it."),
    )

    class Meta(_Meta):
        model = TrustRule
        fields = ("producer", "effective_from", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fields_trusted"].choices = sorted(
            ((name, label(name)) for name in REVISABLE | UNIT_FIELDS), key=lambda choice: choice[1]
        )
        self.initial["fields_trusted"] = self.instance.fields
        if "producer" in self.fields:
            self.fields["producer"].queryset = Producer.objects.order_by("sort_key")

    @property
    def values(self) -> list[dict[str, Any]]:
        """The ticked fields under their column."""
        ticked = self.cleaned_data["fields_trusted"]
        return [{"fields": sorted(ticked), "reason": self.cleaned_data["reason"]}]


class EndForm(forms.Form):
    """The last day of what is in force or coming."""

    effective_through = forms.DateField(
        label=gettext_lazy("Last day"), required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Today or later. Empty: it holds until something replaces it."),
    )

    def __init__(self, data: Any = None, *, through: date | None = None) -> None:
        super().__init__(data, initial={"effective_through": through})
