"""A transfer from the order to the money, along every way that it can go."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from oscar.apps.partner.models import StockRecord

from marketplace.orders import actions as orders
from marketplace.orders.actors import Actor
from marketplace.orders.errors import MoveForbidden
from marketplace.orders.models import Consignment, Reservation
from marketplace.orders.states import State
from marketplace.payments import ledger, receipt_actions, transfer_actions
from marketplace.payments.errors import (
    AlreadyRecorded,
    CodNotAllowed,
    NoMoreTime,
    NotNow,
    UndoTooLate,
)
from marketplace.payments.models import CallTask, CodLimits, PaymentAttempt, Receipt
from marketplace.payments.tasks import release_paid
from marketplace.payments.transfer_states import TRANSITIONS
from tests.factories.accounts import make_staff
from tests.factories.catalogue import make_producer, make_product
from tests.factories.payments import make_transfer_order, receive, transfer_of
from tests.orders.conftest import NOW, bring

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
#: Goods for 100.000 ₫ and 20.000 ₫ of delivery.
TOTAL = 120_000


@pytest.fixture
def order(db):
    return make_transfer_order(make_product(price=100_000, stock=5), now=NOW)


@pytest.fixture
def two(db):
    """An order of two parcels, 120.000 ₫ each."""
    return make_transfer_order(
        *(make_product(t, 100_000, 5, producer=make_producer(t)) for t in ("Xoài", "Trà")),
        now=NOW,
    )


def state(order):
    return transfer_of(order).state


def balances(order):
    return {account: int(total) for account, total in ledger.balances(order).items()}


def released(order):
    return set(
        order.consignments.filter(released_at__isnull=False).values_list("state", flat=True)
    )


def test_an_order_waits_for_its_transfer(order):
    transfer, reservation = transfer_of(order), Reservation.objects.get(pk=order.pk)
    assert (transfer.state, transfer.reference) == ("awaiting", order.number)
    assert reservation.ends_at == NOW + timedelta(hours=24)
    assert (order.status, released(order)) == ("pending", set())
    assert balances(order)["buyer_receivable"] == TOTAL
    assert not set(transfer.reference) & set("ILOU")
    assert StockRecord.objects.get().num_allocated == 1


def test_all_of_it_releases_the_order(order):
    receive(order, TOTAL, now=NOW + HOUR)
    assert (state(order), released(order)) == ("received", {"new"})
    assert balances(order) == {
        "operator_bank": TOTAL, "producer_payable": -100_000, "delivery": -20_000,
    }
    assert transfer_of(order).attempt.state == PaymentAttempt.State.PAID
    assert Reservation.objects.get(pk=order.pk).ended_at == NOW + HOUR
    assert not orders.release_expired(order_id=order.pk, now=NOW + 30 * HOUR)


def test_too_little_asks_for_the_rest(order):
    receive(order, 50_000, now=NOW + HOUR)
    assert (state(order), released(order)) == ("under", set())
    assert transfer_actions.due_of(order) == 70_000
    receive(order, 70_000, now=NOW + 2 * HOUR)
    assert (state(order), released(order)) == ("received", {"new"})


def test_too_much_releases_and_owes_the_rest(order):
    receive(order, 150_000, now=NOW + HOUR)
    assert (state(order), released(order)) == ("over", {"new"})
    assert balances(order)["refund_owed"] == -30_000


def test_paid_twice_owes_the_second(order):
    receive(order, TOTAL, now=NOW + HOUR)
    receive(order, TOTAL, now=NOW + HOUR)
    assert (state(order), balances(order)["refund_owed"]) == ("over", -TOTAL)


def test_saying_that_it_was_sent_stops_the_clock(order):
    transfer_actions.claim(order_id=order.pk, now=NOW + 23 * HOUR)
    assert not orders.release_expired(order_id=order.pk, now=NOW + 48 * HOUR)
    assert state(order) == "claimed"
    transfer = receipt_actions.not_arrived(
        transfer_id=transfer_of(order).pk, actor=make_staff(), now=NOW + 48 * HOUR
    )
    assert transfer.state == "awaiting"
    assert Reservation.objects.get(pk=order.pk).ends_at == NOW + 60 * HOUR
    assert orders.release_expired(order_id=order.pk, now=NOW + 60 * HOUR)
    assert (state(order), balances(order)) == ("expired", {})


def test_more_time_once(order):
    transfer_actions.more_time(order_id=order.pk, now=NOW)
    assert Reservation.objects.get(pk=order.pk).ends_at == NOW + timedelta(hours=36)
    with pytest.raises(NoMoreTime):
        transfer_actions.more_time(order_id=order.pk, now=NOW)
    assert Reservation.objects.get(pk=order.pk).ends_at == NOW + timedelta(hours=36)


def test_not_paid_in_time_frees_the_goods(order):
    assert orders.release_expired(order_id=order.pk, now=NOW + 24 * HOUR)
    assert (state(order), balances(order)) == ("expired", {})
    assert StockRecord.objects.get().num_allocated == 0
    for action in (transfer_actions.claim, transfer_actions.more_time):
        with pytest.raises(NotNow):
            action(order_id=order.pk, now=NOW + 25 * HOUR)


def test_late_money_takes_the_order_anew_while_there_are_goods(order):
    orders.release_expired(order_id=order.pk, now=NOW + 24 * HOUR)
    receive(order, TOTAL, now=NOW + 25 * HOUR)
    order.refresh_from_db()
    assert (state(order), released(order), order.status) == ("received", {"new"}, "placed")
    assert balances(order)["producer_payable"] == -100_000
    assert StockRecord.objects.get().num_allocated == 1
    bring(order.consignments.get(), State.DELIVERED)
    assert StockRecord.objects.get().num_in_stock == 4
    assert "carrier_cash" not in balances(order)


@pytest.mark.parametrize("why", ["gone", "too_little", "cancelled"])
def test_late_money_is_owed_back_otherwise(order, why):
    if why == "cancelled":
        orders.cancel_order(order_id=order.pk, actor=Actor.buyer(), now=NOW + HOUR)
    else:
        orders.release_expired(order_id=order.pk, now=NOW + 24 * HOUR)
    if why == "gone":
        StockRecord.objects.update(num_in_stock=0)
    amount = 50_000 if why == "too_little" else TOTAL
    receipt = receive(order, amount, now=NOW + 25 * HOUR)
    assert (state(order), released(order)) == ("late", set())
    assert balances(order) == {"operator_bank": amount, "refund_owed": -amount}
    receipt_actions.undo(receipt_id=receipt.pk, actor=make_staff(), now=NOW + 26 * HOUR)
    assert state(order) == ("withdrawn" if why == "cancelled" else "expired")
    assert balances(order) == {}


def test_a_part_that_came_is_owed_when_the_rest_never_does(order):
    receive(order, 50_000, now=NOW + HOUR)
    orders.release_expired(order_id=order.pk, now=NOW + 24 * HOUR)
    assert state(order) == "expired"
    assert balances(order) == {"operator_bank": 50_000, "refund_owed": -50_000}


def test_the_same_money_is_never_taken_twice(order):
    receive(order, 50_000, now=NOW, bank_id="FT1")
    with pytest.raises(AlreadyRecorded):
        receive(order, 50_000, now=NOW, bank_id="FT1")
    assert balances(order)["operator_bank"] == 50_000


def test_money_without_a_name_waits_to_be_matched(order):
    receipt = receive(order, TOTAL, now=NOW, transfer_id=None)
    assert (receipt.transfer, state(order)) == (None, "awaiting")
    clerk = make_staff()
    given = {"receipt_id": receipt.pk, "transfer_id": transfer_of(order).pk, "actor": clerk}
    receipt_actions.match(**given, now=NOW + HOUR)
    assert state(order) == "received"
    with pytest.raises(NotNow):
        receipt_actions.match(**given, now=NOW + HOUR)
    assert balances(order)["operator_bank"] == TOTAL


def test_a_slip_is_undone_and_may_be_recorded_again(order):
    receipt = receive(order, TOTAL, now=NOW + HOUR, bank_id="FT1")
    receipt_actions.undo(receipt_id=receipt.pk, actor=make_staff(), now=NOW + 2 * HOUR)
    order.refresh_from_db()
    assert (state(order), released(order), order.status) == ("awaiting", set(), "pending")
    assert balances(order)["buyer_receivable"] == TOTAL
    reservation = Reservation.objects.get(pk=order.pk)
    assert (reservation.ended_at, reservation.ends_at) == (None, NOW + 24 * HOUR)
    with pytest.raises(NotNow):
        receipt_actions.undo(receipt_id=receipt.pk, actor=make_staff(), now=NOW + 2 * HOUR)
    receive(order, TOTAL, now=NOW + 3 * HOUR, bank_id="FT1")
    assert (state(order), released(order)) == ("received", {"new"})


def test_undoing_one_of_two_leaves_a_part(order):
    receive(order, 50_000, now=NOW + HOUR)
    second = receive(order, 70_000, now=NOW + HOUR)
    receipt_actions.undo(receipt_id=second.pk, actor=make_staff(), now=NOW + HOUR)
    assert (state(order), transfer_actions.due_of(order)) == ("under", 70_000)


def test_undoing_what_was_paid_twice_leaves_it_paid(order):
    receive(order, TOTAL, now=NOW + HOUR)
    second = receive(order, TOTAL, now=NOW + HOUR)
    receipt_actions.undo(receipt_id=second.pk, actor=make_staff(), now=NOW + HOUR)
    assert (state(order), released(order)) == ("received", {"new"})
    assert "refund_owed" not in balances(order)


def test_what_has_left_cannot_be_undone(order):
    receipt = receive(order, TOTAL, now=NOW + HOUR)
    bring(order.consignments.get(), State.HANDED_OVER)
    before = balances(order)
    with pytest.raises(UndoTooLate):
        receipt_actions.undo(receipt_id=receipt.pk, actor=make_staff(), now=NOW + HOUR)
    assert (state(order), balances(order)) == ("received", before)
    assert Receipt.objects.get().undone_at is None


def test_cancelling_what_was_paid_owes_it_and_undoing_the_receipt_owes_nothing(two):
    receipt = receive(two, 2 * TOTAL, now=NOW + HOUR)
    first, _second = two.consignments.order_by("pk")
    orders.move(consignment_id=first.pk, to="cancelled", actor=Actor.buyer(), now=NOW + HOUR)
    assert balances(two)["refund_owed"] == -TOTAL
    receipt_actions.undo(receipt_id=receipt.pk, actor=make_staff(), now=NOW + 2 * HOUR)
    assert balances(two) == {
        "buyer_receivable": TOTAL, "producer_payable": -100_000, "delivery": -20_000,
    }


def test_cancelling_a_part_lowers_what_is_due(two):
    first, _second = two.consignments.order_by("pk")
    orders.move(consignment_id=first.pk, to="cancelled", actor=Actor.buyer(), now=NOW + HOUR)
    assert (state(two), transfer_actions.due_of(two)) == ("awaiting", TOTAL)
    receive(two, TOTAL, now=NOW + HOUR)
    assert (state(two), released(two)) == ("received", {"new"})


def test_a_part_is_enough_once_the_rest_was_cancelled(two):
    receive(two, TOTAL, now=NOW + HOUR)
    second = two.consignments.order_by("pk").last()
    orders.move(consignment_id=second.pk, to="cancelled", actor=Actor.buyer(), now=NOW + HOUR)
    assert state(two) == "received"
    release_paid(order_id=two.pk)
    assert released(two) == {"new"}


def test_paying_at_the_door_instead_releases_the_order(order):
    transfer_actions.pay_at_the_door(order_id=order.pk, now=NOW + HOUR)
    assert (state(order), released(order)) == ("withdrawn", {"new"})
    assert Reservation.objects.get(pk=order.pk).ends_at is None
    bring(order.consignments.get(), State.DELIVERED)
    assert balances(order)["carrier_cash"] == TOTAL


def test_the_limits_of_cash_hold_for_a_change_too(order):
    CodLimits.objects.update(refuse_order_amount_above=TOTAL - 1)
    with pytest.raises(CodNotAllowed):
        transfer_actions.pay_at_the_door(order_id=order.pk, now=NOW + HOUR)
    assert (state(order), released(order)) == ("awaiting", set())
    CodLimits.objects.update(refuse_order_amount_above=None, new_phone_amount_max=TOTAL - 1)
    transfer_actions.pay_at_the_door(order_id=order.pk, now=NOW + HOUR)
    assert (CallTask.objects.get().order_id, released(order)) == (order.pk, set())


def test_an_order_is_not_counted_against_itself(order):
    CodLimits.objects.update(open_orders_max=1, refuse_open_orders_above=1)
    transfer_actions.pay_at_the_door(order_id=order.pk, now=NOW + HOUR)
    assert released(order) == {"new"}


def test_back_to_a_transfer_is_a_new_try(order):
    transfer_actions.pay_at_the_door(order_id=order.pk, now=NOW + HOUR)
    transfer = transfer_actions.pay_by_transfer(order_id=order.pk, now=NOW + 2 * HOUR)
    assert (transfer.reference, transfer.state) == (f"{order.number}3", "awaiting")
    states = order.payment_attempts.order_by("pk").values_list("method", "state")
    assert list(states) == [("vietqr", "void"), ("cod", "void"), ("vietqr", "pending")]
    receive(order, TOTAL, now=NOW + 3 * HOUR)
    bring(order.consignments.get(), State.DELIVERED)
    assert balances(order)["operator_bank"] == TOTAL
    assert "carrier_cash" not in balances(order)


def test_money_with_an_old_reference_pays_what_is_expected_now(order):
    first = transfer_of(order).pk
    transfer_actions.pay_at_the_door(order_id=order.pk, now=NOW + HOUR)
    transfer_actions.pay_by_transfer(order_id=order.pk, now=NOW + 2 * HOUR)
    receive(order, TOTAL, now=NOW + 3 * HOUR, transfer_id=first)
    assert state(order) == "received"


def test_what_did_not_come_before_the_parcel_is_paid_at_the_door(order):
    transfer_actions.pay_at_the_door(order_id=order.pk, now=NOW + HOUR)
    transfer_actions.pay_by_transfer(order_id=order.pk, now=NOW + 2 * HOUR)
    bring(order.consignments.get(), State.DELIVERED)
    assert (state(order), balances(order)["carrier_cash"]) == ("withdrawn", TOTAL)


def test_no_transfer_once_a_parcel_has_left(order):
    transfer_actions.pay_at_the_door(order_id=order.pk, now=NOW + HOUR)
    bring(order.consignments.get(), State.HANDED_OVER)
    with pytest.raises(NotNow):
        transfer_actions.pay_by_transfer(order_id=order.pk, now=NOW + 2 * HOUR)


def test_nobody_starts_what_is_not_paid(order):
    office = Actor.office(make_staff())
    with pytest.raises(MoveForbidden):
        orders.move(
            consignment_id=order.consignments.get().pk, to="confirmed", actor=office, now=NOW
        )
    assert Consignment.objects.get().state == State.NEW


@pytest.mark.parametrize("amount", [50_000, TOTAL, 200_000])
def test_every_dong_is_somewhere(order, amount):
    receive(order, amount, now=NOW + HOUR)
    assert sum(balances(order).values()) == 0
    orders.cancel_order(order_id=order.pk, actor=Actor.buyer(), now=NOW + 2 * HOUR)
    assert balances(order) == {"operator_bank": amount, "refund_owed": -amount}


def test_the_table_in_the_documentation_is_the_one_in_the_code():
    text = (Path(__file__).parents[2] / "docs" / "states.md").read_text(encoding="utf-8")
    text = text.partition("# The states of a transfer")[2]
    rows = re.findall(r"^\| ([a-z]+) \| ([a-z]+) \| ([\w, ]+) \|$", text, re.M)
    told = {(start, end): by for start, end, by in rows[1:]}
    assert told == {
        (start.value, end.value): ", ".join(sorted(by))
        for (start, end), by in TRANSITIONS.items()
    }
