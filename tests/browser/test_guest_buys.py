"""The guest's whole way in Chromium, without script, on a phone of 390 px; and what scripts add."""

import pytest
from django.urls import reverse
from oscar.apps.order.models import Order
from oscar.apps.partner.models import StockRecord
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.ui import WebDriverWait

from tests.factories.catalogue import make_commune, make_producer, make_product
from tests.factories.orders import make_order, make_tariff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORDS = {
    "phone": "0912 345 678",
    "name": "Trần Văn Bảy",
    "commune": "cao lanh",
    "street": "12 ấp Tịnh Châu",
}


@pytest.fixture
def goods():
    make_tariff()
    make_commune()
    return [
        make_product("Xoài cát Hòa Lộc", 285_000, 10, producer=make_producer("Vườn Út Lành")),
        make_product("Trà tim sen", 120_000, 5, producer=make_producer("Cơ sở Hương Sen")),
        make_product("Khăn rằn", 90_000, 3, producer=make_producer("Làng Long Khánh")),
    ]


def press(browser, css):
    """Press it as a person would: in the middle of the screen, clear of the bar at the foot."""
    button = browser.find_element(By.CSS_SELECTOR, css)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()


def arrive(browser, address):
    """Wait for the page at this address, or below it."""
    WebDriverWait(browser, 15).until(
        lambda b: address in b.current_url and b.find_elements(By.CSS_SELECTOR, "footer, .tabs")
    )


def fits(browser):
    """Whether nothing sticks out at the side: asked of the browser, not of a script."""
    size = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})
    return size["cssContentSize"]["width"] <= size["cssLayoutViewport"]["clientWidth"]


def fill_in(browser, **values):
    for name, value in values.items():
        element = browser.find_element(By.NAME, name)
        if element.tag_name == "select":
            Select(element).select_by_value(value)
        else:
            element.clear()
            element.send_keys(value)


def test_a_guest_buys_without_script_on_a_phone(goods, live_server, open_browser):
    browser = open_browser(390, scripts=False)
    for product in goods:
        browser.get(live_server.url + product.get_absolute_url())
        assert fits(browser)
        press(browser, "button[name=next][value=basket]")
        arrive(browser, reverse("checkout:basket"))
    assert fits(browser)
    fill_in(browser, **{"giao-den": "82"})
    press(browser, "form[data-province-form] button")
    arrive(browser, "giao-den=82")
    assert len(browser.find_elements(By.CSS_SELECTOR, ".grp .fee")) == 3
    press(browser, "aside .btn-p")
    arrive(browser, reverse("checkout:where"))

    # First with a mistake: it is said, and nothing typed is lost.
    fill_in(browser, **{**WORDS, "phone": "0912"})
    press(browser, "main form button.btn-p")
    assert fits(browser)
    WebDriverWait(browser, 15).until(lambda b: b.find_elements(By.CSS_SELECTOR, ".errs a"))
    errors = browser.find_element(By.CSS_SELECTOR, ".errs a")
    assert errors.get_attribute("href").endswith("#id_phone")
    for name in ("name", "commune", "street"):
        assert browser.find_element(By.NAME, name).get_attribute("value") == WORDS[name]
    fill_in(browser, phone=WORDS["phone"])
    press(browser, "main form button.btn-p")

    arrive(browser, reverse("checkout:pay"))
    assert fits(browser)
    for box in browser.find_elements(By.CSS_SELECTOR, ".terms input[type=checkbox]"):
        assert not box.is_selected()
        if box.get_attribute("required"):
            box.find_element(By.XPATH, "..").click()
    press(browser, "main form button.btn-p")
    arrive(browser, reverse("checkout:thank_you", args=["N", "S"]).split("N/S")[0])

    order = Order.objects.get()
    assert order.number in browser.find_element(By.TAG_NAME, "main").text
    assert list(StockRecord.objects.values_list("num_allocated", flat=True)) == [1, 1, 1]
    assert fits(browser)
    press(browser, ".cta .btn-p")
    arrive(browser, reverse("orders:track", args=[order.number, order.details.secret]))
    assert len(browser.find_elements(By.CSS_SELECTOR, ".parcel")) == 3
    assert fits(browser)

    # One parcel is cancelled: asked once more on a page of its own.
    press(browser, ".parcel:last-of-type form button")
    arrive(browser, reverse("orders:cancel", args=[order.number, order.details.secret]))
    press(browser, "main form .btn-d")
    WebDriverWait(browser, 15).until(lambda b: b.find_elements(By.CSS_SELECTOR, ".msgs .tip"))
    states = sorted(order.consignments.values_list("state", flat=True))
    assert states == ["cancelled", "new", "new"]


def test_with_script_quantities_change_without_a_new_page(goods, live_server, open_browser):
    browser = open_browser(390)
    browser.get(live_server.url + goods[0].get_absolute_url())
    press(browser, "button[name=next][value=basket]")
    arrive(browser, reverse("checkout:basket"))
    browser.execute_script("window.stillHere = true")
    press(browser, "button[name=set_quantity][value='2']")
    WebDriverWait(browser, 10).until(
        lambda b: b.find_element(By.NAME, "quantity").get_attribute("value") == "2"
    )
    assert browser.execute_script("return window.stillHere === true")
    WebDriverWait(browser, 10).until(
        lambda b: [
            mark.get_attribute("textContent")
            for mark in b.find_elements(By.CSS_SELECTOR, "[data-basket-count]")
        ][:1] in (["2"], [])
    )
    press(browser, "button[name=remove]")
    WebDriverWait(browser, 10).until(
        lambda b: b.find_elements(By.CSS_SELECTOR, ".undo button")
    )
    assert browser.execute_script("return window.stillHere === true")


def test_an_order_is_found_by_its_number_and_phone(goods, live_server, open_browser):
    order = make_order(goods[0])
    browser = open_browser(390, scripts=False)
    browser.get(live_server.url + reverse("orders:track_form"))
    fill_in(browser, number=order.number.lower(), phone="0912.345.678")
    press(browser, "main form button.btn-p")
    arrive(browser, reverse("orders:track", args=[order.number, order.details.secret]))
    assert fits(browser)


def test_with_script_the_commune_is_suggested_while_typing(goods, live_server, open_browser):
    browser = open_browser(390)
    browser.get(live_server.url + goods[0].get_absolute_url())
    press(browser, "button[name=next][value=checkout]")
    arrive(browser, reverse("checkout:where"))
    fill_in(browser, province="82", commune="cao l")
    WebDriverWait(browser, 10).until(lambda b: b.find_elements(By.CSS_SELECTOR, ".listbox li"))
    (option,) = browser.find_elements(By.CSS_SELECTOR, ".listbox li")
    assert option.text == "phường Cao Lãnh"
    option.click()
    assert browser.find_element(By.NAME, "commune").get_attribute("value") == "phường Cao Lãnh"
