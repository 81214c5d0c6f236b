"""What cannot be paid at the door, and how many orders may wait for their money."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation
from oscar.apps.order.models import Order

from catalogue.models import ProductClass, ShippingClass
from marketplace.checkout.errors import PaidAhead, UnpaidOrdersWait
from marketplace.kernel import clock
from marketplace.orders import actions as orders
from marketplace.orders.actions import Missing
from marketplace.orders.actors import Actor
from marketplace.payments import cod, transfer_actions, unpaid
from marketplace.payments.errors import CodNotAllowed
from marketplace.payments.models import CodLimits, MethodTerms, Transfer
from tests.factories.accounts import make_user
from tests.factories.buying import confirm, form_with, put_in, say_where
from tests.factories.catalogue import make_commune, make_product
from tests.factories.orders import make_basket, make_destination, make_order, make_tariff, place
from tests.factories.payments import make_collector, make_transfer_order, receive, transfer_of
from tests.orders.conftest import ANYBODY

pytestmark = pytest.mark.django_db
PHONE = "+84912345678"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def shop(db):
    make_tariff()
    make_commune()
    make_collector()


@pytest.fixture
def tea(db):
    return make_product("Trà", 100_000, 100, gross_weight_g=100)


@pytest.fixture
def visit(db):
    return make_product("Tham quan vườn", 50_000, 10, shipping_class=ShippingClass.NONE)


def limits(orders=None, amount=None):
    MethodTerms.objects.filter(method="vietqr").update(
        unpaid_orders_max=orders, unpaid_amount_max=amount
    )


def waiting():
    return unpaid.waiting(PHONE).count()


class TestUnpaid:
    def test_as_many_as_the_terms_say(self, shop, tea):
        limits(orders=2)
        first = make_transfer_order(tea)
        make_transfer_order(tea)
        with pytest.raises(UnpaidOrdersWait):
            make_transfer_order(tea)
        # Another phone, and cash at the door, are another matter.
        make_transfer_order(tea, destination=make_destination(phone="+84987654321"))
        assert make_order(tea).status == "placed"
        # "I have sent it" holds the goods as well.
        transfer_actions.claim(order_id=first.pk, now=clock.now())
        with pytest.raises(UnpaidOrdersWait):
            make_transfer_order(tea)
        receive(first, int(first.total_incl_tax), now=clock.now())
        make_transfer_order(tea)
        assert waiting() == 2

    @pytest.mark.parametrize("end", ["cancelled", "expired", "door"])
    def test_what_ends_counts_no_more(self, shop, tea, end):
        limits(orders=1)
        order = make_transfer_order(tea)
        match end:
            case "cancelled":
                orders.cancel_order(
                    order_id=order.pk, actor=Actor.buyer(), now=clock.now()
                )
            case "expired":
                assert orders.release_expired(
                    order_id=order.pk, now=clock.now() + timedelta(days=2)
                )
            case "door":
                transfer_actions.pay_at_the_door(order_id=order.pk, now=clock.now())
        assert waiting() == 0
        make_transfer_order(tea)

    def test_the_amount_counts_together_not_alone(self, shop, tea):
        limits(amount=Decimal(300_000))
        big = make_transfer_order((tea, 9))
        with pytest.raises(UnpaidOrdersWait):
            make_transfer_order(tea)
        receive(big, int(big.total_incl_tax) - 50_000, now=clock.now())
        # What is still missing counts, not what was ordered.
        make_transfer_order(tea)
        assert waiting() == 2

    @pytest.mark.parametrize("signed_in", [False, True])
    def test_the_page_says_where_to_go(self, shop, tea, client, signed_in):
        limits(orders=1)
        earlier = make_transfer_order(tea)
        if signed_in:
            client.force_login(make_user())
        put_in(client, tea)
        say_where(client)
        answer = confirm(client, payment="vietqr")
        assert answer.status_code == 200
        body = answer.content.decode()
        assert "Please pay or cancel one of them first" in body
        assert reverse("orders:track_form") in body
        assert (f'class="link" href="{reverse("orders:mine")}"' in body) is signed_in
        # Nobody learns an order's number by typing somebody's phone.
        assert earlier.number not in body and earlier.details.secret not in body
        assert form_with(answer, "payment").fields["payment"] == "vietqr"
        assert Order.objects.count() == 1
        assert earlier.lines.get().stockrecord.num_allocated == 1

    def test_without_limits_nobody_is_refused(self, shop, tea):
        limits()
        for _n in range(5):
            make_transfer_order(tea)
        assert waiting() == 5


class TestCodLimits:
    def test_what_waits_for_a_transfer_does_not_count(self, shop, tea):
        CodLimits.objects.update(open_orders_max=1, open_amount_max=200_000)
        make_transfer_order((tea, 5))
        assert cod.cod_decision(PHONE, Decimal(120_000), clock.now()).outcome == "allowed"
        order = make_order(tea)
        assert order.status == "placed"
        found = cod.cod_decision(PHONE, Decimal(120_000), clock.now())
        assert set(found.limits) == {"open_orders", "open_amount"}

    def test_the_ledger_says_what_is_open(self, shop):
        def is_open(amount):
            CodLimits.objects.update(open_orders_max=9, open_amount_max=amount)
            assert cod.cod_decision(PHONE, Decimal(0), clock.now()).limits == ()
            CodLimits.objects.update(open_amount_max=amount - 1)
            assert cod.cod_decision(PHONE, Decimal(0), clock.now()).limits == ("open_amount",)

        order = make_order(make_product("Xoài", 100_000, 9), (make_product("Trà", 100_000, 9), 2))
        is_open(order.total_incl_tax)
        one, other = order.consignments.order_by("pk")
        orders.move(
            consignment_id=one.pk, to="cancelled", actor=Actor.buyer(), now=clock.now()
        )
        is_open(other.total_incl_tax)
        asked = orders.ask_buyer(
            consignment_id=other.pk, lines=[Missing(other.lines.get().pk, 1)], note="Mưa",
            actor=ANYBODY, now=clock.now(),
        )
        orders.answer_short_pack(
            short_pack_id=asked.pk, answer="money_back", actor=Actor.buyer(), now=clock.now()
        )
        is_open(other.total_incl_tax - 100_000)


class TestPaidAhead:
    def test_a_service_is_not_paid_at_the_door(self, shop, visit, tea, client):
        put_in(client, visit)
        put_in(client, tea)
        say_where(client)
        page = client.get(reverse("checkout:pay"))
        form = form_with(page, "payment")
        assert form.radios["payment"] == ["vietqr"]
        body = page.content.decode()
        assert "Tham quan vườn must be paid ahead" in body
        # Whoever sends it all the same is refused, and nothing is placed.
        answer = confirm(client, payment="cod")
        assert "must be paid ahead. Please pay this order by transfer" in answer.content.decode()
        assert not Order.objects.exists()
        assert confirm(client, payment="vietqr").status_code == 302
        assert Transfer.objects.count() == 1

    def test_goods_of_a_type_that_is_paid_ahead(self, shop, tea):
        with pytest.raises(PaidAhead):
            ProductClass.objects.update(paid_ahead=True)
            place(make_basket(tea))
        order = make_transfer_order(tea)
        with pytest.raises(CodNotAllowed):
            transfer_actions.pay_at_the_door(order_id=order.pk, now=clock.now())
        assert transfer_of(order).state == "awaiting"

    def test_the_pay_page_does_not_offer_the_door(self, shop, visit, tea, client):
        for unit, offered in ((tea, True), (visit, False)):
            order = make_transfer_order(unit)
            url = reverse("payments:pay", args=[order.number, order.details.secret])
            assert ("Pay at the door" in client.get(url).content.decode()) is offered

    def test_without_transfers_it_is_said_what_helps(self, db, visit, client):
        make_commune()
        put_in(client, visit)
        say_where(client)
        page = client.get(reverse("checkout:pay"))
        assert "transfers are not possible now" in page.content.decode()
        ticked = {**form_with(page, "seen").fields, **form_with(page, "seen").checkboxes}
        answer = client.post(reverse("checkout:pay"), {**ticked, "payment": "cod"})
        assert answer.status_code == 200
        assert not Order.objects.exists()
