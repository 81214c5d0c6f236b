"""Goods are missing, all or some: what the producer says, so that the buyer can be asked."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.kernel import clock
from marketplace.orders import actions
from marketplace.orders.errors import OrdersError, WrongShortPack
from marketplace.orders.missing_forms import CannotSendForm, MissingForm
from marketplace.orders.models import Consignment
from marketplace.orders.states import State
from marketplace.portal.queries import Desk
from marketplace.portal.views.common import at_desk, frame, goods, own_parcel
from marketplace.portal.views.parcels import tried_move


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
    )
    if request.method == "POST" and form.is_valid() and _asked(request, consignment, form):
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


@at_desk
def decline(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Say why it cannot be delivered: the buyer is asked, unless nothing can be offered."""
    consignment = own_parcel(desk, number)
    may = desk.may_move_to(consignment)
    if State.DECLINED not in may:
        messages.error(
            request,
            _("%(number)s cannot be declined any more, or not by you.")
            % {"number": consignment.number},
        )
        return redirect("portal:home")
    asks = State.SHORT_PACKED in may
    form = CannotSendForm(
        request.POST if request.method == "POST" else None,
        asks=asks,
        consignment=consignment,
    )
    if request.method == "POST" and form.is_valid():
        if form.is_refusal:
            tried_move(
                request,
                consignment,
                State.DECLINED,
                reason=form.cleaned_data["reason"],
                done=_("%(number)s is declined; the buyer has been told why."),
            )
            return redirect("portal:home")
        if _asked(request, consignment, form):
            return redirect("portal:parcels_one", number=consignment.number)
    return render(
        request,
        "portal/decline.html",
        {
            **frame(request, desk),
            "form": form,
            "number": consignment.number,
            "lines": goods(consignment),
        },
        status=422 if form.is_bound else 200,
    )


def _asked(request: HttpRequest, consignment: Consignment, form: MissingForm) -> bool:
    """Ask the buyer; False when the form has to be shown again."""
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
        return False
    except OrdersError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request,
            _("%(number)s: the buyer has been asked. We tell you the answer.")
            % {"number": consignment.number},
        )
    return True
