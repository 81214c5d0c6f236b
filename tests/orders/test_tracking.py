"""Following an order over HTTP: by its link, by number and phone, by account; and cancelling."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from oscar.apps.order.models import Order
from oscar.apps.partner.models import StockRecord

from marketplace.kernel import clock
from tests.factories.accounts import make_user, sign_in
from tests.factories.buying import form_with, forms_of, send
from tests.factories.catalogue import make_product
from tests.factories.orders import make_order
from tests.orders.conftest import bring

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def order(tariff):
    """Two parcels for +84912345678."""
    return make_order(make_product("Xoài", 100_000, 5), make_product("Trà", 50_000, 5))


def ask(client, number, phone):
    return client.post(reverse("orders:track_form"), {"number": number, "phone": phone})


def link(order, name="track"):
    return reverse(f"orders:{name}", args=[order.number, order.details.secret])


@pytest.mark.parametrize(
    "phone",
    ["0912345678", "0912 345 678", "+84 912 345 678", "０９１２３４５６７８", "84912345678"],
)
def test_number_and_phone_find_the_order(order, client, phone):
    assert ask(client, order.number.lower(), phone).url == link(order)


def test_a_wrong_number_and_a_wrong_phone_look_exactly_the_same(order):
    answers = [
        ask(Client(), order.number, "0987 654 321"),
        ask(Client(), "DT00000000", "0912 345 678"),
        ask(Client(), "x", "0987 654 321"),
        ask(Client(), order.number + "1", "0912 345 678"),
    ]
    bodies = set()
    for answer in answers:
        body = answer.content.decode()
        # What was typed stands in the fields again, and each page has its own token.
        body = re.sub(r'value="[^"]*"', "", body)
        bodies.add(body)
        assert answer.status_code == 200
        assert order.details.recipient not in body
    assert len(bodies) == 1


@pytest.mark.parametrize("number", ["", "\x00", "x" * 5000, "<b>", "' OR 1=1", "١٢٣", "\u202e"])
@pytest.mark.parametrize("phone", ["", "abc", "\x00", "9" * 500, "0912 345 678"])
def test_nonsense_is_answered_in_words(db, client, number, phone):
    answer = ask(client, number, phone)
    assert answer.status_code == 200
    assert "errors-title" in answer.content.decode()


def test_guessing_is_slowed_down(order, client):
    for number in range(10):
        assert ask(client, f"DT{number:08}", "0912 345 678").status_code == 200
    answer = ask(client, order.number, "0912 345 678")
    assert answer.status_code == 429
    assert "Too many tries" in answer.content.decode()
    assert form_with(answer, "number").fields["number"] == order.number


def test_many_addresses_cannot_guess_the_phone_of_one_order(order):
    for at in range(10):
        client = Client(REMOTE_ADDR=f"10.0.0.{at}")
        assert ask(client, order.number, "0987 654 321").status_code == 200
    assert ask(Client(REMOTE_ADDR="10.0.1.1"), order.number, "0912 345 678").status_code == 429
    # Its link still opens it.
    assert Client().get(link(order)).status_code == 200


def test_the_page_tells_what_really_happened(order, client):
    consignment = order.consignments.first()
    bring(consignment, "packed", clock.now())
    answer = client.get(link(order))
    body = answer.content.decode()
    for words in ("Ordered", "The grower confirmed", "Packed", "Handed to the courier"):
        assert words in body
    assert body.count("<time") == 4  # three moments of one parcel, one of the other
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex"
    assert "no-store" in answer["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in body


@pytest.mark.parametrize("name", ["track", "cancel"])
@pytest.mark.parametrize("secret", ["x", "đá", "%00", "%F0%9F%98%80", "A" * 43, "x" * 900])
def test_a_wrong_secret_is_404_with_help(order, client, name, secret):
    address = link(order, name).replace(order.details.secret, secret)
    for answer in (client.get(address), client.post(address, {"confirm": "yes"})):
        assert answer.status_code == 404
        assert reverse("orders:track_form") in answer.content.decode()
        assert order.details.recipient not in answer.content.decode()
    assert set(order.consignments.values_list("state", flat=True)) == {"new"}


def test_a_secret_opens_its_own_order_alone(order, client, tariff):
    other = make_order(make_product("Bánh", 60_000, 5))
    address = reverse("orders:track", args=[other.number, order.details.secret])
    assert client.get(address).status_code == 404


def test_one_parcel_is_cancelled_after_a_question(order, client):
    page = client.get(link(order))
    first, second = order.consignments.order_by("pk")
    (form,) = [f for f in forms_of(page) if f.fields.get("consignment") == first.number]
    question = send(client, page, form)
    assert question.status_code == 200
    assert set(order.consignments.values_list("state", flat=True)) == {"new"}
    done = send(client, question, form_with(question, "confirm"))
    assert done.url == link(order)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("cancelled", "new")
    assert list(
        StockRecord.objects.order_by("pk").values_list("num_in_stock", "num_allocated")
    ) == [(5, 0), (5, 1)]
    event = first.events.last()
    assert (event.actor_kind, event.actor, event.reason) == (
        "buyer", None, "Cancelled by the buyer.",
    )


def test_all_that_is_not_packed_is_cancelled_and_the_rest_stays(order, client):
    first, second = order.consignments.order_by("pk")
    bring(first, "packed", clock.now())
    question = client.get(link(order, "cancel"))
    assert "Packed already" in question.content.decode()
    send(client, question, form_with(question, "confirm"))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("packed", "cancelled")


def test_what_is_packed_cannot_be_cancelled(order, client):
    for consignment in order.consignments.all():
        bring(consignment, "packed", clock.now())
    answer = client.post(link(order, "cancel"), {"confirm": "yes"}, follow=True)
    assert "packed already" in answer.content.decode()
    assert set(order.consignments.values_list("state", flat=True)) == {"packed"}
    assert not [f for f in forms_of(client.get(link(order))) if "cancel" in f.action]


@pytest.mark.parametrize("number", ["x", "\x00", "DT-1", "foreign"])
def test_parcels_of_another_order_cannot_be_cancelled(order, client, number):
    other = make_order(make_product("Bánh", 60_000, 5))
    if number == "foreign":
        number = other.consignments.get().number
    answer = client.post(link(order, "cancel"), {"confirm": "yes", "consignment": number})
    assert answer.status_code == 404
    assert other.consignments.get().state == "new"


def test_posted_states_and_amounts_are_ignored(order, client):
    client.post(
        link(order, "cancel"),
        {"state": "delivered", "to": "completed", "goods_incl_tax": "1", "actor": "office"},
    )
    assert set(order.consignments.values_list("state", "goods_incl_tax")) == {
        ("new", 100_000), ("new", 50_000),
    }


class TestWithAnAccount:
    """One's own orders, and nobody else's."""

    def test_the_newest_first_in_pages_of_ten(self, tariff, client):
        user, tea = make_user(), make_product("Trà", 50_000, 50)
        orders = [make_order(tea, user=user) for _number in range(11)]
        make_order(tea)
        sign_in(client, user)
        first = client.get(reverse("orders:mine")).content.decode()
        assert [o.number for o in orders if o.number in first] == [o.number for o in orders[1:]]
        second = client.get(reverse("orders:mine"), {"page": 2}).content.decode()
        assert [o.number for o in orders if o.number in second] == [orders[0].number]
        assert orders[-1].number in client.get(reverse("account_home")).content.decode()

    @pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 40, "\x00"])
    def test_pages_that_are_none(self, db, client, page):
        sign_in(client, make_user())
        answer = client.get(reverse("orders:mine"), {"page": page})
        assert answer.status_code == 200
        assert "No orders yet" in answer.content.decode()

    def test_ones_own_order_opens_and_a_foreign_one_is_404(self, tariff, client):
        mine, theirs = make_user(), make_user()
        order = make_order(make_product("Trà", 50_000, 5), user=theirs)
        address = reverse("orders:one_of_mine", args=[order.number])
        assert sign_in(Client(), theirs).get(address).url == link(order)
        assert sign_in(Client(), mine).get(address).status_code == 404
        assert client.get(address).url.startswith(reverse("account_login"))
        for number in ("x", "%00", "DT00000000"):
            address = reverse("orders:one_of_mine", args=["N"]).replace("/N/", f"/{number}/")
            assert sign_in(Client(), mine).get(address).status_code == 404

    def test_an_order_placed_while_signed_in_is_the_accounts(self, tariff, client):
        user = make_user()
        order = make_order(make_product("Trà", 50_000, 5), user=user)
        assert Order.objects.get(user=user) == order
