"""Pay and confirm: the last step, which places the order."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from oscar.apps.order.models import Order

from marketplace.accounts.guessing import client_ip
from marketplace.checkout import actions, codes, parts, queries, session
from marketplace.checkout.baskets import BasketClosed
from marketplace.checkout.errors import (
    AgeNotConfirmed,
    AlreadyPlaced,
    BasketEmpty,
    CannotSend,
    Change,
    CheckoutRefused,
    CodRefused,
    DestinationIncomplete,
    MethodNotOffered,
    OfferChanged,
    PaidAhead,
    UnpaidOrdersWait,
)
from marketplace.checkout.forms import PayForm
from marketplace.checkout.views.common import (
    StepMissing,
    buyer,
    is_key,
    orderable,
    placed_with,
    private,
    refused_words,
    tell_pieces,
)
from marketplace.kernel import clock, formats
from marketplace.orders.queries import consent_texts
from marketplace.payments import cod
from marketplace.payments.models import Method, MethodTerms
from marketplace.payments.queries import awaits_transfer, methods_offered
from marketplace.places.models import Commune
from marketplace.places.queries import communes_on
from marketplace.vouchers.errors import VoucherRefused
from theme.components import ErrorSummary


@private
def pay(request: HttpRequest) -> HttpResponse:
    """The whole order once more, how to pay, what is agreed to; POST places it."""
    try:
        if request.method == "POST":
            return _place(request)
        return _pay_page(request, *_destination(request))
    except StepMissing as missing:
        return missing.redirect(request)


def _destination(request: HttpRequest) -> tuple[session.Delivery, Commune | None]:
    """What the step before has told, still true today."""
    delivery = session.delivery(request)
    if delivery is None:
        if not request.basket.pk:
            raise StepMissing("basket", _("Your basket is empty. Put something in first."))
        raise StepMissing("where", _("Please say first who gets the goods, and where."))
    if not delivery.commune_id:
        return delivery, None
    commune = (
        communes_on(clock.today())
        .select_related("province")
        .filter(pk=delivery.commune_id, province=delivery.province_code)
        .first()
    )
    if commune is None:
        raise StepMissing("where", _("Please choose your ward or commune once more."))
    return delivery, commune


def _place(request: HttpRequest) -> HttpResponse:
    key = request.POST.get("key", "")
    try:
        delivery, commune = _destination(request)
    except StepMissing:
        # Sent twice: the first has emptied basket and session on its way.
        order = placed_with(key)
        if order is None:
            raise
        return _thank(request, order)
    now = clock.now()
    methods = methods_offered(now)
    texts = consent_texts(clock.local_date(now))
    data = request.POST.copy()
    boxes = [PayForm.name_of(text) for text in texts] + ["age_confirmed"]
    session.keep_agreed(request, [name for name in boxes if data.get(name)])
    session.keep_invoice(request, {name: data.get(name, "") for name in PayForm.INVOICE})
    if not is_key(key):
        data["key"] = key = uuid.uuid4().hex
    if data.get("code_do") or data.get("code", "").strip():
        return _with_code(request, delivery, commune, data)
    # Whether an age is asked is only known with the goods; the action judges that.
    form = PayForm(data, methods=_method_choices(methods), texts=texts, minimum_age=0)
    if not form.is_valid():
        return _pay_page(request, delivery, commune, data=data, judged=form)
    try:
        order = actions.place_order(
            basket=request.basket,
            destination=actions.Destination(
                recipient=delivery.name,
                phone=delivery.phone,
                province=commune.province if commune else None,
                commune=commune,
                street=delivery.street,
                note=delivery.note,
                email=delivery.email,
            ),
            method=form.cleaned_data["payment"],
            user=buyer(request),
            language=get_language() or "vi",
            consents=[actions.ConsentGiven(text.purpose, text.version) for text in form.agreed],
            gift_text=delivery.gift_text,
            hide_prices=delivery.hide_prices,
            age_confirmed=bool(data.get("age_confirmed")),
            invoice=actions.InvoiceWanted(**form.invoice) if form.invoice else None,
            expected=queries.ExpectedTotals.from_text(data.get("seen", "")),
            idempotency_key=key,
            now=now,
        )
    except AlreadyPlaced as placed:
        return _thank(request, placed.order)
    except BasketEmpty:
        order = placed_with(key)
        if order is not None:
            return _thank(request, order)
        raise StepMissing(
            "basket", _("Your basket is empty. Put something in first.")
        ) from None
    except OfferChanged as changed:
        return _pay_page(request, delivery, commune, data=data, changes=changed.changes)
    except (CannotSend, DestinationIncomplete) as refused:
        raise StepMissing("where", *refused.messages) from None
    except (CodRefused, MethodNotOffered, PaidAhead, UnpaidOrdersWait) as refused:
        return _pay_page(request, delivery, commune, data=data, refused=("payment", refused))
    except AgeNotConfirmed as refused:
        return _pay_page(request, delivery, commune, data=data, refused=("age_confirmed", refused))
    except CheckoutRefused as refused:
        return _pay_page(request, delivery, commune, data=data, refused=(None, refused))
    return _thank(request, order)


def _with_code(
    request: HttpRequest, delivery: session.Delivery, commune: Commune | None, data: QueryDict
) -> HttpResponse:
    """The page with a code, or without it; what was ticked and typed stays as it was.

    A code typed and not yet used is used first: the sums that it changes are to be seen.
    """
    do, typed = data.get("code_do", ""), data.get("code", "")
    data["code"] = ""
    try:
        if do == "remove":
            codes.take_out(basket=request.basket)
        else:
            codes.enter(
                basket=request.basket,
                typed=typed,
                ip=client_ip(request),
                province=commune.province if commune else None,
                commune=commune,
                user=buyer(request),
                phone=delivery.phone,
                now=clock.now(),
            )
    except BasketClosed as closed:
        order = placed_with(data["key"])
        if order is not None:
            return _thank(request, order)
        raise StepMissing("basket", str(closed)) from None
    except VoucherRefused as refused:
        return _pay_page(
            request, delivery, commune, data=data, changes=[], is_unsent=True,
            wrong_code=(typed[:60], str(refused)),
        )
    # Whoever pressed the code's own button expects the sums to change.
    return _pay_page(
        request, delivery, commune, data=data, changes=[] if do else None, is_unsent=True
    )


def _thank(request: HttpRequest, order: Order) -> HttpResponse:
    session.forget_delivery(request)
    request.basket_pieces = 0
    if awaits_transfer(order.pk):
        return redirect("payments:pay", number=order.number, secret=order.details.secret)
    return redirect("checkout:thank_you", number=order.number, secret=order.details.secret)


def _method_choices(methods: list) -> list[tuple[str, str]]:
    """Only what this page can carry out; other ways bring their own page."""
    words = {Method.COD: _("Cash on delivery"), Method.VIETQR: _("Bank transfer (VietQR)")}
    return [
        (terms.method, words[method])
        for method in words
        for terms in methods
        if terms.method == method
    ]


def _pay_page(
    request: HttpRequest,
    delivery: session.Delivery,
    commune: Commune | None,
    *,
    data: QueryDict | None = None,
    judged: PayForm | None = None,
    changes: list[Change] | None = None,
    refused: tuple[str | None, CheckoutRefused] | None = None,
    wrong_code: tuple[str, str] | None = None,
    is_unsent: bool = False,
) -> HttpResponse:
    """The page anew, with the sums of this minute; ticks and choices stay as they were."""
    now = clock.now()
    province = commune.province if commune else None
    offer = queries.offer(
        basket=request.basket,
        province=province,
        commune=commune,
        user=buyer(request),
        phone=delivery.phone,
        now=now,
    )
    problems = offer.problems if changes else []
    if not problems:
        orderable(offer)
    if offer.needs_delivery and commune is None:
        raise StepMissing("where", _("Please say first who gets the goods, and where."))
    if offer.refusals:
        raise StepMissing("where", *refused_words(offer))
    tell_pieces(request, offer)
    methods = methods_offered(now)
    choices = [
        (method, words)
        for method, words in _method_choices(methods)
        if method != Method.COD or not offer.paid_ahead
    ]
    if data is None:
        initial = {
            "payment": choices[0][0] if choices else None,
            "seen": offer.expected.to_text(),
            "key": uuid.uuid4().hex,
            # Their own ticks, when something had to be mended on the way here.
            **dict.fromkeys(session.agreed(request), True),
            **session.invoice(request),
        }
        changed = []
    else:
        # A page left open may show other sums than today's offer: say so, and ask again.
        changed = changes if changes is not None else _unseen(offer, data)
        data["seen"] = offer.expected.to_text()
        initial = None
        if is_unsent:
            # Nothing was ordered: what is still empty is no mistake yet.
            initial, data = data.dict(), None
    form = PayForm(
        data,
        initial=initial,
        methods=choices,
        texts=judged.texts if judged else consent_texts(clock.local_date(now)),
        minimum_age=offer.minimum_age,
    )
    if refused is not None:
        field, error = refused
        form.is_valid()
        for message in error.messages:
            if field is None or message not in form.errors.get(field, ()):
                form.add_error(field if field in form.fields else None, message)
    showing = parts.Showing.of_changes(changed, province=province)
    total = formats.money(offer.total_incl_tax)
    return render(
        request,
        "checkout/pay.html",
        {
            "steps": parts.steps("pay"),
            "form": form,
            "payment_notes": {
                Method.COD.value: _cod_note(offer, now),
                **{
                    terms.method: _transfer_note(terms)
                    for terms in methods
                    if terms.method == Method.VIETQR
                },
            },
            "paid_ahead": _paid_ahead_words(offer, choices),
            "payment_icons": {Method.COD.value: "cash", Method.VIETQR.value: "qr"},
            "changes": [change.message for change in changed],
            "refused_by_phone": refused is not None and isinstance(refused[1], CodRefused),
            "unpaid_links": _unpaid_links(request)
            if refused is not None and isinstance(refused[1], UnpaidOrdersWait)
            else [],
            "address": _address_lines(delivery, commune),
            "needs_delivery": offer.needs_delivery,
            "address_url": reverse("checkout:where"),
            "note": delivery.note,
            "gift_text": delivery.gift_text,
            "hide_prices": delivery.hide_prices,
            "groups": parts.groups(offer, showing),
            "summary": parts.summary(offer, province),
            "code_box": parts.code_box(
                offer,
                typed=wrong_code[0] if wrong_code else "",
                error=wrong_code[1] if wrong_code else "",
            ),
            "code_errors": ErrorSummary(items=[("code", wrong_code[1])]) if wrong_code else None,
            "button": (
                _("Place the order, pay %(total)s on delivery")
                if len(choices) == 1 and choices[0][0] == Method.COD
                else _("Place the order for %(total)s")
            )
            % {"total": total},
            "mend_url": reverse("checkout:basket") if problems else "",
            "back_url": reverse("checkout:where"),
        },
    )


def _unpaid_links(request: HttpRequest) -> list[tuple[str, str]]:
    """Label and address of where earlier orders are paid or cancelled.

    Whose phone it is nobody has shown yet: no order is named, the form asks for its number.
    """
    links = [(_("Find an order by its number"), reverse("orders:track_form"))]
    if buyer(request):
        links.insert(0, (_("My orders"), reverse("orders:mine")))
    return links


def _paid_ahead_words(offer: queries.Offer, choices: list[tuple[str, str]]) -> str:
    """Why the door is not offered; empty when it could be."""
    if not offer.paid_ahead:
        return ""
    return (
        _("%(titles)s must be paid ahead, so cash at the door is not offered for this order.")
        if choices
        else _(
            "%(titles)s must be paid ahead, and transfers are not possible now. Please call us, "
            "or take it out of the basket."
        )
    ) % {"titles": ", ".join(line.title for line in offer.paid_ahead)}


def _unseen(offer: queries.Offer, data: QueryDict) -> list[Change]:
    return offer.changes_since(queries.ExpectedTotals.from_text(data.get("seen", "")))


def _address_lines(delivery: session.Delivery, commune: Commune | None) -> list[str]:
    lines = [delivery.name, formats.phone(delivery.phone)]
    if commune is not None:
        place = f"{commune.full_name}, {commune.province.name}"
        lines += [delivery.street, place]
    if delivery.email:
        lines.append(delivery.email)
    return lines


def _transfer_note(terms: MethodTerms) -> str:
    """How paying by transfer works, and how long the goods are kept for it."""
    hours = terms.hold_minutes // 60
    return ngettext(
        "You scan a code with your bank's app. We keep the goods for %(count)s hour; "
        "the growers begin when the money has come.",
        "You scan a code with your bank's app. We keep the goods for %(count)s hours; "
        "the growers begin when the money has come.",
        hours,
    ) % {"count": hours}


def _cod_note(offer: queries.Offer, now: datetime) -> str:
    """How paying at the door works, and from when on we call first."""
    count = len(offer.groups)
    words = ngettext(
        "You pay %(total)s to the courier.",
        "You pay %(total)s in all, each courier for the parcel that is handed over.",
        count,
    ) % {"total": formats.money(offer.total_incl_tax)}
    limits = cod.limits_on(now)
    if limits is None:
        return words + " " + _("We call you before anything is sent.")
    return (
        words
        + " "
        + _(
            "We call first when an order is over %(limit)s, or over %(first)s if it is your first."
        )
        % {
            "limit": formats.money(limits.order_amount_max),
            "first": formats.money(limits.new_phone_amount_max),
        }
    )
