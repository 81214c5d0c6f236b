"""Forms that move consignments, close calls and take in cash."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.orders.states import State, StockEffect, Transition

#: Moves that must say why; the action judges, the form only shows it.
ASKS_WHY = frozenset({State.DECLINED, State.CANCELLED, State.REFUSED, State.RETURNED})


class MoveForm(forms.Form):
    """Where a consignment goes, and why. The table of moves decides, not this form."""

    to = forms.CharField(max_length=12, widget=forms.HiddenInput)
    seen = forms.CharField(max_length=12, required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason (the buyer reads it)"), max_length=500, required=False
    )
    put_back = forms.ChoiceField(
        label=_("The goods that came back"),
        choices=[
            ("", _("As usual: all but fresh, chilled and living goods go on sale again")),
            ("yes", _("Put on sale again")),
            ("no", _("Written off")),
        ],
        required=False,
    )

    @property
    def put_back_choice(self) -> bool | None:
        """Whether goods go on sale again; None leaves it to their delivery class."""
        return {"yes": True, "no": False}.get(self.cleaned_data["put_back"])


class CancelOrderForm(forms.Form):
    """Why all that can still be cancelled of an order is cancelled."""

    reason = forms.CharField(label=_("Reason (the buyer reads it)"), max_length=500)


class CallForm(forms.Form):
    """What the buyer said on the phone."""

    answer = forms.ChoiceField(choices=[("yes", ""), ("no", "")])
    note = forms.CharField(label=_("Note"), max_length=500, required=False)


class RemitForm(forms.Form):
    """By which paper the carrier's cash came in."""

    reference = forms.CharField(
        label=_("Number of the transfer or receipt"), max_length=100
    )


def button_of(transition: Transition, **kwargs: Any) -> dict[str, Any]:
    """What a page needs for one move: its word, and what has to be asked."""
    to = transition.to_state
    return {
        "to": to.value,
        "word": WORDS[to],
        "asks_why": to in ASKS_WHY,
        "asks_put_back": transition.stock is StockEffect.COME_BACK,
        "is_good": to not in ASKS_WHY,
        **kwargs,
    }


WORDS = {
    State.CONFIRMED: _("Confirm for the producer"),
    State.SHORT_PACKED: _("Goods are missing"),
    State.PACKED: _("It is packed"),
    State.HANDED_OVER: _("It was handed to the carrier"),
    State.DELIVERED: _("It was delivered"),
    State.COMPLETED: _("Complete it now"),
    State.DECLINED: _("Decline for the producer"),
    State.CANCELLED: _("Cancel it"),
    State.REFUSED: _("It was refused at the door"),
    State.RETURNED: _("It came back"),
}
