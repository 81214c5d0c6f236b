"""A grower writes down a listing with one thumb, on a phone of 390 px, without script."""

import pytest
from django.test import Client
from django.urls import reverse
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.ui import WebDriverWait

from catalogue import actions, state_actions
from catalogue.models import Product
from marketplace.media.actions import prepare_image
from marketplace.producers.models import ChecklistItem, Membership
from tests.browser.test_guest_buys import arrive, fill_in, fits, press
from tests.browser.test_weights import _take_over
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalogue import make_category, make_producer, make_product_class
from tests.factories.pictures import photograph, with_gps
from tests.media.conftest import _own_folders  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: What a thumb cannot hit, of what can be pressed within the page.
SMALL = """
const all = "main button, main summary, main .btn, main input, .tabs a, .chips a, .stick a";
return [...document.querySelectorAll(all)]
  .filter(e => e.type !== "hidden" && e.getClientRects().length && !e.closest(".check, .opts"))
  .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 120));
"""


def shown(browser, words):
    """Wait for a page that says this, and that nothing of it sticks out at the side."""
    WebDriverWait(browser, 20, ignored_exceptions=[StaleElementReferenceException]).until(
        lambda b: words.lower() in b.find_element(By.TAG_NAME, "body").text.lower()
    )
    assert fits(browser), browser.current_url


def test_from_the_first_photo_to_the_shop(tmp_path, live_server, open_browser):
    ChecklistItem.objects.all().delete()
    grower = make_producer("Vườn Út Lành")
    kind, shelf = make_product_class(), make_category()
    user = make_user()
    Membership.objects.create(producer=grower, user=user, role="owner")
    browser = open_browser(390, scripts=False)
    _take_over(browser, live_server.url, sign_in(Client(), user))

    browser.get(live_server.url + reverse("portal:listings"))
    press(browser, ".hd .btn-p")
    arrive(browser, reverse("portal:listings_new"))
    fill_in(browser, title_vi="Xoài cát Chu", product_class=str(kind.pk), category=str(shelf.pk))
    press(browser, "main form button.btn-p")
    arrive(browser, "/photos/")
    draft = Product.objects.get()

    # Two photos at once, one of them as an iPhone takes it.
    for name, data in (("1.jpg", photograph(800, 600)), ("2.heic", with_gps(6, kind="HEIF"))):
        (tmp_path / name).write_bytes(data)
    browser.find_element(By.NAME, "photos").send_keys(
        f"{tmp_path / '1.jpg'}\n{tmp_path / '2.heic'}"
    )
    press(browser, "form[enctype] button")
    shown(browser, "Đã thêm 2 tấm ảnh")
    for image in draft.images.all():
        prepare_image(image_id=image.original_id)
    press(browser, "button[name=go]")
    arrive(browser, "/units/")
    fill_in(browser, **{"unit-0-net_weight_g": "1,5 kg", "unit-0-price": "285k",
                        "unit-0-in_stock": "12"})
    press(browser, "main form button.btn-p")
    arrive(browser, "/label/")
    fill_in(browser, ingredients_vi="Xoài 100%", storage_vi="Nơi mát", shelf_life_days="7",
            usage_vi="Gọt vỏ")
    press(browser, "label[for=id_no_allergens]")
    press(browser, "main form button.btn-p")
    arrive(browser, "/origin/")
    Select(browser.find_element(By.NAME, "shipping_class")).select_by_value("fresh")
    Select(browser.find_element(By.NAME, "vat_rate")).select_by_value("5.00")
    press(browser, "main form button.btn-p")
    arrive(browser, "/words/")
    fill_in(browser, summary_vi="Hái sáng sớm", description_vi="Ngọt thanh.")
    press(browser, "button[name=then]")

    # As a buyer would see it, but nothing can be bought.
    arrive_at_preview(browser, draft)
    shown(browser, "285.000")
    assert len(browser.find_elements(By.CSS_SELECTOR, ".shots img")) == 2
    assert not browser.find_element(By.CSS_SELECTOR, "#buy .btn-p").is_enabled()
    browser.find_element(By.CSS_SELECTOR, ".stick .b").click()
    arrive(browser, reverse("portal:listing", args=[draft.pk]))
    press(browser, ".cta .btn-p")
    shown(browser, "Đã gửi")
    draft.refresh_from_db()
    assert draft.state == "submitted"

    state_actions.send_back(
        listing=draft, remarks={"title": "Ghi rõ hạng mấy"}, actor=None
    )
    browser.get(live_server.url + reverse("portal:listing", args=[draft.pk]))
    shown(browser, "Ghi rõ hạng mấy")
    press(browser, ".saved--w .rows a")
    arrive(browser, "/what/")
    fill_in(browser, title_vi="Xoài cát Chu loại 1")
    press(browser, "main form button.btn-p")
    arrive(browser, "/photos/")
    browser.get(live_server.url + reverse("portal:listing", args=[draft.pk]))
    press(browser, ".cta .btn-p")
    shown(browser, "Đã gửi")
    draft.refresh_from_db()
    assert draft.state == "submitted"
    actions.publish(product=draft, actor=None)
    browser.get(live_server.url + draft.get_absolute_url())
    shown(browser, "Xoài cát Chu loại 1")


def arrive_at_preview(browser, draft):
    shown(browser, "Xem trước")
    assert browser.current_url.endswith(reverse("portal:listings_preview", args=[draft.pk]))


def test_a_thumb_can_hit_everything(live_server, open_browser):
    grower = make_producer("Vườn Út Lành")
    user = make_user()
    Membership.objects.create(producer=grower, user=user, role="owner")
    client = sign_in(Client(), user)
    client.post(reverse("portal:listings_new"), {"title_vi": "Xoài"})
    draft = Product.objects.get()
    browser = open_browser(390)
    _take_over(browser, live_server.url, client)
    pages = [reverse("portal:listings_step", args=[draft.pk, name])
             for name in ("what", "photos", "units", "label", "origin", "words")]
    pages += [
        reverse(f"portal:{name}", args=[draft.pk]) for name in ("listing", "listings_preview")
    ]
    for page in pages:
        browser.get(live_server.url + page)
        assert fits(browser), page
        assert browser.execute_script(SMALL) == [], page
