"""The grower's money page: for owner and staff, never for packers or strangers."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from marketplace.kernel import clock
from marketplace.orders import actions
from marketplace.orders.states import State
from marketplace.payments import payout_actions
from marketplace.producers.models import Membership
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.catalogue import make_product
from tests.factories.payments import make_transfer_order, receive
from tests.orders.conftest import ANYBODY, bring

pytestmark = pytest.mark.django_db


def as_member(producer, role):
    user = make_user()
    Membership.objects.create(producer=producer, user=user, role=role)
    return sign_in(Client(), user)


@pytest.fixture
def producer(db):
    order = make_transfer_order(make_product(price=100_000, stock=5), now=clock.now())
    receive(order, 120_000, now=clock.now())
    return bring(order.consignments.get(), State.DELIVERED, now=clock.now()).producer


@pytest.mark.parametrize("role", [Membership.Role.OWNER, Membership.Role.STAFF])
def test_what_was_sold_and_is_owed(producer, role):
    with translation.override("vi"):
        address = reverse("portal:money")
    assert address == "/portal/tien/"
    page = as_member(producer, role).get(address).content.decode()
    assert page.count("100.000") == 2 and "Tiền" in page


def test_packers_see_no_money(producer):
    client = as_member(producer, Membership.Role.PACKER)
    assert client.get(reverse("portal:money")).status_code == 403
    assert reverse("portal:money") not in client.get(reverse("portal:home")).content.decode()


def test_another_producer_sees_nothing_of_it(producer):
    other = make_product("Trà").producer
    page = as_member(other, Membership.Role.OWNER).get(reverse("portal:money"))
    assert "100.000" not in page.content.decode()


def test_a_payout_that_came_back_says_so(producer):
    now, clerk = clock.now(), make_staff()
    payout_actions.set_account(
        producer=producer, bank_bin="970436", account_no="12345678", holder="A B",
        actor=clerk, now=now,
    )
    parcel = producer.consignments.get()
    actions.move(consignment_id=parcel.pk, to=State.COMPLETED, actor=ANYBODY, now=now)
    payout = payout_actions.prepare(producer_id=producer.pk, actor=clerk, now=now)
    payout_actions.send(payout_id=payout.pk, reference="P1", actor=clerk, now=now)
    desk = as_member(producer, Membership.Role.OWNER)
    with translation.override("en"):
        address = reverse("portal:money")
        assert "sent it back" not in desk.get(address).content.decode()
        payout_actions.undo(payout_id=payout.pk, why="Sai số tài khoản", actor=clerk, now=now)
        page = desk.get(address).content.decode()
    assert "The bank sent it back" in page and "Sai số tài khoản" in page
