"""Fields that forms about listings share, wherever the form is."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError

from catalogue.errors import GtinInvalid
from catalogue.gtin import parse_gtin


class GtinField(forms.CharField):
    """A GTIN as somebody types or scans it; cleaned to its digits, or None when left empty."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.setdefault("max_length", 30)
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("inputmode", "numeric")

    def clean(self, value: object) -> str | None:
        """The digits, or None. Says why when the number is none."""
        try:
            return parse_gtin(super().clean(value))
        except GtinInvalid as error:
            raise ValidationError(str(error), code="invalid_gtin") from error
