"""Placing an order: order first, then pay, in one transaction.

Oscar's own way (pay, then write; allocate without looking) oversells and loses paid orders.
Here one transaction freezes the basket, takes the scarce things, writes the order with one
consignment for each producer, the reservation, the ledger and the outbox. It commits whole or
leaves nothing behind, and the basket open as it was.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from decimal import Decimal

import psycopg.errors
from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext as _
from oscar.apps.basket.models import Basket
from oscar.apps.order.models import Order

from marketplace.accounts.models import User
from marketplace.checkout.errors import (
    AgeNotConfirmed,
    AlreadyPlaced,
    BasketBusy,
    BasketEmpty,
    CannotSend,
    ConsentMissing,
    DestinationIncomplete,
    MethodNotOffered,
    NothingToPay,
    OfferChanged,
    PaidAhead,
    TooMuch,
)
from marketplace.checkout.queries import ExpectedTotals, Offer, offer
from marketplace.checkout.writing import ConsentGiven, Destination, InvoiceWanted, Placing
from marketplace.kernel import clock, failpoints
from marketplace.orders.models import ConsentText, OrderDetails
from marketplace.orders.queries import consent_texts
from marketplace.payments.models import Method, MethodTerms
from marketplace.payments.queries import methods_offered

#: What Oscar's amount columns can hold, in whole đồng.
LARGEST_TOTAL = Decimal(9_999_999_999)
_E164 = re.compile(r"\+[1-9][0-9]{7,14}")


def place_order(
    *,
    basket: Basket,
    destination: Destination,
    method: str = Method.COD,
    user: User | None = None,
    language: str = "vi",
    consents: Sequence[ConsentGiven] = (),
    gift_text: str = "",
    hide_prices: bool = False,
    age_confirmed: bool = False,
    invoice: InvoiceWanted | None = None,
    expected: ExpectedTotals,
    idempotency_key: str,
    now: datetime,
) -> Order:
    """Turn an open basket into an order, or raise and leave everything as it was.

    Holds, in this order: the basket's row, the phone number's advisory lock,
    stock records by primary key, the rows of the voucher used, page versions. Raises
    AlreadyPlaced when this basket or this ``idempotency_key`` has become an order; OfferChanged
    (StockGone and CodeGone among them) when anything differs from ``expected``; and the other
    ``CheckoutRefused``.
    """
    user = user if getattr(user, "is_authenticated", False) else None
    language = language if language in dict(settings.LANGUAGES) else "vi"
    try:
        with _as_busy(), transaction.atomic():
            _freeze(basket, idempotency_key)
            failpoints.reach("order.basket_frozen")
            terms = _terms(method, now)
            placing = Placing(
                basket=basket,
                destination=destination,
                terms=terms,
                user=user,
                language=language,
                texts=_agreed(consents, now),
                gift_text=gift_text,
                hide_prices=hide_prices,
                age_confirmed=age_confirmed,
                invoice=invoice,
                idempotency_key=idempotency_key,
                now=now,
                offer=_judged_offer(
                    basket, destination, method, user, expected, age_confirmed, now
                ),
            )
            if not placing.offer.total_incl_tax and terms.method != Method.COD:
                raise NothingToPay
            return placing.write()
    except IntegrityError as refused:
        # A rival with the same key, or the same basket, was written between our look and now.
        placed = _placed_before(basket, idempotency_key)
        if placed is None:
            raise
        raise AlreadyPlaced(placed) from refused


@contextmanager
def _as_busy() -> Iterator[None]:
    """Waiting too long for a row, or a deadlock, is a reason to try again, not a fault."""
    try:
        yield
    except OperationalError as error:
        if isinstance(
            error.__cause__, psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected
        ):
            raise BasketBusy from error
        raise


def _placed_before(basket: Basket, idempotency_key: str) -> Order | None:
    return (
        Order.objects.select_related("details")
        .filter(details__idempotency_key=idempotency_key)
        .first()
        or Order.objects.select_related("details").filter(basket=basket.pk).first()
    )


def _freeze(basket: Basket, idempotency_key: str) -> None:
    """The first of two clicks freezes the basket; the second waits here and finds it frozen."""
    if basket.pk is None:
        raise BasketEmpty
    frozen = Basket.objects.filter(pk=basket.pk, status=Basket.OPEN).update(status=Basket.FROZEN)
    if not frozen:
        placed = _placed_before(basket, idempotency_key)
        raise AlreadyPlaced(placed) if placed else BasketBusy


def _terms(method: str, now: datetime) -> MethodTerms:
    for terms in methods_offered(now):
        # A card needs a payment page, which comes with it.
        if terms.method == method and method in (Method.COD, Method.VIETQR):
            return terms
    raise MethodNotOffered


def _agreed(consents: Sequence[ConsentGiven], now: datetime) -> list[ConsentText]:
    """The texts agreed to; raises ConsentMissing for a needed one, or an outdated version."""
    given = {(consent.purpose, consent.version) for consent in consents}
    texts = consent_texts(clock.local_date(now))
    missing = [
        text.purpose
        for text in texts
        if text.is_required and (text.purpose, text.version) not in given
    ]
    if missing:
        raise ConsentMissing(missing)
    return [text for text in texts if (text.purpose, text.version) in given]


def _judged_offer(
    basket: Basket,
    destination: Destination,
    method: str,
    user: User | None,
    expected: ExpectedTotals,
    age_confirmed: bool,
    now: datetime,
) -> Offer:
    """Today's offer, when it is the one that the buyer saw and can be fulfilled there."""
    _check_texts(destination)
    today = offer(
        basket=basket,
        province=destination.province,
        commune=destination.commune,
        user=user,
        phone=destination.phone,
        now=now,
    )
    if today.is_empty:
        raise BasketEmpty
    changes = today.changes_since(expected)
    if changes:
        raise OfferChanged(changes)
    if today.needs_delivery:
        _check_address(destination, clock.local_date(now))
    if today.refusals:
        titles = {line.unit.pk: line.title for line in today.lines}
        raise CannotSend(
            *(
                _("%(title)s: %(reason)s")
                % {"title": titles[refusal.line.unit.pk], "reason": refusal.reason}
                for refusal in today.refusals
            )
        )
    if today.minimum_age and not age_confirmed:
        raise AgeNotConfirmed(today.minimum_age)
    if method == Method.COD and today.paid_ahead:
        raise PaidAhead([line.title for line in today.paid_ahead])
    if today.total_incl_tax > LARGEST_TOTAL:
        raise TooMuch
    return today


def _check_texts(destination: Destination) -> None:
    """Forms ask for all this with better words; an action must not rely on it."""
    if not destination.recipient.strip() or not _E164.fullmatch(destination.phone):
        raise DestinationIncomplete(_("Please give a name and a phone number."))
    for field in fields(destination):
        value = getattr(destination, field.name)
        if isinstance(value, str) and (
            "\x00" in value
            or len(value) > OrderDetails._meta.get_field(field.name).max_length
        ):
            raise DestinationIncomplete(_("One of the texts is too long."))


def _check_address(destination: Destination, on: object) -> None:
    province, commune = destination.province, destination.commune
    if (
        province is None
        or commune is None
        or commune.province_id != province.pk
        or commune.valid_from > on
        or (commune.valid_through is not None and commune.valid_through < on)
    ):
        raise DestinationIncomplete(_("Please choose a province and a commune."))
