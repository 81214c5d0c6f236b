"""What all pages of the desk share: who may enter, the frame, the words of a parcel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from marketplace.kernel import clock, formats
from marketplace.orders.models import Consignment
from marketplace.orders.states import HOLDS_STOCK, State
from marketplace.platform import audit
from marketplace.portal import menu
from marketplace.portal.queries import (
    Desk,
    desk_for_another,
    desk_of,
    invitations_to,
    may_help_others,
)
from marketplace.producers.models import Producer

View = Callable[..., HttpResponse]

#: In the session: the grower whose desk somebody has opened with their consent.
HELPING = "portal.helping"
#: In the query and in forms: which of several producers is meant.
PRODUCER = "producer"


def at_desk(view: View) -> View:
    """For members of a producer's team, and for whoever a grower has asked to act for them.

    Gives the view their desk. Others are told kindly. A consent that was withdrawn or ran out
    closes the desk at the next request.
    """

    @never_cache
    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        helped = request.session.get(HELPING)
        if helped is not None:
            desk = desk_for_another(request.user, helped, clock.today())
            if desk is None:
                del request.session[HELPING]
                messages.warning(
                    request, _("This grower's consent has ended, so the desk was closed.")
                )
                return redirect("portal:helping")
            with audit.acting_for(desk.producers[0].name):
                return view(request, desk, *args, **kwargs)
        desk = desk_of(request.user)
        if desk is not None:
            return view(request, desk, *args, **kwargs)
        if may_help_others(request.user, clock.today()):
            return redirect("portal:helping")
        if invitations_to(request.user, clock.now()).exists():
            return redirect("portal:invitations")
        return render(request, "portal/not_a_member.html", status=403)

    return wrapped


def frame(request: HttpRequest, desk: Desk) -> dict[str, object]:
    """What ``portal/base.html`` shows around every page: whose desk, and the menu."""
    return {
        "producer_name": ", ".join(producer.name for producer in desk.producers),
        "home_url": reverse("portal:home"),
        "acting_for": desk.producers[0].name if desk.is_for_another else "",
        "suspended": [producer for producer in desk.producers if producer.is_suspended],
        "side": menu.items(desk, request.resolver_match.view_name),
        "bar": menu.bar(desk, request.resolver_match.view_name),
    }


def chosen(request: HttpRequest, producers: Sequence[Producer]) -> Producer:
    """Which of several producers is meant; a foreign one does not exist."""
    asked = request.POST.get(PRODUCER) or request.GET.get(PRODUCER)
    if asked is None:
        return producers[0]
    producer = next((p for p in producers if str(p.pk) == asked), None)
    if producer is None:
        raise Http404
    return producer


def own_parcel(desk: Desk, number: str) -> Consignment:
    """One of theirs; anybody else's does not exist."""
    if "\x00" in number:
        raise Http404
    return get_object_or_404(desk.consignments(), number=number)


def goods(consignment: Consignment) -> list[str]:
    """What goes of a parcel, in words: "2 × Xoài cát Chu, thùng 5 kg".

    Of one of which nothing goes any more, what was ordered.
    """
    lines = list(consignment.lines.all())
    left = [line for line in lines if line.quantity_left]
    return [
        _("%(count)s × %(title)s")
        % {
            "count": formats.number(line.quantity_left or line.quantity),
            "title": line.line.title,
        }
        for line in left or lines
    ]


def deadline(consignment: Consignment) -> str:
    """By when it has to leave; empty once it has, or when nothing is sent."""
    if not consignment.handover_on or consignment.state not in HOLDS_STOCK:
        return ""
    return _("Hand over by %(day)s") % {"day": formats.weekday_date(consignment.handover_on)}


def shows_label(consignment: Consignment) -> bool:
    """Before it is confirmed nobody needs the buyer's name, phone and street."""
    return consignment.state != State.NEW
