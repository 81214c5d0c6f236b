"""Reading orders: by whoever follows one, and what the clock has to do."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.crypto import constant_time_compare
from oscar.apps.order.models import Order
from oscar.apps.partner.models import StockRecord

from catalogue.models import Product, ProductImage
from marketplace.kernel import clock
from marketplace.media.models import LibraryImage
from marketplace.orders.models import (
    ArrivalReport,
    ConsentText,
    Consignment,
    ConsignmentLine,
    FulfilmentTerms,
    Handover,
    Reservation,
    ShortPack,
)
from marketplace.orders.states import State
from marketplace.platform.dated import in_force
from marketplace.shipping import working_days
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


def orders_in_short() -> QuerySet[Order]:
    """Orders with what is in their parcels: three queries for one order."""
    return Order.objects.select_related(
        "details", "details__commune", "details__province", "reservation",
        "voucher_use__voucher", "invoice_wish",
    ).prefetch_related(
        Prefetch(
            "consignments",
            Consignment.objects.select_related("producer", "handover", "invoice"),
        ),
        "consignments__lines__line",
    )


def orders_to_follow() -> QuerySet[Order]:
    """Orders with all that the tracking page shows: eight queries for one order."""
    return orders_in_short().prefetch_related(
        "consignments__events",
        "consignments__short_packs__lines__line__line",
        "consignments__short_packs__lines__replacement__product__parent",
        "consignments__arrival_reports",
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


def order_for_tracking(
    number: str, secret: str, orders: Callable[[], QuerySet[Order]] = orders_to_follow
) -> Order | None:
    """The order whose tracking link this is; None for a wrong number and a wrong secret alike.

    ``orders`` says how much is read with it.
    """
    order = orders().filter(number=normalise_number(number)).first()
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
    return list(ConsentText.objects.filter(in_force(on)))


def terms_on(on: date) -> FulfilmentTerms | None:
    """The terms in force on a day; None before the first."""
    return (
        FulfilmentTerms.objects.filter(in_force(on))
        .order_by("-effective_from")
        .first()
    )


def may_still_undo(consignment: Consignment, now: datetime) -> bool:
    """Whether the last step is so young that it can be taken back. One query."""
    terms = terms_on(clock.local_date(now))
    return terms is not None and now < consignment.state_changed_at + timedelta(
        minutes=terms.undo_minutes
    )


def title_of(unit: Product) -> str:
    """As the buyer knows it: a size with its listing's name."""
    own, listing = unit.title or "", unit.listing
    return own if listing is unit or not own else f"{listing.title} – {own}"


def replacements_for(
    consignment: Consignment, *, now_missing: ConsignmentLine
) -> QuerySet[StockRecord]:
    """What of the same grower's goods could go instead: on sale, sent in the same way."""
    return (
        StockRecord.objects.filter(
            Q(product__is_public=True, product__parent=None, product__structure="standalone")
            | Q(product__parent__is_public=True),
            Q(product__shipping_class=now_missing.shipping_class, product__parent=None)
            | Q(product__parent__shipping_class=now_missing.shipping_class),
            partner__producer=consignment.producer_id,
            price__isnull=False,
            num_in_stock__gt=Coalesce(F("num_allocated"), 0),
        )
        .exclude(pk=now_missing.stockrecord_id)
        .select_related("product__parent")
        .order_by("product__parent__title", "product__title", "pk")
    )


def answers_offered(asked: ShortPack) -> list[str]:
    """What the buyer may choose, as the producer offered it."""
    offered = [ShortPack.Answer.MONEY_BACK.value]
    if any(row.replacement_id for row in asked.lines.all()):
        offered.insert(0, ShortPack.Answer.REPLACE.value)
    if asked.new_promise_on is not None:
        offered.insert(0, ShortPack.Answer.WAIT.value)
    return offered


def leaves_something(consignment: Consignment, asked: ShortPack) -> bool:
    """Whether anything of the parcel goes when the buyer wants the money back.

    Reads ``lines`` of both.
    """
    missing = {row.line_id: row.missing for row in asked.lines.all()}
    return any(
        line.quantity_left > missing.get(line.pk, 0) for line in consignment.lines.all()
    )


def silent_short_packs(now: datetime) -> list[int]:
    """Questions whose time has run out without an answer."""
    return list(
        ShortPack.objects.filter(answer=ShortPack.Answer.OPEN, answer_by__lte=now)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def untold_handovers(now: datetime) -> list[int]:
    """Consignments that left, and can no longer be taken back, whose buyers were not told."""
    terms = terms_on(clock.local_date(now))
    minutes = terms.undo_minutes if terms else 0
    return list(
        Handover.objects.filter(told_at__isnull=True, at__lte=now - timedelta(minutes=minutes))
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def may_be_reported(consignment: Consignment, today: date) -> bool:
    """Whether its buyer can say that it has not arrived. Reads ``arrival_reports``."""
    if any(report.answered_at is None for report in consignment.arrival_reports.all()):
        return False
    if consignment.state == State.HANDED_OVER:
        return consignment.promise_on is not None and consignment.promise_on < today
    return consignment.needs_delivery and consignment.state == State.DELIVERED


#: Sold for good, so that its invoice is due (Decree 123/2020/NĐ-CP, art. 9: at handing over).
_INVOICE_DUE = (State.HANDED_OVER, State.DELIVERED, State.COMPLETED)


def invoices_due(rows: QuerySet[Consignment]) -> QuerySet[Consignment]:
    """Those of ``rows`` whose buyers wait for an invoice that is due, the oldest first."""
    return rows.filter(
        order__invoice_wish__isnull=False, invoice__isnull=True, state__in=_INVOICE_DUE
    ).order_by("state_changed_at", "pk")


def waiting_since(now: datetime) -> tuple[datetime, datetime] | None:
    """Released before the first: to be reminded; before the second: to be called.

    None while nothing is judged: outside working hours nobody is reminded.
    """
    today = clock.local_date(now)
    terms = terms_on(today)
    if terms is None:
        return None
    hours = working_days.Hours(terms.work_begins_hour, terms.work_ends_hour)
    known = working_days.exceptions(today - timedelta(days=60), 60)
    if not working_days.is_working_time(now, hours, known):
        return None
    return (
        working_days.working_hours_before(
            now, terms.remind_after_working_hours, hours, known
        ),
        working_days.working_hours_before(
            now, terms.escalate_after_working_hours, hours, known
        ),
    )


def to_chase(now: datetime) -> list[int]:
    """Unconfirmed consignments whose producer is to be reminded, or called."""
    since = waiting_since(now)
    if since is None:
        return []
    remind_before, call_before = since
    return list(
        Consignment.objects.filter(state=State.NEW)
        .filter(
            Q(released_at__lte=remind_before, chase__reminded_at__isnull=True)
            | Q(released_at__lte=call_before, chase__escalated_at__isnull=True)
        )
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def expired_reservations(now: datetime) -> list[int]:
    """Orders whose unpaid time has run out."""
    return list(
        Reservation.objects.filter(
            ended_at__isnull=True, paused_at__isnull=True, ends_at__lte=now
        )
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


def unconfirmed(waiting_before: datetime) -> QuerySet[Consignment]:
    """What nobody confirmed in time: not its producer since it was released to them, paid or
    not, nor the buyer on the phone since it was placed. What waits for money has its own end.
    """
    return Consignment.objects.filter(
        Q(released_at__lt=waiting_before)
        | Q(
            released_at__isnull=True,
            state_changed_at__lt=waiting_before,
            order__reservation__ends_at__isnull=True,
        ),
        state=State.NEW,
    ).order_by("pk")


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
        # Whoever reported something gets an answer first.
        .exclude(
            Exists(ArrivalReport.objects.filter(consignment=OuterRef("pk"), answered_at=None))
        )
        .order_by("pk")
        .values_list("pk", flat=True)
    )
