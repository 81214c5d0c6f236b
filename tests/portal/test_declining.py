"""A grower cannot deliver: the buyer is asked, and silence ends the parcel."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from oscar.apps.partner.models import StockRecord

from catalogue.models import ShippingClass
from marketplace.kernel import clock
from marketplace.office import call_list
from marketplace.orders import tasks
from marketplace.orders.models import Consignment, ShortPack
from marketplace.payments import ledger
from marketplace.payments.queries import refund_owed
from marketplace.producers.models import Membership
from tests.factories.accounts import make_superuser, make_user, sign_in
from tests.factories.buying import form_with, send
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_order
from tests.factories.payments import make_transfer_order, receive

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def grower():
    return make_producer("Vườn Út Lành", email="vuon@example.test")


@pytest.fixture
def mango(grower):
    return make_product("Xoài", 95_000, 10, producer=grower, gross_weight_g=500)


@pytest.fixture
def desk(grower):
    user = make_user()
    Membership.objects.create(producer=grower, user=user, role=Membership.Role.OWNER)
    return sign_in(Client(), user)


def decline_page(desk, parcel):
    page = desk.get(reverse("portal:decline", args=[parcel.number]))
    return page, form_with(page, "reason")


def track(order, client=None):
    url = reverse("orders:track", args=[order.number, order.details.secret])
    return (client or Client()).get(url)


def test_declining_asks_the_buyer(desk, mango, grower, sent):
    tea = make_product("Trà", 60_000, 10, producer=grower, gross_weight_g=500)
    order = make_order((mango, 3))
    parcel = order.consignments.get()
    line = parcel.lines.get()
    sent.clear()
    page, form = decline_page(desk, parcel)
    # Nothing can be sent, unless the grower says otherwise.
    assert form.fields[f"can_send_{line.pk}"] == "0"
    day = clock.today() + timedelta(days=6)
    answer = send(
        desk, page, form, reason="Mưa suốt tuần", new_handover_on=day.isoformat(),
        **{f"replacement_{line.pk}": str(tea.stockrecords.get().pk)},
    )
    assert answer.url == reverse("portal:parcels_one", args=[parcel.number])
    parcel.refresh_from_db()
    assert parcel.state == "short_packed"
    asked = parcel.short_packs.get()
    assert (asked.note, asked.new_handover_on) == ("Mưa suốt tuần", day)
    # Neither stock nor money has moved.
    assert ledger.balances(order)["buyer_receivable"] == order.total_incl_tax
    assert StockRecord.objects.get(product=mango).num_allocated == 3
    (mail,) = [m for m in sent if m["to"] == "bay@example.test"]
    assert "huỷ" in mail["context"]["text"].replace("hủy", "huỷ")
    # The grower sees what silence means, the office whom it may call.
    shown = desk.get(answer.url).content.decode()
    assert "the parcel is cancelled" in shown
    listed = {s.about: list(s.rows) for s in call_list.sections(make_superuser(), clock.now())}
    assert listed["short_pack"] == [parcel]
    body = track(order).content.decode()
    for words in (
        "The grower cannot send it now", "Mưa suốt tuần", "3 × Trà instead", "Cancel this parcel",
        "after that the parcel is cancelled",
    ):
        assert words in body, words


def test_silence_ends_it_and_the_money_comes_back(desk, mango, sent, monkeypatch):
    order = make_transfer_order((mango, 3))
    receive(order, int(order.total_incl_tax), now=clock.now())
    parcel = order.consignments.get()
    page, form = decline_page(desk, parcel)
    send(
        desk, page, form, reason="Mưa",
        new_handover_on=(clock.today() + timedelta(days=6)).isoformat(),
    )
    asked = ShortPack.objects.get()
    sent.clear()
    monkeypatch.setattr(tasks.clock, "now", lambda: asked.answer_by - timedelta(seconds=1))
    assert tasks.close_silent_short_packs(timestamp=0) == 0
    monkeypatch.setattr(tasks.clock, "now", lambda: asked.answer_by)
    assert tasks.close_silent_short_packs(timestamp=0) == 1
    parcel.refresh_from_db()
    asked.refresh_from_db()
    assert (parcel.state, asked.answer) == ("declined", "silence")
    assert refund_owed(order.pk) == order.total_incl_tax
    told = {mail["to"]: mail for mail in sent}
    assert told["bay@example.test"]["template"] == "consignment_cancelled"
    assert "đừng gửi" in told["vuon@example.test"]["context"]["subject"]


def test_a_part_or_waiting(desk, mango):
    order = make_order((mango, 3))
    parcel = order.consignments.get()
    before = parcel.promise_on
    page, form = decline_page(desk, parcel)
    day = parcel.handover_on + timedelta(days=7)
    send(
        desk, page, form, reason="Mưa", new_handover_on=day.isoformat(),
        **{f"can_send_{parcel.lines.get().pk}": "2"},
    )
    answer = track(order)
    assert "Something is missing" in answer.content.decode()
    send(Client(), answer, form_with(answer, "question"), answer="wait")
    parcel.refresh_from_db()
    assert (parcel.state, parcel.handover_on) == ("confirmed", day)
    assert parcel.promise_on == before + timedelta(days=7)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, "new_handover_on"),
        ({"new_handover_on": "2020-01-01"}, "new_handover_on"),
        ({"new_handover_on": "mai"}, "new_handover_on"),
        ({"can_send": "4"}, "can_send"),
        ({"can_send": "x"}, "can_send"),
        ({"reason": " "}, "reason"),
    ],
)
def test_what_cannot_be_asked_is_said_at_the_field(desk, mango, typed, field):
    parcel = make_order((mango, 3)).consignments.get()
    pk = parcel.lines.get().pk
    typed = {f"{k}_{pk}" if k == "can_send" else k: v for k, v in typed.items()}
    page, form = decline_page(desk, parcel)
    answer = send(desk, page, form, **{"reason": "Hết trái", **typed})
    assert answer.status_code == 422
    name = f"{field}_{pk}" if field == "can_send" else field
    assert f'href="#id_{name}"' in answer.content.decode()
    again = form_with(answer, "reason").fields
    assert {name: again[name].strip() for name in typed} == {
        name: value.strip() for name, value in typed.items()
    }
    parcel.refresh_from_db()
    assert parcel.state == "new"
    assert not ShortPack.objects.exists()


def test_nothing_to_offer_declines_at_once_whatever_else_was_typed(desk, mango):
    order = make_order((mango, 3))
    parcel = order.consignments.get()
    page, form = decline_page(desk, parcel)
    answer = send(
        desk, page, form, reason="Cháy vườn", new_handover_on="mai", decline="1"
    )
    assert answer.url == reverse("portal:home")
    parcel.refresh_from_db()
    assert parcel.state == "declined"
    assert ledger.balances(order) == {}
    assert "Cháy vườn" in track(order).content.decode()


def test_a_service_is_declined_without_asking(desk, grower):
    visit = make_product(
        "Tham quan vườn", 50_000, 10, producer=grower, shipping_class=ShippingClass.NONE
    )
    order = make_transfer_order(visit)
    receive(order, 50_000, now=clock.now())
    parcel = order.consignments.get()
    page, form = decline_page(desk, parcel)
    assert set(form.fields) == {"csrfmiddlewaretoken", "reason"}
    send(desk, page, form, reason="Nước ngập")
    assert Consignment.objects.get().state == "declined"
