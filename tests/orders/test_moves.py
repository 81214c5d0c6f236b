"""What a move means for stock, ledger, mails, pages and Oscar's own rows."""

from datetime import UTC, datetime, timedelta

import pytest
from oscar.apps.partner.models import StockRecord

from catalogue.models import ShippingClass
from marketplace.orders import actions, queries, tasks
from marketplace.orders.actors import Actor
from marketplace.orders.errors import MoveForbidden, MoveNotAllowed
from marketplace.orders.models import Consignment, FulfilmentTerms, Reservation
from marketplace.payments import actions as payments
from marketplace.payments import ledger
from marketplace.payments.errors import AlreadyAnswered, NothingToRemit
from marketplace.payments.models import CodLimits, LedgerTransaction
from marketplace.payments.queries import refund_owed
from marketplace.platform import page_versions
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_destination, make_order
from tests.factories.payments import make_transfer_order, receive
from tests.orders.conftest import ANYBODY, NOW, bring

pytestmark = pytest.mark.usefixtures("tariff")


def stock_of(product) -> tuple[int, int]:
    record = StockRecord.objects.get(product=product)
    return record.num_in_stock, record.num_allocated


def move(parcel, to, **more):
    more = {"actor": ANYBODY, "reason": "test", "now": NOW, **more}
    return actions.move(consignment_id=parcel.pk, to=to, **more)


@pytest.mark.parametrize(
    ("end", "in_stock", "allocated"),
    [
        ("new", 10, 3), ("confirmed", 10, 3), ("packed", 10, 3),
        ("declined", 10, 0), ("cancelled", 10, 0),
        ("handed_over", 7, 0), ("delivered", 7, 0), ("completed", 7, 0),
        ("refused", 10, 0), ("returned", 10, 0),
    ],
)
def test_stock_in_every_state(end, in_stock, allocated):
    product = make_product(stock=10, gross_weight_g=500)
    bring(make_order((product, 3), now=NOW).consignments.get(), end)
    assert stock_of(product) == (in_stock, allocated)


@pytest.mark.parametrize(
    ("shipping_class", "put_back", "in_stock"),
    [
        (ShippingClass.AMBIENT, None, 10), (ShippingClass.FRAGILE, None, 10),
        (ShippingClass.FRESH, None, 7), (ShippingClass.CHILLED, None, 7),
        (ShippingClass.LIVE_PLANT, None, 7),
        (ShippingClass.FRESH, True, 10), (ShippingClass.AMBIENT, False, 7),
    ],
)
def test_what_comes_back_is_sold_again_unless_it_spoils(shipping_class, put_back, in_stock):
    product = make_product(stock=10, gross_weight_g=500, shipping_class=shipping_class)
    parcel = bring(make_order((product, 3), now=NOW).consignments.get(), "handed_over")
    move(parcel, "refused", put_back=put_back)
    assert stock_of(product) == (in_stock, 0)
    assert parcel.events.get(to_state="refused").put_back is put_back


@pytest.mark.parametrize(
    ("end", "balances", "attempt"),
    [
        ("new", {"buyer_receivable": 305, "producer_payable": -285, "delivery": -20}, "pending"),
        ("declined", {}, "void"),
        ("cancelled", {}, "void"),
        ("refused", {}, "void"),
        ("returned", {}, "void"),
        (
            "handed_over",
            {"buyer_receivable": 305, "producer_payable": -285, "delivery": -20},
            "pending",
        ),
        ("delivered", {"carrier_cash": 305, "producer_payable": -285, "delivery": -20}, "paid"),
        ("completed", {"carrier_cash": 305, "producer_payable": -285, "delivery": -20}, "paid"),
    ],
)
def test_the_ledger_in_every_state(end, balances, attempt):
    order = make_order(make_product(), now=NOW)
    bring(order.consignments.get(), end)
    assert ledger.balances(order) == {name: k * 1000 for name, k in balances.items()}
    assert order.payment_attempts.get().state == attempt


def test_cash_remitted_once():
    order = make_order(make_product(), now=NOW)
    parcel = order.consignments.get()
    with pytest.raises(NothingToRemit):
        payments.remit(consignment_id=parcel.pk, reference="GHN-1", actor=None, now=NOW)
    bring(parcel, "delivered")
    assert payments.remit(
        consignment_id=parcel.pk, reference="GHN-1", actor=None, now=NOW
    ) == 305_000
    with pytest.raises(NothingToRemit):
        payments.remit(consignment_id=parcel.pk, reference="GHN-1", actor=None, now=NOW)
    assert ledger.balances(order) == {
        "operator_bank": 305_000, "producer_payable": -285_000, "delivery": -20_000,
    }


@pytest.mark.parametrize("is_remitted", [False, True])
def test_returned_after_delivery_owes_a_refund(is_remitted):
    order = make_order(make_product(), now=NOW)
    parcel = bring(order.consignments.get(), "delivered")
    if is_remitted:
        payments.remit(consignment_id=parcel.pk, reference="GHN-1", actor=None, now=NOW)
    move(parcel, "returned")
    holder = "operator_bank" if is_remitted else "carrier_cash"
    assert ledger.balances(order) == {holder: 305_000, "refund_owed": -305_000}


def test_one_part_cancelled_leaves_the_others():
    mango = make_product("Xoài", 285_000)
    tea = make_product("Trà", 120_000)
    order = make_order(mango, tea, now=NOW)
    first, second = order.consignments.order_by("pk")
    move(first, "cancelled", actor=Actor.buyer())
    order.refresh_from_db()
    assert order.status == "placed"
    assert order.details.cancelled_at is None
    assert ledger.balances(order) == {
        "buyer_receivable": 140_000, "producer_payable": -120_000, "delivery": -20_000,
    }
    assert (stock_of(mango), stock_of(tea)) == ((10, 0), (10, 1))
    lines = {line.title: line for line in order.lines.all()}
    assert (lines["Xoài"].status, lines["Xoài"].num_allocated) == ("cancelled", 0)
    assert lines["Xoài"].allocation_cancelled
    assert (lines["Trà"].status, lines["Trà"].num_allocated) == ("new", 1)
    move(second, "declined")
    order.refresh_from_db()
    assert order.status == "cancelled"
    assert order.details.__class__.objects.get(pk=order.pk).cancelled_at == NOW
    assert order.reservation.__class__.objects.get(pk=order.pk).ended_at == NOW
    assert [(c.old_status, c.new_status) for c in order.status_changes.order_by("pk")] == [
        ("", "placed"), ("placed", "cancelled"),
    ]


def test_a_repeated_move_does_nothing_more():
    product = make_product()
    parcel = make_order(product, now=NOW).consignments.get()
    move(parcel, "cancelled")
    posted = LedgerTransaction.objects.count()
    with pytest.raises(MoveNotAllowed):
        move(parcel, "cancelled")
    assert stock_of(product) == (10, 0)
    assert LedgerTransaction.objects.count() == posted


def test_a_receiver_that_fails_undoes_the_move(monkeypatch):
    product = make_product()
    parcel = make_order(product, now=NOW).consignments.get()
    monkeypatch.setattr(ledger, "standing", lambda _pk: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        move(parcel, "cancelled")
    parcel.refresh_from_db()
    assert parcel.state == "new"
    assert stock_of(product) == (10, 1)


class TestCancellingAnOrder:
    def test_the_buyer_cancels_what_is_not_packed(self, sent):
        order = make_order(make_product("Xoài"), make_product("Trà"), now=NOW)
        first, _second = order.consignments.order_by("pk")
        bring(first, "packed")
        cancelled = actions.cancel_order(order_id=order.pk, actor=Actor.buyer(), now=NOW)
        assert [c.pk for c in cancelled] == [_second.pk]
        order.refresh_from_db()
        assert order.status == "in_progress"

    def test_nothing_left_to_cancel(self):
        order = make_order(make_product(), now=NOW)
        bring(order.consignments.get(), "packed")
        with pytest.raises(MoveForbidden):
            actions.cancel_order(order_id=order.pk, actor=Actor.buyer(), now=NOW)
        move(order.consignments.get(), "handed_over")
        with pytest.raises(MoveNotAllowed):
            actions.cancel_order(order_id=order.pk, actor=Actor.buyer(), now=NOW)

    def test_one_mail_for_the_whole(self, sent):
        producer = make_producer(email="p@example.test")
        order = make_order(make_product(producer=producer), make_product(), now=NOW)
        sent.clear()
        actions.cancel_order(order_id=order.pk, actor=Actor.buyer(), reason="Đổi ý", now=NOW)
        assert [(m["template"], m["to"]) for m in sent] == [
            ("order_cancelled", "bay@example.test"), ("consignment_cancelled", "p@example.test"),
        ]
        assert len(sent[0]["context"]["parcels"]) == 2
        assert sent[1]["context"]["for_producer"] is True
        assert len({m["dedupe_key"] for m in sent}) == 2


def test_mails_of_a_part(sent):
    order = make_order(make_product("Xoài"), make_product("Trà"), language="en", now=NOW)
    first, second = order.consignments.order_by("pk")
    sent.clear()
    move(first, "confirmed")
    move(second, "declined", reason="Hết hàng")
    assert [(m["template"], m["language"]) for m in sent] == [
        ("consignment_confirmed", "en"), ("consignment_cancelled", "en"),
    ]
    told = sent[1]["context"]
    assert (told["is_declined"], told["has_others"], told["reason"]) == (True, True, "Hết hàng")
    assert told["button_url"].startswith("http")
    move(first, "packed")
    assert len(sent) == 2


def test_pages_that_show_the_quantity_are_told(monkeypatch):
    bumped = []
    monkeypatch.setattr(page_versions, "bump", lambda *keys: bumped.append(keys))
    product = make_product(stock=3)
    plenty = make_product(stock=100)
    bumped.clear()
    parcel = make_order(product, now=NOW).consignments.get()
    assert bumped == [("catalogue", f"product:{product.pk}")]
    bring(parcel, "handed_over")
    # What is on sale did not change by sending it.
    assert len(bumped) == 1
    move(parcel, "returned")
    assert len(bumped) == 2
    # "In stock" stays true when plenty is left.
    make_order(plenty, now=NOW)
    assert len(bumped) == 2


class TestTheClock:
    def test_unconfirmed_after_two_working_days(self, sent, monkeypatch):
        FulfilmentTerms.objects.update(unconfirmed_working_days=2)
        # Placed on Thursday at 10:00; Saturday and Sunday do not count.
        placed = datetime(2026, 12, 3, 3, 0, tzinfo=UTC)
        product = make_product()
        order = make_order(product, now=placed)
        sent.clear()
        for now, cancelled in (
            (datetime(2026, 12, 4, 3, 1, tzinfo=UTC), 0),
            (datetime(2026, 12, 5, 3, 1, tzinfo=UTC), 0),
            (datetime(2026, 12, 6, 3, 1, tzinfo=UTC), 0),
            (datetime(2026, 12, 7, 2, 59, tzinfo=UTC), 0),
            (datetime(2026, 12, 7, 3, 1, tzinfo=UTC), 1),
            (datetime(2026, 12, 7, 3, 2, tzinfo=UTC), 0),
        ):
            monkeypatch.setattr(tasks.clock, "now", lambda now=now: now)
            assert tasks.cancel_unconfirmed(timestamp=0) == cancelled, now
        order.refresh_from_db()
        assert order.status == "cancelled"
        assert stock_of(product) == (10, 0)
        assert [m["template"] for m in sent] == ["order_cancelled"]
        assert sent[0]["context"]["reason"]

    def test_confirmed_in_time_stays(self):
        order = make_order(make_product(), now=NOW - timedelta(days=30))
        bring(order.consignments.get(), "confirmed", NOW - timedelta(days=29))
        before = queries.unconfirmed_before(NOW + timedelta(days=1))
        assert not queries.unconfirmed(before).exists()

    def test_what_is_paid_has_its_own_days(self, sent, monkeypatch):
        """Counted from the release, not from placing; what waits for money is left alone."""
        product = make_product()
        order = make_transfer_order(product, now=datetime(2026, 12, 3, 3, 0, tzinfo=UTC))
        unpaid = make_transfer_order(product, now=datetime(2026, 12, 3, 3, 0, tzinfo=UTC))
        paid_at = datetime(2026, 12, 4, 2, 0, tzinfo=UTC)
        receive(order, int(order.total_incl_tax), now=paid_at)
        sent.clear()
        for now, cancelled in (
            (datetime(2026, 12, 7, 3, 1, tzinfo=UTC), 0),
            (datetime(2026, 12, 8, 1, 59, tzinfo=UTC), 0),
            (datetime(2026, 12, 8, 2, 1, tzinfo=UTC), 1),
            (datetime(2026, 12, 8, 2, 2, tzinfo=UTC), 0),
        ):
            monkeypatch.setattr(tasks.clock, "now", lambda now=now: now)
            assert tasks.cancel_unconfirmed(timestamp=0) == cancelled, now
        order.refresh_from_db()
        assert order.status == "cancelled"
        assert refund_owed(order.pk) == order.total_incl_tax
        assert [m["template"] for m in sent if m["to"] == "bay@example.test"] == [
            "order_cancelled"
        ]
        unpaid.refresh_from_db()
        assert unpaid.status == "pending"
        assert stock_of(product) == (10, 1)

    def test_a_buyer_who_was_never_reached_is_told_why(self, sent, monkeypatch):
        order = make_order(make_product(), now=datetime(2026, 12, 3, 3, 0, tzinfo=UTC))
        Consignment.objects.update(released_at=None)
        sent.clear()
        monkeypatch.setattr(
            tasks.clock, "now", lambda: datetime(2026, 12, 7, 3, 1, tzinfo=UTC)
        )
        assert tasks.cancel_unconfirmed(timestamp=0) == 1
        order.refresh_from_db()
        assert order.status == "cancelled"
        (mail,) = sent
        assert "điện thoại" in mail["context"]["reason"]

    def test_nothing_is_cancelled_while_no_terms_hold(self):
        make_order(make_product(), now=NOW - timedelta(days=30))
        FulfilmentTerms.objects.all().delete()
        assert queries.unconfirmed_before(NOW) is None
        assert queries.to_complete(NOW) == []

    def test_delivered_is_completed_some_days_later(self, monkeypatch):
        FulfilmentTerms.objects.update(completed_after_days=3)
        order = make_order(make_product(), now=NOW)
        bring(order.consignments.get(), "delivered", NOW)
        for after, done in ((timedelta(days=3, seconds=-1), 0), (timedelta(days=3), 1)):
            monkeypatch.setattr(tasks.clock, "now", lambda after=after: NOW + after)
            assert tasks.complete_delivered(timestamp=0) == done
        order.refresh_from_db()
        assert order.status == "completed"

    def test_an_unpaid_reservation_runs_out(self, sent, monkeypatch):
        product = make_product()
        order = make_order(product, now=NOW)
        Reservation.objects.update(ends_at=NOW + timedelta(hours=24))
        Consignment.objects.update(released_at=None)
        for after, done in (
            (timedelta(hours=24, seconds=-1), 0), (timedelta(hours=24), 1), (timedelta(days=2), 0)
        ):
            monkeypatch.setattr(tasks.clock, "now", lambda after=after: NOW + after)
            assert tasks.release_expired_reservations(timestamp=0) == done
        assert stock_of(product) == (10, 0)
        assert ledger.balances(order) == {}

    def test_the_tasks_are_on_the_clock(self):
        from procrastinate.contrib.django import app

        crons = {p.task.name: p.cron for p in app.periodic_registry.periodic_tasks.values()}
        assert {
            "marketplace.orders.tasks.release_expired_reservations",
            "marketplace.orders.tasks.cancel_unconfirmed",
            "marketplace.orders.tasks.complete_delivered",
        } <= set(crons)


class TestCallFirst:
    @pytest.fixture
    def task(self, sent):
        CodLimits.objects.update(new_phone_amount_max=1)
        product = make_product(producer=make_producer(email="p@example.test"))
        order = make_order(product, now=NOW)
        sent.clear()
        return order.call_task

    @pytest.fixture
    def clerk(self, django_user_model):
        return django_user_model.objects.create_superuser("thu-ky@example.test", "x")

    def test_confirmed_by_phone_goes_to_the_producers(self, task, clerk, sent):
        payments.answer_call(task_id=task.pk, is_confirmed=True, actor=clerk, now=NOW)
        parcel = Consignment.objects.get()
        assert parcel.released_at == NOW
        assert parcel.order.status == "placed"
        assert [m["template"] for m in sent] == ["new_consignment"]
        with pytest.raises(AlreadyAnswered):
            payments.answer_call(task_id=task.pk, is_confirmed=False, actor=clerk, now=NOW)

    def test_not_confirmed_is_cancelled(self, task, clerk, sent):
        payments.answer_call(
            task_id=task.pk, is_confirmed=False, actor=clerk, note="Không nghe máy", now=NOW
        )
        parcel = Consignment.objects.get()
        assert (parcel.state, parcel.order.status) == ("cancelled", "cancelled")
        # The producer never heard of it, and does not now.
        assert [(m["template"], m["to"]) for m in sent] == [
            ("order_cancelled", "bay@example.test")
        ]


    def test_the_office_that_goes_ahead_has_called(self, task, clerk, sent):
        parcel = Consignment.objects.get()
        move(parcel, "confirmed", actor=clerk)
        task.refresh_from_db()
        parcel.refresh_from_db()
        assert (task.outcome, task.answered_by, parcel.released_at) == ("confirmed", clerk, NOW)
        assert parcel.order.status == "in_progress"
        assert [m["template"] for m in sent] == ["consignment_confirmed"]

    def test_going_ahead_with_one_part_releases_the_others(self, clerk, sent):
        CodLimits.objects.update(new_phone_amount_max=1)
        order = make_order(
            *(make_product(producer=make_producer(email=f"{n}@example.test")) for n in "ab"),
            now=NOW,
        )
        first, second = order.consignments.order_by("pk")
        sent.clear()
        move(first, "confirmed", actor=clerk)
        second.refresh_from_db()
        assert (second.state, second.released_at) == ("new", NOW)
        assert [(m["template"], m["to"]) for m in sent] == [
            ("consignment_confirmed", "bay@example.test"), ("new_consignment", "b@example.test"),
        ]

    def test_cancelled_by_the_buyer_needs_no_call(self, task):
        actions.cancel_order(order_id=task.order_id, actor=Actor.buyer(), now=NOW)
        task.refresh_from_db()
        assert task.outcome == "rejected"

    def test_nobody_goes_ahead_with_what_is_to_be_paid_first(self, clerk):
        parcel = make_order(make_product(), now=NOW).consignments.get()
        Consignment.objects.update(released_at=None)
        Reservation.objects.update(ends_at=NOW + timedelta(hours=24))
        with pytest.raises(MoveForbidden):
            move(parcel, "confirmed", actor=clerk)


class TestFollowing:
    def test_by_the_link(self):
        order = make_order(make_product(), now=NOW)
        secret = order.details.secret
        assert queries.order_for_tracking(order.number, secret) == order
        assert queries.order_for_tracking(order.number.lower(), secret) == order
        assert queries.order_for_tracking(order.number, secret[:-1] + "?") is None
        assert queries.order_for_tracking(order.number, "") is None
        assert queries.order_for_tracking("DT00000000", secret) is None
        assert queries.order_for_tracking("x" * 10_000, "é") is None

    def test_by_number_and_phone(self):
        order = make_order(make_product(), now=NOW)
        assert queries.order_for_phone(order.number, "+84912345678") == order
        assert queries.order_for_phone(order.number, "+84912345679") is None

    def test_a_number_as_people_type_it(self):
        assert queries.normalise_number(" dt 0o1l-iabc ") == "DT00111ABC"
        order = make_order(make_product(), now=NOW)
        typed = f"{order.number[:2].lower()}-{order.number[2:6]} {order.number[6:]}"
        assert queries.order_for_phone(typed, "+84912345678") == order


class TestWhoSees:
    def test_producers_see_their_own_released(self, django_user_model):
        one, other = make_producer(), make_producer()
        order = make_order(make_product(producer=one), make_product(producer=other), now=NOW)
        mine, _theirs = order.consignments.order_by("pk")
        packer = django_user_model.objects.create_user("goi@example.test")
        one.memberships.create(user=packer, role="packer")
        assert list(Consignment.objects.visible_to(packer)) == [mine]
        Consignment.objects.update(released_at=None)
        assert not Consignment.objects.visible_to(packer).exists()
        chief = django_user_model.objects.create_superuser("sep@example.test", "x")
        assert Consignment.objects.visible_to(chief).count() == 2
        buyer = django_user_model.objects.create_user("khach@example.test")
        assert not Consignment.objects.visible_to(buyer).exists()
        from django.contrib.auth.models import AnonymousUser

        assert not Consignment.objects.visible_to(AnonymousUser()).exists()


def test_cod_limits_by_phone():
    CodLimits.objects.update(open_orders_max=2, new_phone_amount_max=10**9, refusals_max=0,
                             refuse_open_orders_above=3)
    product = make_product(stock=100)
    other = make_destination(phone="+84987654321")
    assert make_order(product, now=NOW).status == "placed"
    assert make_order(product, now=NOW).status == "placed"
    assert make_order(product, now=NOW).call_task.reasons == ["open_orders"]
    assert make_order(product, destination=other, now=NOW).status == "placed"
    for parcel in Consignment.objects.filter(order__details__phone="+84912345678"):
        Consignment.objects.filter(pk=parcel.pk).update(released_at=NOW)
        bring(parcel, "completed")
    assert make_order(product, now=NOW).status == "placed"
    bring(Consignment.objects.first(), "refused")
    assert make_order(product, now=NOW).call_task.reasons == ["refusals"]
    later = NOW + timedelta(days=181)
    assert make_order(product, now=later, destination=make_destination()).status != "cancelled"
