"""What a clerk reads off the bank's statement."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marketplace.checkout.forms import PlainText
from marketplace.kernel import clock
from marketplace.office.forms.fields import WholeNumberField
from marketplace.payments.vietqr import AMOUNT_MAX

#: Nobody finds money of longer ago on a statement.
_OLDEST = timedelta(days=366)


class ReceiptForm(forms.Form):
    """One amount as the bank shows it."""

    amount = WholeNumberField(label=_("Amount in đồng"), lowest=1, highest=AMOUNT_MAX)
    received_on = forms.DateField(
        label=_("Day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    received_time = forms.TimeField(
        label=_("Time"), widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    bank_id = PlainText(
        label=_("Bank's transaction number"), max_length=60, attrs={"autocomplete": "off"}
    )
    note = PlainText(
        label=_("Note"), max_length=300, required=False, attrs={"autocomplete": "off"}
    )

    def clean_bank_id(self) -> str:
        """One way of writing it, so that the same money is known again."""
        text = unicodedata.normalize("NFKC", self.cleaned_data["bank_id"])
        return re.sub(r"\s", "", text).upper()

    def clean(self) -> dict[str, Any]:
        """Put day and time together; money does not come from the future."""
        said = super().clean()
        day, time = said.get("received_on"), said.get("received_time")
        if day and time:
            at = datetime.combine(day, time, clock.TZ)
            if not clock.now() - _OLDEST < at < clock.now() + timedelta(minutes=5):
                raise ValidationError(
                    _("Money comes within the last year, and not from the future.")
                )
            said["received_at"] = at
        return said


class ReferenceForm(forms.Form):
    """The number that the bank gave to a transfer of ours."""

    reference = PlainText(
        label=_("Number of the transfer"), max_length=60, attrs={"autocomplete": "off"}
    )
    #: What stood on the page; another amount is asked about again.
    amount = WholeNumberField(
        lowest=1, highest=AMOUNT_MAX, required=False, widget=forms.HiddenInput
    )


class SentBackForm(forms.Form):
    """Why a payout did not arrive."""

    why = PlainText(
        label=_("Why? For example: the account is closed."),
        max_length=300,
        attrs={"autocomplete": "off"},
    )


class MatchForm(forms.Form):
    """Whose money it is."""

    reference = PlainText(
        label=_("Order number or reference"), max_length=40, attrs={"autocomplete": "off"}
    )
