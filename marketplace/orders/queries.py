"""Reading orders: by whoever follows one, and what the clock has to do."""

import re
from datetime import date, datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.utils.crypto import constant_time_compare
from oscar.apps.order.models import Order

from catalogue.models import ProductImage
from marketplace.kernel import clock
from marketplace.media.models import LibraryImage
from marketplace.orders.models import (
    ConsentText,
    Consignment,
    FulfilmentTerms,
    Reservation,
)
from marketplace.orders.states import State
from marketplace.shipping.working_days import exceptions, is_working_day, working_days_before

#: Letters that people read for digits (Crockford's alphabet has no I, L, O, U).
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
NUMBER_PREFIX = "DT"


def normalise_number(text: str) -> str:
    """An order number as it was printed, whatever somebody made of it while typing."""
    code = re.sub(r"[^0-9A-Z]", "", text.upper()[:40])
    if not code.startswith(NUMBER_PREFIX):
        return code.translate(_MISREAD)
    return NUMBER_PREFIX + code[len(NUMBER_PREFIX) :].translate(_MISREAD)


def orders_to_follow() -> QuerySet[Order]:
    """Orders with all that the tracking page shows: four queries for one order."""
    return Order.objects.select_related(
        "details", "details__commune", "details__province"
    ).prefetch_related(
        "consignments__producer", "consignments__lines__line", "consignments__events"
    )


def pictures_of(order: Order) -> dict[int, LibraryImage]:
    """Id of what was sold (a size, or the listing itself) → its listing's first picture.

    One query. What has been deleted since has none.
    """
    sold = {
        row.line.product_id
        for consignment in order.consignments.all()
        for row in consignment.lines.all()
    }
    images = (
        ProductImage.objects.filter(
            Q(product__in=sold) | Q(product__children__in=sold), display_order=0
        )
        .select_related("original")
        .annotate(size_id=F("product__children"))
    )
    return {image.size_id or image.product_id: image.original for image in images}


def order_for_tracking(number: str, secret: str) -> Order | None:
    """The order whose tracking link this is; None for a wrong number and a wrong secret alike."""
    order = orders_to_follow().filter(number=normalise_number(number)).first()
    if order is None or not constant_time_compare(order.details.secret, secret):
        return None
    return order


def order_for_phone(number: str, phone: str) -> Order | None:
    """The order with this number placed from this phone (E.164); None tells nothing more."""
    # One query for either mistake: how long the answer takes tells nothing, too.
    return (
        orders_to_follow().filter(number=normalise_number(number), details__phone=phone).first()
    )


def consent_texts(on: date) -> list[ConsentText]:
    """The texts in force on a day, those needed for an order first. The form shows them all."""
    return list(
        ConsentText.objects.filter(
            Q(effective_through__isnull=True) | Q(effective_through__gte=on),
            effective_from__lte=on,
        )
    )


def terms_on(on: date) -> FulfilmentTerms | None:
    """The terms in force on a day; None before the first."""
    return (
        FulfilmentTerms.objects.filter(
            Q(effective_through__isnull=True) | Q(effective_through__gte=on),
            effective_from__lte=on,
        )
        .order_by("-effective_from")
        .first()
    )


def expired_reservations(now: datetime) -> list[int]:
    """Orders whose unpaid time has run out."""
    return list(
        Reservation.objects.filter(ended_at__isnull=True, ends_at__lte=now)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def unconfirmed_before(now: datetime) -> datetime | None:
    """New consignments older than this have waited too long; None while nothing is judged.

    Nothing is cancelled on a day off: the working days before it are not over for a producer
    who opens again on the next.
    """
    today = clock.local_date(now)
    terms = terms_on(today)
    if terms is None or not is_working_day(today, exceptions(today, 0)):
        return None
    day = working_days_before(today, terms.unconfirmed_working_days)
    return datetime.combine(day, now.astimezone(clock.TZ).timetz())


def unconfirmed(placed_before: datetime) -> list[int]:
    """Consignments that nobody confirmed in time, among those that have no end of their own."""
    return list(
        Consignment.objects.filter(
            state=State.NEW,
            state_changed_at__lt=placed_before,
            order__reservation__ends_at__isnull=True,
        )
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def to_complete(now: datetime) -> list[int]:
    """Delivered consignments whose days for complaints have passed."""
    terms = terms_on(clock.local_date(now))
    if terms is None:
        return []
    return list(
        Consignment.objects.filter(
            state=State.DELIVERED,
            state_changed_at__lte=now - timedelta(days=terms.completed_after_days),
        )
        .order_by("pk")
        .values_list("pk", flat=True)
    )
