"""Forms about vouchers; what they write goes through ``vouchers.actions``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from oscar.apps.partner.models import StockRecord
from wagtail.admin.widgets import AdminDateInput

from catalogue.models import Category, Product
from marketplace.accounts.models import User
from marketplace.kernel import clock, formats
from marketplace.office import queries
from marketplace.office.forms.fields import DongField, WholeNumberField
from marketplace.producers.models import Producer
from marketplace.vouchers.actions import BATCH_MAX, EXTENSIBLE, Terms
from marketplace.vouchers.models import VoucherTerms

#: More lines are no choice any more.
_ARTICLES_MAX = 200


class PercentField(forms.CharField):
    """A percentage as people type it: "10", "7,5" or "7.5 %"; cleans to a Decimal or None."""

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value).replace("%", "").replace(",", ".").strip()
        if not text:
            return None
        try:
            number = Decimal(text) if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", text) else None
        except InvalidOperation:
            number = None
        if number is None or not 0 < number <= 100:
            raise ValidationError(_("Please give a percentage from 0.01 to 100."), code="percent")
        return number


class ArticlesField(forms.CharField):
    """Listings by the article numbers of what is sold, one a line; cleans to the listings."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 4}))
        kwargs.setdefault("max_length", 10_000)
        super().__init__(required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """The listings' numbers, when listings are given."""
        if isinstance(value, str) or value is None:
            return value
        return "\n".join(article_numbers(value))

    def clean(self, value: Any) -> Sequence[Product]:
        wanted = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(wanted) > _ARTICLES_MAX:
            raise ValidationError(
                _("At most %(most)s articles.") % {"most": _ARTICLES_MAX}, code="too_many"
            )
        found: dict[str, StockRecord] = {
            record.partner_sku: record
            for record in StockRecord.objects.filter(
                partner_sku__in=wanted
            ).select_related("product__parent")
        }
        unknown = [number for number in wanted if number not in found]
        if unknown:
            raise ValidationError(
                _("There is no article with the number %(numbers)s.")
                % {"numbers": ", ".join(unknown[:5])},
                code="unknown",
            )
        return list({record.product.listing.pk: record.product.listing
                     for record in found.values()}.values())


def article_numbers(listings: Sequence[Product]) -> list[str]:
    """The number of each listing, or of its first size."""
    numbers = []
    for listing in listings:
        record = (
            StockRecord.objects.filter(product=listing).first()
            or StockRecord.objects.filter(product__parent=listing)
            .order_by("pk")
            .first()
        )
        if record is not None:
            numbers.append(record.partner_sku)
    return numbers


class VoucherForm(forms.Form):
    """What a voucher takes off, for whom, how often. Codes are chosen once, when it is made."""

    name = forms.CharField(
        label=pgettext_lazy("table", "Name"),
        max_length=100,
        help_text=gettext_lazy("For the office; buyers see the code."),
    )
    code = forms.CharField(
        label=gettext_lazy("Code for everybody"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Like SEN50. Either this …"),
    )
    batch = WholeNumberField(
        label=gettext_lazy("Number of codes for one use each"),
        lowest=1,
        highest=BATCH_MAX,
        required=False,
        help_text=gettext_lazy("… or so many codes, to be given out one by one."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=VoucherTerms.Kind.choices)
    percent = PercentField(label=gettext_lazy("Per cent"), max_length=10, required=False)
    amount_incl_tax = DongField(label=gettext_lazy("Amount, in đồng"), required=False)
    cap_incl_tax = DongField(
        label=gettext_lazy("At most, for one order"),
        required=False,
        help_text=gettext_lazy("For per cent and free delivery. Empty: no cap."),
    )
    minimum_incl_tax = WholeNumberField(
        label=gettext_lazy("Goods from, in đồng"),
        highest=999_999_999,
        required=False,
        help_text=gettext_lazy("Of the goods that it counts for."),
    )
    funder = forms.ChoiceField(
        label=gettext_lazy("Paid by"), choices=VoucherTerms.Funder.choices
    )
    producer = forms.ModelChoiceField(
        Producer.objects.none(),
        label=gettext_lazy("Only goods of"),
        required=False,
        help_text=gettext_lazy("Needed when the producer pays: it is taken off what it earns."),
    )
    listings = ArticlesField(
        label=gettext_lazy("Only these goods"),
        help_text=gettext_lazy("Article numbers, one a line."),
    )
    categories = forms.ModelMultipleChoiceField(
        Category.objects.none(),
        label=gettext_lazy("Only these categories"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    first_day = forms.DateField(
        label=gettext_lazy("Valid from"), widget=AdminDateInput, initial=clock.today
    )
    last_day = forms.DateField(label=gettext_lazy("Valid through"), widget=AdminDateInput)
    uses_max = WholeNumberField(
        label=gettext_lazy("Orders at most"),
        lowest=1,
        highest=1_000_000,
        required=False,
        help_text=gettext_lazy("Empty: as many as like."),
    )
    uses_per_phone = WholeNumberField(
        label=gettext_lazy("Orders of one phone number at most"),
        lowest=1,
        highest=1000,
        required=False,
        initial=1,
        help_text=gettext_lazy("Empty: no limit."),
    )

    def __init__(
        self,
        *args: Any,
        user: User,
        row: VoucherTerms | None = None,
        may_change: bool = True,
        **kwargs: Any,
    ) -> None:
        if row is not None:
            kwargs["initial"] = initial_of(row)
        super().__init__(*args, **kwargs)
        self.fields["producer"].queryset = queries.producers_visible_to(user).order_by("sort_key")
        self.fields["categories"].queryset = Category.objects.order_by("path")
        self.fields["categories"].label_from_instance = lambda shelf: (
            f"{'– ' * (shelf.depth - 1)}{shelf.name}"
        )
        if row is None:
            return
        del self.fields["code"], self.fields["batch"]
        if row.is_batch:
            self.fields["uses_max"].disabled = True
        is_used = row.orders.exists()
        for name, field in self.fields.items():
            if not may_change or (is_used and name not in EXTENSIBLE):
                field.disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        is_new = "code" in self.fields and not self.errors
        if is_new and bool(cleaned["code"]) == bool(cleaned["batch"]):
            self.add_error("code", _("Give either one code or a number of codes."))
        return cleaned

    @property
    def terms(self) -> Terms:
        """What was said, for the actions."""
        said = {k: v for k, v in self.cleaned_data.items() if k not in ("code", "batch")}
        said["minimum_incl_tax"] = Decimal(said["minimum_incl_tax"] or 0)
        return Terms(**said)


class StopForm(forms.Form):
    """Why it ends early."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)


def initial_of(row: VoucherTerms) -> dict[str, Any]:
    """The terms as the form shows them."""
    return {
        "name": row.voucher_set.name,
        "kind": row.kind,
        "percent": formats.decimal(row.percent),
        "amount_incl_tax": formats.number(row.amount_incl_tax),
        "cap_incl_tax": formats.number(row.cap_incl_tax),
        "minimum_incl_tax": formats.number(row.minimum_incl_tax),
        "funder": row.funder,
        "producer": row.producer_id,
        "listings": "\n".join(article_numbers(row.listings.order_by("pk"))),
        "categories": [category.pk for category in row.categories.all()],
        "first_day": clock.local_date(row.begins_at),
        "last_day": clock.local_date(row.ends_at),
        "uses_max": formats.number(row.uses_max),
        "uses_per_phone": formats.number(row.uses_per_phone),
    }
