"""The short steps in which a grower writes down a listing, and its price and stock."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from catalogue.forms import (
    GRAMS,
    MILLILITRES,
    AmountField,
    DongField,
    GtinField,
    MonthsField,
    ParagraphsField,
    StockField,
)
from catalogue.forms import WholeNumberField as Whole
from catalogue.models import Allergen, Category, Product, ProductClass, ShippingClass
from catalogue.requirements import required_fields
from marketplace.checkout.forms import PlainText
from marketplace.kernel import clock
from marketplace.places.fields import CommuneField

OFF = {"autocomplete": "off"}
#: The shop shows no more of one listing.
MOST_PHOTOS = 8
#: Less is a slip of the thumb: "285" for 285.000.
LOWEST_PRICE = 1000
#: What a unit says of itself, beside its name, price and stock.
UNIT_COLUMNS = (
    "net_weight_g", "net_volume_ml", "net_count", "count_unit_vi", "gross_weight_g", "gtin",
)


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


class ManyFilesInput(forms.FileInput):
    """A phone's gallery or camera: several at once."""

    allow_multiple_selected = True


class PhotosForm(forms.Form):
    """Step 2: photos, as many as one likes at once; the view judges each by itself."""

    photos = forms.FileField(
        label=_("Photos"), required=False,
        help_text=_(
            "By daylight. Choose several at once; at most 20 MB each. The place where they were "
            "taken is removed. On a slow line send two or three at a time."
        ),
        widget=ManyFilesInput({"accept": "image/*,.heic,.heif"}),
    )


class DescribeForm(forms.Form):
    """What one photo shows, and what stands below it."""

    alt_vi = PlainText(
        label=_("What does the photo show?"), max_length=250, attrs=OFF,
        help_text=_("Blind buyers hear this sentence."),
    )
    caption_vi = PlainText(
        label=_("Words below the photo"), max_length=250, required=False, attrs=OFF
    )


class UnitForm(forms.Form):
    """Step 3: one size or package."""

    unit_id = forms.IntegerField(widget=forms.HiddenInput, required=False)
    label_vi = PlainText(
        label=_("Size or package"), max_length=100, required=False, attrs=OFF,
        help_text=_("For example: box of 5 kg. Not needed when there is only one."),
    )
    net_weight_g = AmountField(
        label=_("Net weight"), units=GRAMS, lowest=1, highest=10_000_000, required=False,
        help_text=_("For example: 500 g or 1,5 kg. A number alone means grams."),
    )
    net_volume_ml = AmountField(
        label=_("Or the volume"), units=MILLILITRES, lowest=1, highest=10_000_000,
        required=False,
        help_text=_("For example: 330 ml or 1,5 l. A number alone means millilitres."),
    )
    net_count = Whole(label=_("Or how many pieces"), highest=1_000_000, required=False)
    count_unit_vi = PlainText(
        label=_("Counted in"), max_length=30, required=False, attrs=OFF,
        help_text=_("For example: fruit, pairs, bottles."),
    )
    gross_weight_g = AmountField(
        label=_("Weight with its packing"), units=GRAMS, lowest=1, highest=10_000_000,
        required=False,
        help_text=_("As the carrier weighs it. The delivery fee follows from it."),
    )
    price = DongField(
        label=_("Price in đồng, VAT included"), required=False, lowest=LOWEST_PRICE,
        help_text=_("For example: 285.000 or 285k."),
    )
    in_stock = StockField(label=_("How many do you have?"), required=False)
    gtin = GtinField(label=_("Bar code number, if there is one"))

    PARTS = (
        ("", ("unit_id", "label_vi")),
        (
            _("How much is in it: one answer is enough"),
            ("net_weight_g", "net_volume_ml", "net_count", "count_unit_vi"),
        ),
        (_("Price and stock"), ("price", "in_stock")),
        (_("For the parcel"), ("gross_weight_g", "gtin")),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("net_count") and not cleaned.get("count_unit_vi"):
            self.add_error("count_unit_vi", _("Please say what is counted."))
        net, gross = cleaned.get("net_weight_g"), cleaned.get("gross_weight_g")
        if net and gross and gross < net:
            self.add_error(
                "gross_weight_g", _("With its packing it cannot be lighter than without.")
            )
        return cleaned

    @property
    def parts(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields in short groups with their headings."""
        return parts_of(self)


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
    may_contain_vi = PlainText(
        label=_("May traces of something else get in?"), max_length=200, required=False,
        attrs=OFF,
        help_text=_("For example: peanuts, when you roast them in the same pan."),
    )
    storage_vi = PlainText(label=_("How to keep it"), max_length=1000, lines=2, required=False)
    shelf_life_days = Whole(
        label=_("Good for how many days?"), lowest=1, highest=36_500, required=False
    )
    usage_vi = PlainText(label=_("How to use it"), max_length=1000, lines=2, required=False)
    warnings_vi = PlainText(label=_("Warnings"), max_length=1000, lines=2, required=False)

    PARTS = (
        (_("What is in it"), ("ingredients_vi", "allergens", "no_allergens", "may_contain_vi")),
        (
            _("Keeping and using it"),
            ("storage_vi", "shelf_life_days", "usage_vi", "warnings_vi"),
        ),
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


class OriginForm(forms.Form):
    """Step 5: where it comes from, when, and how it is sold."""

    origin_commune = CommuneField(label=_("Where did it grow, or was it made?"), required=False)
    harvest_main = MonthsField(label=_("Months of the main season"))
    harvest_side = MonthsField(
        label=_("Months of the second season"),
        help_text=_("Leave both empty when there is the same all year."),
    )
    shipping_class = forms.ChoiceField(
        label=_("How must it travel?"), choices=ShippingClass.choices
    )
    vat_rate = forms.TypedChoiceField(
        label=_("VAT rate"), required=False, coerce=Decimal, empty_value=None,
        choices=[("", _("Not said yet")), *((f"{n}.00", f"{n}%") for n in (0, 5, 8, 10))],
    )
    unit_price_basis = forms.ChoiceField(
        label=_("Show the price compared"), choices=Product.UnitPriceBasis.choices,
        help_text=_("Buyers see, for example, 95.000 ₫/kg beside the price."),
    )
    hs_code = forms.RegexField(
        r"^[0-9.]*$", label=_("HS code"), max_length=10, required=False,
        help_text=_("Only when it is sold abroad; digits. The office helps."),
    )

    PARTS = (
        (_("Where and when"), ("origin_commune", "harvest_main", "harvest_side")),
        (
            _("How it is sold and sent"),
            ("shipping_class", "vat_rate", "unit_price_basis", "hs_code"),
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        main, side = cleaned.get("harvest_main") or (), cleaned.get("harvest_side") or ()
        if set(main) & set(side):
            self.add_error("harvest_side", _("A month is of one season: the main or the second."))
        return cleaned


class WordsForm(forms.Form):
    """Step 6: what makes it worth buying."""

    summary_vi = PlainText(
        label=_("In one sentence"), max_length=200, required=False, attrs=OFF
    )
    description_vi = ParagraphsField(
        label=_("Tell more about it"), required=False,
        help_text=_("An empty line begins a new paragraph. The office translates it."),
    )


FORMS: dict[str, type[forms.Form]] = {
    "what": WhatForm, "label": LabelForm, "origin": OriginForm, "words": WordsForm,
}
STEPS = {
    "what": _("What is it?"),
    "photos": _("Photos"),
    "units": _("Sizes and prices"),
    "label": _("The label"),
    "origin": _("Origin and delivery"),
    "words": _("Your words"),
}
#: Field of a requirement → the step in which it is typed and the field that asks for it there.
_ASKED: dict[str, tuple[str, str]] = {
    "title": ("what", "title_vi"), "category": ("what", "category"),
    "images": ("photos", ""), "price": ("units", "price"), "net_quantity": ("units", ""),
    "net_weight_g": ("units", "net_weight_g"), "net_volume_ml": ("units", "net_volume_ml"),
    "net_count": ("units", "net_count"), "gross_weight_g": ("units", "gross_weight_g"),
    "gtin": ("units", "gtin"), "ingredients": ("label", "ingredients_vi"),
    "materials": ("label", "ingredients_vi"), "allergens_declared": ("label", "allergens"),
    "allergens": ("label", "allergens"), "may_contain": ("label", "may_contain_vi"),
    "storage": ("label", "storage_vi"), "shelf_life_days": ("label", "shelf_life_days"),
    "usage": ("label", "usage_vi"), "warnings": ("label", "warnings_vi"),
    "origin_commune": ("origin", "origin_commune"), "harvest_main": ("origin", "harvest_main"),
    "harvest_side": ("origin", "harvest_side"), "shipping_class": ("origin", "shipping_class"),
    "vat_rate": ("origin", "vat_rate"), "summary": ("words", "summary_vi"),
    "description": ("words", "description_vi"),
}
_UNNAMED = ("label", "")


def step_of(field: str) -> str:
    """The step in which a field of a requirement is typed."""
    return _ASKED.get(field, _UNNAMED)[0]


def mark_needed(form: forms.Form, listing: Product, day: date) -> None:
    """Call no field optional that the law asks for this kind of thing; a draft may lack it yet.

    What it consists of is called by the word of its kind.
    """
    required = required_fields(listing.product_class_id, day)
    for requirement in required:
        name = _ASKED.get(requirement, _UNNAMED)[1]
        if name in form.fields:
            form.fields[name].is_needed = True
    if "ingredients_vi" in form.fields and "materials" in required:
        group = listing.product_class.group
        form.fields["ingredients_vi"].label = (
            _("What does the price include?") if group == ProductClass.Group.TOURISM
            else _("Made of what?")
        )


def parts_of(form: forms.Form) -> list[tuple[Any, list[forms.BoundField]]]:
    """A form's fields in the groups in which its page shows them; one without groups is one."""
    parts = getattr(form, "PARTS", None) or [("", tuple(form.fields))]
    return [(heading, [form[name] for name in names]) for heading, names in parts]


def initial_of(listing: Product, step: str) -> dict[str, Any]:
    """What the step shows before anything is typed."""
    if step == "what":
        return {
            "title_vi": listing.title_vi, "product_class": listing.product_class_id,
            "category": listing.categories.order_by("path").first(),
        }
    names = FORMS[step].base_fields
    values = {name: getattr(listing, name) for name in names if hasattr(listing, name)}
    if step == "label":
        values["no_allergens"] = listing.allergens == []
    if step == "origin":
        rate = listing.vat_rate
        values["vat_rate"] = "" if rate is None else f"{rate:.2f}"
    return values


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
                    for name in UNIT_COLUMNS
                },
                "price": f"{record.price:.0f}" if record and record.price is not None else "",
                "in_stock": record.num_in_stock if record else 0,
            }
        )
    return rows


class PriceForm(forms.Form):
    """Price and stock of one unit, at once."""

    price = DongField(
        label=_("Price in đồng, VAT included"), lowest=LOWEST_PRICE,
        help_text=_("For example: 285.000 or 285k."),
    )
    in_stock = StockField(
        label=_("How many do you have?"),
        help_text=_("With those that are promised to buyers."),
    )


class SaleForm(forms.Form):
    """A lower price for some days, the last one included."""

    sale_price = DongField(label=_("Sale price in đồng"), lowest=LOWEST_PRICE)
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
        if first and first < clock.today():
            raise ValidationError({"first_day": _("A sale begins today at the earliest.")})
        if last and last < clock.today():
            raise ValidationError({"last_day": _("This day is over.")})
        if last and last > clock.today() + timedelta(days=366):
            raise ValidationError({"last_day": _("A sale ends within a year.")})
        return cleaned
