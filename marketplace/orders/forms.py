"""Finding an order, and saying that something has not arrived."""

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.accounts import phones
from marketplace.orders.models import ArrivalReport
from marketplace.orders.queries import normalise_number


def visible(text: str) -> str:
    """Without what cannot be seen."""
    return "".join(char for char in text if char.isprintable() or char == "\n").strip()


class WithReason(forms.Form):
    """Fields named ``reason`` that must say something that can be seen."""

    def clean_reason(self) -> str:
        reason = visible(self.cleaned_data["reason"])
        if not reason:
            raise forms.ValidationError(_("Please say why."), code="empty")
        return reason


class TrackForm(forms.Form):
    """The order's number and the phone that it was ordered with."""

    number = forms.Field(
        label=_("Order number"),
        help_text=_("Like DT7K2M9QXA."),
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "characters", "maxlength": 40}
        ),
    )
    phone = forms.Field(
        label=_("Phone number"),
        widget=forms.TextInput(
            {"autocomplete": "tel", "inputmode": "tel", "maxlength": phones.MAX_TYPED}
        ),
    )

    def clean_number(self) -> str:
        """As it was printed; whatever else was typed finds nothing."""
        return normalise_number(str(self.cleaned_data["number"]))

    def clean_phone(self) -> str:
        """E.164; raises what ``accounts.phones`` says."""
        return phones.normalise(str(self.cleaned_data["phone"]))


class ReportForm(forms.Form):
    """What is wrong with a parcel."""

    reason = forms.ChoiceField(
        label=_("What is wrong?"),
        choices=ArrivalReport.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose what is wrong.")},
    )
    note = forms.CharField(
        label=_("Anything that helps"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3, "maxlength": 500}),
    )

    def clean_note(self) -> str:
        """Without what cannot be seen."""
        return visible(self.cleaned_data["note"])
