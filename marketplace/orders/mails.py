"""Messages about an order, in the reader's language, put into the outbox of this transaction.

The context holds finished words and amounts: the worker that sends knows nothing of orders.
"""

from collections.abc import Sequence
from functools import partial

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from oscar.apps.order.models import Line, Order

from marketplace.kernel import formats
from marketplace.orders import news
from marketplace.orders.models import Consignment
from marketplace.orders.states import DEAD, State, Transition
from marketplace.orders.telling import (
    lines_of,
    parcel_words,
    tell_buyer,
    tell_team,
    tracking_url,
)
from marketplace.producers.queries import Contact, contacts


def placed(
    order: Order,
    consignments: Sequence[Consignment],
    lines: dict[int, list[Line]],
    *,
    is_cash_on_delivery: bool,
    is_called_first: bool,
    transfer: dict[str, object] | None = None,
) -> None:
    """Tell the buyer that the order arrived. ``lines``: those of each consignment, by its id.

    ``transfer``: how to pay an order that is paid beforehand, in finished words.
    """
    details = order.details
    with override(details.language):
        tell_buyer(
            order,
            template="order_placed",
            context={
                "number": order.number,
                "recipient": details.recipient,
                "address": details.address_lines,
                "parcels": [parcel_words(c, lines[c.pk]) for c in consignments],
                "total": formats.money(order.total_incl_tax),
                "is_cash_on_delivery": is_cash_on_delivery,
                "is_called_first": is_called_first,
                "transfer": transfer,
                "button_url": transfer["url"] if transfer else tracking_url(order),
                "button_label": _("Pay now") if transfer else _("Follow the order"),
            },
            dedupe_key=f"order:{order.number}:placed",
        )


def new_consignments(
    order: Order, consignments: Sequence[Consignment], lines: dict[int, list[Line]] | None = None
) -> None:
    """Tell each producer, and its owners and staff, of what is to be packed."""
    if not consignments:
        return
    told = contacts([c.producer for c in consignments])
    if lines is None:
        lines = lines_of(consignments)
    for consignment in consignments:
        tell_team(
            told[consignment.producer_id],
            template="new_consignment",
            context=partial(_new, order, consignment, lines[consignment.pk]),
            dedupe_key=f"consignment:{consignment.number}:new",
        )


def _new(
    order: Order, consignment: Consignment, lines: list[Line], _contact: Contact
) -> dict[str, object]:
    return {
        **parcel_words(consignment, lines),
        "commune": str(order.details.commune or ""),
        "province": str(order.details.province or ""),
        "handover": formats.weekday_date(consignment.handover_on),
        "note": order.details.note,
        "gift_text": order.details.gift_text,
        "hide_prices": order.details.hide_prices,
        "button_url": settings.SITE_URL + reverse("portal:home"),
        "button_label": _("Open your desk"),
    }


def moved(
    order: Order,
    every: Sequence[Consignment],
    moves: Sequence[tuple[Consignment, Transition]],
    reason: str,
) -> None:
    """Tell the buyer of moves that matter; one mail when the whole order has ended at once.

    A producer whose consignment was cancelled after being shown is told as well, with
    everybody of its team: whoever packs must stop.
    """
    details = order.details
    for consignment, transition in moves:
        if transition.template in news.NEWS:
            news.tell_of_move(order, consignment, transition.template, reason)
    moves = [(c, t) for c, t in moves if t.template not in news.NEWS]
    told = [c for c, t in moves if t.template]
    if not told:
        return
    lines = lines_of(told)
    whole = all(t.to_state == State.CANCELLED for _c, t in moves) and len(moves) == len(every)
    with override(details.language):
        if whole:
            _moved_to_buyer(order, every, "order_cancelled", "cancelled", told, lines, reason)
        else:
            for consignment, transition in moves:
                if transition.template:
                    _moved_to_buyer(
                        order, every, transition.template, transition.to_state.value,
                        [consignment], lines, reason,
                    )
    cancelled = [
        c for c, t in moves if t.to_state == State.CANCELLED and c.released_at
    ]
    if not cancelled:
        return
    of_producers = contacts([c.producer for c in cancelled], with_packers=True)
    for consignment in cancelled:
        tell_team(
            of_producers[consignment.producer_id],
            template="consignment_cancelled",
            context=partial(_cancelled, order, consignment, lines[consignment.pk], reason),
            dedupe_key=f"consignment:{consignment.number}:cancelled:producer",
        )


def _cancelled(
    order: Order, consignment: Consignment, lines: list[Line], reason: str, contact: Contact
) -> dict[str, object]:
    return {
        "for_producer": True,
        "hides_money": not contact.sees_money,
        "number": order.number,
        "parcels": [parcel_words(consignment, lines)],
        "reason": reason,
        "button_url": settings.SITE_URL + reverse("portal:home"),
        "button_label": _("Open your desk"),
    }


def _moved_to_buyer(
    order: Order,
    every: Sequence[Consignment],
    template: str,
    event: str,
    consignments: Sequence[Consignment],
    lines: dict[int, list[Line]],
    reason: str,
) -> None:
    subject = consignments[0].number if len(consignments) == 1 else order.number
    tell_buyer(
        order,
        template=template,
        context={
            "for_producer": False,
            "number": order.number,
            "recipient": order.details.recipient,
            "parcels": [parcel_words(c, lines[c.pk]) for c in consignments],
            "reason": reason,
            "is_declined": event == State.DECLINED,
            "has_others": any(c not in consignments and c.state not in DEAD for c in every),
            "button_url": tracking_url(order),
            "button_label": _("Follow the order"),
        },
        dedupe_key=f"order:{subject}:{event}:buyer",
    )
