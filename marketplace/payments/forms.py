"""Where money goes back to."""

import re
import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marketplace.kernel.fold import fold
from marketplace.payments import banks

_ACCOUNT = re.compile(r"[0-9A-Z]{4,19}")


def clean_line(value: object) -> str:
    """One line without what cannot be seen."""
    text = unicodedata.normalize("NFKC", str(value or ""))
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


class BankDetailsForm(forms.Form):
    """A bank, an account, and whose it is."""

    bank_bin = forms.ChoiceField(
        label=_("Bank"),
        error_messages={
            "required": _("Please choose the bank."),
            "invalid_choice": _("Please choose the bank from the list."),
        },
    )
    account_no = forms.Field(
        label=_("Account number"),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "maxlength": 40}),
        error_messages={"required": _("Please enter the account number.")},
    )
    holder = forms.Field(
        label=_("Account holder"),
        help_text=_("As it stands on the card or in the bank's app."),
        widget=forms.TextInput({"autocomplete": "name", "maxlength": 120}),
        error_messages={"required": _("Please enter whose account it is.")},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bank_bin"].choices = [("", _("Choose a bank")), *banks.names().items()]

    def clean_account_no(self) -> str:
        """Digits of any width, with or without spaces between; some banks use letters."""
        text = re.sub(r"[\s.\-]", "", clean_line(self.cleaned_data["account_no"])).upper()
        if not _ACCOUNT.fullmatch(text):
            raise ValidationError(
                _("An account number has 4 to 19 digits or letters."), code="invalid"
            )
        return text

    def clean_holder(self) -> str:
        """As banks write it: capitals without marks."""
        name = " ".join(fold(clean_line(self.cleaned_data["holder"])[:200]).upper().split())
        if not 2 <= len(name) <= 120:
            raise ValidationError(_("Please enter the whole name."), code="invalid")
        return name
