"""One parcel: confirming and declining."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from marketplace.kernel import clock
from marketplace.orders import actions
from marketplace.orders.errors import OrdersError
from marketplace.orders.models import Consignment
from marketplace.orders.states import State
from marketplace.portal.forms import DeclineForm
from marketplace.portal.queries import Desk
from marketplace.portal.views.common import at_desk, frame, goods, own_parcel


@at_desk
def confirm(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Say that it will be delivered. The address alone does nothing."""
    consignment = own_parcel(desk, number)
    if request.method == "POST":
        _move(
            request,
            consignment,
            State.CONFIRMED,
            done=_("%(number)s is confirmed; the buyer has been told."),
        )
    return redirect("portal:home")


@at_desk
def decline(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Say why it cannot be delivered."""
    consignment = own_parcel(desk, number)
    if State.DECLINED not in desk.may_move_to(consignment):
        messages.error(
            request,
            _("%(number)s cannot be declined any more, or not by you.")
            % {"number": consignment.number},
        )
        return redirect("portal:home")
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        _move(
            request,
            consignment,
            State.DECLINED,
            reason=form.cleaned_data["reason"],
            done=_("%(number)s is declined; the buyer has been told why."),
        )
        return redirect("portal:home")
    return render(
        request,
        "portal/decline.html",
        {
            **frame(request, desk),
            "form": form,
            "number": consignment.number,
            "lines": goods(consignment),
        },
    )


def _move(
    request: HttpRequest, consignment: Consignment, to: State, *, done: str, reason: str = ""
) -> None:
    try:
        actions.move(
            consignment_id=consignment.pk,
            to=to,
            actor=request.user,
            reason=reason,
            now=clock.now(),
        )
    except OrdersError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done % {"number": consignment.number})
