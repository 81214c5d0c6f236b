"""A guest buys from three producers on delivery; producers confirm; one part is cancelled."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from oscar.apps.order.models import Order
from oscar.apps.partner.models import StockRecord

from marketplace.orders.models import Consignment
from marketplace.payments.models import LedgerRow
from marketplace.producers.models import Membership
from tests.factories.accounts import make_user, sign_in
from tests.factories.buying import ADDRESS, form_with, forms_of, put_in, send, send_pay
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_tariff

pytestmark = pytest.mark.django_db


@pytest.fixture
def goods():
    """Mangoes, tea and a scarf of three producers."""
    make_tariff()
    return [
        make_product("Xoài cát Hòa Lộc", 285_000, 10, producer=make_producer("Vườn Út Lành")),
        make_product("Trà tim sen", 120_000, 5, producer=make_producer("Cơ sở Hương Sen")),
        make_product("Khăn rằn", 90_000, 3, producer=make_producer("Làng choàng Long Khánh")),
    ]


def stock(product):
    record = StockRecord.objects.get(product=product)
    return record.num_in_stock, record.num_allocated or 0


@pytest.mark.parametrize("who", ["guest", "guest_with_mail", "signed_in"])
def test_six_requests_and_at_most_110_queries_from_basket_to_thank_you(goods, client, who):
    if who == "signed_in":
        sign_in(client, make_user())
    where = {**ADDRESS, "email": "bay@example.test" if who == "guest_with_mail" else ""}
    for product in goods:
        put_in(client, product)
    requests = []
    with CaptureQueriesContext(connection) as queries:

        def asked(response, name):
            requests.append((name, len(queries) - sum(n for _, n in requests)))
            return response

        page = asked(client.get(reverse("checkout:basket") + "?giao-den=82"), "basket")
        assert "285.000" in page.content.decode()
        page = asked(client.get(reverse("checkout:where")), "where")
        page = asked(
            client.post(
                reverse("checkout:where"), {**form_with(page, "phone").fields, **where},
                follow=True,
            ),
            "post where",
        )
        assert page.redirect_chain == [(reverse("checkout:pay"), 302)]
        page = asked(send_pay(client, page, follow=True), "post pay")
        assert page.status_code == 200
        assert page.redirect_chain[0][0].startswith(
            reverse("checkout:thank_you", args=["DT", "x"]).split("DT")[0]
        )
    assert len(requests) <= 6
    assert len(queries) <= 110, requests


def test_guest_buys_from_three_growers_who_confirm_and_one_part_is_cancelled(goods, client):
    mango, tea, scarf = goods
    put_in(client, mango, 2)
    put_in(client, tea, 1)
    put_in(client, scarf, 3)
    page = client.get(reverse("checkout:where"))
    page = client.post(
        reverse("checkout:where"), {**form_with(page, "phone").fields, **ADDRESS}, follow=True
    )
    thanks = send_pay(client, page, follow=True)
    order = Order.objects.get()
    assert order.number in thanks.content.decode()
    assert order.total_incl_tax == 2 * 285_000 + 120_000 + 3 * 90_000 + 40_000 + 20_000 + 40_000
    assert [stock(p) for p in goods] == [(10, 2), (5, 1), (3, 3)]
    assert sum(LedgerRow.objects.values_list("amount", flat=True)) == 0

    # Each producer sees its own parcel and confirms it.
    for number, product in enumerate(goods, start=1):
        member = make_user()
        Membership.objects.create(
            producer=product.producer, user=member, role=Membership.Role.OWNER
        )
        desk = sign_in(Client(), member)
        home = desk.get(reverse("portal:home"))
        assert f"{order.number}-{number}" in home.content.decode()
        assert home.content.decode().count(order.number) == home.content.decode().count(
            f"{order.number}-{number}"
        )
        (form,) = [f for f in forms_of(home) if f"-{number}/" in f.action]
        assert send(desk, home, form).status_code == 302
    assert set(Consignment.objects.values_list("state", flat=True)) == {"confirmed"}

    # The buyer finds the order from another device by number and phone.
    other = Client()
    page = other.get(reverse("orders:track_form"))
    page = other.post(
        reverse("orders:track_form"),
        {**form_with(page, "number").fields, "number": order.number.lower(), "phone": "0912345678"},
        follow=True,
    )
    assert page.status_code == 200
    assert "Vườn Út Lành" in page.content.decode()

    # One part is cancelled: asked once more, then done.
    (form,) = [
        f for f in forms_of(page) if f.fields.get("consignment") == f"{order.number}-3"
    ]
    page = send(other, page, form)
    assert page.status_code == 200
    assert Consignment.objects.filter(state="cancelled").count() == 0
    page = send(other, page, form_with(page, "confirm", "consignment"))
    assert page.status_code == 302
    assert Consignment.objects.get(number=f"{order.number}-3").state == "cancelled"
    assert [stock(p) for p in goods] == [(10, 2), (5, 1), (3, 0)]
    assert sum(LedgerRow.objects.values_list("amount", flat=True)) == 0
