"""Price, stock and sale of one sellable unit."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from oscar.apps.partner.models import StockRecord

from marketplace.kernel import clock, formats
from marketplace.office.forms.fields import DongField, StockField, WholeNumberField


class PriceStockForm(forms.Form):
    """One row of the table: the price, and how many were counted on the shelf.

    ``seen`` is the stock that the page showed: when it is another by now, a parcel left
    meanwhile and the count is judged anew.
    """

    price = DongField(label=_("Price (₫)"), required=False)
    in_stock = StockField(label=_("On the shelf"))
    seen = WholeNumberField(highest=10_000_000, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, record: StockRecord, **kwargs: Any) -> None:
        self.record = record
        stock = record.num_in_stock or 0
        kwargs.setdefault(
            "initial",
            {
                "price": "" if record.price is None else formats.number(record.price),
                "in_stock": stock,
                "seen": stock,
            },
        )
        kwargs.setdefault("prefix", f"r{record.pk}")
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        stock = self.record.num_in_stock or 0
        if "price" in cleaned and cleaned["price"] is None and self.record.price is not None:
            self.add_error(
                "price", _("A price cannot be emptied; take the listing off sale instead.")
            )
        if (
            cleaned.get("seen") is not None
            and cleaned["seen"] != stock
            and cleaned.get("in_stock") not in (None, cleaned["seen"])
        ):
            raise ValidationError(
                _("The stock changed meanwhile: it is %(count)s now. Please count again."),
                params={"count": formats.number(stock)},
                code="stale",
            )
        return cleaned

    @property
    def new_price(self) -> Any:
        """The price that was typed, when it is another."""
        price = self.cleaned_data["price"]
        return None if price is None or price == self.record.price else price

    @property
    def new_stock(self) -> int | None:
        """The stock that was typed, when it is not the one that was shown."""
        typed, seen = self.cleaned_data["in_stock"], self.cleaned_data["seen"]
        shown = (self.record.num_in_stock or 0) if seen is None else seen
        return None if typed == shown else typed


class SaleForm(forms.Form):
    """A lower price from one day through another, both inclusive, in Vietnamese days."""

    sale_price = DongField(label=_("Sale price (₫)"))
    sale_from = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    sale_through = forms.DateField(
        label=_("Through"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, record: StockRecord, **kwargs: Any) -> None:
        kwargs.setdefault("prefix", f"s{record.pk}")
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        last = cleaned.get("sale_through")
        if last and last < clock.today():
            self.add_error("sale_through", _("This day is over."))
        if last and last > clock.today() + timedelta(days=366):
            self.add_error("sale_through", _("A sale lasts a year at most."))
        return cleaned

    @property
    def starts_at(self) -> datetime:
        return _midnight(self.cleaned_data["sale_from"])

    @property
    def ends_at(self) -> datetime:
        """The first moment without it."""
        return _midnight(self.cleaned_data["sale_through"] + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=clock.TZ)
