"""Goods are missing: what the producer says, so that the buyer can be asked."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.kernel import clock, formats
from marketplace.orders import actions
from marketplace.orders.errors import OrdersError, WrongShortPack
from marketplace.orders.models import Consignment
from marketplace.orders.queries import replacements_for, title_of
from marketplace.orders.states import State
from marketplace.portal.parcel_forms import MissingForm
from marketplace.portal.queries import Desk
from marketplace.portal.views.common import at_desk, frame, own_parcel

#: So many of the other goods are offered to choose from.
MOST_OFFERED = 30


@at_desk
def ask(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Say what is missing and what is offered; the buyer is asked at once."""
    consignment = own_parcel(desk, number)
    if State.SHORT_PACKED not in desk.may_move_to(consignment):
        messages.error(
            request,
            _("%(number)s: nothing can be reported missing now, or not by you.")
            % {"number": consignment.number},
        )
        return redirect("portal:parcels_one", number=consignment.number)
    form = MissingForm(
        request.POST if request.method == "POST" else None,
        consignment=consignment,
        replacements=_replacements(consignment),
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_buyer(
                consignment_id=consignment.pk,
                lines=form.missing,
                note=form.cleaned_data["reason"],
                new_handover_on=form.cleaned_data["new_handover_on"],
                actor=request.user,
                now=clock.now(),
            )
        except WrongShortPack as wrong:
            form.add_error(wrong.field if wrong.field in form.fields else None, str(wrong))
        except OrdersError as refused:
            messages.error(request, str(refused))
            return redirect("portal:parcels_one", number=consignment.number)
        else:
            messages.success(
                request,
                _("%(number)s: the buyer has been asked. We tell you the answer.")
                % {"number": consignment.number},
            )
            return redirect("portal:parcels_one", number=consignment.number)
    return render(
        request,
        "portal/missing.html",
        {
            **frame(request, desk),
            "form": form,
            "number": consignment.number,
            "back_url": reverse("portal:parcels_one", args=[consignment.number]),
        },
        status=422 if form.is_bound else 200,
    )


def _replacements(consignment: Consignment) -> dict[int, list[tuple[int, str]]]:
    """Line id → what could go instead. One query for each line that goes."""
    return {
        line.pk: [
            (
                record.pk,
                _("%(title)s, %(price)s")
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
