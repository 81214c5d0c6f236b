"""The short steps in which a grower writes down a listing, and its price and stock."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from catalogue.forms import DongField, GtinField, MonthsField, ParagraphsField, StockField
from catalogue.forms import WholeNumberField as Whole
from catalogue.models import Allergen, Category, Product, ProductClass, ShippingClass
from marketplace.checkout.forms import PlainText
from marketplace.kernel import clock

OFF = {"autocomplete": "off"}


class WhatForm(forms.Form):
    """Step 1: what it is, and on which shelf."""

    title_vi = PlainText(
        label=_("What do you call it?"), max_length=120, attrs=OFF,
        help_text=_("As buyers ask for it. For example: Hòa Lộc mangoes, first grade."),
    )
    product_class = forms.ModelChoiceField(
        label=_("What kind of thing is it?"),
        queryset=ProductClass.objects.order_by("set_number", "pk"), required=False,
    )
    category = forms.ModelChoiceField(
        label=_("On which shelf does it lie?"), queryset=Category.objects.order_by("path"),
        required=False,
    )


class PhotosForm(forms.Form):
    """Step 2: one photo more, and what it shows."""

    photo = forms.FileField(
        label=_("Photo"), required=False,
        help_text=_("Take it by daylight. At most 20 MB. The place where it was taken is removed."),
        widget=forms.FileInput({"accept": "image/*", "capture": "environment"}),
    )
    alt_vi = PlainText(
        label=_("What does the photo show?"), max_length=250, attrs=OFF,
        help_text=_("Blind buyers hear this sentence."),
    )


class UnitForm(forms.Form):
    """Step 3: one size or package."""

    unit_id = forms.IntegerField(widget=forms.HiddenInput, required=False)
    label_vi = PlainText(
        label=_("Size or package"), max_length=100, required=False, attrs=OFF,
        help_text=_("For example: box of 5 kg. Not needed when there is only one."),
    )
    net_weight_g = Whole(label=_("Net weight in grams"), highest=10_000_000, required=False)
    net_count = Whole(label=_("Or how many pieces"), highest=1_000_000, required=False)
    count_unit_vi = PlainText(
        label=_("Counted in"), max_length=30, required=False, attrs=OFF,
        help_text=_("For example: fruit, pairs, bottles."),
    )
    price = DongField(label=_("Price in đồng, VAT included"), required=False)
    in_stock = StockField(label=_("How many do you have?"), required=False)
    gtin = GtinField(label=_("Bar code number, if there is one"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("net_count") and not cleaned.get("count_unit_vi"):
            self.add_error("count_unit_vi", _("Please say what is counted."))
        return cleaned


UnitFormSet = forms.formset_factory(UnitForm, extra=1, max_num=20, absolute_max=20)


class LabelForm(forms.Form):
    """Step 4: what stands on the label."""

    ingredients_vi = PlainText(
        label=_("Ingredients or materials"), max_length=2000, lines=3, required=False
    )
    allergens = forms.MultipleChoiceField(
        label=_("Does it contain any of these?"), choices=Allergen.choices, required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    no_allergens = forms.BooleanField(label=_("None of these is in it"), required=False)
    storage_vi = PlainText(label=_("How to keep it"), max_length=1000, lines=2, required=False)
    usage_vi = PlainText(label=_("How to use it"), max_length=1000, lines=2, required=False)
    shelf_life_days = Whole(label=_("Good for how many days?"), highest=36_500, required=False)
    warnings_vi = PlainText(label=_("Warnings"), max_length=1000, lines=2, required=False)
    harvest_main = MonthsField(label=_("Months of the main season"))
    shipping_class = forms.ChoiceField(
        label=_("How must it travel?"), choices=ShippingClass.choices
    )
    vat_rate = forms.TypedChoiceField(
        label=_("VAT rate"), required=False, coerce=Decimal, empty_value=None,
        choices=[("", _("Not said yet")), *((f"{n}.00", f"{n}%") for n in (0, 5, 8, 10))],
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        none, some = cleaned.pop("no_allergens", False), cleaned.get("allergens")
        if none and some:
            self.add_error("allergens", _("Tick the allergens, or that there are none."))
        elif not some and "allergens" in cleaned:
            # Not answered is not the same as none.
            cleaned["allergens"] = [] if none else None
        return cleaned


class WordsForm(forms.Form):
    """Step 5: what makes it worth buying."""

    summary_vi = PlainText(
        label=_("In one sentence"), max_length=200, required=False, attrs=OFF
    )
    description_vi = ParagraphsField(
        label=_("Tell more about it"), required=False,
        help_text=_("An empty line begins a new paragraph. The office translates it."),
    )


FORMS: dict[str, type[forms.Form]] = {
    "what": WhatForm, "photos": PhotosForm, "label": LabelForm, "words": WordsForm,
}
STEPS = {
    "what": _("What is it?"),
    "photos": _("Photos"),
    "units": _("Sizes and prices"),
    "label": _("The label"),
    "words": _("Your words"),
}
#: Field of a requirement → the step in which it is typed.
STEP_OF = {
    "title": "what", "category": "what", "images": "photos", "price": "units",
    "net_quantity": "units", "net_weight_g": "units", "net_volume_ml": "units",
    "net_count": "units", "gross_weight_g": "units", "gtin": "units", "summary": "words",
    "description": "words",
}


def initial_of(listing: Product, step: str) -> dict[str, Any]:
    """What the step shows before anything is typed."""
    if step == "what":
        return {
            "title_vi": listing.title_vi, "product_class": listing.product_class_id,
            "category": listing.categories.order_by("path").first(),
        }
    if step == "photos":
        return {"alt_vi": listing.title_vi}
    if step == "label":
        rate = listing.vat_rate
        return {
            name: getattr(listing, name) for name in LabelForm.base_fields if hasattr(listing, name)
        } | {
            "no_allergens": listing.allergens == [],
            "vat_rate": "" if rate is None else f"{rate:.2f}",
        }
    return {name: getattr(listing, name) for name in WordsForm.base_fields}


def initial_of_units(units: list[Product]) -> list[dict[str, Any]]:
    """The same for each unit."""
    rows = []
    for unit in units:
        record = unit.stockrecords.first()
        rows.append(
            {
                "unit_id": unit.pk,
                "label_vi": unit.title_vi if unit.is_child else "",
                **{
                    name: getattr(unit, name)
                    for name in ("net_weight_g", "net_count", "count_unit_vi", "gtin")
                },
                "price": f"{record.price:.0f}" if record and record.price is not None else "",
                "in_stock": record.num_in_stock if record else 0,
            }
        )
    return rows


class PriceForm(forms.Form):
    """Price and stock of one unit, at once."""

    price = DongField(label=_("Price in đồng, VAT included"))
    in_stock = StockField(
        label=_("How many do you have?"),
        help_text=_("With those that are promised to buyers."),
    )


class SaleForm(forms.Form):
    """A lower price for some days, the last one included."""

    sale_price = DongField(label=_("Sale price in đồng"))
    first_day = forms.DateField(
        label=_("From"), widget=forms.DateInput({"type": "date", **OFF}, format="%Y-%m-%d"),
    )
    last_day = forms.DateField(
        label=_("Through"), widget=forms.DateInput({"type": "date", **OFF}, format="%Y-%m-%d"),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first: date | None = cleaned.get("first_day")
        last: date | None = cleaned.get("last_day")
        if first and last and last < first:
            raise ValidationError({"last_day": _("The last day is before the first.")})
        if last and last < clock.today():
            raise ValidationError({"last_day": _("This day is over.")})
        if last and last > clock.today() + timedelta(days=366):
            raise ValidationError({"last_day": _("A sale ends within a year.")})
        return cleaned
