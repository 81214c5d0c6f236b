"""An order as its buyer sees it, in the theme's components."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from oscar.apps.order.models import Order

from marketplace.kernel import formats
from marketplace.media.models import LibraryImage
from marketplace.media.queries import picture
from marketplace.orders.models import Consignment, ConsignmentEvent
from marketplace.orders.queries import pictures_of
from marketplace.orders.states import CAME_BACK, DEAD, ENDED, OrderStatus, State
from theme.components import (
    BasketLine,
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
    return [_parcel(order, c, pictures, with_stops=with_stops) for c in consignments]


def _parcel(
    order: Order,
    consignment: Consignment,
    pictures: Mapping[int, LibraryImage],
    *,
    with_stops: bool,
) -> Parcel:
    may_cancel = with_stops and consignment.is_cancellable_by_buyer
    state = State(consignment.state)
    return Parcel(
        title=(
            _("Parcel %(number)s") if consignment.needs_delivery else _("Service %(number)s")
        )
        % {"number": consignment.number.rsplit("-", 1)[-1]},
        producer_name=consignment.producer.name,
        state_word=str(state.label),
        state_kind=_KINDS.get(state, "e"),
        promise=(
            _("With you by %(day)s") % {"day": formats.weekday_date(consignment.promise_on)}
            if consignment.promise_on and state not in ENDED and state != State.DELIVERED
            else ""
        ),
        # With the stops, the reason stands beside the moment at which it was given.
        notice=_last_reason(consignment) if state in DEAD | CAME_BACK and not with_stops else "",
        lines=[
            BasketLine(
                name=row.line.title,
                picture=picture(pictures.get(row.line.product_id), _THUMB, decorative=True),
                quantity=row.quantity,
                quantity_word=ngettext("%(count)s piece", "%(count)s pieces", row.quantity)
                % {"count": formats.number(row.quantity)},
                total=formats.money(row.line.line_price_incl_tax),
            )
            for row in consignment.lines.all()
        ],
        fee=_fee(consignment),
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


def _last_reason(consignment: Consignment) -> str:
    events = list(consignment.events.all())
    return events[-1].reason if events else ""


def stops(consignment: Consignment) -> list[RiverStop]:
    """What really happened, each with its moment, and what should come next."""
    events = sorted(consignment.events.all(), key=lambda event: event.pk)
    happened = [_stop(event) for event in events]
    if consignment.state in ENDED:
        return happened
    way = _PARCEL_WAY if consignment.needs_delivery else _SERVICE_WAY
    reached = [way.index(event.to_state) for event in events if event.to_state in way]
    coming = way[max(reached, default=-1) + 1 :]
    return happened + [
        RiverStop(
            title=_happening(state),
            text=(
                _("promised for %(day)s") % {"day": formats.weekday_date(consignment.promise_on)}
                if state == State.DELIVERED and consignment.promise_on
                else ""
            ),
            state="todo",
        )
        for state in coming
    ]


def _stop(event: ConsignmentEvent) -> RiverStop:
    state = State(event.to_state)
    return RiverStop(
        title=_happening(state),
        text=event.reason,
        state="halt" if state in DEAD | CAME_BACK else "done",
        at=formats.datetime_(event.at),
        at_iso=event.at.isoformat(),
    )


def _happening(state: str) -> str:
    return {
        State.NEW: pgettext("event", "Ordered"),
        State.CONFIRMED: pgettext("event", "The grower confirmed"),
        State.PACKED: pgettext("event", "Packed"),
        State.HANDED_OVER: pgettext("event", "Handed to the courier"),
        State.DELIVERED: pgettext("event", "Delivered"),
        State.COMPLETED: pgettext("event", "Completed"),
        State.DECLINED: pgettext("event", "The grower could not deliver"),
        State.CANCELLED: pgettext("event", "Cancelled"),
        State.REFUSED: pgettext("event", "Not accepted at the door"),
        State.RETURNED: pgettext("event", "Returned"),
    }[state]


def summary(order: Order) -> SummaryBox:
    """What is to be paid now: what was cancelled or refused costs nothing any more."""
    consignments = list(order.consignments.all())
    alive = [c for c in consignments if c.state not in DEAD | CAME_BACK]
    rows = [
        SummaryRow(label=_("Goods"), value=formats.money(sum(c.goods_incl_tax for c in alive)))
    ]
    if any(c.needs_delivery for c in consignments):
        rows.append(
            SummaryRow(
                label=_("Delivery fee"), value=formats.money(sum(c.fee_incl_tax for c in alive))
            )
        )
    note = ""
    if len(alive) < len(consignments):
        note = _("What was cancelled is no longer counted.")
    return SummaryBox(
        rows=rows,
        total=formats.money(sum(c.total_incl_tax for c in alive)),
        total_label=_("On delivery"),
        note=note,
    )

