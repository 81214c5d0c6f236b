"""An order as its buyer sees it, in the theme's components."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from oscar.apps.order.models import Order

from marketplace.kernel import clock, formats
from marketplace.media.models import LibraryImage
from marketplace.media.queries import picture
from marketplace.orders.models import (
    Consignment,
    ConsignmentEvent,
    ConsignmentLine,
    Handover,
    ShortPack,
)
from marketplace.orders.promises import if_begun
from marketplace.orders.queries import (
    answers_offered,
    leaves_something,
    may_be_reported,
    pictures_of,
    title_of,
)
from marketplace.orders.states import (
    ACTOR_WORDS,
    CAME_BACK,
    DEAD,
    ENDED,
    UNDOS,
    ActorKind,
    OrderStatus,
    State,
)
from theme.components import (
    BasketLine,
    MissingQuestion,
    Parcel,
    RiverLine,
    RiverStop,
    SummaryBox,
    SummaryRow,
)

#: As wide as the theme shows the picture of a line.
_THUMB = "84px"
_KINDS = {
    State.NEW: "w",
    State.CONFIRMED: "i",
    State.SHORT_PACKED: "w",
    State.PACKED: "i",
    State.HANDED_OVER: "i",
    State.DELIVERED: "",
    State.COMPLETED: "",
}
_PARCEL_WAY = (State.CONFIRMED, State.PACKED, State.HANDED_OVER, State.DELIVERED)
_SERVICE_WAY = (State.CONFIRMED, State.DELIVERED)


def order_word(order: Order) -> str:
    """The order's state in the reader's language."""
    return str(OrderStatus(order.status).label) if order.status in OrderStatus.values else ""


def parcels(order: Order, *, with_stops: bool = True) -> list[Parcel]:
    """One for each consignment, in the order in which they were put in. One query."""
    pictures = pictures_of(order)
    consignments = sorted(order.consignments.all(), key=lambda c: c.pk)
    promised = promises_of(order)
    return [
        _parcel(order, c, pictures, promised.get(c.pk, ""), with_stops=with_stops)
        for c in consignments
    ]


def promises_of(order: Order) -> dict[int, str]:
    """Consignment id → by when it is with its buyer, in words; without what has arrived or ended.

    What waits for money or for our call is reckoned as if it came today, and says so. Two
    queries while something waits, else none.
    """
    alive = [
        c
        for c in order.consignments.all()
        if c.promise_on and c.state not in ENDED and c.state != State.DELIVERED
    ]
    waiting = if_begun([c for c in alive if c.released_at is None], clock.today())
    if order.reservation.ends_at is not None:
        condition = _("With you by %(day)s, if the money comes today")
    else:
        condition = _("With you by %(day)s, if we reach you by phone today")
    return {
        c.pk: condition % {"day": formats.weekday_date(waiting[c.pk].promise_on)}
        if c.pk in waiting
        else _("With you by %(day)s") % {"day": formats.weekday_date(c.promise_on)}
        for c in sorted(
            alive,
            key=lambda c: waiting[c.pk].promise_on if c.pk in waiting else c.promise_on,
        )
    }


def _parcel(
    order: Order,
    consignment: Consignment,
    pictures: Mapping[int, LibraryImage],
    promise: str,
    *,
    with_stops: bool,
) -> Parcel:
    may_cancel = with_stops and consignment.is_cancellable_by_buyer
    secret = (order.number, order.details.secret)
    handover = getattr(consignment, "handover", None) if with_stops else None
    state = State(consignment.state)
    return Parcel(
        title=(
            _("Parcel %(number)s") if consignment.needs_delivery else _("Service %(number)s")
        )
        % {"number": consignment.number.rsplit("-", 1)[-1]},
        producer_name=consignment.producer.name,
        state_word=str(state.label),
        state_kind=_KINDS.get(state, "e"),
        promise=promise,
        # With the stops, the reason stands beside the moment at which it was given.
        notice=(
            _report_words(consignment)
            if with_stops
            else _last_reason(consignment)
            if state in DEAD | CAME_BACK
            else ""
        ),
        lines=[
            BasketLine(
                name=row.line.title,
                picture=picture(pictures.get(row.line.product_id), _THUMB, decorative=True),
                quantity=row.quantity_left,
                quantity_word=_pieces(row),
                total=formats.money(row.price_left_incl_tax),
                off=off_words(order, row.discount_left_incl_tax),
            )
            for row in consignment.lines.all()
        ],
        question=missing_question(order, consignment) if with_stops else None,
        facts=[
            *(_facts(handover) if handover else ()),
            *(_invoice_facts(order, consignment) if with_stops else ()),
        ],
        invoice_url=_invoice_url(consignment) if with_stops else "",
        photo_url=(
            reverse("orders:photo", args=[*secret, consignment.number])
            if handover and handover.photo
            else ""
        ),
        report_url=(
            reverse("orders:report", args=[*secret, consignment.number])
            if with_stops and may_be_reported(consignment, clock.today())
            else ""
        ),
        fee=_fee(consignment),
        fee_off=off_words(order, consignment.fee_discount_incl_tax),
        stops=RiverLine(stops=stops(consignment), label=_("What happened")) if with_stops else None,
        phone=consignment.producer.phone if with_stops else "",
        cancel_action=(
            reverse("orders:cancel", args=[order.number, order.details.secret])
            if may_cancel
            else ""
        ),
        hidden=[("consignment", consignment.number)] if may_cancel else (),
    )


def _fee(consignment: Consignment) -> str:
    if not consignment.needs_delivery:
        return ""
    return formats.money(consignment.fee_incl_tax) if consignment.fee_incl_tax else _("Free")


def off_words(order: Order, amount: Decimal) -> str:
    """What the order's code, or an offer of the shop, took off; nothing for nothing.

    Reads ``voucher_use``, which queries bring along.
    """
    if not amount:
        return ""
    use = getattr(order, "voucher_use", None)
    if use is None:
        return _("Discount −%(amount)s") % {"amount": formats.money(amount)}
    return _("Code %(code)s −%(amount)s") % {
        "code": use.voucher.code,
        "amount": formats.money(amount),
    }


def _last_reason(consignment: Consignment) -> str:
    events = list(consignment.events.all())
    return events[-1].reason if events else ""


def _pieces(row: ConsignmentLine) -> str:
    words = ngettext("%(count)s piece", "%(count)s pieces", row.quantity_left) % {
        "count": formats.number(row.quantity_left)
    }
    if not row.dropped:
        return words
    return _("%(pieces)s (%(missing)s not sent)") % {
        "pieces": words,
        "missing": formats.number(row.dropped),
    }


def _facts(handover: Handover) -> list[tuple[str, str]]:
    return [
        (label, value)
        for label, value in (
            (_("Carrier"), handover.carrier),
            (_("Tracking number"), handover.tracking_number),
        )
        if value
    ]


def _invoice_facts(order: Order, consignment: Consignment) -> list[tuple[str, str]]:
    """The VAT invoice that was asked for, once its seller has issued it."""
    wish = getattr(order, "invoice_wish", None)
    if wish is None:
        return []
    invoice = getattr(consignment, "invoice", None)
    if invoice is None:
        if consignment.state in DEAD | CAME_BACK:
            return []
        to = f"{wish.company}, {wish.tax_code_words}"
        return [(_("VAT invoice"), _("the grower issues it to %(company)s") % {"company": to})]
    found = [
        (
            _("VAT invoice"),
            _("%(number)s of %(day)s")
            % {"number": str(invoice), "day": formats.date(invoice.issued_on)},
        )
    ]
    if invoice.lookup_code:
        found.append((_("Code to look it up"), invoice.lookup_code))
    return found


def _invoice_url(consignment: Consignment) -> str:
    invoice = getattr(consignment, "invoice", None)
    return invoice.lookup_url if invoice else ""


def missing_question(order: Order, consignment: Consignment) -> MissingQuestion | None:
    """What the buyer is asked while goods are missing. Reads what was prefetched."""
    asked = next((a for a in consignment.short_packs.all() if not a.answer), None)
    if consignment.state != State.SHORT_PACKED or asked is None:
        return None
    rows = list(asked.lines.all())
    goes_on = leaves_something(consignment, asked)
    labels = {answer: str(answer.label) for answer in ShortPack.Answer}
    if not goes_on:
        labels[ShortPack.Answer.MONEY_BACK] = _("Cancel this parcel")
    notes = {
        ShortPack.Answer.WAIT: _("All of it, with you by %(day)s.")
        % {"day": formats.weekday_date(asked.new_promise_on)},
        ShortPack.Answer.REPLACE: _("%(goods)s instead, at no higher price.")
        % {
            "goods": ", ".join(
                f"{formats.number(row.missing)} × {title_of(row.replacement.product)}"
                for row in rows
                if row.replacement
            )
        },
        ShortPack.Answer.MONEY_BACK: (
            _("You pay nothing for what is missing; the rest is sent.")
            if goes_on
            else _("You pay nothing for it; what you have paid is paid back.")
        ),
    }
    return MissingQuestion(
        title=(
            _("Something is missing: what do you wish?")
            if goes_on
            else _("The grower cannot send it now: what do you wish?")
        ),
        text=asked.note,
        lines=[
            _("%(count)s × %(title)s is missing")
            % {"count": formats.number(row.missing), "title": row.line.line.title}
            for row in rows
        ],
        action=reverse(
            "orders:missing", args=[order.number, order.details.secret, consignment.number]
        ),
        choices=[
            (answer, labels[ShortPack.Answer(answer)], notes[ShortPack.Answer(answer)])
            for answer in answers_offered(asked)
        ],
        hidden=[("question", str(asked.pk))],
        until=(
            _("Please answer by %(day)s; after that you get the money back for it.")
            if goes_on
            else _("Please answer by %(day)s; after that the parcel is cancelled.")
        )
        % {"day": formats.datetime_(asked.answer_by)},
    )


def _report_words(consignment: Consignment) -> str:
    """What was reported last, and what became of it. Reads what was prefetched."""
    reports = list(consignment.arrival_reports.all())
    if not reports:
        return ""
    last = reports[-1]
    if last.answered_at is None:
        return _("You told us on %(day)s: %(reason)s. We look into it.") % {
            "day": formats.datetime_(last.reported_at),
            "reason": last.get_reason_display(),
        }
    return _("About what you told us: %(answer)s") % {"answer": last.answer}


def stops(consignment: Consignment) -> list[RiverStop]:
    """What really happened, each with its moment, and what should come next.

    A step that was taken back never happened to the buyer.
    """
    happened: list[ConsignmentEvent] = []
    for event in sorted(consignment.events.all(), key=lambda event: event.pk):
        if (event.from_state, event.to_state) in UNDOS:
            happened = happened[:-1]
        else:
            happened.append(event)
    shown = [_stop(event) for event in happened]
    if consignment.state in ENDED:
        return shown
    way = _PARCEL_WAY if consignment.needs_delivery else _SERVICE_WAY
    reached = [way.index(event.to_state) for event in happened if event.to_state in way]
    coming = way[max(reached, default=-1) + 1 :]
    return shown + [
        RiverStop(
            title=_happening(state),
            text=(
                _("promised for %(day)s") % {"day": formats.weekday_date(consignment.promise_on)}
                if state == State.DELIVERED and consignment.promise_on and consignment.released_at
                else ""
            ),
            state="todo",
        )
        for state in coming
    ]


def desk_stops(consignment: Consignment) -> list[RiverStop]:
    """Every step as its producer sees it: who, when, why, with what was taken back. One query."""
    found = []
    for event in consignment.events.select_related("actor").order_by("pk"):
        stop = _stop(event)
        who = str(event.actor) if event.actor else str(ACTOR_WORDS[ActorKind(event.actor_kind)])
        if event.actor_kind == ActorKind.BUYER:
            # A buyer's account is no business of the desk.
            who = str(ACTOR_WORDS[ActorKind.BUYER])
        words = [who, event.reason]
        if event.put_back is not None:
            words.append(_("put on sale again") if event.put_back else _("written off"))
        found.append(replace(stop, text=" · ".join(word for word in words if word)))
    return found


def _stop(event: ConsignmentEvent) -> RiverStop:
    state = State(event.to_state)
    title = _happening(state)
    if event.from_state == State.SHORT_PACKED and state == State.CONFIRMED:
        title = pgettext("event", "Goes on")
    elif (event.from_state, event.to_state) in UNDOS:
        title = pgettext("event", "Step taken back")
    return RiverStop(
        title=title,
        text=event.reason,
        state="halt" if state in DEAD | CAME_BACK | {State.SHORT_PACKED} else "done",
        at=formats.datetime_(event.at),
        at_iso=event.at.isoformat(),
    )


def _happening(state: str) -> str:
    return {
        State.NEW: pgettext("event", "Ordered"),
        State.CONFIRMED: pgettext("event", "The grower confirmed"),
        State.SHORT_PACKED: pgettext("event", "Something is missing"),
        State.PACKED: pgettext("event", "Packed"),
        State.HANDED_OVER: pgettext("event", "Handed to the courier"),
        State.DELIVERED: pgettext("event", "Delivered"),
        State.COMPLETED: pgettext("event", "Completed"),
        State.DECLINED: pgettext("event", "The grower could not deliver"),
        State.CANCELLED: pgettext("event", "Cancelled"),
        State.REFUSED: pgettext("event", "Not accepted at the door"),
        State.RETURNED: pgettext("event", "Returned"),
    }[state]


def summary(order: Order, total_label: str = "") -> SummaryBox:
    """What is to be paid now: what was cancelled or refused costs nothing any more."""
    consignments = list(order.consignments.all())
    alive = [c for c in consignments if c.state not in DEAD | CAME_BACK]
    off_goods = sum((c.discount_left_incl_tax for c in alive), Decimal(0))
    off_fees = sum((c.fee_discount_incl_tax for c in alive), Decimal(0))
    goods = sum((c.goods_left_incl_tax for c in alive), Decimal(0)) + off_goods
    rows = [SummaryRow(label=_("Goods"), value=formats.money(goods))]
    if any(c.needs_delivery for c in consignments):
        fees = sum((c.fee_incl_tax for c in alive), Decimal(0)) + off_fees
        rows.append(SummaryRow(label=_("Delivery fee"), value=formats.money(fees)))
    if off_goods or off_fees:
        use = getattr(order, "voucher_use", None)
        rows.append(
            SummaryRow(
                label=_("Code %(code)s") % {"code": use.voucher.code} if use else _("Discount"),
                value=f"−{formats.money(off_goods + off_fees)}",
            )
        )
    note = ""
    if len(alive) < len(consignments):
        note = _("What was cancelled is no longer counted.")
    elif any(c.reduced_incl_tax for c in alive):
        note = _("What is not sent is no longer counted.")
    return SummaryBox(
        rows=rows,
        total=formats.money(sum(c.total_incl_tax for c in alive)),
        total_label=total_label or _("On delivery"),
        note=note,
    )

