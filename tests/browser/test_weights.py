"""What a first visit weighs, in bytes, over the demo's real drawings; and that nothing jumps."""

import pytest
from django.test import Client
from django.urls import reverse

from catalogue.models import Product
from cms.models import StoryIndexPage, StoryPage
from marketplace.accounts.models import User
from marketplace.demo.management.commands.load_demo import PARTS
from tests.browser.weights import first_visit
from tests.factories.accounts import make_user, sign_in
from tests.factories.buying import put_in, say_where
from tests.factories.orders import make_order
from tests.media.conftest import _own_folders  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KB = 1000
#: The highest sum of layout shifts while a page loads (Core Web Vitals call 0.1 good).
MOST_SHIFT = 0.05
#: Every picture is fetched, so that even one far down the page would be seen moving things.
SHIFT = """
const done = arguments[arguments.length - 1];
let sum = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) { if (!entry.hadRecentInput) { sum += entry.value; } }
}).observe({type: "layout-shift", buffered: true});
setTimeout(() => done(sum), 200);
"""
#: Pictures without both measures, through which a page would jump.
UNMEASURED = """
return [...document.querySelectorAll("img")]
  .filter(i => !i.hasAttribute("width") || !i.hasAttribute("height")).map(i => i.outerHTML);
"""
LARGEST = """
const done = arguments[arguments.length - 1];
new PerformanceObserver(list => {
  const last = list.getEntries().pop();
  done(last.element && last.element.tagName === "IMG" ? last.element.loading : "text");
}).observe({type: "largest-contentful-paint", buffered: true});
"""


@pytest.fixture
def province():
    """The demo without its orders."""
    for part, load in PARTS.items():
        if part != "orders":
            load(lambda items, total, title: iter(items))


def _pages() -> dict[str, int]:
    """Address → most bytes, for pages that need no basket."""
    mango = Product.objects.get(slug="xoai-cat-cao-lanh")
    tea = StoryPage.objects.get(slug="mot-dem-tach-tim-sen")
    index = StoryIndexPage.objects.get(locale__language_code="vi")
    return {
        "/": 280 * KB,
        reverse("shop:product_list"): 280 * KB,
        reverse("shop:category", args=["trai-cay"]): 280 * KB,
        reverse("shop:search") + "?q=xoai": 280 * KB,
        reverse("shop:producer_list"): 280 * KB,
        mango.get_absolute_url(): 260 * KB,
        mango.get_absolute_url() + "?giao-den=01": 260 * KB,
        reverse("shop:producer", args=[mango.producer.slug]): 260 * KB,
        tea.get_url(): 350 * KB,
        index.get_url(): 350 * KB,
        reverse("checkout:basket"): 120 * KB,
        reverse("account_login"): 120 * KB,
        reverse("orders:track_form"): 120 * KB,
    }


def test_first_visits_are_light_and_nothing_jumps(province, live_server, open_browser):
    # A phone with two dots to the pixel fetches larger pictures than its width tells.
    browser = open_browser(390, log_network=True, density=2)
    too_much = []

    def weigh(path: str, most: int) -> None:
        # Scrolled to the end: every picture counts, not only those that are fetched on arrival.
        visit = first_visit(browser, live_server.url + path, to_the_end=True)
        print(f"{visit.total:>8} of {most} bytes {path}")
        assert visit.total > 20 * KB, f"{path}: measured nothing"
        if visit.total > most:
            too_much.append(f"{path}: {visit.total} of {most}\n{visit.table()}")
        assert not browser.execute_script(UNMEASURED), path
        assert browser.execute_async_script(SHIFT) <= MOST_SHIFT, path
        # The largest thing on the first screen does not wait for its turn.
        assert browser.execute_async_script(LARGEST) != "lazy", path

    for path, most in _pages().items():
        weigh(path, most)

    guest = Client()
    for slug in ("xoai-cat-cao-lanh", "hat-sen-say-gion", "kho-ca-loc-ba-nang"):
        listing = Product.objects.get(slug=slug)
        put_in(guest, listing.children.first() or listing)
    _take_over(browser, live_server.url, guest)
    weigh(reverse("checkout:basket") + "?giao-den=82", 120 * KB)
    weigh(reverse("checkout:where"), 120 * KB)
    assert say_where(guest, commune="Mỹ Quí").status_code == 302
    _take_over(browser, live_server.url, guest)
    weigh(reverse("checkout:pay"), 120 * KB)
    order = make_order(*(line.product for line in _basket_of(guest)))
    weigh(reverse("checkout:thank_you", args=[order.number, order.details.secret]), 120 * KB)
    weigh(reverse("orders:track", args=[order.number, order.details.secret]), 120 * KB)

    _take_over(browser, live_server.url, sign_in(Client(), _owner()))
    for path in _desk_pages():
        weigh(path, 150 * KB)
    _take_over(browser, live_server.url, sign_in(Client(), make_user()))
    weigh(reverse("account_home"), 120 * KB)
    assert not too_much, "\n\n".join(too_much)


def _desk_pages() -> list[str]:
    """Every page of the growers' desk that shows something of its own."""
    listing = Product.objects.get(slug="xoai-cat-cao-lanh")
    unit = listing.children.first() or listing
    names = ("home", "parcels", "listings", "listings_new", "money", "papers", "imports")
    steps = ("what", "photos", "units", "label", "origin", "words")
    return [
        *(reverse(f"portal:{name}") for name in names),
        reverse("portal:listing", args=[listing.pk]),
        *(reverse("portal:listings_step", args=[listing.pk, step]) for step in steps),
        reverse("portal:listings_price", args=[unit.pk]),
        reverse("portal:listings_preview", args=[listing.pk]),
    ]


def _take_over(browser, base: str, client: Client) -> None:
    """Go on as this client."""
    browser.get(base + "/robots.txt")
    browser.delete_all_cookies()
    for name, morsel in client.cookies.items():
        if morsel.value:
            browser.add_cookie({"name": name, "value": morsel.value, "path": "/"})


def _basket_of(client: Client) -> list:
    return list(client.get(reverse("checkout:basket")).wsgi_request.basket.all_lines())


def _owner() -> User:
    """Somebody of a producer's team."""
    return User.objects.get(email="utlanh@example.com")
