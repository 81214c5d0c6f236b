"""Form fields for places."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marketplace.kernel import clock
from marketplace.places.models import Commune, Province
from marketplace.places.queries import match_commune


class CommuneField(forms.CharField):
    """A commune as it is written on an envelope; cleans to the one that is in force today."""

    def __init__(self, *, province: str = "", **kwargs: Any) -> None:
        #: Code of the only province whose communes are meant; empty: all.
        self.province = province
        kwargs.setdefault("max_length", 120)
        kwargs.setdefault("help_text", _("Like “xã Mỹ Thọ, Đồng Tháp”. Marks may be left out."))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            value = Commune.objects.select_related("province").filter(pk=value).first() or ""
        return written(value) if isinstance(value, Commune) else value

    def clean(self, value: Any) -> Commune | None:
        if isinstance(value, int):
            # A field that this person may not change: what stands in the row.
            return Commune.objects.filter(pk=value).first()
        text = super().clean(value)
        if not text:
            return None
        province = Province.objects.filter(pk=self.province).first() if self.province else None
        found = match_commune(text, province, clock.today())
        if len(found) > 1:
            # A full name with its kind and its province is meant as it stands.
            found = [unit for unit in found if written(unit).lower() == text.lower()] or found
        if not found:
            raise ValidationError(_("We know no commune of this name."), code="unknown_commune")
        if len(found) > 1:
            raise ValidationError(
                _("Several communes have this name. Write one of: %(names)s."),
                code="ambiguous_commune",
                params={"names": "; ".join(written(unit) for unit in found[:8])},
            )
        return found[0]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another text stands there than the commune's own."""
        return not self.disabled and (self.prepare_value(initial) or "") != (data or "").strip()


def written(commune: Commune) -> str:
    """The commune with its province, as it may be typed back."""
    return f"{commune.full_name}, {commune.province.name}"
