"""What a parcel's card and page say of its money, to whoever may see money."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from marketplace.kernel import clock
from marketplace.payments import receipt_actions
from tests.factories.accounts import make_staff
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_order, make_tariff
from tests.factories.payments import make_transfer_order, receive, transfer_of
from tests.orders.conftest import bring
from tests.portal.test_desk import member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english(db):
    make_tariff()
    with translation.override("en"):
        yield


@pytest.fixture
def mango():
    return make_product("Xoài cát", 100_000, 500, producer=make_producer("Vườn Út Lành"))


def paid_order(mango):
    now = clock.now()
    order = make_transfer_order(mango, now=now)
    receive(order, int(order.total_incl_tax), now=now)
    return order


def pages(client, consignment):
    return [
        client.get(url).content.decode()
        for url in (
            reverse("portal:home"), reverse("portal:parcels"),
            reverse("portal:parcels_one", args=[consignment.number]),
        )
    ]


def test_cash_is_collected_until_it_is_delivered(mango):
    consignment = make_order(mango).consignments.get()
    desk = member("staff", mango.producer)
    words = f"Collect ₫{consignment.total_incl_tax:,.0f} at the door"
    assert all(words in page for page in pages(desk, consignment))
    consignment = bring(consignment, "delivered", now=clock.now())
    assert not any("at the door" in page for page in pages(desk, consignment))


def test_what_is_paid_is_not_collected_again(mango):
    consignment = paid_order(mango).consignments.get()
    desk = member("owner", mango.producer)
    assert all("Already paid by transfer" in page for page in pages(desk, consignment))
    assert not any("at the door" in page for page in pages(desk, consignment))


def test_a_receipt_that_was_a_mistake_is_waited_for_again(mango):
    order = paid_order(mango)
    # Once the grower has begun, the parcel stays on the desk.
    consignment = bring(order.consignments.get(), "confirmed", now=clock.now())
    receipt = transfer_of(order).receipts.get()
    receipt_actions.undo(
        receipt_id=receipt.pk, actor=make_staff(), now=clock.now()
    )
    desk = member("owner", mango.producer)
    assert all("Waiting for the buyer" in page for page in pages(desk, consignment))


def test_packers_read_none_of_it(mango):
    consignment = paid_order(mango).consignments.get()
    cash = make_order(mango).consignments.get()
    packer = member("packer", mango.producer)
    for page in (*pages(packer, consignment), *pages(packer, cash)):
        assert "Already paid" not in page
        assert "at the door" not in page


def test_the_list_costs_the_same_for_any_number(mango):
    desk = member("owner", mango.producer)
    desk.get(reverse("portal:parcels"))
    counts = []
    for more in (2, 10):
        for _order in range(more):
            make_order(mango)
        paid_order(mango)
        with CaptureQueriesContext(connection) as queries:
            desk.get(reverse("portal:parcels"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
