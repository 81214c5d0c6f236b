"""Messages about an order, in the reader's language, put into the outbox of this transaction.

The context holds finished words and amounts: the worker that sends knows nothing of orders.
"""

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from oscar.apps.order.models import Line, Order

from marketplace.kernel import formats
from marketplace.orders import news
from marketplace.orders.models import Consignment
from marketplace.orders.states import DEAD, State, Transition
from marketplace.orders.telling import lines_of, parcel_words, tell_buyer, tracking_url
from marketplace.platform import outbox


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
    """Tell each producer that has an address of what is to be packed."""
    consignments = [c for c in consignments if c.producer.email]
    if not consignments:
        return
    if lines is None:
        lines = lines_of(consignments)
    for consignment in consignments:
        with override("vi"):
            outbox.send_mail(
                template="new_consignment",
                to=consignment.producer.email,
                language="vi",
                context={
                    **parcel_words(consignment, lines[consignment.pk]),
                    "commune": str(order.details.commune or ""),
                    "province": str(order.details.province or ""),
                    "handover": formats.weekday_date(consignment.handover_on),
                    "note": order.details.note,
                    "gift_text": order.details.gift_text,
                    "hide_prices": order.details.hide_prices,
                    "button_url": settings.SITE_URL + reverse("portal:home"),
                    "button_label": _("Open your desk"),
                },
                dedupe_key=f"consignment:{consignment.number}:new",
            )


def moved(
    order: Order,
    every: Sequence[Consignment],
    moves: Sequence[tuple[Consignment, Transition]],
    reason: str,
) -> None:
    """Tell the buyer of moves that matter; one mail when the whole order has ended at once.

    A producer whose consignment was cancelled after being shown is told as well.
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
    for consignment, transition in moves:
        if (
            transition.to_state == State.CANCELLED
            and consignment.released_at
            and consignment.producer.email
        ):
            with override("vi"):
                outbox.send_mail(
                    template="consignment_cancelled",
                    to=consignment.producer.email,
                    language="vi",
                    context={
                        "for_producer": True,
                        "number": order.number,
                        "parcels": [parcel_words(consignment, lines[consignment.pk])],
                        "reason": reason,
                        "button_url": settings.SITE_URL + reverse("portal:home"),
                        "button_label": _("Open your desk"),
                    },
                    dedupe_key=f"consignment:{consignment.number}:cancelled:producer",
                )


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
