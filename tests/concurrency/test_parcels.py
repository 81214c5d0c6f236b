"""Races on one parcel: two packers, confirm against cancel, an answer against silence.

Each guard has a twin that shows the race with the guard taken off.
"""

import threading
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from oscar.apps.order.models import Order
from oscar.apps.partner.models import StockRecord

from marketplace.orders import actions, locks
from marketplace.orders.actions import Missing
from marketplace.orders.actors import Actor
from marketplace.orders.errors import AnsweredAlready, MoveForbidden, MoveNotAllowed
from marketplace.orders.models import Consignment
from marketplace.orders.states import ActorKind
from marketplace.payments import ledger
from marketplace.payments.models import LedgerTransaction
from tests.concurrency.rivals import all_at_once
from tests.factories.catalogue import make_product
from tests.factories.orders import make_order, make_tariff

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
ANYBODY = Actor(frozenset(ActorKind))
PACKER = Actor(frozenset({ActorKind.PACKER}))


@pytest.fixture
def product():
    make_tariff()
    return make_product("Xoài", 95_000, 10, gross_weight_g=500)


def brought(product, *states, count=3):
    parcel = make_order((product, count), now=NOW).consignments.get()
    for state in states:
        actions.move(consignment_id=parcel.pk, to=state, actor=ANYBODY, now=NOW)
    return parcel


def step(parcel, to, actor=ANYBODY, **more):
    return partial(
        actions.move, consignment_id=parcel.pk, to=to, actor=actor, now=NOW, **more
    )


def without_the_lock(monkeypatch):
    """Rows are read, not held; both rivals have read before either writes."""
    both_have_read = threading.Barrier(2, timeout=20)

    def read_only(order_id):
        order = Order.objects.select_related("details").get(pk=order_id)
        consignments = list(
            Consignment.objects.filter(order=order_id).select_related("producer")
        )
        for consignment in consignments:
            consignment.order = order
        both_have_read.wait()
        return order, consignments

    monkeypatch.setattr(locks, "order_with_consignments", read_only)


def test_two_packers_pack_once(product):
    parcel = brought(product, "confirmed")
    results = all_at_once([step(parcel, "packed", PACKER)] * 2)
    assert sorted(type(r).__name__ for r in results) == ["Consignment", "MoveNotAllowed"]
    assert parcel.events.filter(to_state="packed").count() == 1


def test_the_twin_packs_twice(product, monkeypatch):
    parcel = brought(product, "confirmed")
    without_the_lock(monkeypatch)
    all_at_once([step(parcel, "packed", PACKER)] * 2)
    assert parcel.events.filter(to_state="packed").count() == 2


def test_two_packers_hand_over_once(product):
    parcel = brought(product, "confirmed", "packed")
    results = all_at_once([step(parcel, "handed_over", PACKER)] * 4)
    assert sum(isinstance(r, MoveNotAllowed) for r in results) == 3
    record = StockRecord.objects.get()
    assert (record.num_in_stock, record.num_allocated) == (7, 0)


@pytest.mark.parametrize("times", range(3))
def test_confirm_against_cancel(product, times):
    parcel = brought(product)
    confirmed, cancelled = all_at_once(
        [step(parcel, "confirmed"), step(parcel, "cancelled", Actor.buyer())]
    )
    parcel.refresh_from_db()
    record = StockRecord.objects.get()
    # Cancelling is still possible after confirming, never the other way about.
    assert parcel.state == "cancelled"
    assert not isinstance(cancelled, Exception)
    assert isinstance(confirmed, Consignment | MoveNotAllowed)
    assert (record.num_in_stock, record.num_allocated) == (10, 0)
    assert ledger.balances(parcel.order) == {}


def test_the_twin_confirms_what_was_cancelled(product, monkeypatch):
    parcel = brought(product)
    without_the_lock(monkeypatch)
    all_at_once([step(parcel, "confirmed"), step(parcel, "cancelled", Actor.buyer())])
    # Both came from "new": one of them is wrong.
    assert set(parcel.events.exclude(from_state="").values_list("from_state", flat=True)) == {
        "new"
    }
    assert parcel.events.count() == 3


def test_packed_against_cancelled_by_the_buyer(product):
    parcel = brought(product, "confirmed")
    results = all_at_once(
        [step(parcel, "packed", PACKER), step(parcel, "cancelled", Actor.buyer())]
    )
    assert sum(isinstance(r, MoveNotAllowed | MoveForbidden) for r in results) == 1
    parcel.refresh_from_db()
    allocated = StockRecord.objects.get().num_allocated
    assert (parcel.state, allocated) in {("packed", 3), ("cancelled", 0)}


def too_late(parcel):
    return partial(
        actions.cancel_unconfirmed, consignment_id=parcel.pk,
        waiting_before=NOW + timedelta(days=2), now=NOW,
    )


@pytest.mark.parametrize("times", range(3))
def test_confirm_against_the_clock_that_cancels(product, times):
    parcel = brought(product)
    confirmed, cancelled = all_at_once([step(parcel, "confirmed"), too_late(parcel)])
    parcel.refresh_from_db()
    allocated = StockRecord.objects.get().num_allocated
    # One wins, and the other hears of it.
    assert (parcel.state, allocated, cancelled, isinstance(confirmed, MoveNotAllowed)) in {
        ("confirmed", 3, False, False), ("cancelled", 0, True, True),
    }
    assert parcel.events.count() == 2
    assert bool(ledger.balances(parcel.order)) is (parcel.state == "confirmed")


def test_the_twin_confirms_what_the_clock_cancels(product, monkeypatch):
    parcel = brought(product)
    without_the_lock(monkeypatch)
    all_at_once([step(parcel, "confirmed"), too_late(parcel)])
    assert set(parcel.events.values_list("to_state", flat=True)) == {
        "new", "confirmed", "cancelled",
    }
    # Confirmed or not: the goods are on sale again, and nobody owes anything.
    assert StockRecord.objects.get().num_allocated == 0
    assert ledger.balances(parcel.order) == {}


def asked(product):
    parcel = brought(product, "confirmed")
    return actions.ask_buyer(
        consignment_id=parcel.pk, lines=[Missing(parcel.lines.get().pk, 1)], note="Mưa",
        actor=ANYBODY, now=NOW,
    )


def test_an_answer_against_silence_and_a_double_click(product):
    question = asked(product)
    answer = partial(
        actions.answer_short_pack, short_pack_id=question.pk, answer="money_back",
        actor=Actor.buyer(), now=question.answer_by,
    )
    silence = partial(
        actions.close_silent, short_pack_id=question.pk, now=question.answer_by
    )
    results = all_at_once([answer, answer, silence])
    done = [r for r in results if isinstance(r, Consignment) or r is True]
    assert len(done) == 1
    assert all(isinstance(r, AnsweredAlready) or r is False for r in results if r not in done)
    parcel = question.consignment
    parcel.refresh_from_db()
    assert parcel.reduced_incl_tax == 190_000
    assert parcel.lines.get().dropped == 2
    assert LedgerTransaction.objects.filter(kind="shortened").count() == 1


def test_an_answer_against_the_grower_who_found_all(product):
    question = asked(product)
    parcel = question.consignment
    all_at_once(
        [
            partial(
                actions.answer_short_pack, short_pack_id=question.pk, answer="money_back",
                actor=Actor.buyer(), now=NOW,
            ),
            step(parcel, "confirmed"),
        ]
    )
    parcel.refresh_from_db()
    question.refresh_from_db()
    assert parcel.state == "confirmed"
    assert (question.answer, parcel.reduced_incl_tax) in {
        ("money_back", 190_000), ("withdrawn", 0),
    }


def test_taking_back_against_delivering(product):
    parcel = brought(product, "confirmed", "packed", "handed_over")
    results = all_at_once(
        [
            partial(actions.undo, consignment_id=parcel.pk, actor=ANYBODY, now=NOW),
            step(parcel, "delivered"),
        ]
    )
    assert sum(isinstance(r, Exception) for r in results) == 1
    parcel.refresh_from_db()
    record = StockRecord.objects.get()
    assert (parcel.state, record.num_in_stock, record.num_allocated) in {
        ("packed", 10, 3), ("delivered", 7, 0),
    }
