"""Where to, and pay: skipped steps, wrong input in every field, changed offers, double clicks."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from oscar.apps.basket.models import Basket
from oscar.apps.order.models import Order
from oscar.apps.partner.models import StockRecord

from catalogue.models import Product, ShippingClass
from marketplace.kernel import clock
from marketplace.orders.models import ConsentRecord, ConsentText, OrderDetails
from marketplace.payments.models import CallTask, CodLimits
from marketplace.places.models import Commune
from marketplace.shipping.models import Rate
from tests.factories.accounts import make_user, sign_in
from tests.factories.buying import (
    ADDRESS,
    buy,
    confirm,
    form_with,
    put_in,
    say_where,
    send,
    send_pay,
)
from tests.factories.catalogue import make_commune, make_product, make_province
from tests.factories.orders import make_not_offered
from tests.factories.payments import make_collector

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

WHERE, PAY, BASKET = "checkout:where", "checkout:pay", "checkout:basket"


@pytest.fixture
def ready(mango, client):
    """A browser with two boxes in its basket and an address."""
    make_commune()
    put_in(client, mango, 2)
    assert say_where(client).url == reverse(PAY)
    return client


def text_of(answer):
    return answer.content.decode()


def nothing_was_written():
    return not Order.objects.exists() and not any(
        StockRecord.objects.values_list("num_allocated", flat=True)
    )


# --- Skipped steps ----------------------------------------------------------------------


@pytest.mark.parametrize("name", [WHERE, PAY])
@pytest.mark.parametrize("method", ["get", "post"])
def test_without_a_basket_every_step_leads_to_the_basket(client, db, name, method):
    answer = getattr(client, method)(reverse(name), follow=True)
    assert answer.redirect_chain == [(reverse(BASKET), 302)]
    assert "basket is empty" in text_of(answer)


@pytest.mark.parametrize("method", ["get", "post"])
def test_paying_without_an_address_leads_to_the_address(mango, client, method):
    put_in(client, mango)
    answer = getattr(client, method)(reverse(PAY), {"payment": "cod"}, follow=True)
    assert answer.redirect_chain == [(reverse(WHERE), 302)]
    assert "first who gets the goods" in text_of(answer)
    assert nothing_was_written()


@pytest.mark.parametrize("name", [WHERE, PAY])
def test_goods_that_cannot_be_bought_lead_back_to_the_basket(ready, name):
    StockRecord.objects.update(num_in_stock=1)
    assert ready.get(reverse(name)).url == reverse(BASKET)


def test_a_commune_that_ended_meanwhile_is_asked_anew(ready):
    Commune.objects.update(valid_through=clock.today() - timedelta(days=1))
    answer = ready.get(reverse(PAY), follow=True)
    assert answer.redirect_chain == [(reverse(WHERE), 302)]
    assert "once more" in text_of(answer)


# --- Where to ---------------------------------------------------------------------------

#: Field → what is typed → words of the answer.
WRONG = {
    "phone": {
        "": "Please fill this in",
        "abc": "phone number",
        "0912": "phone number",
        "9" * 60: "at most 40 characters",
        "\u200b": "Please fill this in",
        "0912 345 678\x00<script>": "phone number",
    },
    "name": {
        "": "Please fill this in",
        " \t ": "Please fill this in",
        "\u200b\u202e\ufeff": "Please fill this in",
        "x" * 121: "at most 120 characters",
        "x" * 100_000: "at most 120 characters",
    },
    "province": {
        "": "choose a province",
        "99": "from the list",
        "\x00": "from the list",
        "82 OR 1=1": "from the list",
        "٨٢": "from the list",
    },
    "commune": {
        "": "Please fill this in",
        "\u200f": "Please fill this in",
        "Atlantis": "We know no",
        "x" * 121: "at most 120 characters",
        "%": "We know no",
        "' OR 1=1": "We know no",
        "<b>": "We know no",
    },
    "street": {"": "Please fill this in", "x" * 201: "at most 200 characters"},
    "email": {
        "x": "valid email",
        "a@b": "valid email",
        "a b@c.vn": "valid email",
        "x" * 250 + "@e.vn": None,
        "a@b.vn\x00": None,
    },
    "note": {"x" * 501: "at most 500 characters"},
    "gift_text": {"x" * 501: "at most 500 characters"},
}


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [(f, t, w) for f, cases in WRONG.items() for t, w in cases.items()],
    ids=lambda v: repr(v)[:20],
)
def test_what_cannot_be_is_said_at_the_top_and_beside_and_the_rest_is_kept(
    mango, client, field, typed, words
):
    make_commune()
    put_in(client, mango)
    answer = say_where(client, **{field: typed})
    page = text_of(answer)
    assert answer.status_code == 200
    assert "errors-title" in page
    assert f'href="#id_{field}"' in page
    assert f'id="id_{field}-error"' in page
    if words:
        assert words in page
    form = form_with(answer, "phone", "name")
    for name, value in ADDRESS.items():
        if name not in (field, "email"):
            assert form.fields[name] == value
    assert "<script>" not in form.fields["phone"] or "&lt;script&gt;" in page
    assert client.get(reverse(PAY)).url == reverse(WHERE)
    assert nothing_was_written()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Nguyễn\u200b Thị \u202eHồng\u202c Đào", "Nguyễn Thị Hồng Đào"),
        ("  Trần   Bảy ", "Trần Bảy"),
        ("Tra\u0302\u0300n", "Trần"),
        ("مريم", "مريم"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("Robert'); DROP TABLE--", "Robert'); DROP TABLE--"),
        ("O\x00K", "OK"),
    ],
)
def test_odd_names_are_cleaned_of_what_cannot_be_seen_and_shown_as_text(
    mango, client, name, kept
):
    make_commune()
    put_in(client, mango)
    assert say_where(client, name=name).status_code == 302
    page = client.get(reverse(PAY))
    assert "<img src=x" not in text_of(page)
    assert send_pay(client, page).status_code == 302
    assert OrderDetails.objects.get().recipient == kept


@pytest.mark.parametrize(
    "typed",
    ["Cao Lãnh", "cao lanh", "CAO LANH", "p. Cao Lãnh", "phường cao lãnh", "Cao Lãnh, Đồng Tháp"],
)
def test_one_commune_however_it_is_typed(mango, client, typed):
    commune = make_commune()
    put_in(client, mango)
    assert say_where(client, commune=typed).url == reverse(PAY)
    assert client.session["checkout_delivery"]["commune_id"] == commune.pk


def test_an_ambiguous_commune_offers_a_list_and_keeps_what_was_typed(mango, client):
    ward = make_commune("Mỹ Thọ", kind=Commune.Kind.WARD)
    commune = make_commune("Mỹ Thọ", kind=Commune.Kind.COMMUNE)
    put_in(client, mango)
    answer = say_where(client, commune="my tho")
    form = form_with(answer, "commune_choice")
    assert form.fields["commune"] == "my tho"
    assert set(form.radios["commune_choice"]) == {str(ward.pk), str(commune.pk)}
    answer = send(client, answer, form, commune_choice=str(commune.pk))
    assert answer.url == reverse(PAY)
    assert client.session["checkout_delivery"]["commune_id"] == commune.pk


def test_an_unfinished_or_misspelt_commune_is_asked_back(mango, client):
    commune = make_commune()
    put_in(client, mango)
    for typed in ("cao l", "cao lamh", "kao lanh"):
        answer = say_where(client, commune=typed)
        form = form_with(answer, "commune_choice")
        assert form.radios["commune_choice"] == [str(commune.pk)]
    assert send(client, answer, form, commune_choice=str(commune.pk)).url == reverse(PAY)


def test_an_unknown_commune_offers_the_whole_province(mango, client):
    commune = make_commune()
    put_in(client, mango)
    answer = say_where(client, commune="Atlantis")
    form = form_with(answer, "commune_choice")
    assert form.options["commune_choice"] == ["", str(commune.pk)]
    assert send(client, answer, form, commune_choice=str(commune.pk)).url == reverse(PAY)


@pytest.mark.parametrize("choice", ["0", "-1", "abc", "9" * 30, "\x00", "foreign", "elsewhere"])
def test_a_forged_choice_of_commune_is_not_believed(mango, client, choice):
    make_commune("Mỹ Thọ", kind=Commune.Kind.WARD)
    make_commune("Mỹ Thọ", kind=Commune.Kind.COMMUNE)
    other = make_commune("Ninh Kiều", province=make_province("92", "Cần Thơ"))
    near = make_commune()
    put_in(client, mango)
    form = form_with(say_where(client, commune="my tho"), "commune_choice")
    pk = {"foreign": str(other.pk), "elsewhere": str(near.pk)}.get(choice, choice)
    answer = client.post(reverse(WHERE), {**form.fields, "commune_choice": pk})
    assert answer.status_code == 200
    assert "may be one of these" in text_of(answer)


def test_goods_that_cannot_go_there_are_said_beside_the_province(tariff, client):
    make_commune()
    make_not_offered(tariff, ShippingClass.LIVE_PLANT)
    put_in(client, make_product("Hoa sen", shipping_class=ShippingClass.LIVE_PLANT))
    answer = say_where(client)
    assert answer.status_code == 200
    assert "“Hoa sen”: Cannot be sent." in text_of(answer)
    assert 'id="id_province-error"' in text_of(answer)


def test_services_alone_ask_for_no_address(db, client):
    make_collector()
    put_in(client, make_product("Thăm vườn", 150_000, shipping_class=ShippingClass.NONE))
    page = client.get(reverse(WHERE))
    assert set(form_with(page, "phone").names) == {
        "csrfmiddlewaretoken", "phone", "name", "email",
    }
    assert say_where(client).url == reverse(PAY)
    assert confirm(client, payment="vietqr").status_code == 302
    details = OrderDetails.objects.get()
    assert (details.province, details.commune, details.street) == (None, None, "")


def test_what_was_typed_is_there_again_when_coming_back(ready):
    form = form_with(ready.get(reverse(WHERE)), "phone", "name")
    assert form.fields["phone"] == "0912 345 678"
    assert form.fields["commune"] == "phường Cao Lãnh"
    assert form.fields["street"] == ADDRESS["street"]


def test_the_account_fills_in_what_it_knows(mango, client):
    user = make_user("ha@example.test", phone="+84912345678", first_name="Hà", last_name="Lê")
    sign_in(client, user)
    put_in(client, mango)
    form = form_with(client.get(reverse(WHERE)), "phone", "name")
    assert form.fields["name"] == "Lê Hà"
    assert form.fields["email"] == "ha@example.test"


# --- Pay --------------------------------------------------------------------------------


def test_everything_told_is_written_and_nothing_posted_is_believed(mango, client):
    make_commune()
    put_in(client, mango, 2)
    say_where(client, note="Gọi trước", gift_text="Chúc mừng\nsinh nhật", no_prices="on",
              email="Bay@Example.test")
    page = client.get(reverse(PAY))
    assert "Chúc mừng" in text_of(page)
    answer = send_pay(
        client, page, total="1", total_incl_tax="1", price="1", fee="0", user="1", owner="1",
        status="completed", state="delivered", number="DT1", province="01", commune="1",
        producer="9", currency="USD", recipient="X", phone="+84900000000",
    )
    order = Order.objects.get()
    details = order.details
    assert answer.url == reverse("checkout:thank_you", args=[order.number, details.secret])
    assert (order.total_incl_tax, order.status, order.user, order.currency) == (
        2 * 285_000 + 40_000, "placed", None, "VND",
    )
    assert (details.note, details.gift_text, details.hide_prices) == (
        "Gọi trước", "Chúc mừng\nsinh nhật", True,
    )
    assert (details.phone, details.recipient, details.language) == (
        "+84912345678", "Trần Văn Bảy", "en",
    )
    assert [c.state for c in order.consignments.all()] == ["new"]
    assert ConsentRecord.objects.count() == ConsentText.objects.count()
    assert answer.cookies["ds_basket_count"].value == ""
    # The present's card must not come up with the next order.
    assert "checkout_delivery" not in client.session


@pytest.mark.parametrize("payment", ["", "card", "vietqr", "free", "\x00", "cod ", "COD"])
def test_only_ways_of_paying_that_are_offered(ready, payment):
    answer = confirm(ready, payment=payment)
    assert answer.status_code == 200
    assert "errors-title" in text_of(answer)
    assert "way of paying" in text_of(answer)
    assert nothing_was_written()


def test_consents_are_one_box_for_each_purpose_and_none_is_ticked(ready):
    page = ready.get(reverse(PAY))
    form = form_with(page, "payment")
    boxes = {f"consent-{t.purpose}-{t.version}" for t in ConsentText.objects.all()}
    assert set(form.checkboxes) == boxes
    assert not boxes & set(form.fields)


def test_a_needed_consent_cannot_be_left_out_and_the_others_stay_ticked(ready):
    needed, other = ConsentText.objects.filter(is_required=True)[:2]
    name = f"consent-{needed.purpose}-{needed.version}"
    answer = confirm(ready, **{name: None})
    assert answer.status_code == 200
    assert f'href="#id_{name}"' in text_of(answer)
    kept = form_with(answer, "payment").fields
    assert f"consent-{other.purpose}-{other.version}" in kept
    assert name not in kept
    assert nothing_was_written()


def test_news_are_optional_and_only_what_was_ticked_is_recorded(ready):
    news = ConsentText.objects.get(is_required=False)
    assert confirm(ready, **{f"consent-{news.purpose}-{news.version}": None}).status_code == 302
    assert set(ConsentRecord.objects.values_list("text", flat=True)) == set(
        ConsentText.objects.filter(is_required=True).values_list("pk", flat=True)
    )


def test_alcohol_asks_for_the_age(tariff, client):
    make_commune()
    put_in(client, make_product("Rượu sen", 180_000, set_number=14))
    say_where(client)
    page = client.get(reverse(PAY))
    assert "I am at least 18 years old" in text_of(page)
    answer = send_pay(client, page, age_confirmed=None)
    assert answer.status_code == 200
    assert 'href="#id_age_confirmed"' in text_of(answer)
    assert nothing_was_written()
    assert send_pay(client, answer).status_code == 302
    assert OrderDetails.objects.get().age_confirmed


@pytest.mark.parametrize("what", ["price", "fee", "stock", "sale_ended"])
def test_a_changed_offer_is_shown_and_confirmed_anew(ready, what):
    page = ready.get(reverse(PAY))
    if what == "price":
        StockRecord.objects.update(price=300_000)
        words = "the price is now ₫300,000 instead of ₫285,000"
    elif what == "fee":
        Rate.objects.update(fee_incl_tax=55_000)
        words = "delivery now costs ₫55,000 instead of ₫40,000"
    elif what == "stock":
        StockRecord.objects.update(num_in_stock=1)
        words = "Only 1 left"
    else:
        StockRecord.objects.update(price=250_000)
        words = "₫250,000"
    answer = send_pay(ready, page)
    assert answer.status_code == 200
    assert "Something has changed" in text_of(answer)
    # In the list on top, and beside the line or the producer that it is about.
    assert text_of(answer).lower().count(words.lower()) >= 2
    assert nothing_was_written()
    assert Basket.objects.get().status == Basket.OPEN
    if what == "stock":
        assert "Change the basket" in text_of(answer)
        return
    form = form_with(answer, "payment")
    assert all(name in form.fields for name in form.checkboxes)
    assert ready.post(reverse(PAY), form.fields).status_code == 302
    assert Order.objects.count() == 1


def test_what_was_ticked_is_still_ticked_after_mending_the_basket(ready):
    page = ready.get(reverse(PAY))
    StockRecord.objects.update(num_in_stock=1)
    assert "Change the basket" in text_of(send_pay(ready, page))
    basket = ready.get(reverse(BASKET))
    assert send(ready, basket, form_with(basket, "line"), quantity="1").status_code == 302
    form = form_with(ready.get(reverse(PAY)), "payment")
    assert form.checkboxes.keys() == {name for name in form.checkboxes if name in form.fields}
    # An order ends it: the next one starts with empty boxes.
    assert ready.post(reverse(PAY), form.fields).status_code == 302
    StockRecord.objects.update(num_in_stock=9)
    put_in(ready, Product.objects.get(), 1)
    say_where(ready)
    form = form_with(ready.get(reverse(PAY)), "payment")
    assert not any(name in form.fields for name in form.checkboxes)


def test_goods_added_in_another_tab_are_not_ordered_unseen(ready):
    page = ready.get(reverse(PAY))
    put_in(ready, make_product("Trà sen", 120_000))
    answer = send_pay(ready, page)
    assert answer.status_code == 200
    assert "Trà sen: newly in your basket" in text_of(answer)
    assert nothing_was_written()


@pytest.mark.parametrize(
    "seen", ["", "x", "[]", "null", "[[],[]]", "[[[1,1,\"NaN\"]],[]]", "[" * 5000, "\x00", "{}"]
)
def test_a_forged_sum_only_shows_the_true_one(ready, seen):
    answer = confirm(ready, seen=seen)
    assert answer.status_code == 200
    assert "₫610,000" in text_of(answer)
    assert nothing_was_written()


@pytest.mark.parametrize("key", ["", "x", "0" * 1000, "\x00", "../.."])
def test_a_forged_key_is_replaced(ready, key):
    assert confirm(ready, key=key).status_code == 302
    assert len(OrderDetails.objects.get().idempotency_key) == 32


def test_a_second_click_leads_to_the_same_thank_you_page(ready):
    page = ready.get(reverse(PAY))
    first = send_pay(ready, page)
    second = send_pay(ready, page)
    assert first.url == second.url
    assert Order.objects.count() == 1


def test_cash_on_delivery_above_the_limit_is_refused_with_a_way_out(ready):
    CodLimits.objects.update(refuse_order_amount_above=100_000)
    answer = confirm(ready)
    assert answer.status_code == 200
    assert "too large to be paid at the door" in text_of(answer)
    assert 'href="#id_payment"' in text_of(answer)
    assert nothing_was_written()


def test_an_order_that_needs_a_call_says_so(ready):
    CodLimits.objects.update(new_phone_amount_max=100_000)
    assert "over ₫100,000 if it is your first" in text_of(ready.get(reverse(PAY)))
    answer = confirm(ready, follow=True)
    assert "We will call you before we send it" in text_of(answer)
    assert CallTask.objects.count() == 1


def test_the_thank_you_page_offers_tracking_and_an_account(ready):
    answer = confirm(ready, follow=True)
    order = Order.objects.get()
    page = text_of(answer)
    assert reverse("orders:track", args=[order.number, order.details.secret]) in page
    assert reverse("account_signup") in page
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("secret", ["x", "đ", "%00", "a" * 43, "a" * 500])
def test_a_wrong_secret_finds_help_and_nothing_else(mango, client, secret):
    make_commune()
    order = buy(client, mango)
    start = reverse("checkout:thank_you", args=["N", "S"]).split("N/S")[0]
    answer = Client().get(f"{start}{order.number}/{secret}/")
    assert answer.status_code == 404
    assert order.details.recipient not in text_of(answer)
    assert reverse("orders:track_form") in text_of(answer)


def test_the_steps_speak_vietnamese_at_the_root(mango, client):
    with translation.override("vi"):
        put_in(client, mango)
        make_commune()
        page = client.get(reverse(WHERE))
        assert '<html lang="vi"' in text_of(page)
        assert reverse(WHERE) == page.request["PATH_INFO"]
