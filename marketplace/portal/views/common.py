"""What all pages of the desk share: who may enter, the frame, the words of a parcel."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from marketplace.kernel import formats
from marketplace.orders.models import Consignment
from marketplace.portal import menu
from marketplace.portal.queries import Desk, desk_of

View = Callable[..., HttpResponse]


def at_desk(view: View) -> View:
    """For members of a producer's team; gives the view their desk. Others are told kindly."""

    @never_cache
    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        desk = desk_of(request.user)
        if desk is None:
            return render(request, "portal/not_a_member.html", status=403)
        return view(request, desk, *args, **kwargs)

    return wrapped


def frame(request: HttpRequest, desk: Desk) -> dict[str, object]:
    """What ``portal/base.html`` shows around every page: whose desk, and the menu."""
    return {
        "producer_name": ", ".join(producer.name for producer in desk.producers),
        "home_url": reverse("portal:home"),
        "side": menu.items(desk, request.resolver_match.view_name),
    }


def own_parcel(desk: Desk, number: str) -> Consignment:
    """One of theirs; anybody else's does not exist."""
    if "\x00" in number:
        raise Http404
    return get_object_or_404(desk.consignments(), number=number)


def goods(consignment: Consignment) -> list[str]:
    """The lines of a parcel in words: "2 × Xoài cát Chu, thùng 5 kg"."""
    return [
        _("%(count)s × %(title)s")
        % {"count": formats.number(line.quantity), "title": line.line.title}
        for line in consignment.lines.all()
    ]
