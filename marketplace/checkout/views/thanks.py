"""After the order."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.checkout.views.common import private
from marketplace.kernel import formats
from marketplace.orders import parts
from marketplace.orders.queries import order_for_tracking, orders_in_short
from marketplace.orders.states import OrderStatus
from marketplace.orders.views import behind_secret, wrong_link
from marketplace.payments.queries import awaits_transfer
from theme.components import RiverLine, RiverStop


@private
@behind_secret
def thank_you(request: HttpRequest, number: str, secret: str) -> HttpResponse:
    """The order stands; how to follow it, and what happens now."""
    order = order_for_tracking(number, secret, orders_in_short)
    if order is None:
        return wrong_link(request)
    if order.status == OrderStatus.PENDING and awaits_transfer(order.pk):
        return redirect("payments:pay", number=order.number, secret=order.details.secret)
    is_called_first = order.status == OrderStatus.PENDING
    return render(
        request,
        "checkout/thank_you.html",
        {
            "number": order.number,
            "name": order.details.recipient,
            "phone_shown": formats.phone(order.details.phone),
            "track_url": reverse("orders:track", args=[order.number, order.details.secret]),
            "parcels": parts.parcels(order, with_stops=False),
            "summary": parts.summary(order),
            "next_stops": _next_stops(order, is_called_first),
            "call_first": is_called_first,
            "signup_url": "" if request.user.is_authenticated else reverse("account_signup"),
        },
    )


def _next_stops(order: object, is_called_first: bool) -> RiverLine:
    stops = []
    if is_called_first:
        stops.append(
            RiverStop(
                title=_("We call you"),
                text=_("On %(phone)s; then the growers begin.")
                % {"phone": formats.phone(order.details.phone)},
                state="now",
            )
        )
    stops += [
        RiverStop(
            title=_("The growers confirm"),
            text=_("Usually the same day. If one cannot deliver, you pay nothing for it."),
            state="todo" if is_called_first else "now",
        ),
    ]
    promised = list(parts.promises_of(order).values())
    if promised:
        stops += [
            RiverStop(title=_("They pack and hand over to the courier"), state="todo"),
            RiverStop(
                title=promised[-1],
                text=_("The courier calls first. Look at the goods, then pay."),
                state="todo",
            ),
        ]
    return RiverLine(stops=stops, label=_("What happens now"))
