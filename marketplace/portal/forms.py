"""What people type on the desk."""

from __future__ import annotations

import unicodedata
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.fields import PhoneField
from marketplace.checkout.forms import PlainText
from marketplace.kernel import clock
from marketplace.media.errors import ImageRefused
from marketplace.producers.errors import ProducersError
from marketplace.producers.models import ChecklistItem
from marketplace.producers.paper_actions import clean_scan


class SearchForm(forms.Form):
    """A few words to look for."""

    q = PlainText(
        label=_("Search"),
        max_length=100,
        required=False,
        attrs={"autocomplete": "off", "inputmode": "search", "type": "search"},
    )


class PaperForm(forms.Form):
    """One paper as it stands before somebody who holds it in the hand."""

    number = PlainText(
        label=_("Number on the paper"), max_length=60, attrs={"autocomplete": "off"}
    )
    issuer = PlainText(
        label=_("Issued by"),
        max_length=160,
        help_text=_("The office whose stamp it bears."),
        attrs={"autocomplete": "off"},
    )
    issued_on = forms.DateField(
        label=_("Issued on"),
        widget=forms.DateInput({"type": "date", "autocomplete": "off"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Enter a day like 23/11/2026.")},
    )
    valid_through = forms.DateField(
        label=_("Valid through"),
        help_text=_("The last day on which it holds."),
        widget=forms.DateInput({"type": "date", "autocomplete": "off"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Enter a day like 23/11/2026.")},
    )
    scan = forms.FileField(
        label=_("Photo or PDF of the paper"),
        required=False,
        help_text=_("Take a photo with your phone. Only the office sees it."),
        widget=forms.FileInput({"accept": "image/*,application/pdf"}),
    )

    def __init__(self, *args: object, item: ChecklistItem, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.item = item
        if not item.ends:
            del self.fields["valid_through"]

    def clean_issued_on(self) -> date:
        """Nobody holds a paper of tomorrow."""
        day = self.cleaned_data["issued_on"]
        if day > clock.today():
            raise ValidationError(_("This day has not come yet."), code="future")
        if day.year < 1990:
            raise ValidationError(_("Please check the year."), code="year")
        return day

    def clean_scan(self) -> object:
        """The picture encoded anew, or the PDF."""
        file = self.cleaned_data["scan"]
        if not file:
            return None
        try:
            return clean_scan(file)
        except (ImageRefused, ProducersError) as refused:
            message = (
                refused.messages[0] if isinstance(refused, ImageRefused) else str(refused)
            )
            raise ValidationError(message, code="scan") from None

    def clean(self) -> dict[str, object]:
        cleaned = super().clean()
        first, last = cleaned.get("issued_on"), cleaned.get("valid_through")
        if first and last and last < first:
            self.add_error(
                "valid_through", _("The last day is before the day on which it was issued.")
            )
        elif last and last < clock.today():
            self.add_error("valid_through", _("This paper has ended. Hand in the new one."))
        return cleaned


class LetterForm(forms.Form):
    """What stands on the letter, and a password for next time."""

    phone = PhoneField(label=_("Your phone number"))
    code = PlainText(
        label=_("Code on the letter"),
        max_length=30,
        help_text=_("Ten digits. Gaps do not matter."),
        attrs={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
    password = forms.CharField(
        label=_("New password"),
        max_length=256,
        strip=False,
        help_text=_(
            "At least 10 letters or digits that nobody guesses. If you have an account with an"
            " e-mail address already, type its password."
        ),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def clean_code(self) -> str:
        """The digits alone, of any width."""
        typed = unicodedata.normalize("NFKC", self.cleaned_data["code"])
        return "".join(char for char in typed if char in "0123456789")
