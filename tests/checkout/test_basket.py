"""The basket over HTTP: what it takes, what it refuses, and what it says."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from oscar.apps.basket.models import Basket, Line
from oscar.apps.partner.models import StockRecord

from catalogue.models import Product, ShippingClass
from marketplace.shipping.models import FreeThreshold
from tests.factories.accounts import PASSWORD, make_user, sign_in
from tests.factories.buying import form_with, forms_of, put_in, send
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import SINCE, make_not_offered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

BASKET = "checkout:basket"
#: Typed quantity → words of the answer, in the reader's language (English here).
BAD_QUANTITIES = {
    "0": "At least 1",
    "000": "At least 1",
    "-1": "At least 1",
    "+0": "At least 1",
    "1.5": "whole number",
    "1,5": "whole number",
    "1000000000": "At most 9999",
    "9" * 400: "At most 9999",
    "NaN": "whole number",
    "Infinity": "whole number",
    "1e3": "whole number",
    "0x10": "whole number",
    "١": "whole number",
    "": "Please say how many",
    " ": "Please say how many",
    "\u200b": "Please say how many",
    "\u202e12": None,
    "một": "whole number",
    "<script>alert(1)</script>": "whole number",
    "1; DROP TABLE": "whole number",
    "\x00": "Please say how many",
}


def quantities():
    return list(Line.objects.order_by("pk").values_list("quantity", flat=True))


@pytest.mark.parametrize(
    ("typed", "words"), [(q, w) for q, w in BAD_QUANTITIES.items() if w], ids=lambda v: repr(v)[:24]
)
def test_adding_a_quantity_that_is_none_is_refused_in_words(mango, client, typed, words):
    answer = put_in(client, mango, typed)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert 'id="errors-title"' in answer.content.decode()
    assert Line.objects.count() == 0
    assert form_with(answer, "quantity").fields["product"] == str(mango.pk)


@pytest.mark.parametrize(
    ("typed", "words"), [(q, w) for q, w in BAD_QUANTITIES.items() if w], ids=lambda v: repr(v)[:24]
)
def test_changing_to_a_quantity_that_is_none_keeps_what_was_typed(mango, client, typed, words):
    put_in(client, mango, 2)
    page = client.get(reverse(BASKET))
    answer = send(client, page, form_with(page, "line"), quantity=typed)
    body = answer.content.decode()
    assert answer.status_code == 200
    assert words in body
    assert f"#quantity-{Line.objects.get().pk}" in body
    if typed.strip("\x00\u200b "):
        assert f'value="{escape(typed)}"' in body
    assert quantities() == [2]


@pytest.mark.parametrize(("typed", "meant"), [("１", 1), (" 3 ", 3), ("+2", 2), ("\u202e4", 4)])
def test_digits_of_any_width_are_read(mango, client, typed, meant):
    assert put_in(client, mango, typed).status_code == 302
    assert quantities() == [meant]


def test_more_than_there_is_says_how_many_are_left(mango, client):
    answer = put_in(client, mango, 11)
    assert answer.status_code == 400
    assert "Only 10 left" in answer.content.decode()
    assert Line.objects.count() == 0
    put_in(client, mango, 7)
    answer = put_in(client, mango, 4)
    assert "Only 10 left" in answer.content.decode()
    assert "You already have 7 in the basket" in answer.content.decode()
    assert quantities() == [7]
    page = client.get(reverse(BASKET))
    answer = send(client, page, form_with(page, "line"), quantity="11")
    assert "Only 10 left" in answer.content.decode()
    assert 'value="11"' in answer.content.decode()
    assert quantities() == [7]


@pytest.mark.parametrize("unit", ["", "0", "-1", "abc", "1.5", "99999999", "9" * 50, "\x00", "١"])
def test_units_that_are_none_are_refused(mango, client, unit):
    answer = client.post(reverse("checkout:add"), {"product": unit, "quantity": "1"})
    assert answer.status_code == 400
    assert "not sold here" in answer.content.decode()
    assert Line.objects.count() == 0


def test_a_listing_with_variants_asks_for_one_of_them(tariff, client):
    parent = make_product("Bưởi", variants=[("500 g", 40_000, 3), ("1 kg", 75_000, 3)])
    answer = put_in(client, parent)
    assert answer.status_code == 400
    assert "choose a size" in answer.content.decode()
    assert parent.get_absolute_url() in answer.content.decode()
    assert Line.objects.count() == 0
    child = parent.children.first()
    assert put_in(client, parent, variant=str(child.pk)).status_code == 302
    assert Line.objects.get().product == child


@pytest.mark.parametrize("how", ["draft", "unidentified", "paused", "no_price", "sold_out"])
def test_what_nobody_may_buy_cannot_be_put_in(tariff, client, how):
    today = SINCE.replace(year=2020), SINCE.replace(year=2090)
    product = make_product(
        "Khăn",
        producer=make_producer(
            verified=how != "unidentified", paused=today if how == "paused" else None
        ),
        published=how != "draft",
        stock=0 if how == "sold_out" else 5,
    )
    if how == "no_price":
        product.stockrecords.update(price=None)
    answer = put_in(client, product)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert Line.objects.count() == 0
    if how == "draft":
        assert "Khăn" not in answer.content.decode()


def test_forms_of_other_sites_are_refused_and_ours_need_no_token(mango):
    client = Client(enforce_csrf_checks=True)
    data = {"product": mango.pk, "quantity": 1}
    url = reverse("checkout:add")
    assert client.post(url, data, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.post(url, data, headers={"origin": "https://evil.example"}).status_code == 403
    assert Line.objects.count() == 0
    assert client.post(url, data, headers={"sec-fetch-site": "same-origin"}).status_code == 302
    assert client.post(reverse("checkout:update"), {"line": 1, "remove": 1}).status_code == 403


@pytest.mark.parametrize(
    ("way", "target"),
    [
        ("basket", "/basket/"),
        ("checkout", "/checkout/deliver-to/"),
        ("/vuon/", "/vuon/"),
        ("https://evil.example/", "/basket/"),
        ("//evil.example", "/basket/"),
        ("/\\evil.example", "/basket/"),
        ("javascript:alert(1)", "/basket/"),
        ("", "/basket/"),
    ],
)
def test_after_adding_it_goes_on_within_the_site(mango, client, way, target):
    names = {"/basket/": reverse(BASKET), "/checkout/deliver-to/": reverse("checkout:where")}
    assert put_in(client, mango, next=way).url == names.get(target, target)


def test_the_count_cookie_follows_the_basket_and_scripts_may_read_it(mango, client):
    answer = put_in(client, mango, 3)
    cookie = answer.cookies["ds_basket_count"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("3", "", "Lax")
    assert answer.cookies["oscar_open_basket"]["httponly"]
    page = client.get(reverse(BASKET))
    assert "ds_basket_count" not in page.cookies
    answer = send(client, page, form_with(page, "line"), remove="1")
    page = client.get(reverse(BASKET))
    assert page.cookies["ds_basket_count"].value == ""


def test_pages_that_never_ask_for_the_basket_set_no_cookie(mango, client):
    put_in(client, mango)
    answer = client.get(reverse("shop:product_list"))
    assert not answer.cookies


def test_plus_and_minus_work_without_script_and_minus_at_one_takes_out(mango, client):
    put_in(client, mango, 1)
    page = client.get(reverse(BASKET))
    form = form_with(page, "line")
    assert ("set_quantity", "2") in form.buttons
    client.post(form.action, {**form.fields, "set_quantity": "2"})
    assert quantities() == [2]
    client.post(form.action, {**form.fields, "set_quantity": "1"})
    assert quantities() == [1]
    client.post(form.action, {**form.fields, "set_quantity": "0"})
    assert quantities() == []


def test_what_was_removed_can_be_put_back(mango, client):
    put_in(client, mango, 4)
    page = client.get(reverse(BASKET))
    form = form_with(page, "line")
    page = client.post(form.action, {**form.fields, "remove": "1"}, follow=True)
    assert quantities() == []
    (form,) = [f for f in forms_of(page) if f.action == reverse("checkout:add")]
    assert form.fields["quantity"] == "4"
    send(client, page, form)
    assert quantities() == [4]
    # Told once: looking again offers nothing any more.
    assert "Put it back" not in client.get(reverse(BASKET)).content.decode()


@pytest.mark.parametrize("line", ["", "0", "-1", "x", "9" * 30, "999999", "\x00", None])
def test_lines_that_are_none_change_nothing(mango, client, line):
    put_in(client, mango, 2)
    data = {"quantity": "5"} if line is None else {"line": line, "quantity": "5"}
    answer = client.post(reverse("checkout:update"), data, follow=True)
    assert answer.status_code == 200
    assert "no longer in your basket" in answer.content.decode()
    assert quantities() == [2]


def test_lines_of_somebody_else_cannot_be_changed(mango, client):
    put_in(client, mango, 2)
    other = Client()
    put_in(other, mango, 3)
    theirs = Line.objects.order_by("pk").first()
    for change in ({"quantity": "9"}, {"remove": "1"}, {"set_quantity": "0"}):
        answer = other.post(
            reverse("checkout:update"), {"line": theirs.pk, **change}, follow=True
        )
        assert "no longer in your basket" in answer.content.decode()
    assert quantities() == [2, 3]


def test_posted_prices_owners_and_states_are_ignored(mango, client):
    put_in(
        client, mango, 1, price="1", price_incl_tax="1", owner="1", status="Submitted", total="0"
    )
    line = Line.objects.get()
    assert line.price_incl_tax == 285_000
    assert (line.basket.owner, line.basket.status) == (None, Basket.OPEN)


def test_a_basket_that_was_ordered_meanwhile_cannot_be_changed(mango, client):
    put_in(client, mango, 1)
    page = client.get(reverse(BASKET))
    Basket.objects.update(status=Basket.FROZEN)
    answer = client.post(
        reverse("checkout:update"), {**form_with(page, "line").fields, "quantity": "2"}, follow=True
    )
    assert answer.status_code == 200
    assert quantities() == [1]


def test_groups_fees_dates_and_the_price_by_the_kilogram(mango, client, tariff):
    tea = make_product("Trà sen", 120_000, producer=make_producer("Hương Sen"))
    FreeThreshold.objects.create(
        producer=tea.producer, amount_incl_tax=100_000, effective_from=SINCE, source="tests"
    )
    put_in(client, mango)
    put_in(client, tea)
    body = client.get(reverse(BASKET)).content.decode()
    assert "Choose a province to see" in body
    body = client.get(reverse(BASKET) + "?giao-den=82").content.decode()
    assert body.count("With you by") == 2
    assert "₫20,000" in body
    assert "Free" in body
    assert "₫425,000" in body
    # (285.000 + 20.000) / 3 kg
    assert "₫101,667 per kilogram" in body
    # Remembered.
    assert client.get(reverse(BASKET)).content.decode().count("With you by") == 2


@pytest.mark.parametrize("code", ["99", "x", "", "82'", "\x00", "٨٢", "8" * 999])
def test_a_province_that_is_none_is_said_and_nothing_breaks(mango, client, code):
    put_in(client, mango)
    answer = client.get(reverse(BASKET), {"giao-den": code})
    assert answer.status_code == 200
    assert ("from the list" in answer.content.decode()) == bool(code)


def test_goods_that_cannot_be_sent_say_why_and_stop_the_order(tariff, client):
    plant = make_product("Hoa sen", shipping_class=ShippingClass.LIVE_PLANT)
    slow = make_product("Nem", shelf_life_days=1)
    make_not_offered(tariff, ShippingClass.LIVE_PLANT)
    put_in(client, plant)
    put_in(client, slow)
    body = client.get(reverse(BASKET) + "?giao-den=82").content.decode()
    assert "Cannot be sent." in body
    assert "keeps only 1" in body
    assert reverse("checkout:where") not in body


def test_changed_prices_and_stock_are_said(mango, client):
    put_in(client, mango, 3)
    StockRecord.objects.update(price=300_000)
    body = client.get(reverse(BASKET)).content.decode()
    assert "₫300,000 now, ₫285,000 when you put it in" in body
    assert reverse("checkout:where") in body
    StockRecord.objects.update(num_in_stock=2)
    body = client.get(reverse(BASKET)).content.decode()
    assert "Only 2 left" in body
    assert reverse("checkout:where") not in body
    # Fewer is always possible, even when nothing is left.
    StockRecord.objects.update(num_in_stock=0)
    page = client.get(reverse(BASKET))
    assert "Sold out" in page.content.decode()
    send(client, page, form_with(page, "line"), quantity="1")
    assert quantities() == [1]


def test_goods_for_adults_say_that_the_age_will_be_asked(tariff, client):
    put_in(client, make_product("Rượu sen", set_number=14))
    assert "Only for people of 18 and older" in client.get(reverse(BASKET)).content.decode()


def test_the_basket_is_stored_by_nobody(mango, client):
    put_in(client, mango)
    for name in (BASKET, "checkout:where"):
        answer = client.get(reverse(name))
        assert "no-store" in answer["Cache-Control"]
        assert answer["X-Robots-Tag"] == "noindex"


def test_get_of_the_addresses_that_change_something_leads_to_the_basket(client, db):
    for name in ("checkout:add", "checkout:update"):
        assert client.get(reverse(name)).url == reverse(BASKET)


class TestMerging:
    """A guest's basket goes along when they sign in."""

    def test_quantities_add_up_within_the_stock(self, mango, client):
        tea = make_product("Trà sen", 120_000, 5)
        user = make_user()
        put_in(sign_in(Client(), user), mango, 6)
        put_in(client, mango, 7)
        put_in(client, tea, 2)
        sign_in(client, user)
        page = client.get(reverse(BASKET))
        (basket,) = Basket.objects.filter(status=Basket.OPEN)
        assert dict(basket.lines.values_list("product", "quantity")) == {mango.pk: 10, tea.pk: 2}
        assert basket.owner == user
        assert "we put in what there is" in page.content.decode()
        assert page.cookies["ds_basket_count"].value == "12"
        assert page.cookies["oscar_open_basket"].value == ""

    def test_nothing_is_lost_when_the_account_had_no_basket(self, mango, client):
        put_in(client, mango, 2)
        sign_in(client, make_user())
        assert "Xoài cát Hòa Lộc" in client.get(reverse(BASKET)).content.decode()
        assert quantities() == [2]

    def test_no_more_than_one_order_can_hold(self, mango, client, settings):
        StockRecord.objects.update(num_in_stock=20_000)
        user = make_user()
        put_in(sign_in(Client(), user), mango, 9_000)
        put_in(client, mango, 2_000)
        sign_in(client, user)
        client.get(reverse(BASKET))
        assert list(Line.objects.values_list("quantity", flat=True)) == [9_999]

    def test_what_is_sold_out_stays_to_be_seen(self, mango, client):
        user = make_user()
        put_in(client, mango, 2)
        StockRecord.objects.update(num_in_stock=0)
        sign_in(client, user)
        assert "Sold out" in client.get(reverse(BASKET)).content.decode()
        assert quantities() == [2]

    def test_the_count_is_right_from_the_answer_to_signing_in_until_signing_out(
        self, mango, client
    ):
        user = make_user("ha@example.test")
        put_in(sign_in(Client(), user), mango, 3)
        put_in(client, mango, 2)
        page = client.get(reverse("account_login"))
        answer = send(
            client, page, form_with(page, "login"), login="ha@example.test", password=PASSWORD
        )
        assert answer.status_code == 302
        assert answer.cookies["ds_basket_count"].value == "5"
        answer = client.post(reverse("account_logout"))
        assert answer.cookies["ds_basket_count"].value == ""
        assert "Xoài" not in client.get(reverse(BASKET)).content.decode()

    def test_a_stolen_or_forged_basket_cookie_gives_nothing(self, mango, client):
        put_in(client, mango, 2)
        thief = Client()
        thief.cookies["oscar_open_basket"] = str(Basket.objects.get().pk) + ":forged"
        assert "Xoài" not in thief.get(reverse(BASKET)).content.decode()


def test_no_piece_of_the_page_asks_the_database_once_for_each_line(
    tariff, client, django_assert_max_num_queries
):
    for number in range(12):
        put_in(client, make_product(f"Món {number}"))
    client.get(reverse(BASKET) + "?giao-den=82")
    with django_assert_max_num_queries(12):
        client.get(reverse(BASKET))
    assert Product.objects.count() == 12
