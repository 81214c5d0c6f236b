"""Form fields of accounts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.accounts import phones


class PhoneField(forms.CharField):
    """A phone number in any usual writing; cleans to E.164, or to "" when left out."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Phone"))
        kwargs.setdefault("max_length", phones.MAX_TYPED)
        kwargs.setdefault(
            "widget", forms.TelInput(attrs={"autocomplete": "tel", "inputmode": "tel"})
        )
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        return phones.normalise(typed) if typed else ""
