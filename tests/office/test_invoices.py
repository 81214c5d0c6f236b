"""The wish for a VAT invoice: from the pay page to the seller, and its reference back."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from oscar.apps.order.models import Order

from marketplace.kernel import clock
from marketplace.orders import actions as orders
from marketplace.orders.actors import Actor
from marketplace.orders.models import Consignment, InvoiceReference, InvoiceWish
from marketplace.platform.audit import AuditEntry
from marketplace.producers.models import Membership
from tests.factories.accounts import make_user, sign_in
from tests.factories.buying import confirm, form_with, put_in, say_where, send_pay
from tests.factories.catalogue import make_commune, make_producer, make_product
from tests.factories.orders import make_tariff

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
PAY = "checkout:pay"
WISH = {
    "invoice_company": "Công ty TNHH Bông Súng",
    "invoice_tax_code": "0100233488",
    "invoice_address": "12 Nguyễn Huệ, P. Cao Lãnh",
    "invoice_email": "ketoan@example.test",
}
GIVEN = {
    "symbol": "1c26 taa", "number": "00000123", "issued_on": "2026-11-24",
    "lookup_url": "https://tracuu.example.test/", "lookup_code": "AB12",
}


@pytest.fixture(autouse=True)
def _frozen(db):
    make_tariff()
    make_commune()
    with clock.frozen(NOW):
        yield


@pytest.fixture
def goods():
    return (
        make_product("Xoài cát", 200_000, producer=make_producer("Vườn Út Lành")),
        make_product("Trà tim sen", 100_000, producer=make_producer("Cơ sở Hương Sen")),
    )


def text(page):
    return " ".join(page.content.decode().split())


def ready(client, *goods):
    for product in goods:
        put_in(client, product)
    say_where(client, email="bay@example.test")
    return client.get(reverse(PAY))


def desk_of(producer, role=Membership.Role.OWNER):
    user = make_user()
    Membership.objects.create(producer=producer, user=user, role=role)
    return sign_in(Client(), user)


def ordered(client, *goods):
    answer = send_pay(client, ready(client, *goods), **WISH)
    assert answer.status_code == 302
    return Order.objects.select_related("details").get()


def page_of(consignment):
    return reverse("portal:parcels_one", args=[consignment.number])


def give(desk, consignment, **changed):
    address = reverse("portal:parcels_invoice", args=[consignment.number])
    return desk.post(address, {**GIVEN, **changed})


def test_from_the_wish_to_the_number_and_back(goods, client, operator):
    order = ordered(client, *goods)
    wish = InvoiceWish.objects.get()
    assert (wish.company, wish.tax_code) == (WISH["invoice_company"], "0100233488")
    mango, tea = order.consignments.order_by("pk")
    desk = desk_of(goods[0].producer)
    assert "Công ty TNHH Bông Súng" in text(desk.get(page_of(mango)))
    # What was handed over waits for its invoice; the other parcel not yet.
    for to in ("confirmed", "packed", "handed_over"):
        orders.move(consignment_id=mango.pk, to=to, actor=Actor.office(None), now=NOW)
    assert f"{mango.number}: khách chờ hóa đơn" in text(desk.get(reverse("portal:home")))
    index = reverse("office_orders:index")
    assert list(operator.get(index, {"invoice": "due"}).context["object_list"]) == [mango]
    assert give(desk, mango).status_code == 302
    noted = InvoiceReference.objects.get()
    assert (str(noted), noted.consignment) == ("1C26TAA 00000123", mango)
    assert "khách chờ hóa đơn" not in text(desk.get(reverse("portal:home")))
    assert not operator.get(index, {"invoice": "due"}).context["object_list"]
    assert list(operator.get(index, {"invoice": "given"}).context["object_list"]) == [mango]
    assert set(operator.get(index, {"invoice": "wanted"}).context["object_list"]) == {mango, tea}
    office = text(operator.get(reverse("office_orders:order", args=[order.pk])))
    assert "1C26TAA 00000123" in office
    assert "chưa cho biết hóa đơn" in office
    buyer = text(client.get(reverse("orders:track", args=[order.number, order.details.secret])))
    assert "1C26TAA 00000123 ngày 24/11/2026" in buyer
    assert 'href="https://tracuu.example.test/"' in buyer
    assert "nhà vườn xuất cho Công ty TNHH Bông Súng, 0100233488" in buyer


def test_it_can_be_mended_and_both_are_on_record(goods, client):
    order = ordered(client, goods[0])
    (parcel,) = order.consignments.all()
    desk = desk_of(goods[0].producer)
    give(desk, parcel)
    assert give(desk, parcel, number="124").status_code == 302
    give(desk, parcel, number="124")
    assert InvoiceReference.objects.get().number == "124"
    told = AuditEntry.objects.filter(action__startswith="consignment.invoice").order_by("pk")
    assert [(row.action, row.after["number"]) for row in told] == [
        ("consignment.invoice_noted", "00000123"), ("consignment.invoice_mended", "124"),
    ]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"symbol": ""}, "symbol"),
        ({"symbol": "1X26TAA"}, "symbol"),
        ({"symbol": "\x00"}, "symbol"),
        ({"number": "12a"}, "number"),
        ({"number": "000"}, "number"),
        ({"number": "123456789"}, "number"),
        ({"issued_on": "2026-11-25"}, "issued_on"),
        ({"issued_on": "2026-11-20"}, "issued_on"),
        ({"issued_on": "hôm nay"}, "issued_on"),
        ({"lookup_url": "http://x.test"}, "lookup_url"),
        ({"lookup_url": "javascript:alert(1)"}, "lookup_url"),
        ({"lookup_code": "x" * 61}, "lookup_code"),
    ],
)
def test_a_wrong_reference_is_said_at_the_field_and_kept_as_typed(goods, client, changed, field):
    order = ordered(client, goods[0])
    (parcel,) = order.consignments.all()
    answer = give(desk_of(goods[0].producer), parcel, **changed)
    assert answer.status_code == 422
    assert list(answer.context["invoice"]["form"].errors) == [field]
    if "\x00" not in changed[field]:
        assert answer.context["invoice"]["form"][field].value() == changed[field]
    assert not InvoiceReference.objects.exists()


def test_only_its_own_team_and_no_packer_may_give_or_see_it(goods, client):
    order = ordered(client, goods[0])
    (parcel,) = order.consignments.all()
    stranger = desk_of(goods[1].producer)
    packer = desk_of(goods[0].producer, Membership.Role.PACKER)
    assert give(stranger, parcel).status_code == 404
    assert give(packer, parcel).status_code == 404
    assert "Bông Súng" not in text(packer.get(page_of(parcel)))
    assert give(Client(), parcel).status_code == 302
    assert not InvoiceReference.objects.exists()


def test_without_a_wish_or_with_nothing_sold_there_is_no_invoice(goods, client):
    put_in(client, goods[0])
    say_where(client)
    confirm(client)
    parcel = Consignment.objects.get()
    desk = desk_of(goods[0].producer)
    give(desk, parcel)
    InvoiceWish.objects.create(order=parcel.order, company="x", tax_code="1" * 10, address="x")
    orders.move(consignment_id=parcel.pk, to="cancelled", actor=Actor.office(None), now=NOW)
    give(desk, parcel)
    assert not InvoiceReference.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"invoice_tax_code": "0100233489"}, "invoice_tax_code"),
        ({"invoice_tax_code": "12345"}, "invoice_tax_code"),
        ({"invoice_tax_code": "\x00"}, "invoice_tax_code"),
        ({"invoice_tax_code": "0100233488-00"}, "invoice_tax_code"),
        ({"invoice_company": ""}, "invoice_company"),
        ({"invoice_company": "\u200b"}, "invoice_company"),
        ({"invoice_company": "x" * 201}, "invoice_company"),
        ({"invoice_address": ""}, "invoice_address"),
        ({"invoice_email": "ketoan"}, "invoice_email"),
    ],
)
def test_a_wrong_wish_is_said_at_the_field_and_nothing_is_lost(goods, client, changed, field):
    page = send_pay(client, ready(client, goods[0]), **{**WISH, **changed})
    assert page.status_code == 200
    form = page.context["form"]
    assert list(form.errors) == [field]
    assert f'href="#id_{field}"' in text(page)
    assert "<details class=\"fold\" open>" in text(page)
    fields = form_with(page, "payment").fields
    for name, value in WISH.items():
        if name not in changed:
            assert fields[name] == value
    assert not Order.objects.exists()
    # Left and come back: what was typed is still there.
    again = form_with(client.get(reverse(PAY)), "payment").fields
    assert again["invoice_address"] == {**WISH, **changed}["invoice_address"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0100233488-001", "0100233488001"),
        ("0100 233 488", "0100233488"),
        ("087123456789", "087123456789"),
    ],
)
def test_tax_codes_of_branches_and_households(goods, client, typed, kept):
    answer = send_pay(
        client, ready(client, goods[0]), **{**WISH, "invoice_tax_code": typed, "invoice_email": ""}
    )
    assert answer.status_code == 302
    assert InvoiceWish.objects.get().tax_code == kept


def test_without_the_fold_nothing_is_asked_and_nothing_kept(goods, client):
    ready(client, goods[0])
    assert confirm(client).status_code == 302
    assert not InvoiceWish.objects.exists()
