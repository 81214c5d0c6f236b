"""What people type into the basket and the checkout, read kindly and judged strictly."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from stdnum.vn import mst

from marketplace.accounts import phones
from marketplace.checkout.baskets import MOST
from marketplace.kernel.fold import fold
from marketplace.orders.models import ConsentText
from marketplace.places.models import Commune, Province
from marketplace.places.queries import communes_on, match_commune

#: Longer than any quantity that could be meant.
_LONGEST_NUMBER = 12
#: Marks that turn the writing direction or have no width: on a parcel they only do harm. The
#: joiner (U+200D) stays: emoji are made with it.
_INVISIBLE = re.compile(
    "[\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
PLEASE_FILL_IN = _("Please fill this in.")


def clean_text(text: str) -> str:
    """Composed, trimmed, and without what cannot be seen; lines stay lines."""
    text = _CONTROL.sub("", _INVISIBLE.sub("", text.replace("\r\n", "\n")))
    return unicodedata.normalize("NFC", text).strip()


class PlainText(forms.CharField):
    """One line of text, or several with ``lines``; the longest length is counted when cleaned."""

    def __init__(self, *, max_length: int, lines: int = 1, **options: object) -> None:
        self.lines = lines
        attrs = {"maxlength": max_length, **options.pop("attrs", {})}
        widget = forms.Textarea({"rows": lines, **attrs}) if lines > 1 else forms.TextInput(attrs)
        super().__init__(strip=False, widget=widget, **options)
        self.validators.append(
            MaxLengthValidator(
                max_length,
                ngettext_lazy(
                    "Please use at most %(limit_value)d character; these are %(show_value)d.",
                    "Please use at most %(limit_value)d characters; these are %(show_value)d.",
                    "limit_value",
                ),
            )
        )
        self.error_messages["required"] = PLEASE_FILL_IN

    def to_python(self, value: object) -> str:
        """Clean before anything is judged, so that a space or a joiner alone is nothing."""
        text = clean_text(super().to_python(value))
        return text if self.lines > 1 else re.sub(r"\s+", " ", text)


class QuantityField(forms.Field):
    """A whole number of pieces from 1 on, in digits of any width ("１")."""

    default_error_messages = {
        "required": _("Please say how many."),
        "invalid": _("Please enter a whole number, like 1 or 12."),
        "too_few": _("At least 1. To take it out of the basket, press “Remove”."),
        "too_many": _("At most %(most)s pieces. For more, please call us."),
    }

    def to_python(self, value: object) -> int | None:
        """Read the number, or say what is wrong with it."""
        text = unicodedata.normalize("NFKC", clean_text(str(value or "")[: 2 * _LONGEST_NUMBER]))
        if not text:
            return None
        if not re.fullmatch(r"[+-]?[0-9]+", text):
            raise ValidationError(self.error_messages["invalid"], code="not_a_number")
        if text.startswith("-") or not text.strip("+0"):
            raise ValidationError(self.error_messages["too_few"], code="too_few")
        number = int(text) if len(text) <= _LONGEST_NUMBER else MOST + 1
        if number > MOST:
            raise ValidationError(
                self.error_messages["too_many"], code="too_many", params={"most": MOST}
            )
        return number


def read_id(text: object) -> int | None:
    """A row's id out of a request; None when it is no such thing."""
    text = str(text or "")
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


class QuantityForm(forms.Form):
    """How many."""

    quantity = QuantityField(
        label=_("Quantity"),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "maxlength": 6}),
    )


class PhoneField(PlainText):
    """A phone number as people type it; the value is E.164."""

    def __init__(self, **options: object) -> None:
        super().__init__(
            max_length=phones.MAX_TYPED,
            attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"},
            **options,
        )
        self.widget.input_type = "tel"
        self.widget.attrs.pop("type", None)

    def clean(self, value: object) -> str:
        """Normalised; raises what ``accounts.phones`` says."""
        typed = super().clean(value)
        return phones.normalise(typed) if typed else ""


class ProvinceSelect(forms.Select):
    """A list of provinces drawn in one go: Django's takes a template for each of the 34."""

    def render(
        self, name: str, value: object, attrs: dict | None = None, renderer: object = None
    ) -> str:
        """The element, as Django's own templates would write it."""
        chosen = "" if value is None else str(value)
        options = _options(tuple((str(key), str(label)) for key, label in self.choices), chosen)
        attributes = self.build_attrs({"name": name, **self.attrs}, attrs)
        return format_html("<select{}>{}</select>", flatatt(attributes), options)


@lru_cache(maxsize=256)
def _options(choices: tuple[tuple[str, str], ...], chosen: str) -> str:
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((key, mark_safe(" selected") if key == chosen else "", label) for key, label in choices),
    )


class ContactForm(forms.Form):
    """Who orders, when nothing has to be sent."""

    phone = PhoneField(
        label=_("Phone number of the recipient"),
        help_text=_("The courier calls this number. You can also follow the order with it."),
    )
    name = PlainText(
        label=_("Name of the recipient"), max_length=120, attrs={"autocomplete": "name"}
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("Only if you would like a message about the order."),
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email", "maxlength": 254}),
        max_length=254,
    )


class WhereForm(ContactForm):
    """Who gets the goods, and where. The commune is free text that must mean one commune."""

    province = forms.ChoiceField(
        label=_("Province or city"),
        error_messages={
            "required": _("Please choose a province or city."),
            "invalid_choice": _("Please choose a province or city from the list."),
        },
        widget=ProvinceSelect({"autocomplete": "address-level1"}),
    )
    commune = PlainText(
        label=_("Ward or commune"),
        max_length=120,
        help_text=_("Since July 2025, without a district."),
        attrs={"autocomplete": "address-level2"},
    )
    street = PlainText(
        label=_("House number and street"),
        help_text=_("A landmark nearby helps the courier find you."),
        max_length=200,
        attrs={"autocomplete": "address-line1"},
    )
    note = PlainText(
        label=_("A word to the courier"),
        required=False,
        max_length=500,
        lines=2,
        attrs={"autocomplete": "off"},
    )
    gift_text = PlainText(
        label=_("Words on the card"),
        required=False,
        max_length=500,
        lines=3,
        attrs={"autocomplete": "off"},
    )
    no_prices = forms.BooleanField(
        label=_("No prices on the delivery note"), required=False
    )
    field_order = (
        "phone", "name", "province", "commune", "commune_choice", "street", "email", "note",
        "gift_text", "no_prices",
    )

    def __init__(
        self, *args: object, provinces: Sequence[Province], on: date, **options: object
    ) -> None:
        super().__init__(*args, **options)
        self.on = on
        self.provinces = {province.pk: province for province in provinces}
        self.fields["province"].choices = [
            ("", _("Choose a province")),
            *((province.pk, province.name) for province in provinces),
        ]

    def clean_province(self) -> Province:
        """The province itself."""
        return self.provinces[self.cleaned_data["province"]]

    def clean(self) -> dict:
        """Find the one commune that is meant, or offer those that may be."""
        cleaned = super().clean()
        province, typed = cleaned.get("province"), cleaned.get("commune")
        if province is None or not typed:
            return cleaned
        found = match_commune(typed, province, self.on)
        meant = self._chosen(found) or (found[0] if _is_certain(typed, found) else None)
        if meant is not None:
            cleaned["commune"] = meant
            return cleaned
        if found:
            message = gettext("“%(typed)s” may be one of these. Choose the right one below.")
            offered = found
        else:
            offered = _similar(typed, province, self.on)
            message = (
                gettext("We know no “%(typed)s” in %(province)s. Is it one of these?")
                if offered
                else gettext(
                    "We know no “%(typed)s” in %(province)s. Choose it from the list below."
                )
            )
        self._offer(offered, province)
        self.add_error(
            "commune",
            ValidationError(
                message,
                code="ambiguous" if found else "unknown",
                params={"typed": typed[:60], "province": province.name},
            ),
        )
        return cleaned

    def _chosen(self, found: list[Commune]) -> Commune | None:
        """The radio button pressed, as long as it still fits what stands in the text field."""
        pk = read_id(self.data.get(self.add_prefix("commune_choice")))
        if pk is None:
            return None
        by_id = {commune.pk: commune for commune in found}
        if found:
            return by_id.get(pk)
        province = self.cleaned_data["province"]
        return communes_on(self.on).filter(province=province, pk=pk).first()

    def _offer(self, offered: list[Commune], province: Province) -> None:
        """A choice below the text: a few as buttons, otherwise the whole province as a list."""
        if offered:
            choices = [(str(commune.pk), _with_origin(commune)) for commune in offered[:12]]
            widget = forms.RadioSelect
        else:
            choices = [("", gettext("Choose a ward or commune"))] + [
                (str(commune.pk), commune.full_name)
                for commune in communes_on(self.on).filter(province=province)
            ]
            widget = forms.Select
        self.fields["commune_choice"] = forms.ChoiceField(
            label=_("Which one?"), choices=choices, widget=widget
        )
        self.order_fields(self.field_order)


def _is_certain(typed: str, found: list[Commune]) -> bool:
    """One commune, and by its own name: an old or unfinished name has to be confirmed."""
    return len(found) == 1 and fold(typed.split(",")[0]).endswith(found[0].folded)


def _similar(typed: str, province: Province, on: date) -> list[Commune]:
    """Communes whose names look alike: a slip of the finger."""
    by_name: dict[str, list[Commune]] = {}
    for commune in communes_on(on).filter(province=province):
        by_name.setdefault(commune.folded, []).append(commune)
    alike = difflib.get_close_matches(fold(typed.split(",")[0]), by_name, n=5, cutoff=0.7)
    return [commune for name in alike for commune in by_name[name]]


def _with_origin(commune: Commune) -> str:
    """The name, and which old units it was made of: people know those."""
    if not commune.formed_from:
        return commune.full_name
    return gettext("%(commune)s (formerly %(old)s)") % {
        "commune": commune.full_name,
        "old": commune.formed_from[:90],
    }


class TickBox(forms.BooleanField):
    """A box that may have to be ticked; its error names it, because labels here are long."""

    def __init__(self, *, missing: str, **options: object) -> None:
        super().__init__(**options)
        self.missing = missing

    def validate(self, value: bool) -> None:
        """Refuse an empty box that is needed, under a code of our own."""
        if self.required and not value:
            raise ValidationError(self.missing, code="not_ticked")


class TaxCodeField(PlainText):
    """A Vietnamese tax code as people type it; cleans to its digits.

    Ten digits with the check digit of Circular 105/2020/TT-BTC, thirteen for a branch, or since
    July 2025 the twelve of a citizen's number for households and persons (86/2024/TT-BTC).
    """

    def __init__(self, **options: object) -> None:
        options.setdefault(
            "help_text",
            _("10 or 13 digits; for a household also the 12 digits of the citizen's card."),
        )
        super().__init__(
            max_length=20, attrs={"autocomplete": "off", "inputmode": "numeric"}, **options
        )

    def clean(self, value: object) -> str:
        typed = super().clean(value)
        if not typed:
            return ""
        digits = mst.compact(typed).replace("-", "").replace(" ", "")
        # A hyphen belongs to a branch: ten digits and three.
        is_citizen = bool(re.fullmatch(r"[0-9]{12}", re.sub(r"[\s.]", "", typed)))
        if not (mst.is_valid(digits) or is_citizen):
            raise ValidationError(
                gettext("This tax code is not right. Please compare it with your paper."),
                code="tax_code",
            )
        return digits


class PayForm(forms.Form):
    """The way of paying and what is agreed to. Sums come from the offer, never from here."""

    #: What the buyer saw; compared with today's offer, never believed.
    seen = forms.Field(widget=forms.HiddenInput, required=False)
    #: Chosen when the page was made, so that sending it twice is known for once.
    key = forms.Field(widget=forms.HiddenInput, required=False)
    payment = forms.ChoiceField(
        label=_("Way of paying"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose a way of paying."),
            "invalid_choice": _("Please choose a way of paying from the list."),
        },
    )
    # All empty: no invoice is wanted.
    invoice_company = PlainText(
        label=_("Company, or your name"),
        required=False,
        max_length=200,
        attrs={"autocomplete": "organization"},
    )
    invoice_tax_code = TaxCodeField(label=_("Tax code"), required=False)
    invoice_address = PlainText(
        label=_("Address on the invoice"),
        required=False,
        max_length=300,
        attrs={"autocomplete": "off"},
    )
    invoice_email = forms.EmailField(
        label=_("E-mail address for the invoice"),
        required=False,
        max_length=254,
        help_text=_("Without one you find its number on the order's page."),
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email", "maxlength": 254}),
    )
    INVOICE = ("invoice_company", "invoice_tax_code", "invoice_address", "invoice_email")

    def __init__(
        self,
        *args: object,
        methods: list[tuple[str, str]],
        texts: list[ConsentText],
        minimum_age: int,
        **options: object,
    ) -> None:
        super().__init__(*args, **options)
        self.texts = texts
        self.fields["payment"].choices = methods
        # Whoever wants an invoice says all that the law wants on it.
        if any(str(self.data.get(name, "")).strip() for name in self.INVOICE):
            for name in self.INVOICE[:3]:
                self.fields[name].required = True
        if minimum_age:
            self.fields["age_confirmed"] = TickBox(
                label=_("I am at least %(age)s years old, and so is whoever receives it.")
                % {"age": minimum_age},
                missing=_("Please confirm that you are at least %(age)s years old.")
                % {"age": minimum_age},
            )
        for text in texts:
            # Each purpose has its own box, and none is ticked beforehand (91/2025/QH15).
            self.fields[self.name_of(text)] = TickBox(
                label=text.text,
                required=text.is_required,
                missing=_("Please read and tick: %(purpose)s.")
                % {"purpose": text.get_purpose_display()},
            )

    @property
    def invoice(self) -> dict[str, str] | None:
        """What stands on the invoice that is wanted; None for none."""
        said = {
            name.removeprefix("invoice_"): self.cleaned_data.get(name, "") for name in self.INVOICE
        }
        return said if said["company"] else None

    @property
    def invoice_fields(self) -> list[forms.BoundField]:
        """For the fold on the page."""
        return [self[name] for name in self.INVOICE]

    @property
    def is_invoice_open(self) -> bool:
        """Whether anything has been typed there."""
        return any(bound.value() or bound.errors for bound in self.invoice_fields)

    @property
    def agreements(self) -> list[forms.BoundField]:
        """The boxes to tick."""
        apart = {"payment", *self.INVOICE}
        return [bound for bound in self.visible_fields() if bound.name not in apart]

    @staticmethod
    def name_of(text: ConsentText) -> str:
        """The field of one version of one text: a changed text has to be ticked anew."""
        return f"consent-{text.purpose}-{text.version}"

    @property
    def agreed(self) -> list[ConsentText]:
        """The texts whose boxes are ticked."""
        return [text for text in self.texts if self.cleaned_data.get(self.name_of(text))]
