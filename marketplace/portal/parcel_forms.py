"""What a producer says on the way of a parcel."""

from __future__ import annotations

import re

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from marketplace.media import encoding
from marketplace.media.errors import ImageRefused
from marketplace.orders.actions import HandoverDetails
from marketplace.orders.forms import WithReason, visible
from marketplace.orders.models.invoices import NUMBER, SYMBOL
from marketplace.orders.states import State


class InvoiceForm(forms.Form):
    """Which VAT invoice the producer has issued, and where it is looked up."""

    symbol = forms.CharField(
        label=_("Symbol"),
        max_length=20,
        help_text=_("As it stands on the invoice, like 1C26TAA."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
    )
    number = forms.CharField(
        label=_("Number"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric"}),
    )
    issued_on = forms.DateField(
        label=_("Issued on"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    lookup_url = forms.URLField(
        label=_("Page to look it up"),
        required=False,
        max_length=300,
        assume_scheme="https",
        widget=forms.URLInput({"autocomplete": "off"}),
    )
    lookup_code = forms.CharField(
        label=_("Code to look it up"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def clean_symbol(self) -> str:
        """Without blanks, in capitals."""
        symbol = re.sub(r"[\s/-]", "", visible(self.cleaned_data["symbol"])).upper()
        if not re.fullmatch(SYMBOL, symbol):
            raise forms.ValidationError(
                _("An invoice's symbol looks like 1C26TAA: please look at the invoice."),
                code="symbol",
            )
        return symbol

    def clean_number(self) -> str:
        """Digits, as they are."""
        number = re.sub(r"\s", "", visible(self.cleaned_data["number"]))
        if not re.fullmatch(NUMBER, number) or not number.strip("0"):
            raise forms.ValidationError(
                _("An invoice's number has up to 8 digits."), code="number"
            )
        return number

    def clean_lookup_url(self) -> str:
        """Only what a browser opens safely."""
        url = self.cleaned_data["lookup_url"]
        if url and not url.startswith("https://"):
            raise forms.ValidationError(
                _("Please give an address that begins with https://."), code="https"
            )
        return url

    def clean_lookup_code(self) -> str:
        return visible(self.cleaned_data["lookup_code"])


class HandoverForm(forms.Form):
    """With whom it leaves; all of it may be empty when one drives oneself."""

    carrier = forms.CharField(
        label=_("Carrier"),
        max_length=80,
        required=False,
        widget=forms.TextInput({"list": "carriers", "autocomplete": "off"}),
    )
    tracking_number = forms.CharField(
        label=_("Tracking number"),
        max_length=40,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
    )
    photo = forms.FileField(
        label=_("Photo of the parcel"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput({"accept": "image/*", "capture": "environment"}),
    )

    def clean_carrier(self) -> str:
        return visible(self.cleaned_data["carrier"])

    def clean_tracking_number(self) -> str:
        number = re.sub(r"\s+", "", self.cleaned_data["tracking_number"]).upper()
        if number and not re.fullmatch(r"[0-9A-Z][0-9A-Z./_-]*", number):
            raise forms.ValidationError(
                _("A tracking number has only letters, digits and dashes."), code="strange"
            )
        return number

    def clean_photo(self) -> encoding.CleanImage | None:
        """Encoded anew: neither place nor camera survive."""
        photo: UploadedFile | None = self.cleaned_data["photo"]
        if not photo:
            return None
        try:
            return encoding.clean(photo)
        except ImageRefused as refused:
            raise forms.ValidationError(refused.messages) from refused

    @property
    def details(self) -> HandoverDetails:
        """What was said, once it is valid."""
        return HandoverDetails(
            carrier=self.cleaned_data["carrier"],
            tracking_number=self.cleaned_data["tracking_number"],
            photo=self.cleaned_data["photo"],
        )


class CameBackForm(WithReason):
    """Why it was refused or came back, and what becomes of the goods."""

    reason = forms.CharField(
        label=_("What happened?"),
        help_text=_("The buyer reads this."),
        max_length=500,
        error_messages={"required": _("Please say why.")},
        widget=forms.Textarea({"rows": 2, "maxlength": 500, "autocomplete": "off"}),
    )
    put_back = forms.ChoiceField(
        label=_("The goods that came back"),
        choices=[("no", _("Write them off")), ("yes", _("Put them on sale again"))],
        widget=forms.RadioSelect,
    )

    @property
    def goes_on_sale(self) -> bool:
        """What was chosen, once it is valid."""
        return self.cleaned_data["put_back"] == "yes"


class AnswerForm(forms.Form):
    """What was found out about a parcel that the buyer misses."""

    answer = forms.CharField(
        label=_("Your answer to the buyer"),
        max_length=500,
        error_messages={"required": _("Please write an answer.")},
        widget=forms.Textarea({"rows": 3, "maxlength": 500, "autocomplete": "off"}),
    )

    def clean_answer(self) -> str:
        answer = visible(self.cleaned_data["answer"])
        if not answer:
            raise forms.ValidationError(_("Please write an answer."), code="empty")
        return answer


#: The form that a step needs; the others need a tap.
FORM_OF = {
    State.HANDED_OVER: HandoverForm,
    State.REFUSED: CameBackForm,
    State.RETURNED: CameBackForm,
}
