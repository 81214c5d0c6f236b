"""Receipts, refunds and payouts at the office."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from marketplace.accounts.roles import Role
from marketplace.kernel import clock
from marketplace.orders import actions as orders
from marketplace.orders.actors import Actor
from marketplace.orders.states import State
from marketplace.payments import earnings, ledger, refund_actions, transfer_actions
from marketplace.payments.models import Payout, ProducerAccount, Receipt, Refund
from marketplace.payments.queries import refund_owed
from marketplace.platform.audit import AuditEntry
from tests.factories.catalogue import make_product
from tests.factories.orders import make_destination
from tests.factories.payments import make_transfer_order, receive, transfer_of
from tests.orders.conftest import bring

pytestmark = pytest.mark.django_db
ACCOUNT = {"bank_bin": "970436", "account_no": "12345678", "holder": "TRAN VAN BAY"}


@pytest.fixture(params=[Role.FINANCE, Role.OPERATOR])
def clerk(request, desk):
    return desk(request.param)


@pytest.fixture
def order(db):
    return make_transfer_order(make_product(price=100_000, stock=5), now=clock.now())


def typed(**changed):
    at = clock.now().astimezone(clock.TZ) - timedelta(minutes=2)
    return {
        "amount": "120.000", "received_on": f"{at:%Y-%m-%d}", "received_time": f"{at:%H:%M}",
        "bank_id": "FT26112801", "note": "", **changed,
    }


def record(client, order, **changed):
    return client.post(
        reverse("office_receipts:record", args=[transfer_of(order).pk]), typed(**changed)
    )


def text_of(answer):
    return answer.content.decode()


def test_a_claimed_transfer_is_found_and_recorded_and_undone(clerk, order):
    transfer_actions.claim(order_id=order.pk, now=clock.now())
    index = reverse("office_receipts:index")
    known = ("", "120000", "120.000", order.number, order.number[:6], "bay tran", "0912345678")
    for words in known:
        assert order.number in text_of(clerk.get(index, {"q": words})), words
    for words in ("999000", "DTZZZZZZZZ", "nguyen"):
        assert f">{order.number}<" not in text_of(clerk.get(index, {"q": words})), words
    assert record(clerk, order).url == index
    assert transfer_of(order).state == "received"
    receipt = Receipt.objects.get()
    assert (receipt.amount, receipt.recorded_by, receipt.bank_id) == (
        120_000, clerk.user, "FT26112801",
    )
    assert order.consignments.get().released_at
    assert clerk.post(reverse("office_receipts:undo", args=[receipt.pk])).status_code == 302
    assert transfer_of(order).state == "awaiting"
    mine = AuditEntry.objects.filter(user_id=clerk.user.pk).exclude(action__startswith="account.")
    assert set(mine.values_list("action", flat=True)) == {
        "receipt.recorded", "receipt.matched", "receipt.undone",
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": ""}, {"amount": "0"}, {"amount": "-5"}, {"amount": "1e9"}, {"amount": "NaN"},
        {"amount": "9" * 30}, {"amount": "12,5"}, {"bank_id": ""}, {"bank_id": "x" * 61},
        {"received_on": "31/31"}, {"received_on": "2019-01-01"}, {"received_on": "2099-01-01"},
        {"received_time": "25:00"}, {"note": "x" * 301},
    ],
)
def test_what_cannot_be_is_said_and_stays(desk, order, wrong):
    clerk = desk(Role.FINANCE)
    answer = record(clerk, order, **{"note": "ghi chú", **wrong})
    assert answer.status_code == 422 and not Receipt.objects.exists()
    assert "FT26112801" in text_of(answer) or "bank_id" in wrong
    assert transfer_of(order).state == "awaiting"


def test_full_width_digits_are_digits(desk, order):
    assert record(desk(Role.FINANCE), order, amount="１２００００").status_code == 302
    assert transfer_of(order).state == "received"


def test_the_same_number_of_the_bank_is_said_at_its_field(desk, order):
    clerk = desk(Role.FINANCE)
    record(clerk, order, amount="50000")
    answer = record(clerk, order, amount="50000", bank_id="ft 2611 2801")
    assert answer.status_code == 422 and Receipt.objects.count() == 1
    assert transfer_actions.due_of(order) == 70_000


@pytest.mark.parametrize("amount", ["120.000", "120,000", "120 000", " 120000 ₫ ", "120.000đ"])
def test_amounts_as_people_write_them(desk, order, amount):
    assert record(desk(Role.FINANCE), order, amount=amount).status_code == 302
    assert transfer_of(order).state == "received"


def test_one_row_of_the_bank_pays_one_order(desk, order):
    other = make_transfer_order(make_product("Trà", 100_000, 5), now=clock.now())
    clerk = desk(Role.FINANCE)
    record(clerk, order)
    answer = record(clerk, other)
    assert answer.status_code == 422
    assert f"for {order.number}" in text_of(answer) or f"cho {order.number}" in text_of(answer)
    assert transfer_of(other).state == "awaiting"
    # Matched to a second order by hand: it is no longer without an owner.
    match = reverse("office_receipts:match", args=[Receipt.objects.get().pk])
    assert clerk.post(match, {"m-reference": other.number}).status_code == 422
    assert transfer_of(other).state == "awaiting"


def test_a_reference_as_it_was_read_out(clerk, order):
    clerk.post(reverse("office_receipts:record_unmatched"), typed())
    match = reverse("office_receipts:match", args=[Receipt.objects.get().pk])
    spoken = f" {order.number[:2].lower()} {order.number[2:6]}-{order.number[6:].lower()} "
    assert clerk.post(match, {"m-reference": spoken}).status_code == 302
    assert transfer_of(order).state == "received"


def test_a_payout_that_the_bank_sent_back_is_owed_and_paid_again(clerk, desk, order):
    receive(order, 120_000, now=clock.now())
    producer = bring(order.consignments.get(), State.COMPLETED).producer
    clerk.post(reverse("office_payouts:account", args=[producer.pk]), ACCOUNT)
    prepare = reverse("office_payouts:prepare", args=[producer.pk])
    clerk.post(prepare)
    payout = Payout.objects.get()
    undo = reverse("office_payouts:undo", args=[payout.pk])
    why = {"why": "Tài khoản đã đóng"}
    # Not sent yet: taken off the list, not sent back.
    clerk.post(undo, why)
    assert Payout.objects.get().state == "prepared"
    clerk.post(reverse("office_payouts:send", args=[payout.pk]), {"reference": "P1"})
    assert clerk.get(undo).status_code == 404
    assert desk(Role.OCOP_OFFICER).post(undo, why).status_code == 403
    for empty in ("", " ", "\u200b"):
        assert clerk.post(undo, {"why": empty}).status_code == 422
    assert clerk.post(reverse("office_payouts:undo", args=[0]), why).status_code == 404
    assert Payout.objects.get().state == "sent"
    assert clerk.post(undo, why).url == reverse("office_payouts:index")
    payout.refresh_from_db()
    assert (payout.state, payout.undone_why) == ("undone", "Tài khoản đã đóng")
    assert ledger.payable_to(producer.pk) == 100_000
    entry = AuditEntry.objects.get(action="payout.undone")
    assert (entry.user_id, entry.reason) == (clerk.user.pk, "Tài khoản đã đóng")
    # Once.
    clerk.post(undo, why)
    assert ledger.payable_to(producer.pk) == 100_000
    body = text_of(clerk.get(reverse("office_payouts:index")))
    assert "Tài khoản đã đóng" in body
    # The same parcel, again, under another number.
    clerk.post(prepare)
    again = Payout.objects.exclude(pk=payout.pk).get()
    clerk.post(reverse("office_payouts:send", args=[again.pk]), {"reference": "P2"})
    assert ledger.payable_to(producer.pk) == 0
    assert earnings.sums([producer.pk]).paid == 100_000


def test_money_of_nobody_is_kept_and_matched(clerk, order):
    clerk.post(reverse("office_receipts:record_unmatched"), typed())
    receipt = Receipt.objects.get()
    assert receipt.transfer is None
    match = reverse("office_receipts:match", args=[receipt.pk])
    for wrong in ("", "DTZZZZZZZZ", "x" * 50):
        assert clerk.post(match, {"m-reference": wrong}).status_code == 422
    assert clerk.post(match, {"m-reference": order.number.lower()}).status_code == 302
    assert transfer_of(order).state == "received"


def test_nothing_has_come(clerk, order):
    transfer_actions.claim(order_id=order.pk, now=clock.now())
    clerk.post(reverse("office_receipts:not_arrived", args=[transfer_of(order).pk]))
    assert transfer_of(order).state == "awaiting"


def test_a_refund_is_listed_sent_and_confirmed(clerk, order):
    receive(order, 120_000, now=clock.now())
    orders.cancel_order(order_id=order.pk, actor=Actor.buyer(), now=clock.now())
    index = reverse("office_refunds:index")
    send = reverse("office_refunds:send", args=[order.pk])
    assert order.number in text_of(clerk.get(index))
    assert clerk.post(send, {"amount": "120000", "reference": "R1"}).status_code == 422
    refund_actions.tell_account(order_id=order.pk, now=clock.now(), **ACCOUNT)
    book = load_workbook(io.BytesIO(clerk.get(reverse("office_refunds:list")).content))
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[1:] == [
        ("Vietcombank", "970436", "12345678", "TRAN VAN BAY", 120_000,
         f"Hoan tien {order.number}"),
    ]  # fmt: skip
    assert clerk.post(send, {"amount": "1", "reference": "R1"}).status_code == 422
    assert clerk.post(send, {"amount": "120000", "reference": ""}).status_code == 422
    assert refund_owed(order.pk) == 120_000
    assert clerk.post(send, {"amount": "120000", "reference": "R1"}).url == index
    refund = Refund.objects.get()
    clerk.post(reverse("office_refunds:confirm", args=[refund.pk]))
    clerk.post(reverse("office_refunds:undo", args=[refund.pk]))
    assert (Refund.objects.get().state, refund_owed(order.pk)) == ("confirmed", 0)


def test_a_workbook_holds_no_formulas(desk, order):
    receive(order, 120_000, now=clock.now())
    orders.cancel_order(order_id=order.pk, actor=Actor.buyer(), now=clock.now())
    refund_actions.tell_account(
        order_id=order.pk, bank_bin="970436", account_no="1", holder="=CMD()", now=clock.now()
    )
    answer = desk(Role.FINANCE).get(reverse("office_refunds:list"))
    cells = [c for row in load_workbook(io.BytesIO(answer.content)).active.rows for c in row]
    assert not [c for c in cells if c.data_type == "f"]
    assert "=CMD()" in [c.value for c in cells]


def test_a_payout_from_account_to_sent(clerk, order):
    receive(order, 120_000, now=clock.now())
    producer = bring(order.consignments.get(), State.COMPLETED).producer
    index = reverse("office_payouts:index")
    account = reverse("office_payouts:account", args=[producer.pk])
    assert clerk.post(account, {**ACCOUNT, "account_no": "?"}).status_code == 422
    assert not ProducerAccount.objects.exists()
    assert clerk.post(account, ACCOUNT).url == index
    clerk.post(reverse("office_payouts:prepare", args=[producer.pk]))
    payout = Payout.objects.get()
    book = load_workbook(io.BytesIO(clerk.get(reverse("office_payouts:list")).content))
    assert [r[4] for r in book.active.iter_rows(values_only=True)][1:] == [100_000]
    send = reverse("office_payouts:send", args=[payout.pk])
    assert clerk.post(send, {"reference": ""}).status_code == 422
    assert clerk.post(send, {"reference": "P1"}).url == index
    assert Payout.objects.get().state == "sent"
    clerk.post(reverse("office_payouts:cancel", args=[payout.pk]))
    assert Payout.objects.get().state == "sent"
    assert "P1" in text_of(clerk.get(index))


def test_lists_ask_no_more_for_more_rows(desk, django_assert_max_num_queries):
    clerk = desk(Role.OPERATOR)
    for n in range(6):
        given = make_transfer_order(
            make_product(f"Món {n}", 50_000, 5), now=clock.now(),
            destination=make_destination(phone=f"+8491234000{n}"),
        )
        if n % 2:
            receive(given, 90_000, now=clock.now())
    for name in ("receipts", "refunds", "payouts"):
        clerk.get(reverse(f"office_{name}:index"))
        with django_assert_max_num_queries(30):
            assert clerk.get(reverse(f"office_{name}:index")).status_code == 200
