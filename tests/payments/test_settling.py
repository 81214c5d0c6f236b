"""Refunds, fees and payouts: what goes out, never more than came in."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.orders import actions as orders
from marketplace.orders.actors import Actor
from marketplace.orders.states import State
from marketplace.payments import (
    actions,
    earnings,
    ledger,
    payout_actions,
    receipt_actions,
    refund_actions,
)
from marketplace.payments.errors import (
    AccountMissing,
    NothingOwed,
    NotNow,
    ReferenceUsed,
    UndoTooLate,
)
from marketplace.payments.models import Account, FeeTerms, Payout, PayoutLine, Refund
from marketplace.payments.queries import refund_owed
from marketplace.producers.models import Producer
from tests.factories.accounts import make_staff
from tests.factories.catalogue import make_product
from tests.factories.orders import make_order
from tests.factories.payments import make_transfer_order, receive
from tests.orders.conftest import NOW, bring

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ACCOUNT = {"bank_bin": "970436", "account_no": "12345678", "holder": "TRAN VAN BAY"}


@pytest.fixture
def clerk(db):
    return make_staff()


@pytest.fixture
def paid(db):
    """An order for 120.000 ₫, of which 20.000 ₫ are the delivery, paid by transfer."""
    order = make_transfer_order(make_product(price=100_000, stock=5), now=NOW)
    receive(order, 120_000, now=NOW)
    return order


@pytest.fixture
def cancelled(paid):
    orders.cancel_order(order_id=paid.pk, actor=Actor.buyer(), now=NOW)
    return paid


def fees(percent, fixed=0, kind="platform", **fields):
    return FeeTerms.objects.create(
        kind=kind, percent=percent, fixed=fixed, effective_from=date(2026, 1, 1),
        source="tests", **fields,
    )


def balances(order):
    return {account: int(total) for account, total in ledger.balances(order).items()}


def send(order, amount, clerk, reference="R1"):
    return refund_actions.send(
        order_id=order.pk, amount=Decimal(amount), reference=reference, actor=clerk, now=NOW
    )


def complete(order):
    """Delivered, completed, and the producer's account known; the producer."""
    consignment = bring(order.consignments.get(), State.COMPLETED)
    payout_actions.set_account(
        producer=consignment.producer, actor=make_staff(), now=NOW, **ACCOUNT
    )
    return consignment.producer


def judge():
    """Let the deferred triggers judge, as a commit would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


# --- Refunds ----------------------------------------------------------------------------


def test_a_refund_is_sent_once_and_confirmed(cancelled, clerk):
    refund_actions.tell_account(order_id=cancelled.pk, now=NOW, **ACCOUNT)
    refund = send(cancelled, 120_000, clerk)
    assert (refund.account_no, refund.amount, balances(cancelled)) == ("12345678", 120_000, {})
    with pytest.raises(NothingOwed):
        send(cancelled, 120_000, clerk, "R2")
    refund_actions.confirm(refund_id=refund.pk, actor=clerk, now=NOW)
    for action in (refund_actions.confirm, refund_actions.undo):
        with pytest.raises(NotNow):
            action(refund_id=refund.pk, actor=clerk, now=NOW)
    assert Refund.objects.get().state == "confirmed"
    judge()


def test_a_refund_that_was_not_sent_is_owed_again(cancelled, clerk):
    refund_actions.tell_account(order_id=cancelled.pk, now=NOW, **ACCOUNT)
    refund = send(cancelled, 120_000, clerk)
    refund_actions.undo(refund_id=refund.pk, actor=clerk, now=NOW)
    assert refund_owed(cancelled.pk) == 120_000
    assert send(cancelled, 120_000, clerk).state == "sent"


@pytest.mark.parametrize(
    ("amount", "with_account", "error"),
    [(120_000, False, AccountMissing), (119_999, True, NotNow), (120_001, True, NotNow)],
)
def test_what_cannot_be_sent(cancelled, clerk, amount, with_account, error):
    if with_account:
        refund_actions.tell_account(order_id=cancelled.pk, now=NOW, **ACCOUNT)
    with pytest.raises(error):
        send(cancelled, amount, clerk)
    assert refund_owed(cancelled.pk) == 120_000 and not Refund.objects.exists()


def test_a_receipt_whose_money_went_back_cannot_be_undone(cancelled, clerk):
    refund_actions.tell_account(order_id=cancelled.pk, now=NOW, **ACCOUNT)
    send(cancelled, 120_000, clerk)
    receipt = cancelled.transfers.get().receipts.get()
    with pytest.raises(UndoTooLate):
        receipt_actions.undo(receipt_id=receipt.pk, actor=clerk, now=NOW)
    assert balances(cancelled) == {}


@pytest.mark.parametrize("account", [Account.REFUND_OWED, Account.PRODUCER_PAYABLE])
def test_the_database_refuses_to_pay_more_than_is_owed(cancelled, account):
    consignment = cancelled.consignments.get()
    judge()
    with pytest.raises(IntegrityError, match="more than was owed"), transaction.atomic():
        ledger.post(
            order=cancelled, kind="test", dedupe_key="x", occurred_at=NOW,
            rows=[
                ledger.Entry(account, Decimal(120_001), consignment.producer_id, consignment.pk),
                ledger.Entry(Account.OPERATOR_BANK, Decimal(-120_001)),
            ],
        )
        judge()


# --- Fees -------------------------------------------------------------------------------


def test_without_terms_no_fee(paid):
    bring(paid.consignments.get(), State.DELIVERED)
    assert balances(paid) == {
        "operator_bank": 120_000, "producer_payable": -100_000, "delivery": -20_000,
    }


def test_fees_are_taken_at_delivery_and_given_back_with_the_goods(paid):
    fees(Decimal("4.5"), 1_000)
    fees(0, 3_000, kind="delivery")
    consignment = bring(paid.consignments.get(), State.DELIVERED)
    assert balances(paid) == {
        "operator_bank": 120_000, "producer_payable": -91_500,
        "platform_fee": -5_500, "delivery": -23_000,
    }
    orders.move(
        consignment_id=consignment.pk, to="returned", actor=Actor.office(make_staff()),
        reason="hư", now=NOW,
    )
    assert balances(paid) == {"operator_bank": 120_000, "refund_owed": -120_000}
    judge()


@pytest.mark.parametrize(
    ("other", "fee"),
    [
        ({"producer_kind": Producer.Kind.COMPANY}, 10_000),
        ({"producer_kind": Producer.Kind.HOUSEHOLD}, 2_000),
    ],
)
def test_the_row_of_a_kind_of_producer_goes_first(paid, other, fee):
    Producer.objects.update(kind=Producer.Kind.HOUSEHOLD)
    fees(10)
    fees(2, **other)
    FeeTerms.objects.create(
        kind="platform", percent=50, effective_from=date(2025, 1, 2),
        effective_through=date(2025, 2, 1), source="over",
    )
    bring(paid.consignments.get(), State.DELIVERED)
    assert balances(paid)["platform_fee"] == -fee


def test_fees_never_take_more_than_is_owed(paid):
    fees(60, 70_000)
    bring(paid.consignments.get(), State.DELIVERED)
    assert balances(paid)["platform_fee"] == -100_000
    assert "producer_payable" not in balances(paid)


# --- Payouts ----------------------------------------------------------------------------


def test_what_is_earned_is_paid_out_once(paid, clerk):
    fees(5)
    producer = complete(paid)
    payout = payout_actions.prepare(producer_id=producer.pk, actor=clerk, now=NOW)
    assert (payout.amount, payout.account_no, payout.state) == (95_000, "12345678", "prepared")
    with pytest.raises((NothingOwed, NotNow)):
        payout_actions.prepare(producer_id=producer.pk, actor=clerk, now=NOW)
    payout_actions.send(payout_id=payout.pk, reference="P1", actor=clerk, now=NOW + DAY)
    assert balances(paid) == {
        "operator_bank": 25_000, "platform_fee": -5_000, "delivery": -20_000,
    }
    for again in (payout_actions.cancel, payout_actions.send):
        extra = {"reference": "P2"} if again is payout_actions.send else {}
        with pytest.raises(NotNow):
            again(payout_id=payout.pk, actor=clerk, now=NOW, **extra)
    with pytest.raises(NothingOwed):
        payout_actions.prepare(producer_id=producer.pk, actor=clerk, now=NOW)
    judge()


def test_a_payout_taken_off_the_list_is_earned_again(paid, clerk):
    producer = complete(paid)
    payout = payout_actions.prepare(producer_id=producer.pk, actor=clerk, now=NOW)
    payout_actions.cancel(payout_id=payout.pk, actor=clerk, now=NOW)
    again = payout_actions.prepare(producer_id=producer.pk, actor=clerk, now=NOW)
    assert (again.amount, Payout.objects.count()) == (100_000, 2)


def test_a_number_of_the_bank_serves_one_payout(paid, clerk):
    other = make_order(make_product("Trà", 50_000, 5), now=NOW)
    consignment = bring(other.consignments.get(), State.COMPLETED)
    actions.remit(consignment_id=consignment.pk, reference="C", actor=clerk, now=NOW)
    payout_actions.set_account(producer=consignment.producer, actor=clerk, now=NOW, **ACCOUNT)
    producers = {complete(paid).pk, consignment.producer_id}
    first, *rest = [
        payout_actions.prepare(producer_id=pk, actor=clerk, now=NOW) for pk in producers
    ]
    payout_actions.send(payout_id=first.pk, reference="P1", actor=clerk, now=NOW)
    for payout in rest:
        with pytest.raises(ReferenceUsed):
            payout_actions.send(payout_id=payout.pk, reference="P1", actor=clerk, now=NOW)
        assert Payout.objects.get(pk=payout.pk).state == "prepared"


@pytest.mark.parametrize("missing", ["account", "completed", "cash"])
def test_what_is_not_earned_yet(db, clerk, missing):
    order = make_order(make_product(price=100_000, stock=5), now=NOW)
    consignment = bring(
        order.consignments.get(),
        State.DELIVERED if missing == "completed" else State.COMPLETED,
    )
    if missing != "cash":
        actions.remit(consignment_id=consignment.pk, reference="C", actor=clerk, now=NOW)
    if missing != "account":
        payout_actions.set_account(producer=consignment.producer, actor=clerk, now=NOW, **ACCOUNT)
    error = AccountMissing if missing == "account" else NothingOwed
    with pytest.raises(error):
        payout_actions.prepare(producer_id=consignment.producer_id, actor=clerk, now=NOW)
    assert not PayoutLine.objects.exists()


def test_the_money_page_reads_the_ledger(paid, clerk):
    fees(5)
    producer = complete(paid)
    make_transfer_order(make_product("Chưa trả", 70_000, 5, producer=producer), now=NOW)
    make_order(make_product("Đang giao", 30_000, 5, producer=producer), now=NOW)
    assert earnings.sums([producer.pk]) == earnings.Sums(
        under_way=Decimal(30_000), owed=Decimal(95_000), paid=Decimal(0)
    )
    payout = payout_actions.prepare(producer_id=producer.pk, actor=clerk, now=NOW)
    payout_actions.send(payout_id=payout.pk, reference="P1", actor=clerk, now=NOW)
    assert earnings.sums([producer.pk]) == earnings.Sums(
        under_way=Decimal(30_000), owed=Decimal(0), paid=Decimal(95_000)
    )
    assert [earnings.month(row) for row in earnings.months([producer.pk])] == [
        earnings.Month(
            begins=date(2026, 11, 1), sold=Decimal(130_000), came_back=Decimal(0),
            fees=Decimal(5_000), paid=Decimal(95_000),
        )
    ]
