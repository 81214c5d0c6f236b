"""The operator's account, orders paid by transfer, and what the bank shows."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count

from oscar.apps.order.models import Order

from marketplace.payments import receipt_actions
from marketplace.payments.models import CollectorAccount, Receipt, Transfer
from tests.factories.accounts import make_staff
from tests.factories.orders import make_order

_bank_ids = count(1)


def make_collector(**fields: object) -> CollectorAccount:
    """An account that receives transfers, so that they are offered."""
    return CollectorAccount.objects.get_or_create(
        effective_from=date(2026, 1, 1),
        defaults={
            "bank_bin": "970436",
            "bank_name": "Ngân hàng thử",
            "account_no": "0011223344",
            "holder": "DAT SEN THU",
            "source": "tests",
            **fields,
        },
    )[0]


def make_transfer_order(*units: object, **given: object) -> Order:
    """An order that waits for its transfer."""
    make_collector()
    return make_order(*units, method="vietqr", **given)


def transfer_of(order: Order) -> Transfer:
    """The newest try, as it stands in the database."""
    return Transfer.objects.filter(order=order.pk).first()


def receive(order: Order, amount: int, *, now: datetime, **given: object) -> Receipt:
    """A clerk records an amount for the newest try."""
    return receipt_actions.record(
        **{
            "bank_id": f"FT{next(_bank_ids):08d}",
            "amount": Decimal(amount),
            "received_at": now - timedelta(minutes=1),
            "transfer_id": transfer_of(order).pk,
            "actor": given.pop("actor", None) or make_staff(),
            "now": now,
            **given,
        }
    )
