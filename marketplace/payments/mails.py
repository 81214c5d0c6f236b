"""Messages about money, in the buyer's language, put into the outbox of this transaction."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from oscar.apps.order.models import Order

from marketplace.kernel import formats
from marketplace.orders.models import Consignment
from marketplace.orders.states import DEAD
from marketplace.payments.models import Refund, Transfer
from marketplace.platform import outbox


def pay_url(order: Order) -> str:
    """The whole address of an order's pay page, in the language that is active."""
    return settings.SITE_URL + reverse(
        "payments:pay", args=[order.number, order.details.secret]
    )


def transfer_words(
    order: Order, transfer: Transfer, amount: Decimal, ends_at: datetime | None
) -> dict[str, object]:
    """How to pay by transfer, in finished words of the buyer's language."""
    with override(order.details.language):
        return {
            "url": pay_url(order),
            "facts": _facts(transfer, amount),
            "until": formats.datetime_(ends_at),
        }


def _facts(transfer: Transfer, amount: Decimal) -> list[tuple[str, str]]:
    return [
        (_("Bank"), transfer.collector.bank_name),
        (_("Account number"), transfer.collector.account_no),
        (_("Account holder"), transfer.collector.holder),
        (_("Amount"), formats.money(amount)),
        (_("What to write"), transfer.reference),
    ]


def received(
    order: Order, amount: Decimal, excess: Decimal, consignments: Iterable[Consignment]
) -> None:
    """All has come, perhaps more. ``consignments``: what the growers begin now."""
    with override(order.details.language):
        paragraphs = [
            _("We have received %(amount)s for your order %(number)s.")
            % {"amount": formats.money(amount), "number": order.number},
            _("The growers begin to prepare it now."),
            *(
                _("%(number)s from %(producer)s should be with you by %(day)s.")
                % {
                    "number": c.number,
                    "producer": c.producer.name,
                    "day": formats.weekday_date(c.promise_on),
                }
                for c in consignments
                if c.promise_on and c.state not in DEAD
            ),
        ]
        if excess:
            paragraphs.append(
                _(
                    "That is %(excess)s too much. We send it back: please tell us to which "
                    "account."
                )
                % {"excess": formats.money(excess)}
            )
        _tell(order, _("Your money has arrived"), paragraphs)


def under(
    order: Order, transfer: Transfer, amount: Decimal, missing: Decimal, until: datetime | None
) -> None:
    """A part has come."""
    with override(order.details.language):
        paragraphs = [
            _("We have received %(amount)s for your order %(number)s. %(missing)s are missing.")
            % {
                "amount": formats.money(amount),
                "number": order.number,
                "missing": formats.money(missing),
            },
            _until(until),
        ]
        _tell(
            order, _("A part of the money is missing"), paragraphs, _facts(transfer, missing)
        )


def late(order: Order, amount: Decimal, *, is_paid_twice: bool) -> None:
    """Money for which there is nothing to give any more."""
    with override(order.details.language):
        paragraphs = [
            _("We have received %(amount)s for your order %(number)s, which is paid already.")
            % {"amount": formats.money(amount), "number": order.number}
            if is_paid_twice
            else _(
                "We have received %(amount)s for your order %(number)s, but the order had ended."
            )
            % {"amount": formats.money(amount), "number": order.number},
            _("We send the money back: please tell us to which account."),
        ]
        _tell(order, _("We send your money back"), paragraphs)


def not_arrived(
    order: Order, transfer: Transfer, due: Decimal, until: datetime | None
) -> None:
    """The buyer says it was sent; the bank shows nothing."""
    with override(order.details.language):
        paragraphs = [
            _(
                "You told us that you have paid your order %(number)s, but our bank shows nothing "
                "yet. Please look in your bank's app whether it has left, and call us if it has."
            )
            % {"number": order.number},
            _until(until),
        ]
        _tell(order, _("We do not see your transfer yet"), paragraphs, _facts(transfer, due))


def refund_sent(order: Order, refund: Refund) -> None:
    """Money is on its way back."""
    with override(order.details.language):
        _tell(
            order,
            _("Your money is on its way back"),
            [
                _(
                    "We have sent %(amount)s of your order %(number)s to your account ending "
                    "in %(ending)s. The number of our transfer is %(reference)s."
                )
                % {
                    "amount": formats.money(refund.amount),
                    "number": order.number,
                    "ending": refund.account_no[-4:],
                    "reference": refund.reference,
                }
            ],
        )


def _until(until: datetime | None) -> str:
    if until is None:
        return ""
    return _("We keep the goods for you until %(until)s.") % {
        "until": formats.datetime_(until)
    }


def _tell(
    order: Order, title: str, paragraphs: list[str], facts: list[tuple[str, str]] | None = None
) -> None:
    """By e-mail; to a buyer without an address by SMS, where a gateway is set."""
    details = order.details
    context = {
        "title": title,
        "paragraphs": [text for text in paragraphs if text],
        "facts": facts or [],
        "number": order.number,
        "button_url": pay_url(order),
        "button_label": _("See the payment"),
    }
    outbox.tell(
        email=details.email,
        phone=details.phone,
        template="payment_news",
        language=details.language,
        context=context,
        # One event, one message: what is told is told in one transaction with what happened.
        dedupe_key=f"order:{order.number}:payment:{order.ledger.count()}:{title}",
    )
