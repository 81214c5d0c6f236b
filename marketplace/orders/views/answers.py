"""What the buyer answers and reports from the tracking page."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from oscar.apps.order.models import Order

from marketplace.kernel import clock
from marketplace.orders import actions
from marketplace.orders.actors import Actor
from marketplace.orders.errors import OrdersError, StockGone
from marketplace.orders.forms import ReportForm
from marketplace.orders.models import Consignment, ShortPack
from marketplace.orders.queries import may_be_reported, order_for_tracking
from marketplace.orders.states import State
from marketplace.orders.views.following import behind_secret, wrong_link
from marketplace.platform import rate_limits

#: Reports of one order, whoever sends them.
_REPORTS = {"limit": 5, "per": timedelta(hours=24)}


def _own(order: Order, consignment: str) -> Consignment:
    """One of this order's; any other does not exist."""
    for found in order.consignments.all():
        if found.number == consignment:
            return found
    raise Http404


# As for cancelling: the secret in the address is the token.
@csrf_exempt
@behind_secret
def missing(request: HttpRequest, number: str, secret: str, consignment: str) -> HttpResponse:
    """Wait, take the replacement, or the money back. The address alone does nothing."""
    order = order_for_tracking(number, secret)
    if order is None:
        return wrong_link(request)
    found = _own(order, consignment)
    back = redirect("orders:track", number=order.number, secret=secret)
    if request.method != "POST":
        return back
    asked = next(
        (a for a in found.short_packs.all() if str(a.pk) == request.POST.get("question", "")),
        None,
    )
    if asked is None:
        raise Http404
    answer = request.POST.get("answer", "")
    try:
        if answer == ShortPack.Answer.SILENCE:
            raise Http404
        after = actions.answer_short_pack(
            short_pack_id=asked.pk, answer=answer, actor=Actor.buyer(), now=clock.now()
        )
    except StockGone:
        messages.error(
            request, _("The replacement has just been sold. Please choose another answer.")
        )
    except OrdersError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request,
            _("Thank you. Nothing is left to send, and you pay nothing for this parcel.")
            if after.state == State.DECLINED
            else _("Thank you. The grower has your answer."),
        )
    return back


@csrf_exempt
@behind_secret
def report(request: HttpRequest, number: str, secret: str, consignment: str) -> HttpResponse:
    """Say that a parcel has not arrived as it should."""
    order = order_for_tracking(number, secret)
    if order is None:
        return wrong_link(request)
    found = _own(order, consignment)
    track_url = reverse("orders:track", args=[order.number, secret])
    if not may_be_reported(found, clock.today()):
        messages.info(
            request,
            _("This parcel cannot be reported now; please look at where it stands."),
        )
        return redirect(track_url)
    form = ReportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if not rate_limits.hit("orders.report", order.number, **_REPORTS):
            form.add_error(
                None, _("Too many reports of this order today. Please call us.")
            )
            return _report_page(request, order, found, form, track_url, 429)
        try:
            actions.report_not_arrived(
                consignment_id=found.pk,
                reason=form.cleaned_data["reason"],
                note=form.cleaned_data["note"],
                now=clock.now(),
            )
        except OrdersError as refused:
            messages.error(request, str(refused))
        else:
            messages.success(
                request, _("Thank you. The grower and our office look into it and answer you.")
            )
        return redirect(track_url)
    return _report_page(request, order, found, form, track_url, 200)


def _report_page(
    request: HttpRequest,
    order: Order,
    consignment: Consignment,
    form: ReportForm,
    track_url: str,
    status: int,
) -> HttpResponse:
    return render(
        request,
        "orders/report.html",
        {
            "number": order.number,
            "parcel": consignment.number,
            "producer_name": consignment.producer.name,
            "form": form,
            "track_url": track_url,
        },
        status=status,
    )


@behind_secret
def photo(request: HttpRequest, number: str, secret: str, consignment: str) -> HttpResponse:
    """The photo taken when it was handed over."""
    order = order_for_tracking(number, secret)
    if order is None:
        return wrong_link(request)
    handover = getattr(_own(order, consignment), "handover", None)
    if handover is None or not handover.photo:
        raise Http404
    return FileResponse(handover.photo.open())
