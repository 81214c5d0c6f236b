"""Following an order without an account, cancelling it, and one's own orders with one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from oscar.apps.order.models import Order

from marketplace.accounts.guessing import client_ip
from marketplace.accounts.menu import account_menu
from marketplace.kernel import clock, formats
from marketplace.orders import actions, parts
from marketplace.orders.actors import Actor
from marketplace.orders.errors import OrdersError
from marketplace.orders.forms import TrackForm
from marketplace.orders.models import Consignment
from marketplace.orders.paying import paying_of
from marketplace.orders.queries import (
    normalise_number,
    order_for_phone,
    order_for_tracking,
)
from marketplace.orders.states import CAME_BACK, DEAD, ENDED, State
from marketplace.platform import rate_limits
from theme.components import EmptyState, Link, Pager

View = Callable[..., HttpResponse]

#: Tries to find an order: per address, and per order number from all addresses together.
_TRIES_PER_ADDRESS = {"limit": 10, "per": timedelta(minutes=10)}
_TRIES_PER_NUMBER = {"limit": 10, "per": timedelta(hours=1)}
PER_PAGE = 10


def behind_secret(view: View) -> View:
    """For pages whose address holds a secret: kept, indexed and passed on by nobody."""

    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return wrapped


def wrong_link(request: HttpRequest) -> HttpResponse:
    """The link leads to no order, or no longer: say what helps, and nothing else."""
    return render(
        request,
        "orders/wrong_link.html",
        {"track_form_url": reverse("orders:track_form")},
        status=404,
    )


@never_cache
def track_form(request: HttpRequest) -> HttpResponse:
    """Find an order by its number and phone. A wrong number and a wrong phone look the same."""
    form = TrackForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        number, phone = form.cleaned_data["number"], form.cleaned_data["phone"]
        if not _may_try(request, number):
            form.add_error(
                None, _("Too many tries. Please wait a few minutes, or call us.")
            )
            status = 429
        elif (order := order_for_phone(number, phone)) is not None:
            return redirect("orders:track", number=order.number, secret=order.details.secret)
        else:
            form.add_error(
                None,
                _("We find no order with this number and this phone. Please check both."),
            )
    return render(request, "orders/track_form.html", {"form": form}, status=status)


def _may_try(request: HttpRequest, number: str) -> bool:
    """Both are counted whatever comes of it, so that no answer tells which one is full."""
    by_address = rate_limits.hit("orders.track.address", client_ip(request), **_TRIES_PER_ADDRESS)
    by_number = rate_limits.hit("orders.track.number", number, **_TRIES_PER_NUMBER)
    return by_address and by_number


@behind_secret
def track(request: HttpRequest, number: str, secret: str) -> HttpResponse:
    """One order: where each parcel stands, and what can still be cancelled."""
    order = order_for_tracking(number, secret)
    if order is None:
        return wrong_link(request)
    consignments = list(order.consignments.all())
    cancellable = [c for c in consignments if c.is_cancellable_by_buyer]
    said = paying_of(order)
    return render(
        request,
        "orders/track.html",
        {
            "number": order.number,
            "placed": formats.datetime_(order.date_placed),
            "state_word": parts.order_word(order),
            "parcels": parts.parcels(order),
            "summary": parts.summary(order, said.total_label if said else ""),
            "address": [order.details.recipient, *order.details.address_lines],
            "payment_words": (
                said.words
                if said
                else _("Paid in cash on delivery.")
                if _is_alive(consignments)
                else ""
            ),
            "paying": said,
            "cancel_url": (
                reverse("orders:cancel", args=[order.number, secret]) if cancellable else ""
            ),
        },
    )


def _is_alive(consignments: list[Consignment]) -> bool:
    return any(c.state not in DEAD | CAME_BACK for c in consignments)


# A page without referrer sends "Origin: null", which Django's token check refuses. The secret
# in the address is the token here: whoever does not know it cannot forge the form.
@csrf_exempt
@behind_secret
def cancel(request: HttpRequest, number: str, secret: str) -> HttpResponse:
    """Ask once more, then cancel one consignment or all that are not packed yet."""
    order = order_for_tracking(number, secret)
    if order is None:
        return wrong_link(request)
    asked = request.POST if request.method == "POST" else request.GET
    consignments = sorted(order.consignments.all(), key=lambda c: c.pk)
    wanted = asked.get("consignment", "")
    chosen = [c for c in consignments if c.number == wanted] if wanted else consignments
    if not chosen:
        raise Http404
    open_ones = [c for c in chosen if c.is_cancellable_by_buyer]
    track_url = reverse("orders:track", args=[order.number, secret])
    if not open_ones:
        messages.warning(
            request, _("This is packed already, or has ended. Please call the grower.")
        )
        return redirect(track_url)
    if request.method == "POST" and request.POST.get("confirm") == "yes":
        try:
            _cancel(order, chosen[0] if wanted else None)
        except OrdersError as refused:
            messages.error(request, str(refused))
        else:
            said = paying_of(order)
            messages.success(
                request,
                _("It is cancelled. What you paid for it comes back to you.")
                if said and said.owes_back
                else _("The parcel is cancelled. You pay nothing for it.")
                if wanted
                else _("What was not packed yet is cancelled. You pay nothing for it."),
            )
        return redirect(track_url)
    return render(
        request,
        "orders/cancel.html",
        {
            "number": order.number,
            "consignment": wanted,
            "parcels": [
                (c.number.rsplit("-", 1)[-1], c.producer.name, formats.money(c.total_incl_tax))
                for c in open_ones
            ],
            "stays": [
                c.producer.name for c in chosen if c not in open_ones and c.state not in ENDED
            ],
            "action": reverse("orders:cancel", args=[order.number, secret]),
            "track_url": track_url,
        },
    )


def _cancel(order: Order, consignment: Consignment | None) -> None:
    """The secret in the address has shown that this is the buyer."""
    actor, reason = Actor.buyer(), _("Cancelled by the buyer.")
    if consignment is not None:
        actions.move(
            consignment_id=consignment.pk,
            to=State.CANCELLED,
            actor=actor,
            reason=reason,
            now=clock.now(),
        )
    else:
        actions.cancel_order(order_id=order.pk, actor=actor, reason=reason, now=clock.now())


@never_cache
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """The signed-in customer's orders, newest first."""
    paginator = Paginator(own_orders(request.user), PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    return render(
        request,
        "account/orders.html",
        {
            "account_menu": account_menu(request),
            "orders": rows(page.object_list),
            "pager": (
                Pager.of(page.number, paginator.num_pages, lambda n: f"?page={n}")
                if paginator.num_pages > 1
                else None
            ),
            "empty": EmptyState(
                title=_("No orders yet"),
                text=_("Orders that you place while signed in are kept here."),
                links=[Link(label=_("Go shopping"), url=reverse("shop:product_list"))],
            ),
        },
    )


@never_cache
@login_required
def one_of_mine(request: HttpRequest, number: str) -> HttpResponse:
    """One's own order leads to its tracking page; anybody else's does not exist."""
    order = get_object_or_404(own_orders(request.user), number=normalise_number(number))
    return redirect("orders:track", number=order.number, secret=order.details.secret)


def own_orders(user: object) -> object:
    """Orders placed by an account."""
    return (
        Order.objects.filter(user=user, details__isnull=False)
        .select_related("details")
        .order_by("-date_placed", "-pk")
    )


def rows(orders: object) -> list[tuple[str, str, str, str, str]]:
    """Number, address, day, total and state of each."""
    return [
        (
            order.number,
            reverse("orders:one_of_mine", args=[order.number]),
            formats.date(order.date_placed),
            formats.money(order.total_incl_tax),
            parts.order_word(order),
        )
        for order in orders
    ]


def panel(request: HttpRequest) -> dict[str, object]:
    """The last orders, for the customer's first page."""
    return {"orders": rows(own_orders(request.user)[:3])}
