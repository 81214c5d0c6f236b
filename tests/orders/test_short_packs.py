"""Goods are missing: what the buyer is asked, and what each answer means for all books."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from oscar.apps.partner.models import StockRecord

from marketplace.orders import actions, tasks
from marketplace.orders.actions import Missing
from marketplace.orders.actors import Actor
from marketplace.orders.errors import (
    AnsweredAlready,
    MoveForbidden,
    MoveNotAllowed,
    NotOffered,
    ReasonMissing,
    StockGone,
    WrongShortPack,
)
from marketplace.orders.models import ConsignmentLine, ShortPack
from marketplace.payments import ledger, shortening
from marketplace.payments.models import Account, LedgerTransaction
from marketplace.platform.models import AuditEntry
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_order
from tests.orders.conftest import ANYBODY, NOW, bring

pytestmark = pytest.mark.usefixtures("tariff")
LATER = date(2026, 12, 1)


def stock_of(product) -> tuple[int, int]:
    record = StockRecord.objects.get(product=product)
    return record.num_in_stock, record.num_allocated


@pytest.fixture
def grower():
    return make_producer("Vườn Út Lành", email="vuon@example.test")


@pytest.fixture
def mango(grower):
    return make_product("Xoài", 95_000, 10, producer=grower, gross_weight_g=500)


@pytest.fixture
def tea(grower):
    return make_product("Trà", 60_000, 10, producer=grower, gross_weight_g=500)


@pytest.fixture
def parcel(mango):
    return bring(make_order((mango, 3), now=NOW).consignments.get(), "confirmed")


def ask(parcel, can_send=1, **more):
    line = parcel.lines.order_by("pk").first()
    given = {"can_send": can_send, **{
        name: more.pop(name) for name in ("is_sellable", "replacement_id") if name in more
    }}
    return actions.ask_buyer(
        consignment_id=parcel.pk, lines=[Missing(line.pk, **given)],
        **{"note": "Mưa, trái rụng", "actor": ANYBODY, "now": NOW, **more},
    )


def answer(asked, what, **more):
    return actions.answer_short_pack(
        short_pack_id=asked.pk, answer=what, **{"actor": Actor.buyer(), "now": NOW, **more}
    )


def books(parcel) -> dict[str, int]:
    return {account: int(total) for account, total in ledger.balances(parcel.order).items()}


def test_asking_moves_neither_stock_nor_money(parcel, mango, sent):
    before = books(parcel)
    asked = ask(parcel, new_handover_on=LATER)
    parcel.refresh_from_db()
    assert parcel.state == "short_packed"
    assert stock_of(mango) == (10, 3)
    assert books(parcel) == before
    assert asked.answer_by == NOW + timedelta(hours=24)
    assert asked.new_promise_on - asked.new_handover_on == parcel.promise_on - parcel.handover_on
    (mail,) = [m for m in sent if m["template"] == "parcel_news"]
    assert mail["to"] == "bay@example.test"
    assert "Mưa, trái rụng" in str(mail["context"]["facts"])


@pytest.mark.parametrize(
    ("is_sellable", "stock"), [(False, (8, 1)), (True, (10, 1))]
)
def test_money_back_for_what_is_missing(parcel, mango, is_sellable, stock):
    after = answer(ask(parcel, is_sellable=is_sellable), "money_back")
    assert after.state == "confirmed"
    assert (after.reduced_incl_tax, after.total_incl_tax) == (190_000, 115_000)
    assert stock_of(mango) == stock
    assert books(parcel) == {
        "buyer_receivable": 115_000, "producer_payable": -95_000, "delivery": -20_000,
    }
    line = parcel.lines.get()
    assert (line.quantity, line.dropped, line.quantity_left) == (3, 2, 1)
    assert (line.dropped_incl_tax, line.line.num_allocated) == (190_000, 1)
    entry = AuditEntry.objects.get(action="consignment.shortened")
    assert (entry.before, entry.after) == (
        {"reduced_incl_tax": 0}, {"reduced_incl_tax": 190_000, "answer": "money_back"},
    )
    # It goes on with what is left.
    bring(after, "new")
    for step in ("packed", "handed_over", "delivered"):
        actions.move(consignment_id=parcel.pk, to=step, actor=ANYBODY, now=NOW)
    assert stock_of(mango) == (stock[0] - 1, 0)
    assert books(parcel)["carrier_cash"] == 115_000


def test_nothing_left_is_declined_and_the_fee_goes_back(parcel, mango):
    after = answer(ask(parcel, 0, new_handover_on=LATER), "money_back")
    assert after.state == "declined"
    assert books(parcel) == {}
    assert stock_of(mango) == (7, 0)
    assert after.events.last().reason == "Mưa, trái rụng"


def test_waiting_moves_the_promise_and_nothing_else(parcel, mango):
    before = books(parcel)
    asked = ask(parcel, new_handover_on=LATER)
    after = answer(asked, "wait")
    assert (after.state, after.handover_on, after.promise_on) == (
        "confirmed", LATER, asked.new_promise_on,
    )
    assert (books(parcel), stock_of(mango)) == (before, (10, 3))


@pytest.mark.parametrize(
    ("price", "paid"),
    [(60_000, 120_000), (200_000, 190_000), (95_000, 190_000)],
)
def test_a_replacement_is_never_dearer(parcel, mango, grower, price, paid):
    other = make_product("Ổi", price, 10, producer=grower, gross_weight_g=500)
    record = StockRecord.objects.get(product=other)
    after = answer(ask(parcel, replacement_id=record.pk), "replace")
    assert after.reduced_incl_tax == 190_000 - paid
    assert stock_of(other) == (10, 2)
    assert stock_of(mango) == (8, 1)
    assert books(parcel) == {
        "buyer_receivable": 95_000 + paid + 20_000, "producer_payable": -95_000 - paid,
        "delivery": -20_000,
    }
    new = ConsignmentLine.objects.get(replaces__isnull=False)
    assert (new.quantity, new.line.line_price_incl_tax, new.line.title) == (2, paid, "Ổi")
    assert sum(line.price_left_incl_tax for line in after.lines.all()) == (
        after.goods_left_incl_tax
    )


def test_a_replacement_sold_meanwhile_is_refused_and_nothing_changes(parcel, mango, tea):
    asked = ask(parcel, replacement_id=StockRecord.objects.get(product=tea).pk)
    StockRecord.objects.filter(product=tea).update(num_in_stock=1)
    before = books(parcel)
    with pytest.raises(StockGone):
        answer(asked, "replace")
    parcel.refresh_from_db()
    assert (parcel.state, parcel.reduced_incl_tax) == ("short_packed", 0)
    assert (books(parcel), stock_of(mango), stock_of(tea)) == (before, (10, 3), (1, 0))
    assert answer(asked, "money_back").state == "confirmed"


def test_silence_is_money_back_once_and_not_before_its_time(parcel, sent):
    asked = ask(parcel)
    assert not actions.close_silent(
        short_pack_id=asked.pk, now=asked.answer_by - timedelta(seconds=1)
    )
    assert actions.close_silent(short_pack_id=asked.pk, now=asked.answer_by)
    assert not actions.close_silent(short_pack_id=asked.pk, now=asked.answer_by)
    asked.refresh_from_db()
    parcel.refresh_from_db()
    assert (asked.answer, parcel.state) == ("silence", "confirmed")
    assert parcel.events.last().actor_kind == "clock"
    subjects = [m["context"]["subject"] for m in sent if m["to"] == "bay@example.test"
                and m["template"] == "parcel_news"]
    assert subjects[-1] == f"Kiện {parcel.number} đi tiếp, không có phần thiếu"


def test_the_task_closes_what_is_silent(parcel, monkeypatch):
    asked = ask(parcel)
    monkeypatch.setattr(tasks.clock, "now", lambda: asked.answer_by)
    assert tasks.close_silent_short_packs(0) == 1
    assert tasks.close_silent_short_packs(0) == 0


def test_an_answer_counts_once(parcel):
    asked = ask(parcel)
    answer(asked, "money_back")
    before = books(parcel)
    with pytest.raises(AnsweredAlready):
        answer(asked, "money_back")
    assert books(parcel) == before


@pytest.mark.parametrize("what", ["wait", "replace", "", "silence ", "x", "withdrawn"])
def test_only_what_was_offered_can_be_chosen(parcel, what):
    with pytest.raises(NotOffered):
        answer(ask(parcel), what)


@pytest.mark.parametrize(
    ("can_send", "more", "error"),
    [
        (3, {}, WrongShortPack), (4, {}, WrongShortPack), (-1, {}, WrongShortPack),
        (0, {}, WrongShortPack), (1, {"note": " "}, ReasonMissing),
        (1, {"new_handover_on": date(2026, 11, 24)}, WrongShortPack),
        (1, {"new_handover_on": date(2036, 11, 24)}, WrongShortPack),
        (1, {"replacement_id": 999_999}, WrongShortPack),
        (1, {"actor": Actor.buyer()}, MoveForbidden),
    ],
)
def test_what_cannot_be_said_changes_nothing(parcel, can_send, more, error):
    with pytest.raises(error):
        ask(parcel, can_send, **more)
    parcel.refresh_from_db()
    assert parcel.state == "confirmed"
    assert not ShortPack.objects.exists()


def test_another_growers_goods_and_lines_are_not_offered(parcel):
    foreign = make_product("Bánh", 10_000, 10, producer=make_producer("Khác"))
    with pytest.raises(WrongShortPack):
        ask(parcel, replacement_id=StockRecord.objects.get(product=foreign).pk)
    theirs = make_order(foreign, now=NOW).consignments.get().lines.get()
    with pytest.raises(WrongShortPack):
        actions.ask_buyer(
            consignment_id=parcel.pk, lines=[Missing(theirs.pk, 0)], note="x", actor=ANYBODY,
            now=NOW,
        )


def test_the_grower_finds_all_of_it_or_the_buyer_cancels(parcel, mango):
    asked = ask(parcel)
    actions.move(consignment_id=parcel.pk, to="confirmed", actor=ANYBODY, now=NOW)
    asked.refresh_from_db()
    assert asked.answer == "withdrawn"
    second = ask(parcel)
    actions.move(consignment_id=parcel.pk, to="cancelled", actor=Actor.buyer(), now=NOW)
    second.refresh_from_db()
    assert second.answer == "ended"
    assert stock_of(mango) == (10, 0)
    assert books(parcel) == {}
    with pytest.raises(AnsweredAlready):
        answer(second, "money_back")


def test_a_packed_parcel_is_not_short(parcel):
    actions.move(consignment_id=parcel.pk, to="packed", actor=ANYBODY, now=NOW)
    with pytest.raises(MoveNotAllowed):
        ask(parcel)


def test_never_more_dropped_than_ordered(parcel):
    for wrong in ({"dropped": 4}, {"dropped_incl_tax": -1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            parcel.lines.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(parcel).objects.filter(pk=parcel.pk).update(reduced_incl_tax=285_001)


def test_asked_three_times_every_dong_comes_back(grower):
    """A price that does not divide: the shares of all drops sum to the line."""
    product = make_product("Mứt", 33_333, 10, producer=grower, gross_weight_g=100)
    parcel = bring(make_order((product, 3), now=NOW).consignments.get(), "confirmed")
    line = parcel.lines.get()
    line.line.line_price_incl_tax = 100_000 - 7
    line.line.line_price_before_discounts_incl_tax = 99_999
    for left in (2, 1):
        answer(ask(parcel, left), "money_back")
    answer(ask(parcel, 0, new_handover_on=LATER), "money_back")
    parcel.refresh_from_db()
    assert parcel.state == "declined"
    assert parcel.reduced_incl_tax == parcel.goods_incl_tax == 99_999
    assert books(parcel) == {}


class TestWithAVoucher:
    """The discount's share lapses with what it was given for."""

    @pytest.fixture
    def discounted(self, mango):
        """Three for 285,000 with 10,000 off: 275,000, of which the platform funds 10,000."""
        parcel = bring(make_order((mango, 3), now=NOW).consignments.get(), "confirmed")
        line = parcel.lines.get().line
        line.line_price_incl_tax = 275_000
        line.save()
        parcel.goods_incl_tax, parcel.discount_incl_tax = 275_000, 10_000
        parcel.save()
        ledger.post(
            order=parcel.order, kind="test", dedupe_key="test", occurred_at=NOW,
            rows=[
                ledger.Entry(Account.BUYER_RECEIVABLE, -10_000, None, parcel.pk),
                ledger.Entry(Account.VOUCHER_FUNDING, 10_000, None, parcel.pk),
            ],
        )
        return parcel

    def test_one_of_three(self, discounted):
        answer(ask(discounted, 2), "money_back")
        # 275,000 / 3 = 91,666.67: the largest remainder is the missing third's.
        assert books(discounted) == {
            "buyer_receivable": 295_000 - 91_667, "voucher_funding": 10_000 - 3_333,
            "producer_payable": -190_000, "delivery": -20_000,
        }

    def test_all_three_one_after_the_other(self, discounted):
        for left in (2, 1):
            answer(ask(discounted, left), "money_back")
        answer(ask(discounted, 0, new_handover_on=LATER), "money_back")
        assert books(discounted) == {}


def test_what_was_paid_becomes_a_refund_owed(parcel):
    ledger.post(
        order=parcel.order, kind="paid", dedupe_key="paid", occurred_at=NOW,
        rows=[
            ledger.Entry(Account.OPERATOR_BANK, 305_000, None, parcel.pk),
            ledger.Entry(Account.BUYER_RECEIVABLE, -305_000, None, parcel.pk),
        ],
    )
    answer(ask(parcel), "money_back")
    assert books(parcel) == {
        "operator_bank": 305_000, "refund_owed": -190_000, "producer_payable": -95_000,
        "delivery": -20_000,
    }
    # The rest comes back as well: all that was paid is owed, the fee too.
    bring(parcel, "new")
    parcel.refresh_from_db()
    actions.move(consignment_id=parcel.pk, to="cancelled", actor=ANYBODY, now=NOW)
    assert books(parcel) == {"operator_bank": 305_000, "refund_owed": -305_000}


def test_the_ledger_posts_a_drop_once(parcel):
    told = {"consignment": parcel, "net": 95_000, "discount": 0, "replaced": 0, "key": "k",
            "now": NOW}
    shortening.follow_drop(**told)
    shortening.follow_drop(**told)
    assert LedgerTransaction.objects.filter(kind="shortened").count() == 1
