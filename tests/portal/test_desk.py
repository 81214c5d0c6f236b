"""The producers' desk: whose parcels, who may confirm, who sees money."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from marketplace.kernel import clock
from marketplace.orders.models import Consignment
from marketplace.payments.models import CodLimits
from marketplace.producers.models import Membership
from tests.factories.accounts import make_user, sign_in
from tests.factories.buying import form_with, forms_of, send
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_destination, make_order, make_tariff
from tests.orders.conftest import bring

pytestmark = pytest.mark.django_db
HOME = "portal:home"


@pytest.fixture(autouse=True)
def english(db):
    make_tariff()
    with translation.override("en"):
        yield


@pytest.fixture
def mango():
    return make_product("Xoài cát", 100_000, 50, producer=make_producer("Vườn Út Lành"))


@pytest.fixture
def tea():
    return make_product("Trà sen", 50_000, 50, producer=make_producer("Hương Sen"))


def member(role, *producers):
    user = make_user()
    for producer in producers:
        Membership.objects.create(producer=producer, user=user, role=role)
    return sign_in(Client(), user)


def page(client):
    return client.get(reverse(HOME)).content.decode()


def test_each_sees_its_own_parcels_only(mango, tea):
    order = make_order(mango, tea)
    mine, theirs = order.consignments.order_by("pk")
    body = page(member("owner", mango.producer))
    assert mine.number in body
    assert theirs.number not in body
    assert "Trà sen" not in body
    # Before it is confirmed nobody needs the buyer's name or phone.
    assert order.details.recipient not in body
    assert "912" not in body


def test_somebody_in_two_teams_sees_both(mango, tea):
    order = make_order(mango, tea)
    body = page(member("owner", mango.producer, tea.producer))
    for consignment in order.consignments.all():
        assert f"{consignment.number}, Đồng Tháp, {consignment.producer.name}" in body


def test_what_waits_for_a_call_is_not_shown_yet(mango):
    CodLimits.objects.update(new_phone_amount_max=1)
    order = make_order(mango)
    desk = member("owner", mango.producer)
    number = order.consignments.get().number
    assert number not in page(desk)
    assert desk.post(reverse("portal:confirm", args=[number])).status_code == 404


@pytest.mark.parametrize("role", ["owner", "staff"])
def test_confirming(mango, role):
    number = make_order(mango).consignments.get().number
    desk = member(role, mango.producer)
    home = desk.get(reverse(HOME))
    (form,) = [f for f in forms_of(home) if number in f.action]
    assert "Goods for ₫100,000" in home.content.decode()
    answer = send(desk, home, form)
    assert answer.url == reverse(HOME)
    assert Consignment.objects.get().state == "confirmed"
    body = page(desk)
    assert "is confirmed" in body
    # Now the label can be written.
    assert "Trần Văn Bảy, 0912 345 678" in body
    # Twice does nothing, and says so.
    desk.post(form.action)
    assert "has moved on" in page(desk)
    assert Consignment.objects.get().events.count() == 2


def test_declining_needs_a_reason_that_the_buyer_reads(mango, client):
    order = make_order(mango)
    consignment = order.consignments.get()
    desk = member("staff", mango.producer)
    address = reverse("portal:decline", args=[consignment.number])
    question = desk.get(address)
    for reason in ("", "  ", "\u200b", "\x00"):
        answer = send(
            desk, question, form_with(question, "reason"), reason=reason, decline="1"
        )
        assert answer.status_code == 422
        assert 'href="#id_reason"' in answer.content.decode()
    answer = send(
        desk, question, form_with(question, "reason"), reason="x" * 501, decline="1"
    )
    assert form_with(answer, "reason").fields["reason"] == "x" * 501
    consignment.refresh_from_db()
    assert consignment.state == "new"
    send(
        desk, question, form_with(question, "reason"), reason="Mưa suốt tuần <b>", decline="1"
    )
    consignment.refresh_from_db()
    assert consignment.state == "declined"
    followed = client.get(reverse("orders:track", args=[order.number, order.details.secret]))
    assert "Mưa suốt tuần &lt;b&gt;" in followed.content.decode()


def test_packers_see_no_money_and_cannot_confirm_or_decline(mango):
    consignment = make_order(mango).consignments.get()
    desk = member("packer", mango.producer)
    body = page(desk)
    assert consignment.number in body
    assert "₫" not in body
    assert "Waits for the owner" in body
    assert not [f for f in forms_of(desk.get(reverse(HOME))) if consignment.number in f.action]
    desk.post(reverse("portal:confirm", args=[consignment.number]))
    assert "You may not make this change" in page(desk)
    decline = reverse("portal:decline", args=[consignment.number])
    assert desk.post(decline, {"reason": "x"}).url == reverse(HOME)
    consignment.refresh_from_db()
    assert consignment.state == "new"


def test_staff_cannot_decline_what_is_confirmed_but_the_owner_can(mango):
    consignment = bring(make_order(mango).consignments.get(), "confirmed", clock.now())
    decline = reverse("portal:decline", args=[consignment.number])
    assert member("staff", mango.producer).get(decline).url == reverse(HOME)
    assert member("owner", mango.producer).get(decline).status_code == 200


@pytest.mark.parametrize("name", ["confirm", "decline"])
@pytest.mark.parametrize("number", ["foreign", "DT00000000-1", "x", "%00", "x" * 500])
def test_a_foreign_parcel_does_not_exist(mango, tea, name, number):
    foreign = make_order(tea).consignments.get()
    desk = member("owner", mango.producer)
    address = reverse(f"portal:{name}", args=["N"]).replace(
        "/N/", f"/{foreign.number if number == 'foreign' else number}/"
    )
    assert desk.get(address).status_code == 404
    assert desk.post(address, {"reason": "x"}).status_code == 404
    foreign.refresh_from_db()
    assert foreign.state == "new"


def test_the_address_alone_changes_nothing(mango):
    consignment = make_order(mango).consignments.get()
    desk = member("owner", mango.producer)
    assert desk.get(reverse("portal:confirm", args=[consignment.number])).url == reverse(HOME)
    consignment.refresh_from_db()
    assert consignment.state == "new"


def test_posted_states_are_ignored(mango):
    consignment = make_order(mango).consignments.get()
    desk = member("owner", mango.producer)
    desk.post(
        reverse("portal:confirm", args=[consignment.number]),
        {"to": "delivered", "state": "completed", "fee_incl_tax": "1", "producer": "9"},
    )
    before = (consignment.goods_incl_tax, consignment.fee_incl_tax, consignment.producer_id)
    consignment.refresh_from_db()
    assert consignment.state == "confirmed"
    assert before == (
        consignment.goods_incl_tax, consignment.fee_incl_tax, consignment.producer_id
    )


def test_the_rest_is_counted_and_only_shown(mango):
    bring(make_order(mango).consignments.get(), "packed", clock.now())
    bring(make_order(mango).consignments.get(), "delivered", clock.now())
    desk = member("owner", mango.producer)
    home = desk.get(reverse(HOME))
    body = home.content.decode()
    assert "No new parcel" in body
    assert "<b>1</b><span>Delivered</span>" in body
    assert "<b>1</b><span>Packed</span>" in body
    assert not [f for f in forms_of(home) if "confirm" in f.action]


def test_whoever_works_for_nobody_is_told_kindly():
    answer = sign_in(Client(), make_user()).get(reverse(HOME))
    assert answer.status_code == 403
    assert "belongs to no grower" in answer.content.decode()
    assert Client().get(reverse(HOME)).url.startswith(reverse("account_login"))


def test_many_parcels_cost_no_more_queries(mango, django_assert_max_num_queries):
    desk = member("owner", mango.producer)
    make_order(mango)
    desk.get(reverse(HOME))
    for number in range(6):
        # Each by another phone: many open orders of one would wait for a call.
        make_order(mango, destination=make_destination(phone=f"+8491234560{number}"))
    with django_assert_max_num_queries(14):
        assert page(desk).count("× Xoài cát") == 7
