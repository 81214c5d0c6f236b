"""A grower with one hand on the phone: confirms a parcel, packs it, hands it over, by thumb, with
scripts and without, on a screen of 390 px."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from oscar.apps.partner.models import StockRecord
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from marketplace.orders.models import Consignment
from marketplace.producers.models import Membership
from tests.browser.test_guest_buys import fits
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_order, make_tariff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: The smallest thing a thumb is sure of, in pixels.
THUMB = 44


def tap(browser, button):
    """Put a thumb on it as a person would: scrolled to, and big enough."""
    size = button.size
    assert size["height"] >= THUMB, (button.text, size)
    assert size["width"] >= THUMB, (button.text, size)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    at = button.rect
    assert at["x"] >= 0 and at["x"] + at["width"] <= 390
    button.click()


def big_button(browser):
    return browser.find_element(By.CSS_SELECTOR, ".next-step .btn-p")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_confirm_pack_and_hand_over_by_thumb(live_server, open_browser, scripts):
    make_tariff()
    mango = make_product("Xoài cát", 100_000, 5, producer=make_producer("Vườn Út Lành"))
    owner = make_user()
    Membership.objects.create(producer=mango.producer, user=owner, role="owner")
    parcel = make_order((mango, 2)).consignments.get()
    browser = open_browser(390, scripts=scripts)
    browser.get(live_server.url + "/health/live")
    session = sign_in(Client(), owner).cookies[settings.SESSION_COOKIE_NAME].value
    browser.add_cookie({"name": settings.SESSION_COOKIE_NAME, "value": session})

    # Today's work stands first; the new parcel is confirmed where it is read.
    browser.get(live_server.url + reverse("portal:home"))
    assert fits(browser)
    action = reverse("portal:confirm", args=[parcel.number])
    tap(browser, browser.find_element(By.CSS_SELECTOR, f"form[action='{action}'] button"))
    WebDriverWait(browser, 15).until(
        lambda b: Consignment.objects.get(pk=parcel.pk).state == "confirmed"
    )
    browser.get(live_server.url + reverse("portal:parcels_one", args=[parcel.number]))
    assert fits(browser)
    assert "Trần Văn Bảy" in browser.find_element(By.TAG_NAME, "main").text
    for state in ("packed", "handed_over"):
        tap(browser, big_button(browser))
        WebDriverWait(browser, 15).until(
            lambda b, state=state: Consignment.objects.get(pk=parcel.pk).state == state
        )
        WebDriverWait(browser, 15).until(lambda b: b.find_elements(By.CSS_SELECTOR, ".hd .tag"))
        assert fits(browser)
    record = StockRecord.objects.get(product=mango)
    assert (record.num_in_stock, record.num_allocated) == (3, 0)

    # The wrong tap: one more takes it back.
    action = reverse("portal:parcels_undo", args=[parcel.number])
    tap(browser, browser.find_element(By.CSS_SELECTOR, f"form[action='{action}'] button"))
    WebDriverWait(browser, 15).until(
        lambda b: Consignment.objects.get(pk=parcel.pk).state == "packed"
    )
