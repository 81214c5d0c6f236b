"""The buyer's pay page, behind the order's secret link, and the account for money back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import wraps

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from oscar.apps.order.models import Order

from marketplace.kernel import clock, formats
from marketplace.orders.models import Reservation
from marketplace.orders.parts import promises_of
from marketplace.orders.queries import order_for_tracking
from marketplace.orders.views import behind_secret, wrong_link
from marketplace.payments import refund_actions, transfer_actions, vietqr
from marketplace.payments.errors import PaymentRefused
from marketplace.payments.forms import BankDetailsForm
from marketplace.payments.models import Method, RefundAccount, Transfer
from marketplace.payments.queries import (
    methods_offered,
    must_be_paid_ahead,
    refund_owed,
    terms_of,
)
from marketplace.payments.telling import refund_words
from marketplace.payments.transfer_states import OPEN, PAID, TransferState
from theme.components import RiverLine, RiverStop

View = Callable[..., HttpResponse]


def for_order(view: View) -> View:
    """Gives the view the order whose secret stands in the address."""

    @behind_secret
    @wraps(view)
    def wrapped(request: HttpRequest, number: str, secret: str) -> HttpResponse:
        order = None if "\x00" in number + secret else order_for_tracking(number, secret)
        return wrong_link(request) if order is None else view(request, order)

    return wrapped


def _url(name: str, order: Order) -> str:
    return reverse(name, args=[order.number, order.details.secret])


def _transfer(order: Order) -> Transfer | None:
    return (
        Transfer.objects.filter(order=order.pk).select_related("collector", "attempt").first()
    )


@for_order
def pay(request: HttpRequest, order: Order) -> HttpResponse:
    """The code, the same facts as text, and what can still be done about the payment."""
    transfer = _transfer(order)
    owed = refund_owed(order.pk)
    if transfer is None:
        return redirect(_url("payments:refund" if owed else "orders:track", order))
    due = transfer_actions.due_of(order.pk)
    is_open = transfer.state in OPEN and due > 0
    reservation = Reservation.objects.get(pk=order.pk)
    now = clock.now()
    return render(
        request,
        "payments/pay.html",
        {
            "number": order.number,
            "address": ", ".join([order.details.recipient, *order.details.address_lines[1:]]),
            "state": transfer.state,
            "title": _title(transfer, due),
            "text": _text(transfer, due),
            "is_open": is_open,
            "is_paid": transfer.state in PAID,
            "may_claim": transfer.state in (TransferState.AWAITING, TransferState.UNDER),
            "promise": next(reversed(promises_of(order).values()), "")
            if is_open or transfer.state in PAID
            else "",
            "hold": _hold(transfer, reservation, now) if is_open else None,
            "facts": _facts(transfer, due) if is_open else [],
            "amount": formats.money(due),
            "reference": transfer.reference,
            "svg_url": _url("payments:code_svg", order),
            "png_url": _url("payments:code_png", order),
            "claim_url": _url("payments:claim", order),
            "more_time_url": _url("payments:more_time", order),
            "change_url": _url("payments:change", order) if _may_pay_cash(transfer, now) else "",
            "cancel_url": _url("orders:cancel", order),
            "track_url": _url("orders:track", order),
            "refund_url": _url("payments:refund", order) if owed else "",
            "refund_words": refund_words(
                owed, has_account=RefundAccount.objects.filter(pk=order.pk).exists()
            )
            if owed
            else "",
            "next_stops": _next_stops(transfer) if is_open else None,
        },
    )


def _title(transfer: Transfer, due: Decimal) -> str:
    amount = {"amount": formats.money(due)}
    return {
        TransferState.AWAITING: _("Scan to pay %(amount)s") % amount,
        TransferState.UNDER: _("Scan to pay the missing %(amount)s") % amount,
        TransferState.CLAIMED: _("We are looking for your %(amount)s") % amount,
        TransferState.RECEIVED: _("Your money has arrived"),
        TransferState.OVER: _("Your money has arrived"),
        TransferState.LATE: _("Your money came after the order had ended"),
        TransferState.EXPIRED: _("The order was not paid in time"),
        TransferState.WITHDRAWN: _("This transfer is no longer expected"),
    }[transfer.state]


def _text(transfer: Transfer, due: Decimal) -> str:
    return {
        TransferState.AWAITING: "",
        TransferState.UNDER: _("A part has arrived, thank you. The code is for the rest."),
        TransferState.CLAIMED: _(
            "The goods are kept for you meanwhile. Somebody looks at the bank account and you "
            "hear from us; load this page again to see whether it has arrived."
        ),
        TransferState.RECEIVED: _("The growers have your order now."),
        TransferState.OVER: _("The growers have your order now. What was too much comes back."),
        TransferState.LATE: _("We send all of it back to you."),
        TransferState.EXPIRED: _(
            "It was cancelled by itself and costs nothing. If you have paid already, call us: we "
            "look whether the goods are still there, or send the money back."
        ),
        TransferState.WITHDRAWN: _("The order was cancelled, or is paid another way."),
    }[transfer.state]


def _hold(
    transfer: Transfer, reservation: Reservation, now: datetime
) -> dict[str, object] | None:
    """Until when the goods are kept, and whether more time may be asked for."""
    if reservation.ends_at is None or reservation.paused_at or reservation.ended_at:
        return None
    terms = terms_of(Method.VIETQR, now)
    left = max(reservation.ends_at - now, timedelta(0))
    whole = max(reservation.ends_at - transfer.attempt.created_at, timedelta(minutes=1))
    may_extend = terms is not None and transfer.extensions < terms.extensions_max
    return {
        "words": _("The goods are kept for you until %(until)s, for %(left)s more.")
        % {"until": formats.datetime_(reservation.ends_at), "left": _duration(left)},
        "left": int(left.total_seconds()),
        "whole": int(whole.total_seconds()),
        "more": _("%(time)s more, please")
        % {"time": _duration(timedelta(minutes=terms.extension_minutes))}
        if may_extend
        else "",
    }


def _duration(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    if minutes >= 60:
        return ngettext("%(count)s hour", "%(count)s hours", minutes // 60) % {
            "count": minutes // 60
        }
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


def _facts(transfer: Transfer, due: Decimal) -> list[dict[str, object]]:
    """What is typed into the bank's app; ``copied`` is how its fields want it."""
    collector = transfer.collector
    return [
        {"label": label, "shown": shown, "copied": copied, "is_code": copied == transfer.reference}
        for label, shown, copied in (
            (_("Bank"), collector.bank_name, ""),
            (_("Account number"), collector.account_no, collector.account_no),
            (_("Account holder"), collector.holder, ""),
            (_("Amount"), formats.money(due), str(int(due))),
            (_("What to write, letter by letter"), transfer.reference, transfer.reference),
        )
    ]


def _may_pay_cash(transfer: Transfer, now: datetime) -> bool:
    return (
        transfer.state in (TransferState.AWAITING, TransferState.CLAIMED)
        and any(terms.method == Method.COD for terms in methods_offered(now))
        and not must_be_paid_ahead(transfer.order_id)
    )


def _next_stops(transfer: Transfer) -> RiverLine:
    is_sent = transfer.state == TransferState.CLAIMED
    return RiverLine(
        label=_("What happens now"),
        stops=[
            RiverStop(
                title=_("You send the money"),
                text=_("Most banks tell us within a minute."),
                state="done" if is_sent else "now",
            ),
            RiverStop(
                title=_("We see it on the account"),
                text=_("Somebody looks, in office hours. You get a message."),
                state="now" if is_sent else "todo",
            ),
            RiverStop(title=_("The growers begin"), state="todo"),
        ],
    )


def _code(order: Order) -> str:
    """The payload of what is due now; 404 when nothing is."""
    transfer = _transfer(order)
    due = transfer_actions.due_of(order.pk)
    if transfer is None or transfer.state not in OPEN or due <= 0:
        raise Http404
    payee = vietqr.Payee(transfer.collector.bank_bin, transfer.collector.account_no)
    return vietqr.payload(payee, amount=due, purpose=transfer.reference)


@for_order
def code_svg(request: HttpRequest, order: Order) -> HttpResponse:
    """The picture on the page."""
    return HttpResponse(vietqr.svg(_code(order)), content_type="image/svg+xml")


@for_order
def code_png(request: HttpRequest, order: Order) -> HttpResponse:
    """The picture to keep on the phone."""
    response = HttpResponse(vietqr.png(_code(order)), content_type="image/png")
    response["Content-Disposition"] = f'attachment; filename="vietqr-{order.number}.png"'
    return response


# The secret in the address is the token of these forms, as for cancelling (``orders.views``).
@csrf_exempt
@require_POST
@for_order
def claim(request: HttpRequest, order: Order) -> HttpResponse:
    """I have sent it."""
    _try(
        request,
        lambda: transfer_actions.claim(order_id=order.pk, now=clock.now()),
        _("Thank you. We look at the bank account and tell you."),
    )
    return redirect(_url("payments:pay", order))


@csrf_exempt
@require_POST
@for_order
def more_time(request: HttpRequest, order: Order) -> HttpResponse:
    """More time, please."""
    _try(
        request,
        lambda: transfer_actions.more_time(order_id=order.pk, now=clock.now()),
        _("The goods are kept for you longer."),
    )
    return redirect(_url("payments:pay", order))


@csrf_exempt
@require_POST
@for_order
def change(request: HttpRequest, order: Order) -> HttpResponse:
    """Another way of paying."""
    match request.POST.get("to"):
        case Method.COD:
            done = _try(
                request,
                lambda: transfer_actions.pay_at_the_door(order_id=order.pk, now=clock.now()),
                _("You pay at the door now. The transfer is no longer expected."),
            )
            return redirect(_url("orders:track" if done else "payments:pay", order))
        case Method.VIETQR:
            done = _try(
                request,
                lambda: transfer_actions.pay_by_transfer(order_id=order.pk, now=clock.now()),
                _("Please pay by transfer now. What has not come is paid at the door."),
            )
            return redirect(_url("payments:pay" if done else "orders:track", order))
    raise Http404


def _try(request: HttpRequest, action: Callable[[], object], done: str) -> bool:
    try:
        action()
    except PaymentRefused as refused:
        messages.error(request, str(refused))
        return False
    messages.success(request, done)
    return True


@csrf_exempt
@for_order
def refund(request: HttpRequest, order: Order) -> HttpResponse:
    """To which account the money goes that is owed to the buyer."""
    owed = refund_owed(order.pk)
    if not owed:
        return redirect(_url("orders:track", order))
    known = RefundAccount.objects.filter(pk=order.pk).first()
    form = BankDetailsForm(
        request.POST if request.method == "POST" else None,
        initial=known.as_initial if known else None,
    )
    if request.method == "POST" and form.is_valid():
        refund_actions.tell_account(order_id=order.pk, now=clock.now(), **form.cleaned_data)
        messages.success(request, _("Thank you. We send the money to this account."))
        return redirect(_url("orders:track", order))
    return render(
        request,
        "payments/refund.html",
        {
            "number": order.number,
            "amount": formats.money(owed),
            "form": form,
            "track_url": _url("orders:track", order),
        },
        status=422 if form.errors else 200,
    )
