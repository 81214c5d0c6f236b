"""Papers to print: of one parcel, and of all that leave on one day."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from marketplace.kernel import clock
from marketplace.orders.models import Consignment
from marketplace.orders.states import State
from marketplace.portal import prints
from marketplace.portal.queries import Desk
from marketplace.portal.views.common import at_desk, own_parcel, shows_label

#: So many parcels go on one day's papers; more are printed by an earlier day first.
MOST_PRINTED = 300


def _as_pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


@at_desk
def of_parcel(request: HttpRequest, desk: Desk, number: str, paper: str) -> HttpResponse:
    """One paper of one parcel. Packers get none with money, but for what a label must say."""
    consignment = own_parcel(desk, number)
    if not shows_label(consignment) or not consignment.needs_delivery:
        raise Http404
    match paper:
        case "packing":
            content = prints.packing_list([consignment])
        case "note" if desk.sees_money(consignment) and not _hides_prices(consignment):
            content = prints.delivery_note(consignment, with_prices=True)
        case "note-without-prices":
            content = prints.delivery_note(consignment, with_prices=False)
        case "label" | "label-a4":
            content = prints.labels([consignment], on_a4=paper == "label-a4")
        case "card" if consignment.order.details.gift_text:
            content = prints.gift_card(consignment)
        case _:
            raise Http404
    return _as_pdf(content, f"{consignment.number}-{paper}")


def _hides_prices(consignment: Consignment) -> bool:
    return consignment.order.details.hide_prices


@at_desk
def of_day(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The packing list or the labels of all parcels that have to leave by a day."""
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = clock.today()
    paper = request.GET.get("paper", "packing")
    if paper not in {"packing", "labels", "labels-a4"}:
        raise Http404
    states = [State.CONFIRMED] if paper == "packing" else [State.CONFIRMED, State.PACKED]
    consignments = list(
        desk.consignments()
        .filter(state__in=states, needs_delivery=True, handover_on__lte=day)
        .order_by("handover_on", "pk")[:MOST_PRINTED]
    )
    if not consignments:
        messages.info(request, _("No confirmed parcel has to leave by that day."))
        return redirect("portal:parcels")
    if paper == "packing":
        content = prints.packing_list(consignments, day)
    else:
        content = prints.labels(consignments, on_a4=paper == "labels-a4")
    return _as_pdf(content, f"{paper}-{day:%Y-%m-%d}")
