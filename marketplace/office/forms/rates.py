"""The form for a delivery price table: one zone and class, all weights at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.office.forms.fields import WholeNumberField
from marketplace.office.forms.rules import MOST_DONG, first_day_field, source_field
from marketplace.shipping.models import STRICTNESS, Rate, Zone

_BAND = ("weight_through_g", "fee_incl_tax", "transit_days_min", "transit_days_max")


class RateForm(forms.Form):
    """The whole price table of one zone and class: a line for each weight, the lightest first."""

    key_fields = ("zone", "shipping_class")
    #: Lines beside those that stand.
    SPARE = 3

    zone = forms.ModelChoiceField(Zone.objects.all(), label=gettext_lazy("delivery zone"))
    shipping_class = forms.ChoiceField(
        label=gettext_lazy("delivery class"), choices=[(c.value, c.label) for c in STRICTNESS]
    )
    effective_from = first_day_field()
    source = source_field()

    def __init__(self, data: Any = None, *, rows: Sequence[Rate] = (), fixed: bool = False) -> None:
        self.rows = sorted(rows, key=lambda row: row.weight_through_g)
        self.fixed = fixed
        first = self.rows[0] if self.rows else None
        initial: dict[str, Any] = {}
        if first:
            initial = {"zone": first.zone_id, "shipping_class": first.shipping_class}
            if fixed:
                initial["source"] = first.source
        super().__init__(data, initial=initial)
        for field in self.fields.values():
            field.label = capfirst(field.label)
        self.fields["zone"].label_from_instance = lambda zone: zone.name
        if fixed:
            for name in (*self.key_fields, "effective_from"):
                del self.fields[name]
        self.count = len(self.rows) + self.SPARE
        if data is not None and str(data.get("lines", "")).isdecimal():
            self.count = min(int(data["lines"]), 60)
        self.fields["lines"] = forms.IntegerField(
            widget=forms.HiddenInput, initial=self.count, required=False, max_value=60
        )
        for place in range(self.count):
            row = self.rows[place] if place < len(self.rows) else None
            self._add_line(place, row)

    def _add_line(self, place: int, row: Rate | None) -> None:
        """Four fields; empty ones are no line."""
        columns = (
            ("weight_through_g", _("Up to, in grams"), 1, 10**6),
            ("fee_incl_tax", _("Fee in đồng"), 0, MOST_DONG),
            ("transit_days_min", _("Working days at least"), 0, 60),
            ("transit_days_max", _("Working days at most"), 0, 60),
        )
        for name, words, lowest, highest in columns:
            field = WholeNumberField(
                label=words, lowest=lowest, highest=highest, required=False,
                initial=None if row is None else int(getattr(row, name)),
            )
            field.widget.attrs["aria-label"] = _("%(column)s, line %(line)s") % {
                "column": words, "line": place + 1,
            }
            self.fields[f"{name}_{place}"] = field

    @property
    def bands(self) -> list[list[forms.BoundField]]:
        """The lines' fields, for the template."""
        return [[self[f"{name}_{place}"] for name in _BAND] for place in range(self.count)]

    @property
    def visible_rest(self) -> list[forms.BoundField]:
        """All but the lines."""
        return [
            field for field in self.visible_fields() if field.name.rsplit("_", 1)[0] not in _BAND
        ]

    def clean(self) -> dict[str, Any]:
        """Whole lines, heavier from line to line; from one weight to the next nothing is left."""
        cleaned = super().clean()
        lines, heaviest = [], -1
        for place in range(self.count):
            if any(f"{name}_{place}" in self.errors for name in _BAND):
                continue
            line = {name: cleaned.get(f"{name}_{place}") for name in _BAND}
            if all(value is None for value in line.values()):
                continue
            for name, value in line.items():
                if value is None:
                    self.add_error(
                        f"{name}_{place}", _("Fill in the whole line, or nothing of it.")
                    )
            if None in line.values():
                continue
            if line["weight_through_g"] <= heaviest:
                self.add_error(
                    f"weight_through_g_{place}",
                    _("Each line is for heavier parcels than the last."),
                )
            if line["transit_days_max"] < line["transit_days_min"]:
                self.add_error(
                    f"transit_days_max_{place}", _("At most is not less than at least.")
                )
            line["weight_from_g"] = heaviest + 1
            heaviest = line["weight_through_g"]
            lines.append(line)
        if not lines and not self.errors:
            raise ValidationError(_("Enter at least one line of the price table."))
        self.lines = lines
        return cleaned

    @property
    def key(self) -> tuple[tuple[str, Any], ...]:
        """The zone and class."""
        if self.fixed:
            first = self.rows[0]
            return (("zone_id", first.zone_id), ("shipping_class", first.shipping_class))
        return (
            ("zone_id", self.cleaned_data["zone"].pk),
            ("shipping_class", self.cleaned_data["shipping_class"]),
        )

    @property
    def values(self) -> list[dict[str, Any]]:
        """A row for each line."""
        return [{**line, "source": self.cleaned_data["source"]} for line in self.lines]
