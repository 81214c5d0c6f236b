"""Forms about listings; what they write goes through the catalogue's actions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from catalogue.forms import GtinField
from catalogue.listing_actions import UnitDraft
from catalogue.models import Allergen, Category, Product, ProductClass
from marketplace.accounts.models import User
from marketplace.media.models import LibraryImage
from marketplace.office.forms.fields import (
    DongField,
    MonthsField,
    ParagraphsField,
    PictureChooser,
    StockField,
    WholeNumberField,
)
from marketplace.places.fields import CommuneField
from marketplace.producers.models import Producer

NO_ALLERGENS = "none"
#: Blank rows at the end of the lists of units and pictures.
MORE_UNITS = 2
MORE_PICTURES = 3
HEAVIEST_G = 1_000_000


def may_write_words_only(user: User) -> bool:
    """Whether somebody may change listings but not make them: a translator."""
    return not user.has_perm("catalogue.add_product")


class AllergensField(forms.MultipleChoiceField):
    """Allergens, or the answer that there are none. No answer (None) is not an answer."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=[(NO_ALLERGENS, _("contains none of these")), *Allergen.choices],
            widget=forms.CheckboxSelectMultiple,
            required=False,
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        return [NO_ALLERGENS] if value == [] else value

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Nothing ticked is no answer; the empty list is what the database calls "none"."""
        return initial if self.disabled else data or None

    def clean(self, value: Any) -> list[str] | None:
        if self.disabled:
            return value
        chosen = super().clean(value)
        if NO_ALLERGENS in chosen:
            if len(chosen) > 1:
                raise ValidationError(
                    _("Tick “contains none of these” or the allergens, not both."),
                    code="contradiction",
                )
            return []
        return chosen or None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the answer is another one."""
        if self.disabled:
            return False
        return set(self.prepare_value(initial) or ()) != set(data or ())


class CategoryChoices(forms.ModelMultipleChoiceField):
    """Shelves, those below others further in."""

    def label_from_instance(self, obj: Category) -> str:
        return "— " * (obj.depth - 1) + obj.name


def _text(label: Any, rows: int = 0, longest: int = 2000, **kwargs: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(
        label=label, required=False, max_length=longest, widget=widget, **kwargs
    )


class ListingForm(forms.ModelForm):
    """A listing's label. Only the name is asked for at once; publishing asks for the rest."""

    title_vi = forms.CharField(label=_("Name (Vietnamese)"), max_length=160)
    title_en = _text(_("Name (English)"), longest=160)
    summary_vi = _text(_("One line about it (Vietnamese)"), longest=200)
    summary_en = _text(_("One line about it (English)"), longest=200)
    description_vi = ParagraphsField(label=_("Description (Vietnamese)"), required=False)
    description_en = ParagraphsField(label=_("Description (English)"), required=False)
    ingredients_vi = _text(_("Ingredients or materials (Vietnamese)"), rows=2)
    ingredients_en = _text(_("Ingredients or materials (English)"), rows=2)
    allergens = AllergensField(label=_("Allergens"))
    may_contain_vi = _text(_("May contain traces of (Vietnamese)"), longest=200)
    may_contain_en = _text(_("May contain traces of (English)"), longest=200)
    storage_vi = _text(_("Storage (Vietnamese)"), rows=2)
    storage_en = _text(_("Storage (English)"), rows=2)
    usage_vi = _text(_("How to use (Vietnamese)"), rows=2)
    usage_en = _text(_("How to use (English)"), rows=2)
    warnings_vi = _text(_("Warnings (Vietnamese)"), rows=2)
    warnings_en = _text(_("Warnings (English)"), rows=2)
    shelf_life_days = WholeNumberField(
        label=_("Shelf life in days"), lowest=1, highest=10_000, required=False
    )
    origin_commune = CommuneField(label=_("Commune of origin"), required=False)
    harvest_main = MonthsField(label=_("Main season (months)"))
    harvest_side = MonthsField(label=_("Side season (months)"))
    hs_code = forms.RegexField(
        r"^[0-9.]*$",
        label=_("HS code"),
        max_length=10,
        required=False,
        help_text=_("For export only; digits."),
    )
    categories = CategoryChoices(
        Category.objects.order_by("path"),
        label=_("Categories"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Product
        fields = [
            "producer", "product_class", "categories", "title_vi", "title_en", "summary_vi",
            "summary_en", "description_vi", "description_en", "ingredients_vi", "ingredients_en",
            "allergens", "may_contain_vi", "may_contain_en", "storage_vi", "storage_en",
            "usage_vi", "usage_en", "warnings_vi", "warnings_en", "shelf_life_days",
            "origin_commune", "harvest_main", "harvest_side", "shipping_class", "vat_rate",
            "hs_code", "unit_price_basis",
        ]  # fmt: skip

    #: How the page groups the fields.
    PARTS = (
        (_("What it is"), ("producer", "product_class", "categories", "origin_commune")),
        (
            _("Words for the shop"),
            ("title_vi", "title_en", "summary_vi", "summary_en", "description_vi",
             "description_en"),
        ),
        (
            _("Label"),
            ("ingredients_vi", "ingredients_en", "allergens", "may_contain_vi", "may_contain_en",
             "storage_vi", "storage_en", "usage_vi", "usage_en", "warnings_vi", "warnings_en",
             "shelf_life_days"),
        ),
        (
            _("Season, delivery and tax"),
            ("harvest_main", "harvest_side", "shipping_class", "unit_price_basis", "vat_rate",
             "hs_code"),
        ),
    )  # fmt: skip

    def __init__(
        self, *args: Any, user: User, producers: Iterable[Producer], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields = self.fields
        fields["producer"].queryset = producers
        fields["producer"].required = True
        fields["product_class"] = forms.ModelChoiceField(
            ProductClass.objects.order_by("set_number"), label=capfirst(_("OCOP product set"))
        )
        fields["producer"].label = _("Producer")
        if self.instance.pk:
            # Who it belongs to was said once; orders, money and parcels hang on it.
            fields["producer"].disabled = True
            fields["producer"].queryset = Producer.objects.filter(pk=self.instance.producer_id)
            self.initial["categories"] = list(
                self.instance.categories.values_list("pk", flat=True)
            )
        if not user.has_perm("catalogue.change_product"):
            closed = set(fields)
        elif may_write_words_only(user):
            closed = {name for name in fields if not name.endswith("_en")}
        else:
            closed = set()
        for name in closed:
            fields[name].disabled = True

    @property
    def parts(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields in the groups in which the page shows them."""
        return [(heading, [self[name] for name in names]) for heading, names in self.PARTS]

    def _post_clean(self) -> None:
        """The action writes, not the form: the instance stays what the database holds."""

    def label_values(self, *, all_of_them: bool = False) -> dict[str, Any]:
        """The label's fields that were changed, as the actions take them."""
        names = self.fields if all_of_them else self.changed_data
        return {
            name: self.cleaned_data[name]
            for name in names
            if name not in ("producer", "categories")
        }


class UnitForm(forms.Form):
    """One sellable unit. Price and stock are asked here only for a new one."""

    unit_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    label_vi = forms.CharField(
        label=_("Variant (Vietnamese)"), max_length=120, required=False,
        help_text=_("Like “Hộp 500 g”. Empty when there is only one."),
    )
    label_en = forms.CharField(label=_("Variant (English)"), max_length=120, required=False)
    net_weight_g = WholeNumberField(
        label=_("Net weight (g)"), lowest=1, highest=HEAVIEST_G, required=False
    )
    net_volume_ml = WholeNumberField(
        label=_("Net volume (ml)"), lowest=1, highest=HEAVIEST_G, required=False
    )
    net_count = WholeNumberField(label=_("Count"), lowest=1, highest=100_000, required=False)
    count_unit_vi = forms.CharField(
        label=_("Counted in (Vietnamese)"), max_length=30, required=False
    )
    count_unit_en = forms.CharField(label=_("Counted in (English)"), max_length=30, required=False)
    gross_weight_g = WholeNumberField(
        label=_("Weight with packing (g)"), lowest=1, highest=HEAVIEST_G, required=False
    )
    gtin = GtinField(label=_("GTIN"))
    sku = forms.CharField(label=_("Article number"), max_length=64, required=False)
    price = DongField(label=_("Price (₫, VAT included)"), required=False)
    in_stock = StockField(label=_("On the shelf"), required=False)
    is_on_sale = forms.BooleanField(label=_("This variant is on sale"), required=False)

    COLUMNS = (
        "net_weight_g", "net_volume_ml", "net_count", "count_unit_vi", "count_unit_en",
        "gross_weight_g", "gtin",
    )  # fmt: skip

    def __init__(
        self, *args: Any, user: User, listing: Product | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.unit: Product | None = self.initial.get("unit")
        if self.unit is not None or not user.has_perm("partner.add_stockrecord"):
            del self.fields["price"], self.fields["in_stock"]
        if self.unit is None or not self.unit.is_child:
            del self.fields["is_on_sale"]
        if not user.has_perm("catalogue.change_product") or may_write_words_only(user):
            for name, field in self.fields.items():
                field.disabled = name not in ("label_en", "count_unit_en") or not user.has_perm(
                    "catalogue.change_product"
                )

    def clean_unit_id(self) -> int | None:
        """Rows that moved meanwhile must not be written onto each other."""
        pk = self.unit.pk if self.unit else None
        if self.cleaned_data["unit_id"] != pk:
            raise ValidationError(
                _("The variants were changed meanwhile. Please reload the page."), code="stale"
            )
        return pk

    def clean_gtin(self) -> str | None:
        gtin = self.cleaned_data["gtin"]
        taken = Product.objects.filter(gtin=gtin).exclude(pk=self.unit.pk if self.unit else None)
        if gtin and taken.exists():
            raise ValidationError(_("Another thing has this GTIN already."), code="gtin_taken")
        return gtin

    @property
    def draft(self) -> UnitDraft:
        """What was typed, for the action."""
        cleaned = self.cleaned_data
        return UnitDraft(
            unit_id=self.unit.pk if self.unit else None,
            label_vi=cleaned["label_vi"],
            label_en=cleaned["label_en"],
            values={name: cleaned[name] for name in self.COLUMNS},
            sku=cleaned["sku"],
            price=cleaned.get("price"),
            in_stock=cleaned.get("in_stock") or 0,
            is_on_sale=cleaned.get("is_on_sale", True),
        )


class PictureForm(forms.Form):
    """One picture of a listing, out of the library."""

    image = forms.ModelChoiceField(
        LibraryImage.objects.all(), label=_("Picture"), required=False, widget=PictureChooser
    )


UnitFormSet = forms.formset_factory(UnitForm, extra=MORE_UNITS, max_num=30, absolute_max=40)
PictureFormSet = forms.formset_factory(
    PictureForm, extra=MORE_PICTURES, max_num=12, absolute_max=20
)


def units_of(listing: Product) -> list[Product]:
    """The listing's units, on sale or not, with their stock records: two queries."""
    records = Prefetch("stockrecords")
    if listing.is_parent:
        return list(listing.children.order_by("pk").prefetch_related(records))
    return list(Product.objects.filter(pk=listing.pk).prefetch_related(records))


def initial_of(unit: Product) -> dict[str, Any]:
    """A unit's row as the form shows it."""
    records = list(unit.stockrecords.all())
    return {
        "unit": unit,
        "unit_id": unit.pk,
        "label_vi": unit.title_vi if unit.is_child else "",
        "label_en": (unit.title_en or "") if unit.is_child else "",
        **{name: getattr(unit, name) for name in UnitForm.COLUMNS},
        "count_unit_vi": unit.count_unit_vi or "",
        "count_unit_en": unit.count_unit_en or "",
        "sku": records[0].partner_sku if records else "",
        "is_on_sale": unit.is_public,
    }
