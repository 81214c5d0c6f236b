"""What was promised moves when the growers may begin only later."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from marketplace.kernel import clock
from marketplace.orders import actions
from marketplace.orders.models import Consignment
from marketplace.orders.promises import if_begun
from marketplace.shipping.promises import Promise, begun_on
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_order
from tests.factories.payments import make_transfer_order, receive

pytestmark = pytest.mark.usefixtures("tariff")
#: A Monday, ten in the morning.
PLACED = datetime(2026, 12, 7, 3, 0, tzinfo=UTC)
THURSDAY = datetime(2026, 12, 10, 3, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def vietnamese():
    """A page in English leaves its language behind."""
    with translation.override("vi"):
        yield


@pytest.fixture
def mango(db):
    return make_product(
        "Xoài", 95_000, 10, gross_weight_g=500,
        producer=make_producer("Vườn Út Lành", preparation_days=1),
    )


def dates(parcel):
    parcel.refresh_from_db()
    return parcel.handover_on, parcel.promise_on


@pytest.mark.parametrize(
    ("given", "day", "life", "then"),
    [
        # The same day: as it was.
        (("2026-12-08", "2026-12-10"), "2026-12-07", None, ("2026-12-08", "2026-12-10")),
        # Three days later; two working days on the way as before, over the weekend.
        (("2026-12-08", "2026-12-10"), "2026-12-10", None, ("2026-12-11", "2026-12-15")),
        # What keeps three days does not travel over a weekend: it leaves on Monday.
        (("2026-12-08", "2026-12-10"), "2026-12-10", 3, ("2026-12-14", "2026-12-16")),
        # Never earlier than it was promised.
        (("2026-12-14", "2026-12-16"), "2026-12-07", None, ("2026-12-14", "2026-12-16")),
    ],
)
def test_the_days_are_working_days(given, day, life, then):
    found = begun_on(
        Promise(*map(date.fromisoformat, given)), date.fromisoformat(day),
        preparation_days=1, life_days=life, exceptions={},
    )
    assert found == Promise(*map(date.fromisoformat, then))


def test_money_that_comes_late_moves_the_promise(mango, sent, client, monkeypatch):
    order = make_transfer_order(mango, now=PLACED)
    parcel = order.consignments.get()
    assert dates(parcel) == (date(2026, 12, 8), date(2026, 12, 10))
    with translation.override("en"):
        args = [order.number, order.details.secret]
        pages = [reverse(name, args=args) for name in ("orders:track", "payments:pay")]
    monkeypatch.setattr(clock, "now", lambda: THURSDAY)
    monkeypatch.setattr(clock, "today", lambda: date(2026, 12, 10))
    words = "With you by Tue 15 Dec"
    for url in pages:
        assert f"{words}, if the money comes today" in client.get(url).content.decode()
    # What is shown is not yet promised.
    assert dates(parcel) == (date(2026, 12, 8), date(2026, 12, 10))
    sent.clear()
    receive(order, int(order.total_incl_tax), now=THURSDAY)
    assert dates(parcel) == (date(2026, 12, 11), date(2026, 12, 15))
    (mail,) = [m for m in sent if m["template"] == "payment_news"]
    assert "15/12" in str(mail["context"]["paragraphs"])
    for url in pages:
        body = client.get(url).content.decode()
        assert words in body
        assert "if the money comes" not in body


def test_our_call_moves_it_too_and_cash_at_once_does_not(mango):
    order = make_order(mango, now=PLACED)
    assert if_begun(order.consignments.all(), date(2026, 12, 7)) == {
        order.consignments.get().pk: Promise(date(2026, 12, 8), date(2026, 12, 10))
    }
    held = make_order((mango, 9), now=PLACED)
    Consignment.objects.filter(order=held).update(released_at=None)
    actions.release(order_id=held.pk, now=THURSDAY)
    assert dates(order.consignments.get())[1] == date(2026, 12, 10)
    assert dates(held.consignments.get()) == (date(2026, 12, 11), date(2026, 12, 15))
    # Repeating it changes nothing.
    actions.release(order_id=held.pk, now=datetime(2026, 12, 20, 3, 0, tzinfo=UTC))
    assert dates(held.consignments.get()) == (date(2026, 12, 11), date(2026, 12, 15))


def test_more_parcels_that_wait_cost_no_more_queries(client):
    def queries_of(order):
        address = reverse("orders:track", args=[order.number, order.details.secret])
        with CaptureQueriesContext(connection) as caught:
            assert "nếu hôm nay nhận được tiền" in client.get(address).content.decode()
        return len(caught)

    one, three = (
        make_transfer_order(
            *(make_product(f"Món {n}", 50_000, 5, gross_weight_g=500) for n in range(count))
        )
        for count in (1, 3)
    )
    queries_of(one)
    assert queries_of(three) == queries_of(one)
