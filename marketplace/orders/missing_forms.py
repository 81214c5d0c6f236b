"""What is missing of a parcel, as its producer says it, or the office for the producer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marketplace.kernel import formats
from marketplace.orders.actions import Missing
from marketplace.orders.forms import WithReason
from marketplace.orders.models import Consignment, ConsignmentLine
from marketplace.orders.queries import replacements_for, title_of

#: So many of the other goods are offered to choose from.
MOST_OFFERED = 30


def replacement_choices(consignment: Consignment) -> dict[int, list[tuple[int, str]]]:
    """Line id → what could go instead. One query for each line that goes."""
    return {
        line.pk: [
            (
                record.pk,
                gettext("%(title)s, %(price)s")
                % {
                    "title": title_of(record.product),
                    "price": formats.money(record.price),
                },
            )
            for record in replacements_for(consignment, now_missing=line)[:MOST_OFFERED]
        ]
        for line in consignment.lines.all()
        if line.quantity_left
    }


class MissingForm(WithReason):
    """How many of each line can be sent, and what is offered for the rest."""

    reason = forms.CharField(
        label=_("Why is something missing?"),
        help_text=_("The buyer reads this. For example: the storm took half of the fruit."),
        max_length=500,
        error_messages={"required": _("Please say why.")},
        widget=forms.Textarea({"rows": 2, "maxlength": 500, "autocomplete": "off"}),
    )
    new_handover_on = forms.DateField(
        label=_("If the buyer waits, you can hand over all of it on"),
        required=False,
        widget=forms.DateInput({"type": "date"}),
    )

    def __init__(self, data: Any, *, consignment: Consignment) -> None:
        super().__init__(data)
        self.add_rows(consignment)

    def add_rows(self, consignment: Consignment) -> None:
        """The fields of each line that goes."""
        replacements = replacement_choices(consignment)
        self.rows: list[ConsignmentLine] = [
            line for line in consignment.lines.all() if line.quantity_left
        ]
        for line in self.rows:
            self.fields[f"can_send_{line.pk}"] = forms.IntegerField(
                label=_("%(title)s: how many of %(count)s can you send?")
                % {"title": line.line.title, "count": line.quantity_left},
                min_value=0,
                max_value=line.quantity_left,
                initial=self.sent_of(line),
                widget=forms.NumberInput({"inputmode": "numeric"}),
            )
            self.fields[f"is_sellable_{line.pk}"] = forms.BooleanField(
                label=_("What is missing is still good: put it on sale again"), required=False
            )
            choices = replacements.get(line.pk, ())
            if choices:
                self.fields[f"replacement_{line.pk}"] = forms.TypedChoiceField(
                    label=_("Offer instead"),
                    choices=[("", _("Nothing")), *choices],
                    coerce=int,
                    empty_value=None,
                    required=False,
                )

    def sent_of(self, line: ConsignmentLine) -> int:
        """How many of a line are sent unless something else is said."""
        return line.quantity_left

    @property
    def groups(self) -> list[list[forms.BoundField]]:
        """The fields of each line, together."""
        return [
            [
                self[f"{name}_{line.pk}"]
                for name in ("can_send", "is_sellable", "replacement")
                if f"{name}_{line.pk}" in self.fields
            ]
            for line in self.rows
        ]

    @property
    def missing(self) -> list[Missing]:
        """What was said of each line, once it is valid."""
        return [
            Missing(
                line_id=line.pk,
                can_send=self.cleaned_data[f"can_send_{line.pk}"],
                is_sellable=self.cleaned_data[f"is_sellable_{line.pk}"],
                replacement_id=self.cleaned_data.get(f"replacement_{line.pk}"),
            )
            for line in self.rows
        ]


class CannotSendForm(MissingForm):
    """Why it cannot be delivered, and what the buyer may choose instead.

    ``asks``: False for what cannot be asked about, a service: then only why.
    """

    #: The name of the button that declines at once.
    REFUSES = "decline"

    reason = forms.CharField(
        label=_("Why can you not deliver?"),
        help_text=_("The buyer reads this. For example: rain all week, the fruit is not ripe."),
        max_length=500,
        error_messages={"required": _("Please say why.")},
        widget=forms.Textarea({"rows": 3, "maxlength": 500, "autocomplete": "off"}),
    )
    new_handover_on = forms.DateField(
        label=_("From when on can you hand it over?"),
        help_text=_("Leave it empty if you do not know."),
        required=False,
        widget=forms.DateInput({"type": "date"}),
    )

    def __init__(self, data: Any, *, asks: bool, **given: Any) -> None:
        self.asks = asks
        super().__init__(data, **given)
        if self.is_refusal:
            # Nothing is offered: whatever stands in the other fields does not matter.
            for name in set(self.fields) - {"reason"}:
                self.fields[name] = forms.CharField(
                    label=self.fields[name].label,
                    widget=self.fields[name].widget,
                    required=False,
                )

    def add_rows(self, consignment: Consignment) -> None:
        if self.asks:
            super().add_rows(consignment)
        else:
            self.rows = []
            del self.fields["new_handover_on"]

    def sent_of(self, line: ConsignmentLine) -> int:
        return 0

    @property
    def is_refusal(self) -> bool:
        """Declined at once, without asking: nothing can be offered."""
        return self.is_bound and (not self.asks or self.REFUSES in self.data)
