"""What stands on the papers of parcels, in finished words for ``theme/typst``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import override

from catalogue.models import ShippingClass
from marketplace.kernel import formats
from marketplace.orders.models import Consignment
from marketplace.payments.queries import to_collect
from marketplace.platform.typesetting import pdf


def packing_list(consignments: Sequence[Consignment], day: date | None = None) -> bytes:
    """What goes into which parcel; of a day, also what to fetch for all of them. No money."""
    with override("vi"):
        return pdf(
            "packing",
            {
                "language": "vi",
                "title": _("Packing list"),
                "subtitle": (
                    _("To hand over by %(day)s") % {"day": formats.weekday_date(day)}
                    if day
                    else consignments[0].producer.name
                ),
                "sum_title": _("To fetch for all parcels"),
                "sums": _sums(consignments) if day else [],
                "parcels": [_packed(consignment) for consignment in consignments],
            },
        )


def _sums(consignments: Sequence[Consignment]) -> list[dict[str, str]]:
    counted: dict[str, int] = {}
    for consignment in consignments:
        for line in consignment.lines.all():
            if line.quantity_left:
                title = line.line.title
                counted[title] = counted.get(title, 0) + line.quantity_left
    return [
        {"title": title, "quantity": formats.number(count)}
        for title, count in sorted(counted.items())
    ]


def _packed(consignment: Consignment) -> dict[str, object]:
    details = consignment.order.details
    notes = []
    if details.gift_text:
        notes.append((_("Write on the card:"), details.gift_text))
    if details.hide_prices:
        notes.append((_("Delivery note:"), _("without prices")))
    if details.note:
        notes.append((_("The buyer notes:"), details.note))
    return {
        "number": consignment.number,
        "deadline": (
            _("Hand over by %(day)s") % {"day": formats.weekday_date(consignment.handover_on)}
            if consignment.handover_on
            else ""
        ),
        "place": ", ".join(
            part
            for part in (details.recipient, details.province.name if details.province else "")
            if part
        ),
        "lines": _lines(consignment, with_prices=False),
        "notes": notes,
    }


def _lines(consignment: Consignment, *, with_prices: bool) -> list[dict[str, str]]:
    return [
        {
            "title": line.line.title,
            "quantity": formats.number(line.quantity_left),
            **({"price": formats.money(line.price_left_incl_tax)} if with_prices else {}),
        }
        for line in consignment.lines.all()
        if line.quantity_left
    ]


def delivery_note(consignment: Consignment, *, with_prices: bool) -> bytes:
    """For the buyer, in the buyer's language; a present's note has no prices."""
    details, producer = consignment.order.details, consignment.producer
    with override(details.language):
        columns = [_("Article"), _("Quantity")]
        totals = []
        if with_prices:
            columns.append(_("Price"))
            due = to_collect([consignment.pk]).get(consignment.pk)
            off = consignment.discount_left_incl_tax
            fee_off = consignment.fee_discount_incl_tax
            # Lines show what is paid for them; the discount in them is told once.
            totals = [
                *([(_("Discount, in the prices above"), f"−{formats.money(off)}")] if off else []),
                (_("Delivery fee"), formats.money(consignment.fee_incl_tax + fee_off)),
                *([(_("Discount on delivery"), f"−{formats.money(fee_off)}")] if fee_off else []),
                (_("Total"), formats.money(consignment.total_incl_tax)),
            ]
            if due:
                totals.append((_("To pay at the door"), formats.money(due)))
        return pdf(
            "note",
            {
                "language": details.language,
                "title": _("Delivery note"),
                "number": consignment.number,
                "day": formats.date(consignment.order.date_placed),
                "sender": {
                    "label": _("From"),
                    "name": producer.name,
                    "lines": [
                        f"{producer.commune.full_name}, {producer.commune.province.name}",
                        formats.phone(producer.phone),
                    ],
                },
                "recipient": {
                    "label": _("To"),
                    "name": details.recipient,
                    "lines": [*details.address_lines, formats.phone(details.phone)],
                },
                "columns": columns,
                "lines": _lines(consignment, with_prices=with_prices),
                "totals": totals,
                "notes": [(_("Note:"), details.note)] if details.note else [],
            },
        )


def labels(consignments: Sequence[Consignment], *, on_a4: bool) -> bytes:
    """Address labels: 100 × 150 mm each, or six on a sheet of A4."""
    due = to_collect(consignment.pk for consignment in consignments)
    with override("vi"):
        return pdf(
            "labels",
            {
                "language": "vi",
                "sheet": "a4" if on_a4 else "single",
                "words": {
                    "from": _("From"),
                    "to": _("To"),
                    "cash": _("To collect at the door"),
                },
                "labels": [
                    {
                        "number": c.number,
                        "sender": c.producer.name,
                        "sender_phone": formats.phone(c.producer.phone),
                        "recipient": c.order.details.recipient,
                        "phone": formats.phone(c.order.details.phone),
                        "address": c.order.details.address_lines,
                        "note": c.order.details.note,
                        "cash": formats.money(due.get(c.pk, 0)),
                        "weight": formats.weight(c.weight_g),
                        "class": str(ShippingClass(c.shipping_class).label),
                    }
                    for c in consignments
                ],
            },
        )


def gift_card(consignment: Consignment) -> bytes:
    """The buyer's words on a card of A6."""
    with override(consignment.order.details.language):
        return pdf(
            "card",
            {
                "language": consignment.order.details.language,
                "text": consignment.order.details.gift_text,
                "from": consignment.producer.name,
            },
        )
