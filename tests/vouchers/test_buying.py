"""A guest enters a code, sees what it takes off each line, orders; the office sees it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from oscar.apps.basket.models import Basket
from oscar.apps.order.models import Order

from marketplace.checkout.codes import WRONG_MAX
from marketplace.kernel import clock
from marketplace.orders.models import Consignment
from marketplace.orders.telling import lines_of, parcel_words
from marketplace.producers.models import Membership
from marketplace.vouchers.models import VoucherTerms, VoucherUse
from tests.factories.accounts import make_user, sign_in
from tests.factories.buying import buy, confirm, form_with, forms_of, put_in, say_where, send_pay
from tests.factories.catalogue import make_commune, make_producer, make_product
from tests.factories.orders import make_tariff
from tests.factories.vouchers import Funder, Kind, make_voucher, terms_of

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
BASKET, PAY = "checkout:basket", "checkout:pay"


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


def use(client, code):
    """Press "use the code" in the basket."""
    return client.post(reverse("checkout:code"), {"code": code, "code_do": "use"})


def test_a_guest_sees_it_per_line_orders_and_everybody_is_told(goods, client):
    make_voucher("SEN50", percent=Decimal(10))
    for product in goods:
        put_in(client, product)
    assert use(client, " sen-50 ").url == reverse(BASKET)
    page = text(client.get(reverse(BASKET) + "?giao-den=82"))
    assert "Mã SEN50 −20.000 ₫" in page
    assert "Mã SEN50 −10.000 ₫" in page
    assert "−30.000 ₫" in page
    assert say_where(client, email="bay@example.test").url == reverse(PAY)
    page = client.get(reverse(PAY))
    assert "Mã SEN50 −20.000 ₫" in text(page)
    thanks = send_pay(client, page, follow=True)
    assert "−30.000 ₫" in text(thanks)
    order = Order.objects.get()
    assert order.total_incl_tax == 270_000 + 40_000
    # The buyer's page.
    track = text(client.get(reverse("orders:track", args=[order.number, order.details.secret])))
    assert "Mã SEN50 −20.000 ₫" in track
    assert "Mã SEN50 −10.000 ₫" in track


def test_the_mail_says_what_was_taken_off(goods, client):
    make_voucher("SEN50", percent=Decimal(10))
    put_in(client, goods[0])
    use(client, "SEN50")
    say_where(client)
    confirm(client)
    (parcel,) = Consignment.objects.select_related("producer")
    words = parcel_words(parcel, lines_of([parcel])[parcel.pk])
    assert words["lines"][0]["off"] == "−20.000\xa0₫"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"last_day": date(2026, 11, 20)}, "hiệu lực đến hết ngày 20/11/2026"),
        ({"first_day": date(2026, 12, 1)}, "có hiệu lực từ ngày 01/12/2026"),
        ({"minimum_incl_tax": Decimal(500_000)}, "thiếu 300.000 ₫"),
    ],
)
def test_every_refusal_is_said_at_the_field_and_what_was_typed_stays(
    goods, client, changed, words
):
    make_voucher("SEN50", **changed)
    put_in(client, goods[0])
    page = use(client, "sen 50")
    assert page.status_code == 200
    assert words in text(page)
    assert 'value="sen 50"' in text(page)
    assert 'aria-invalid="true"' in text(page)
    assert 'href="#code"' in text(page)


def test_unknown_used_up_stopped_of_another_grower_and_empty(goods, client):
    put_in(client, goods[0])
    assert "Không có mã này" in text(use(client, "KHONGCO"))
    assert "nhập mã" in text(use(client, " - "))
    make_voucher("HETROI", uses_max=1)
    VoucherTerms.objects.update(uses=1)
    assert "đã hết lượt" in text(use(client, "HETROI"))
    make_voucher("HUONGSEN", producer=goods[1].producer)
    assert "Mã này chỉ dùng cho hàng của Cơ sở Hương Sen" in text(use(client, "HUONGSEN"))
    for strange in ("\x00", "x" * 5000, "<script>", "ＳＥＮ５０"):
        assert use(client, strange).status_code == 200


def test_a_number_that_has_used_it_is_told_on_the_pay_page(goods, client):
    make_voucher("MOTLAN", uses_per_phone=1)
    for browser in (client, Client()):
        put_in(browser, goods[0])
        use(browser, "MOTLAN")
        say_where(browser)
        page = browser.get(reverse(PAY))
        if VoucherUse.objects.exists():
            assert "Số 0912 345 678 đã dùng mã này rồi" in text(page)
        send_pay(browser, page)
    assert [o.total_incl_tax for o in Order.objects.order_by("pk")] == [200_000, 220_000]
    assert VoucherUse.objects.count() == 1


def test_an_empty_basket_takes_no_code(client):
    make_voucher("SEN50")
    assert use(client, "SEN50").status_code == 200
    assert client.post(reverse("checkout:code"), {"code_do": "remove"}).status_code == 302
    assert client.get(reverse("checkout:code")).status_code == 302
    assert not Basket.objects.exists()


def test_it_can_be_removed_and_replaced(goods, client):
    make_voucher("HAIBA", amount=5_000)
    make_voucher("MOTHAI", amount=7_000)
    put_in(client, goods[0])
    use(client, "HAIBA")
    page = client.get(reverse(BASKET))
    (box,) = [form for form in forms_of(page) if ("code_do", "remove") in form.buttons]
    client.post(box.action, {**box.fields, "code_do": "remove"})
    assert "HAIBA" not in text(client.get(reverse(BASKET)))
    use(client, "HAIBA")
    use(client, "MOTHAI")
    assert client.get(reverse(BASKET)).context["code_box"].code == "MOTHAI"


def test_wrong_codes_are_counted_and_right_ones_are_not(goods, client):
    make_voucher("SEN50")
    put_in(client, goods[0])
    for _time in range(3):
        use(client, "SEN50")
    for number in range(WRONG_MAX):
        assert "Không có mã này" in text(use(client, f"SAI{number:04d}"))
    assert "quá nhiều mã sai" in text(use(client, "SAIMAI"))
    assert "quá nhiều mã sai" in text(use(client, "SEN50"))
    # Another address may go on.
    other = Client(REMOTE_ADDR="203.0.113.9")
    put_in(other, goods[0])
    assert use(other, "SEN50").status_code == 302


def test_on_the_pay_page_ticks_stay_and_a_code_typed_is_used_before_ordering(goods, client):
    make_voucher("SEN50")
    put_in(client, goods[0])
    say_where(client)
    page = client.get(reverse(PAY))
    form = form_with(page, "payment")
    ticks = dict(list(form.checkboxes.items())[:1])
    page = client.post(
        reverse(PAY), {**form.fields, **ticks, "code": "SAI", "code_do": "use"}
    )
    assert "Không có mã này" in text(page)
    assert 'value="SAI"' in text(page)
    assert ticks.keys() <= form_with(page, "payment").fields.keys()
    # Pressing "order" with a code in the field shows its sums first.
    page = send_pay(client, page, code="sen50")
    assert page.status_code == 200
    assert not Order.objects.exists()
    assert "Mã SEN50 −20.000 ₫" in text(page)
    assert send_pay(client, page).status_code == 302
    assert Order.objects.get().total_incl_tax == 200_000


def test_a_code_that_stopped_counting_is_shown_and_confirmed_anew(goods, client):
    voucher = make_voucher("SEN50", uses_max=1)
    put_in(client, goods[0])
    use(client, "SEN50")
    say_where(client)
    page = client.get(reverse(PAY))
    VoucherTerms.objects.update(uses=1)
    page = send_pay(client, page)
    assert page.status_code == 200
    assert "Mã SEN50 đã hết lượt" in text(page)
    assert not Order.objects.exists()
    assert send_pay(client, page).status_code == 302
    assert Order.objects.get().total_incl_tax == 220_000
    assert terms_of(voucher).uses == 1


def test_free_delivery_is_shown_with_the_fee(goods, client):
    make_voucher("FREESHIP", kind=Kind.DELIVERY)
    put_in(client, goods[0])
    use(client, "FREESHIP")
    assert "khi bạn chọn tỉnh" in text(client.get(reverse(BASKET)))
    assert "Mã FREESHIP −20.000 ₫" in text(client.get(reverse(BASKET) + "?giao-den=82"))


def test_the_grower_sees_whose_discount_it_is_and_a_packer_sees_no_money(goods, client):
    mango = goods[0]
    make_voucher("VUON", funder=Funder.PRODUCER, producer=mango.producer)
    put_in(client, mango)
    use(client, "VUON")
    say_where(client)
    confirm(client)
    (parcel,) = Consignment.objects.all()
    pages = {}
    for role in (Membership.Role.OWNER, Membership.Role.PACKER):
        user = make_user()
        Membership.objects.create(producer=mango.producer, user=user, role=role)
        desk = sign_in(Client(), user)
        pages[role] = text(desk.get(reverse("portal:parcels_one", args=[parcel.number])))
    assert "−20.000 ₫ · mã của nhà vườn" in pages[Membership.Role.OWNER]
    assert "20.000" not in pages[Membership.Role.PACKER]


def test_the_order_of_a_guest_without_a_code_is_as_before(goods, client):
    order = buy(client, goods[0])
    assert not order.discounts.exists()
    assert not VoucherUse.objects.exists()
