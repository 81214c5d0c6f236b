"""The grower's money page: for owner and staff, never for packers or strangers."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from marketplace.kernel import clock
from marketplace.orders.states import State
from marketplace.producers.models import Membership
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalogue import make_product
from tests.factories.payments import make_transfer_order, receive
from tests.orders.conftest import bring

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
