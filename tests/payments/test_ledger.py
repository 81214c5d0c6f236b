"""The ledger's promises, kept by the database itself."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from marketplace.payments import ledger
from marketplace.payments.errors import Unbalanced
from marketplace.payments.ledger import Entry
from marketplace.payments.models import Account, LedgerRow, LedgerTransaction
from tests.factories.catalogue import make_product
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.fixture
def order(db):
    return make_order(make_product(), now=NOW)


def commit() -> None:
    """Let the deferred triggers judge, as a commit would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def transaction_of(order, key="test"):
    return LedgerTransaction.objects.create(
        order=order, kind="test", dedupe_key=key, occurred_at=NOW
    )


@pytest.mark.parametrize("amounts", [(), (5,), (5, -4), (5, -5, 1)])
def test_a_set_that_does_not_sum_to_zero_cannot_be_committed(order, amounts):
    commit()
    with pytest.raises(IntegrityError, match="sum to"), transaction.atomic():
        posted = transaction_of(order)
        for amount in amounts:
            LedgerRow.objects.create(
                transaction=posted, account=Account.OPERATOR_BANK, amount=amount
            )
        commit()


def test_a_row_added_to_a_balanced_set_cannot_be_committed(order):
    commit()
    posted = order.ledger.get()
    with pytest.raises(IntegrityError, match="sum to"), transaction.atomic():
        LedgerRow.objects.create(transaction=posted, account=Account.OPERATOR_BANK, amount=1)
        commit()


def test_a_balanced_set_is_committed(order):
    ledger.post(
        order=order, kind="test", dedupe_key="a", occurred_at=NOW,
        rows=[Entry(Account.OPERATOR_BANK, Decimal(7)), Entry(Account.CARRIER_CASH, Decimal(-7))],
    )
    commit()
    assert ledger.balances(order)["operator_bank"] == 7


def test_code_notices_before_the_database(order):
    with pytest.raises(Unbalanced):
        ledger.post(
            order=order, kind="test", dedupe_key="a", occurred_at=NOW,
            rows=[Entry(Account.OPERATOR_BANK, Decimal(7))],
        )


def test_the_same_event_posts_once(order):
    rows = [Entry(Account.OPERATOR_BANK, Decimal(7)), Entry(Account.CARRIER_CASH, Decimal(-7))]
    first = ledger.post(order=order, kind="t", dedupe_key="a", occurred_at=NOW, rows=rows)
    again = ledger.post(order=order, kind="t", dedupe_key="a", occurred_at=NOW, rows=rows)
    assert (first is not None, again) == (True, None)
    assert ledger.balances(order)["operator_bank"] == 7


@pytest.mark.parametrize("table", ["payments_ledgerrow", "payments_ledgertransaction"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_nothing_posted_is_ever_changed(order, table, statement):
    commit()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"amount": 0}, "payments_ledgerrow_not_zero"),
        ({"account": "petty_cash"}, "payments_ledgerrow_account_is_known"),
        ({"account": "producer_payable"}, "payments_ledgerrow_payable_names_producer"),
    ],
)
def test_rows_that_cannot_be(order, fields, constraint):
    values = {"account": "operator_bank", "amount": 1, **fields}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        LedgerRow.objects.create(transaction=order.ledger.get(), **values)
