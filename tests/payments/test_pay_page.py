"""The buyer's pay page over HTTP: choosing a transfer, paying, changing, and money back."""

import io
from datetime import timedelta

import pytest
import zxingcpp
from django.test import Client
from django.urls import reverse
from django.utils import translation
from oscar.apps.order.models import Order
from PIL import Image

from marketplace.kernel import clock
from marketplace.orders import actions as orders
from marketplace.orders.actors import Actor
from marketplace.payments.models import PaymentAttempt, RefundAccount, Transfer
from tests.factories.buying import confirm, forms_of, put_in, say_where
from tests.factories.catalogue import make_commune, make_product
from tests.factories.orders import make_tariff
from tests.factories.payments import make_collector, make_transfer_order, receive, transfer_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def order(db):
    return make_transfer_order(make_product(price=100_000, stock=5), now=clock.now())


def url(name, order, *more):
    return reverse(f"payments:{name}", args=[order.number, order.details.secret, *more])


def text_of(answer):
    return answer.content.decode()


def test_without_an_account_of_the_operator_only_cash_is_offered(client, db):
    make_tariff()
    make_commune()
    put_in(client, make_product(price=100_000, stock=5))
    say_where(client)
    page = client.get(reverse("checkout:pay"))
    assert 'value="vietqr"' not in text_of(page)
    answer = confirm(client, payment="vietqr")
    assert answer.status_code == 200 and not Order.objects.exists()


def test_choosing_a_transfer_leads_to_the_code(client, db):
    make_tariff()
    make_commune()
    make_collector()
    put_in(client, make_product(price=100_000, stock=5))
    say_where(client)
    page = text_of(client.get(reverse("checkout:pay")))
    assert page.index('value="cod" checked') < page.index('value="vietqr"')
    answer = confirm(client, payment="vietqr")
    order = Order.objects.select_related("details").get()
    assert answer.url == url("pay", order)
    assert order.payment_attempts.get().method == "vietqr"
    page = client.get(answer.url)
    assert page["Referrer-Policy"] == "no-referrer"
    for words in ("Scan to pay ₫120,000", "0011223344", "DAT SEN THU", order.number, "23 hours"):
        assert words in text_of(page)
    # The same form sent again, and the thank-you page, lead there too.
    thanks = client.get(
        reverse("checkout:thank_you", args=[order.number, order.details.secret])
    )
    assert thanks.url == url("pay", order)


def test_the_picture_says_what_the_page_says(client, order):
    answer = client.get(url("code_png", order))
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.content)).convert("L"))
    assert "5406120000" in found[0].text and f"0810{order.number}" in found[0].text
    assert client.get(url("code_svg", order))["Content-Type"] == "image/svg+xml"


def test_a_wrong_secret_finds_nothing(client, order):
    for name in ("pay", "code_svg", "code_png", "claim", "more_time", "change", "refund"):
        address = reverse(f"payments:{name}", args=[order.number, "x" * 43])
        answer = client.post(address, {"to": "cod"}) if "code" not in name else client.get(address)
        assert answer.status_code in (404, 405), name
    assert transfer_of(order).state == "awaiting"


def test_i_have_sent_it_then_it_arrives(order):
    # Without a referrer browsers send "Origin: null"; the secret stands for the token.
    client = Client(enforce_csrf_checks=True)
    answer = client.post(url("claim", order), headers={"origin": "null"}, follow=True)
    assert "We are looking for your" in text_of(answer)
    assert "I have sent it" not in text_of(answer)
    client.post(url("claim", order))
    receive(order, 120_000, now=clock.now())
    page = text_of(client.get(url("pay", order)))
    assert "Your money has arrived" in page and "qr.svg" not in page
    assert client.get(url("code_svg", order)).status_code == 404
    assert "Paid by transfer." in text_of(
        client.get(reverse("orders:track", args=[order.number, order.details.secret]))
    )


def test_too_little_shows_a_code_for_the_rest(client, order):
    receive(order, 50_000, now=clock.now())
    assert "Scan to pay the missing ₫70,000" in text_of(client.get(url("pay", order)))
    answer = client.get(url("code_png", order))
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.content)).convert("L"))
    assert "540570000" in found[0].text


def test_more_time_is_given_once(client, order):
    assert "12 hours more, please" in text_of(client.get(url("pay", order)))
    assert "kept for you longer" in text_of(client.post(url("more_time", order), follow=True))
    again = text_of(client.post(url("more_time", order), follow=True))
    assert "You have had more time already" in again and "more, please" not in again


@pytest.mark.parametrize("to", ["", "card", "gold", "１", "\x00"])
def test_another_way_that_is_none(client, order, to):
    assert client.post(url("change", order), {"to": to}).status_code == 404
    assert transfer_of(order).state == "awaiting"


def test_to_the_door_and_back(client, order):
    track = reverse("orders:track", args=[order.number, order.details.secret])
    answer = client.post(url("change", order), {"to": "cod"})
    assert answer.url == track
    page = text_of(client.get(track))
    assert "Paid in cash on delivery." in page and "Pay by transfer instead" in page
    answer = client.post(url("change", order), {"to": "vietqr"})
    assert answer.url == url("pay", order)
    assert f"{order.number}3" in text_of(client.get(answer.url))
    assert Transfer.objects.count() == 2 and PaymentAttempt.objects.count() == 3


@pytest.mark.parametrize("how", ["expired", "cancelled"])
def test_what_has_ended_says_so(client, order, how):
    if how == "expired":
        orders.release_expired(order_id=order.pk, now=clock.now() + timedelta(days=2))
    else:
        orders.cancel_order(order_id=order.pk, actor=Actor.buyer(), now=clock.now())
    page = text_of(client.get(url("pay", order)))
    assert ("not paid in time" if how == "expired" else "no longer expected") in page
    assert "I have sent it" not in page
    assert "something has changed" in text_of(client.post(url("claim", order), follow=True))


ACCOUNT = {"bank_bin": "970436", "account_no": "0123 456 789", "holder": "Trần Văn Bảy"}


def test_money_back_asks_for_an_account(client, order):
    receive(order, 120_000, now=clock.now())
    orders.cancel_order(order_id=order.pk, actor=Actor.buyer(), now=clock.now())
    track = reverse("orders:track", args=[order.number, order.details.secret])
    assert url("refund", order) in text_of(client.get(track))
    answer = Client(enforce_csrf_checks=True).post(
        url("refund", order), ACCOUNT, headers={"origin": "null"}
    )
    assert answer.url == track
    account = RefundAccount.objects.get()
    assert (account.account_no, account.holder) == ("0123456789", "TRAN VAN BAY")
    assert "the account you have told us" in text_of(client.get(track))


@pytest.mark.parametrize(
    "wrong",
    [
        {"bank_bin": ""}, {"bank_bin": "999999"}, {"account_no": ""}, {"account_no": "12"},
        {"account_no": "1" * 40}, {"account_no": "12\x0034"}, {"account_no": "=1+1"},
        {"account_no": "NaN!"}, {"holder": ""}, {"holder": "\u200b\u202e"}, {"holder": "x" * 300},
    ],
)
def test_a_wrong_account_is_said_at_its_field_and_stays(client, order, wrong):
    receive(order, 150_000, now=clock.now())
    answer = client.post(url("refund", order), {**ACCOUNT, **wrong})
    if wrong == {"account_no": "12\x0034"}:
        # What cannot be seen is left out, and the number is whole again.
        assert answer.status_code in (302, 422)
        return
    assert answer.status_code == 422 and not RefundAccount.objects.exists()
    assert list(answer.context["form"].errors) == list(wrong)
    if "holder" not in wrong:
        assert "Trần Văn Bảy" in text_of(answer)


def test_without_a_debt_nobody_is_asked_for_an_account(client, order):
    answer = client.post(url("refund", order), ACCOUNT)
    assert answer.status_code == 302 and not RefundAccount.objects.exists()


def test_the_page_speaks_vietnamese_at_the_root(client, order):
    with translation.override("vi"):
        address = url("pay", order)
    assert address.startswith("/don-hang/") and address.endswith("/tra-tien/")
    assert "Quét để trả 120.000" in text_of(client.get(address))


def test_what_is_typed_can_be_copied_as_the_bank_wants_it(client, order):
    body = text_of(client.get(url("pay", order)))
    for value in ("0011223344", "120000", order.number):
        # Hidden until the script that copies has come.
        assert f'hidden data-copy="{value}"' in body
    assert body.count("data-copy=") == 3
    assert 'role="status"' in body
    assert "theme/js/copy.js" in body
    receive(order, 120_000, now=clock.now())
    body = text_of(client.get(url("pay", order)))
    assert "data-copy" not in body and "copy.js" not in body


@pytest.mark.parametrize(
    ("state", "says", "offers"),
    [
        ("awaiting", "Scan to pay ₫120,000", {"claim", "more_time", "change"}),
        ("claimed", "We are looking for your ₫120,000", {"change"}),
        ("under", "Scan to pay the missing ₫70,000", {"claim", "more_time"}),
        ("received", "Your money has arrived", set()),
        ("over", "Your money has arrived", set()),
        ("expired", "The order was not paid in time", set()),
        ("late", "Your money came after the order had ended", set()),
    ],
)
def test_every_state_says_where_it_stands_and_what_can_be_done(client, order, state, says, offers):
    end = clock.now() + timedelta(days=2)
    match state:
        case "claimed":
            client.post(url("claim", order))
        case "under":
            receive(order, 50_000, now=clock.now())
        case "received":
            receive(order, 120_000, now=clock.now())
        case "over":
            receive(order, 130_000, now=clock.now())
        case "expired" | "late":
            assert orders.release_expired(order_id=order.pk, now=end)
            if state == "late":
                receive(order, 50_000, now=end)
    assert transfer_of(order).state == state
    page = client.get(url("pay", order))
    assert says in text_of(page)
    actions = {name: url(name, order) for name in ("claim", "more_time", "change")}
    found = {form.action for form in forms_of(page)}
    assert {name for name, action in actions.items() if action in found} == offers
    is_open = state in ("awaiting", "claimed", "under")
    assert ("the money comes today" in text_of(page)) is is_open
    # A code that has done its work, or is too late, is no code any more.
    for name in ("code_svg", "code_png"):
        assert client.get(url(name, order)).status_code == (200 if is_open else 404)
