"""What a producer says on the way of a parcel."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from marketplace.media import encoding
from marketplace.media.errors import ImageRefused
from marketplace.orders.actions import HandoverDetails, Missing
from marketplace.orders.models import Consignment, ConsignmentLine
from marketplace.orders.states import State


def visible(text: str) -> str:
    """Without what cannot be seen."""
    return "".join(char for char in text if char.isprintable() or char == "\n").strip()


class _WithReason(forms.Form):
    """Fields named ``reason`` that must say something that can be seen."""

    def clean_reason(self) -> str:
        reason = visible(self.cleaned_data["reason"])
        if not reason:
            raise forms.ValidationError(_("Please say why."), code="empty")
        return reason


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


class CameBackForm(_WithReason):
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


class MissingForm(_WithReason):
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

    def __init__(
        self,
        data: Any,
        *,
        consignment: Consignment,
        replacements: dict[int, Sequence[tuple[int, str]]],
    ) -> None:
        super().__init__(data)
        self.rows: list[ConsignmentLine] = [
            line for line in consignment.lines.all() if line.quantity_left
        ]
        for line in self.rows:
            self.fields[f"can_send_{line.pk}"] = forms.IntegerField(
                label=_("%(title)s: how many of %(count)s can you send?")
                % {"title": line.line.title, "count": line.quantity_left},
                min_value=0,
                max_value=line.quantity_left,
                initial=line.quantity_left,
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


#: The form that a step needs; the others need a tap.
FORM_OF = {
    State.HANDED_OVER: HandoverForm,
    State.REFUSED: CameBackForm,
    State.RETURNED: CameBackForm,
}
