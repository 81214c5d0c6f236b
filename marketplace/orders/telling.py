"""How something is told: to a buyer by mail or SMS, to a producer likewise; a parcel in words."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override
from oscar.apps.order.models import Line, Order

from marketplace.kernel import formats
from marketplace.orders.models import Consignment, ConsignmentLine
from marketplace.platform import outbox
from marketplace.producers.queries import Contact

#: What a buyer without an e-mail address should hear of; each has a text ``sms/<name>.txt``.
_BY_SMS = frozenset({"order_placed", "consignment_cancelled", "order_cancelled"})


def tracking_url(order: Order) -> str:
    """The whole address at which an order is followed, in its buyer's language."""
    with override(order.details.language):
        return settings.SITE_URL + reverse(
            "orders:track", kwargs={"number": order.number, "secret": order.details.secret}
        )


def tell_buyer(
    order: Order,
    *,
    template: str,
    context: dict[str, object],
    dedupe_key: str,
    by_sms: bool = False,
) -> None:
    """By e-mail; to a buyer without an address by SMS, where a gateway is set and it matters."""
    details = order.details
    outbox.tell(
        email=details.email,
        phone=details.phone,
        template=template,
        language=details.language,
        context=context,
        dedupe_key=dedupe_key,
        by_sms=by_sms or template in _BY_SMS,
    )


def tell_team(
    contacts: Iterable[Contact],
    *,
    template: str,
    context: Callable[[Contact], dict[str, object]],
    dedupe_key: str,
) -> None:
    """Everybody who hears of a producer's parcels, each in their language, by e-mail or SMS.

    ``context`` is asked with that language active.
    """
    for contact in contacts:
        with override(contact.language):
            outbox.tell(
                email=contact.email,
                phone=contact.phone,
                template=template,
                language=contact.language,
                context=context(contact),
                dedupe_key=(
                    f"{dedupe_key}:{contact.user_id}" if contact.user_id else dedupe_key
                ),
            )


def tell_producer(
    consignment: Consignment, *, template: str, context: dict[str, object], dedupe_key: str
) -> None:
    """By e-mail, else by SMS; in Vietnamese."""
    producer = consignment.producer
    outbox.tell(
        email=producer.email,
        phone=producer.phone,
        template=template,
        language="vi",
        context=context,
        dedupe_key=dedupe_key,
    )


def parcel_words(
    consignment: Consignment, lines: Iterable[Line | ConsignmentLine]
) -> dict[str, object]:
    """One consignment in finished words, for a message."""
    return {
        "number": consignment.number,
        "producer": consignment.producer.name,
        "phone": formats.phone(consignment.producer.phone),
        "lines": [_line_words(line) for line in lines],
        "fee_discount": money_off(consignment.fee_discount_incl_tax),
        "goods": formats.money(consignment.goods_left_incl_tax),
        "fee": formats.money(consignment.fee_incl_tax),
        "is_free": not consignment.fee_incl_tax,
        "is_sent": consignment.needs_delivery,
        "promise": formats.weekday_date(consignment.promise_on),
        "total": formats.money(consignment.total_incl_tax),
    }


def money_off(amount: Decimal) -> str:
    """−20.000 ₫; nothing for nothing."""
    return f"−{formats.money(amount)}" if amount else ""


def _line_words(line: Line | ConsignmentLine) -> dict[str, object]:
    if isinstance(line, Line):
        return {
            "title": line.title,
            "quantity": line.quantity,
            "price": formats.money(line.line_price_incl_tax),
            "off": money_off(
                line.line_price_before_discounts_incl_tax - line.line_price_incl_tax
            ),
        }
    is_gone = not line.quantity_left
    return {
        "title": line.line.title,
        "quantity": line.quantity if is_gone else line.quantity_left,
        "price": formats.money(
            line.line.line_price_incl_tax if is_gone else line.price_left_incl_tax
        ),
        "off": "" if is_gone else money_off(line.discount_left_incl_tax),
    }


def lines_of(consignments: Iterable[Consignment]) -> dict[int, list[ConsignmentLine]]:
    """What goes of each, by its id; of one of which nothing goes, all that was ordered."""
    found: dict[int, list[ConsignmentLine]] = {c.pk: [] for c in consignments}
    for line in (
        ConsignmentLine.objects.filter(consignment__in=found)
        .select_related("line")
        .order_by("line")
    ):
        found[line.consignment_id].append(line)
    return {
        pk: [line for line in lines if line.quantity_left] or lines for pk, lines in found.items()
    }
