"""The two steps after the basket: where to, and pay. A skipped step leads back to the first."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from oscar.apps.order.models import Order

from marketplace.checkout import actions, baskets, parts, queries, session
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
)
from marketplace.checkout.forms import ContactForm, PayForm, WhereForm
from marketplace.checkout.views.common import (
    all_provinces,
    buyer,
    is_key,
    placed_with,
    private,
    tell_pieces,
)
from marketplace.kernel import clock, formats
from marketplace.orders.queries import consent_texts
from marketplace.payments import cod
from marketplace.payments.models import Method
from marketplace.payments.queries import methods_offered
from marketplace.places.models import Commune, Province
from marketplace.places.queries import communes_on


class _StepMissing(Exception):
    """An earlier step has to be taken first."""

    def __init__(self, step: str, *words: str) -> None:
        self.step, self.words = step, words
        super().__init__(step)

    def redirect(self, request: HttpRequest) -> HttpResponse:
        """Lead there, and say why."""
        for words in self.words:
            messages.warning(request, words)
        return redirect(f"checkout:{self.step}")


def _orderable(offer: queries.Offer) -> queries.Offer:
    """An offer that may be ordered as far as the basket goes."""
    if offer.is_empty:
        raise _StepMissing("basket", _("Your basket is empty. Put something in first."))
    if offer.problems:
        raise _StepMissing(
            "basket", _("Please change or remove what is marked before you go on.")
        )
    return offer


# --- Where to ---------------------------------------------------------------------------


@private
def where(request: HttpRequest) -> HttpResponse:
    """Name, phone and address; the commune is free text."""
    try:
        return _where(request)
    except _StepMissing as missing:
        return missing.redirect(request)


def _where(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    on = clock.local_date(now)
    provinces = all_provinces()
    kept = session.delivery(request)
    if request.method == "POST":
        form = _where_form(
            request.POST, provinces, on, is_sent=baskets.is_sent(request.basket)
        )
        form.is_valid()
        province = provinces.get(request.POST.get("province", ""))
        # Islands cost more than their province, or cannot be reached: judge by the commune.
        commune = form.cleaned_data.get("commune")
    else:
        form, commune = None, None
        province = provinces.get((kept and kept.province_code) or session.province_code(request))
    offer = _orderable(
        queries.offer(
            basket=request.basket,
            province=province,
            commune=commune if isinstance(commune, Commune) else None,
            user=buyer(request),
            now=now,
        )
    )
    tell_pieces(request, offer)
    if form is None:
        initial = _initial(request, kept, province, on)
        form = _where_form(None, provinces, on, is_sent=offer.needs_delivery, initial=initial)
    elif form.is_valid():
        if not offer.refusals:
            session.keep_delivery(request, _delivery(form))
            return redirect("checkout:pay")
        form.add_error("province", _refused_words(offer))
    return render(
        request,
        "checkout/where.html",
        {
            "steps": parts.steps("where"),
            "form": form,
            "heading": _("Where to deliver") if offer.needs_delivery else _("How to reach you"),
            "needs_delivery": offer.needs_delivery,
            "commune_url": reverse("shop:commune_options"),
            "groups": parts.groups(
                offer, parts.Showing(province=province, pictures=parts.pictures_of(offer))
            ),
            "summary": parts.summary(offer, province),
            "parcels_words": parts.parcels_words(offer) if offer.needs_delivery else "",
            "total": formats.money(offer.total_incl_tax),
            "back_url": reverse("checkout:basket"),
        },
    )


def _where_form(
    data: QueryDict | None,
    provinces: dict[str, Province],
    on: date,
    *,
    is_sent: bool,
    initial: dict[str, object] | None = None,
) -> ContactForm:
    """Services alone need no address."""
    if not is_sent:
        return ContactForm(data, initial=initial)
    return WhereForm(data, initial=initial, provinces=list(provinces.values()), on=on)


def _initial(
    request: HttpRequest, kept: session.Delivery | None, province: Province | None, on: date
) -> dict[str, object]:
    """What was typed before, or what the account knows."""
    if kept is None:
        user = buyer(request)
        known = (
            {
                "name": user.get_full_name(),
                "phone": formats.phone(user.phone),
                "email": user.email or "",
            }
            if user
            else {}
        )
        return {**known, "province": province.pk if province else ""}
    commune = (
        communes_on(on).filter(pk=kept.commune_id, province=kept.province_code).first()
        if kept.commune_id
        else None
    )
    return {
        "name": kept.name,
        "phone": formats.phone(kept.phone),
        "email": kept.email,
        "province": kept.province_code or (province.pk if province else ""),
        "commune": commune.full_name if commune else "",
        "street": kept.street,
        "note": kept.note,
        "gift_text": kept.gift_text,
        "no_prices": kept.hide_prices,
    }


def _delivery(form: ContactForm) -> session.Delivery:
    said = form.cleaned_data
    province, commune = said.get("province"), said.get("commune")
    return session.Delivery(
        name=said["name"],
        phone=said["phone"],
        email=said["email"],
        province_code=province.pk if province else "",
        commune_id=commune.pk if commune else None,
        street=said.get("street", ""),
        note=said.get("note", ""),
        gift_text=said.get("gift_text", ""),
        hide_prices=said.get("no_prices", False),
    )


def _refused_words(offer: queries.Offer) -> list[str]:
    return [
        _("“%(title)s”: %(reason)s Take it out of the basket, or choose another place.")
        % {
            "title": refusal.line.unit.listing.title,
            "reason": str(refusal.reason).rstrip(".") + ".",
        }
        for refusal in offer.refusals
    ]


# --- Pay --------------------------------------------------------------------------------


@private
def pay(request: HttpRequest) -> HttpResponse:
    """The whole order once more, how to pay, what is agreed to; POST places it."""
    try:
        if request.method == "POST":
            return _place(request)
        return _pay_page(request, *_destination(request))
    except _StepMissing as missing:
        return missing.redirect(request)


def _destination(request: HttpRequest) -> tuple[session.Delivery, Commune | None]:
    """What the step before has told, still true today."""
    delivery = session.delivery(request)
    if delivery is None:
        if not request.basket.pk:
            raise _StepMissing("basket", _("Your basket is empty. Put something in first."))
        raise _StepMissing("where", _("Please say first who gets the goods, and where."))
    if not delivery.commune_id:
        return delivery, None
    commune = (
        communes_on(clock.today())
        .select_related("province")
        .filter(pk=delivery.commune_id, province=delivery.province_code)
        .first()
    )
    if commune is None:
        raise _StepMissing("where", _("Please choose your ward or commune once more."))
    return delivery, commune


def _place(request: HttpRequest) -> HttpResponse:
    key = request.POST.get("key", "")
    try:
        delivery, commune = _destination(request)
    except _StepMissing:
        # Sent twice: the first has emptied basket and session on its way.
        order = placed_with(key)
        if order is None:
            raise
        return _thank(request, order)
    now = clock.now()
    methods = methods_offered(now)
    texts = consent_texts(clock.local_date(now))
    data = request.POST.copy()
    if not is_key(key):
        data["key"] = key = uuid.uuid4().hex
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
        raise _StepMissing(
            "basket", _("Your basket is empty. Put something in first.")
        ) from None
    except OfferChanged as changed:
        return _pay_page(request, delivery, commune, data=data, changes=changed.changes)
    except (CannotSend, DestinationIncomplete) as refused:
        raise _StepMissing("where", *refused.messages) from None
    except (CodRefused, MethodNotOffered) as refused:
        return _pay_page(request, delivery, commune, data=data, refused=("payment", refused))
    except AgeNotConfirmed as refused:
        return _pay_page(request, delivery, commune, data=data, refused=("age_confirmed", refused))
    except CheckoutRefused as refused:
        return _pay_page(request, delivery, commune, data=data, refused=(None, refused))
    return _thank(request, order)


def _thank(request: HttpRequest, order: Order) -> HttpResponse:
    session.forget_delivery(request)
    request.basket_pieces = 0
    return redirect("checkout:thank_you", number=order.number, secret=order.details.secret)


def _method_choices(methods: list) -> list[tuple[str, str]]:
    """Only what this page can carry out; other ways bring their own page."""
    return [
        (terms.method, _("Cash on delivery")) for terms in methods if terms.method == Method.COD
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
) -> HttpResponse:
    """The page anew, with the sums of this minute; ticks and choices stay as they were."""
    now = clock.now()
    province = commune.province if commune else None
    offer = queries.offer(
        basket=request.basket, province=province, commune=commune, user=buyer(request), now=now
    )
    problems = offer.problems if changes else []
    if not problems:
        _orderable(offer)
    if offer.needs_delivery and commune is None:
        raise _StepMissing("where", _("Please say first who gets the goods, and where."))
    if offer.refusals:
        raise _StepMissing("where", *_refused_words(offer))
    tell_pieces(request, offer)
    choices = judged.fields["payment"].choices if judged else _method_choices(methods_offered(now))
    if data is None:
        initial = {
            "payment": choices[0][0] if len(choices) == 1 else None,
            "seen": offer.expected.to_text(),
            "key": uuid.uuid4().hex,
        }
        changed = []
    else:
        # A page left open may show other sums than today's offer: say so, and ask again.
        changed = changes if changes is not None else _unseen(offer, data)
        data["seen"] = offer.expected.to_text()
        initial = None
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
    showing = parts.Showing.of_changes(
        changed, province=province, pictures=parts.pictures_of(offer)
    )
    total = formats.money(offer.total_incl_tax)
    return render(
        request,
        "checkout/pay.html",
        {
            "steps": parts.steps("pay"),
            "form": form,
            "payment_notes": {Method.COD.value: _cod_note(offer, now)},
            "payment_icons": {Method.COD.value: "cash"},
            "changes": [change.message for change in changed],
            "refused_by_phone": refused is not None and isinstance(refused[1], CodRefused),
            "address": _address_lines(delivery, commune),
            "needs_delivery": offer.needs_delivery,
            "address_url": reverse("checkout:where"),
            "note": delivery.note,
            "gift_text": delivery.gift_text,
            "hide_prices": delivery.hide_prices,
            "groups": parts.groups(offer, showing),
            "summary": parts.summary(offer, province),
            "button": _("Place the order, pay %(total)s on delivery") % {"total": total},
            "mend_url": reverse("checkout:basket") if problems else "",
            "back_url": reverse("checkout:where"),
        },
    )


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
