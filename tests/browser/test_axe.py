"""axe finds nothing on any page type outside the way from the basket to the desk.

That way, with its states, is looked at in ``test_accessibility.py``.
"""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import translation
from selenium.webdriver.support.ui import WebDriverWait

from cms.models import LegalPage
from marketplace.accounts import second_factor
from marketplace.accounts.roles import Role
from marketplace.kernel import clock
from tests.browser.axe import need_axe, violations
from tests.factories.accounts import PASSWORD, make_staff, make_user
from tests.factories.catalogue import (
    make_category,
    make_commune,
    make_producer,
    make_product,
    make_sale,
)
from tests.factories.orders import make_tariff
from tests.factories.pages import make_site, make_tea
from tests.factories.pictures import make_picture
from tests.media.conftest import _own_folders  # noqa: F401  (a fixture)
from theme.samples import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STATUS = "return performance.getEntriesByType('navigation')[0].responseStatus"
EVERY_WIDTH_AND_LANGUAGE = [
    pytest.param((390, "vi"), id="390-vi"),
    pytest.param((390, "en"), id="390-en", marks=pytest.mark.full),
    pytest.param((1280, "vi"), id="1280-vi", marks=pytest.mark.full),
    pytest.param((1280, "en"), id="1280-en", marks=pytest.mark.full),
]


@pytest.fixture(params=EVERY_WIDTH_AND_LANGUAGE)
def looked_at(request, open_browser, live_server, settings):
    """Open pages with ``looked_at.at(path)``; what axe says is gathered by page."""
    need_axe()
    settings.ROOT_URLCONF = "tests.browser.every_page_urls"
    width, language = request.param
    browser = open_browser(width)
    found: dict[str, list[str]] = {}

    def at(path: str, *, name: str = "", status: int = 200) -> None:
        browser.get(live_server.url + path)
        assert browser.execute_script(STATUS) == status, path
        said = violations(browser)
        if said:
            found[name or path] = said

    with translation.override(language):
        yield SimpleNamespace(
            at=at, browser=browser, found=found, language=language, base=live_server.url
        )


@pytest.fixture
def goods():
    """One listing for each state in which a product page can be."""
    make_tariff()
    shelf = make_category("Trái cây", slug="trai-cay")
    grower = make_producer("Vườn Út Lành", story_vi="Vườn trồng từ năm 1998.", answers_on_zalo=True)
    today = clock.local_date(clock.now())
    away = make_producer("Nhà Bảy Thơm", paused=(today, today + timedelta(days=9)))
    picture = make_picture(is_drawing=True)
    made = {
        "plain": make_product("Xoài cát Hòa Lộc", producer=grower, category=shelf),
        "few": make_product("Xoài cát Chu", stock=2, producer=grower, category=shelf),
        "sold out": make_product("Xoài tượng", stock=0, producer=grower, category=shelf),
        "sizes": make_product(
            "Hạt sen sấy",
            producer=grower,
            category=shelf,
            variants=[("Hũ 200 g", 69_000, 9), ("Hũ 500 g", 150_000, 0)],
        ),
        "alcohol": make_product("Rượu sen", set_number=14, warnings_vi="Không uống khi lái xe."),
        "paused": make_product("Quýt hồng", producer=away),
        "service": make_product("Đi xuồng", set_number=26),
        "on sale": make_product("Khóm", harvest_main=[1, 2, 11], harvest_side=[6]),
    }
    now = clock.now()
    make_sale(made["on sale"], 200_000, now - timedelta(days=1), now + timedelta(days=9))
    for listing in made.values():
        listing.images.create(original=picture)
    return SimpleNamespace(by_state=made, grower=grower, picture=picture)


def test_the_shop_window(looked_at, goods):
    site_tea = make_tea()
    site = make_site(goods.picture)
    pages = [site.home, site.index, site.story]
    if looked_at.language == "en":
        pages = [page.get_translation(site.home_en.locale) for page in pages]
    for page in [*pages, *_legal(site)]:
        looked_at.at(page.get_url())
    looked_at.at(reverse("shop:product_list"))
    looked_at.at(reverse("shop:product_list") + "?page=9")
    looked_at.at(reverse("shop:category", args=["trai-cay"]))
    looked_at.at(reverse("shop:category", args=["trai-cay"]) + "?season=1&price=0-100000")
    looked_at.at(reverse("shop:search") + "?q=xoai+cat")
    looked_at.at(reverse("shop:search") + "?q=qqqq", name="a search without results")
    looked_at.at(reverse("shop:search") + "?min=x&max=1", name="a search with wrong prices")
    looked_at.at(reverse("shop:producer_list"))
    looked_at.at(reverse("shop:producer", args=[goods.grower.slug]))
    for state, listing in [*goods.by_state.items(), ("of the story", site_tea)]:
        looked_at.at(listing.get_absolute_url(), name=state)
    looked_at.at(goods.by_state["plain"].get_absolute_url() + "?giao-den=82", name="delivery")
    assert looked_at.found == {}


def _legal(site) -> list:
    return list(LegalPage.objects.filter(locale__language_code=translation.get_language()))


def test_accounts(looked_at):
    make_commune()
    for name in ("account_login", "account_signup", "account_reset_password"):
        looked_at.at(reverse(name))
        _submit(looked_at.browser)
        _note(looked_at, f"{name} with mistakes")
    officer = make_staff(Role.OPERATOR)
    _enter(looked_at, officer)
    _note(looked_at, "second factor")
    assert looked_at.browser.find_elements("name", "code")
    _submit(looked_at.browser, code="000000")
    _note(looked_at, "second factor with a wrong code")
    _submit(looked_at.browser, code=second_factor.current_totp_code(officer))
    looked_at.browser.delete_all_cookies()

    _enter(looked_at, make_user(phone="+84912345678"))
    for name in (
        "account_home",
        "account_details",
        "account_email",
        "account_change_password",
        "account_logout",
        "mfa_index",
        "mfa_activate_totp",
    ):
        looked_at.at(reverse(name))
    assert looked_at.found == {}


def _enter(looked_at, user) -> None:
    looked_at.browser.get(looked_at.base + reverse("account_login"))
    _submit(looked_at.browser, login=user.email, password=PASSWORD)


def _submit(browser, **values) -> None:
    """Fill in the page's form and send it unchecked; return when the answer is there."""
    for name, value in values.items():
        browser.find_element("name", name).send_keys(value)
    browser.execute_script(
        "window.isOld = true; document.querySelector('main form[method=post]').submit()"
    )
    WebDriverWait(browser, 15).until(
        lambda b: b.execute_script("return !window.isOld && document.readyState === 'complete'")
    )


def _note(looked_at, name: str) -> None:
    said = violations(looked_at.browser)
    if said:
        looked_at.found[name] = said


def test_errors(looked_at):
    make_site(make_picture())
    start = "/en/" if looked_at.language == "en" else "/"
    for page in ("403", "403-csrf", "429", "500", "503"):
        looked_at.at(f"{start}loi/{page}/", status=int(page[:3]))
    looked_at.at(f"{start}khong-co-trang-nay/", name="404", status=404)
    looked_at.at(reverse("orders:track", args=["DTXXXXXXXX", "x"]), status=404)
    assert looked_at.found == {}


@pytest.mark.full
def test_sample_pages(looked_at):
    looked_at.at("/mau/")
    # A mail is no page: it has no landmarks to move between.
    for name in PAGES.keys() - {"khung-thu"}:
        looked_at.at(reverse("sample_page", args=[name]))
    assert looked_at.found == {}
