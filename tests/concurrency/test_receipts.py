"""A clerk and the clock at the same second, two clerks at one receipt, two at one payout."""

import threading
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from oscar.apps.partner.models import StockRecord

from marketplace.orders import actions as orders
from marketplace.orders import locks
from marketplace.orders.actions import moves
from marketplace.orders.actors import Actor
from marketplace.orders.models import Consignment
from marketplace.orders.states import State
from marketplace.payments import (
    ledger,
    payout_actions,
    receipt_actions,
    refund_actions,
    transfer_actions,
)
from marketplace.payments.errors import AlreadyRecorded, NothingOwed, NotNow
from marketplace.payments.models import Payout, Receipt, Refund, Transfer
from marketplace.platform.audit import AuditEntry
from tests.concurrency.rivals import all_at_once
from tests.factories.accounts import make_staff
from tests.factories.catalogue import make_product
from tests.factories.payments import make_transfer_order, receive, transfer_of
from tests.orders.conftest import NOW, bring

pytestmark = pytest.mark.django_db(transaction=True)
END = NOW + timedelta(hours=24)
TOTAL = 120_000


@pytest.fixture
def order(db):
    return make_transfer_order(make_product(price=100_000, stock=1), now=NOW)


def balances(order):
    return {account: int(total) for account, total in ledger.balances(order).items()}


def recording(order, clerk, bank_id="FT1"):
    return partial(
        receipt_actions.record, bank_id=bank_id, amount=Decimal(TOTAL), received_at=NOW,
        transfer_id=transfer_of(order).pk, actor=clerk, now=END,
    )


def bought_once(order):
    """Paid, released, its goods held, whatever came first."""
    assert transfer_of(order).state == "received"
    consignment = Consignment.objects.get()
    assert (consignment.state, consignment.released_at is not None) == ("new", True)
    assert StockRecord.objects.get().num_allocated == 1
    return balances(order) == {
        "operator_bank": TOTAL, "producer_payable": -100_000, "delivery": -20_000,
    }


@pytest.mark.parametrize("first", ["clerk", "clock", "both"])
def test_a_clerk_and_the_clock_at_the_same_second(order, first):
    clerk = make_staff()
    record = recording(order, clerk)
    expire = partial(orders.release_expired, order_id=order.pk, now=END)
    if first == "both":
        results = all_at_once([record, expire])
        assert not [r for r in results if isinstance(r, Exception)], results
    else:
        for call in (record, expire) if first == "clerk" else (expire, record):
            call()
    assert bought_once(order)


def test_the_twin_cancels_what_was_paid_in_time(order, monkeypatch):
    """Without the locks a clerk comes between the clock's look and its cancelling."""
    clerk = make_staff()
    monkeypatch.setattr(locks, "order_with_consignments", _unlocked)
    monkeypatch.setattr(receipt_actions, "_held", _held_unlocked)
    cancel_late = moves._cancel_late

    def after_the_clerk(*judged):
        all_at_once([recording(order, clerk)])
        cancel_late(*judged)

    monkeypatch.setattr(moves, "_cancel_late", after_the_clerk)
    assert orders.release_expired(order_id=order.pk, now=END)
    assert transfer_of(order).state == "received"
    assert Consignment.objects.get().state == "cancelled"
    assert StockRecord.objects.get().num_allocated == 0


def test_two_clerks_record_one_receipt(order):
    clerk = make_staff()
    results = all_at_once([recording(order, clerk) for _ in range(4)])
    assert sum(isinstance(r, Receipt) for r in results) == 1
    assert sum(isinstance(r, AlreadyRecorded) for r in results) == 3, results
    assert bought_once(order)


def test_without_the_locks_two_receipts_both_pay(order, monkeypatch):
    """The twin: each of two amounts finds everything still due, and nothing is owed back."""
    clerk = make_staff()
    both = [recording(order, clerk, "FT1"), recording(order, clerk, "FT2")]
    assert not [r for r in all_at_once(both) if isinstance(r, Exception)]
    assert transfer_of(order).state == "over"
    assert balances(order)["refund_owed"] == -TOTAL

    other = make_transfer_order(make_product("Trà", 100_000, 5), now=NOW)
    _without_locks(monkeypatch)
    all_at_once([recording(other, clerk, "FT3"), recording(other, clerk, "FT4")])
    assert balances(other).get("refund_owed", 0) == 0
    assert balances(other)["operator_bank"] == 2 * TOTAL


def _unlocked(order_id):
    order = locks.Order.objects.select_related("details").get(pk=order_id)
    consignments = list(Consignment.objects.filter(order=order_id).select_related("producer"))
    for consignment in consignments:
        consignment.order = order
    return order, consignments


def _held_unlocked(transfer_id):
    transfer = Transfer.objects.get(pk=transfer_id)
    return *_unlocked(transfer.order_id), transfer


def _without_locks(monkeypatch):
    """Rows are read as they stand, and both rivals have read before either writes."""
    seen = threading.Barrier(2, timeout=30)

    due_of = transfer_actions.due_of

    def due_seen_by_both(order):
        due = due_of(order)
        seen.wait()
        return due

    standing = ledger.standing

    def standing_seen_by_both(consignment_id):
        found = standing(consignment_id)
        seen.wait()
        return found

    monkeypatch.setattr(receipt_actions, "_held", _held_unlocked)
    monkeypatch.setattr(locks, "order_with_consignments", _unlocked)
    monkeypatch.setattr(transfer_actions, "due_of", due_seen_by_both)
    monkeypatch.setattr(ledger, "standing", standing_seen_by_both)


def test_two_clerks_send_one_refund(order):
    clerk = make_staff()
    orders.release_expired(order_id=order.pk, now=END)
    StockRecord.objects.update(num_in_stock=0)
    receive(order, TOTAL, now=END)
    refund_actions.tell_account(
        order_id=order.pk, bank_bin="970436", account_no="12345678", holder="A B", now=END
    )
    results = all_at_once(
        [
            partial(
                refund_actions.send, order_id=order.pk, amount=Decimal(TOTAL),
                reference=f"R{n}", actor=clerk, now=END,
            )
            for n in range(3)
        ]
    )
    assert sum(isinstance(r, Refund) for r in results) == 1
    assert sum(isinstance(r, NothingOwed) for r in results) == 2, results
    assert balances(order) == {}


def test_two_clerks_pay_one_producer(order):
    clerk = make_staff()
    receive(order, TOTAL, now=NOW)
    producer = bring(order.consignments.get(), State.COMPLETED).producer
    payout_actions.set_account(
        producer=producer, bank_bin="970436", account_no="12345678", holder="A B",
        actor=clerk, now=NOW,
    )
    prepare = partial(payout_actions.prepare, producer_id=producer.pk, actor=clerk, now=NOW)
    results = all_at_once([prepare] * 3)
    assert sum(isinstance(r, Payout) for r in results) == 1, results
    assert all(isinstance(r, Payout | NothingOwed | NotNow) for r in results), results
    payout = Payout.objects.get()
    sent = all_at_once(
        [
            partial(
                payout_actions.send, payout_id=payout.pk, reference=f"P{n}", actor=clerk, now=NOW
            )
            for n in range(3)
        ]
    )
    assert sum(isinstance(r, Payout) for r in sent) == 1, sent
    assert balances(order) == {"operator_bank": 20_000, "delivery": -20_000}


def sent_payout(order, clerk):
    receive(order, TOTAL, now=NOW)
    producer = bring(order.consignments.get(), State.COMPLETED).producer
    payout_actions.set_account(
        producer=producer, bank_bin="970436", account_no="12345678", holder="A B",
        actor=clerk, now=NOW,
    )
    payout = payout_actions.prepare(producer_id=producer.pk, actor=clerk, now=NOW)
    return payout_actions.send(payout_id=payout.pk, reference="P1", actor=clerk, now=NOW)


def sending_back(payout, clerk):
    return partial(
        payout_actions.undo, payout_id=payout.pk, why="Sai số", actor=clerk, now=NOW
    )


def test_two_clerks_undo_one_payout(order):
    clerk = make_staff()
    payout = sent_payout(order, clerk)
    results = all_at_once([sending_back(payout, clerk)] * 3)
    assert sum(isinstance(r, Payout) for r in results) == 1
    assert sum(isinstance(r, NotNow) for r in results) == 2, results
    assert ledger.payable_to(payout.producer_id) == 100_000


def test_without_the_lock_the_ledger_still_posts_it_once(order, monkeypatch):
    """The twin: both undo, and both say so; the event's own key keeps the money right."""
    clerk = make_staff()
    payout = sent_payout(order, clerk)
    seen = threading.Barrier(2, timeout=30)

    def held(payout_id, state):
        found = Payout.objects.get(pk=payout_id)
        seen.wait()
        return found

    monkeypatch.setattr(payout_actions, "_held", held)
    results = all_at_once([sending_back(payout, clerk)] * 2)
    assert all(isinstance(r, Payout) for r in results), results
    assert AuditEntry.objects.filter(action="payout.undone").count() == 2
    assert ledger.payable_to(payout.producer_id) == 100_000


def test_two_clerks_undo_one_refund(order):
    clerk = make_staff()
    receive(order, TOTAL, now=NOW)
    orders.cancel_order(order_id=order.pk, actor=Actor.buyer(), now=NOW)
    refund_actions.tell_account(
        order_id=order.pk, bank_bin="970436", account_no="12345678", holder="A B", now=NOW
    )
    refund = refund_actions.send(
        order_id=order.pk, amount=Decimal(TOTAL), reference="R1", actor=clerk, now=NOW
    )
    undo = partial(refund_actions.undo, refund_id=refund.pk, actor=clerk, now=NOW)
    confirm = partial(refund_actions.confirm, refund_id=refund.pk, actor=clerk, now=NOW)
    results = all_at_once([undo, undo, confirm])
    assert sum(isinstance(r, Refund) for r in results) == 1
    assert sum(isinstance(r, NotNow) for r in results) == 2, results
    refund.refresh_from_db()
    assert (refund.state, balances(order)) in [
        ("undone", {"operator_bank": TOTAL, "refund_owed": -TOTAL}), ("confirmed", {}),
    ]
