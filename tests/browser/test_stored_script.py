"""A script stored in any text that pages show never runs, and never becomes an element.

Every text column that a page shows is filled with the attacks that fit in it, whoever may write
it: forms refuse some of them, imports and careless colleagues may not. What buyers type goes
through the forms. The last test shows that the policy of the page stops what a hole would let by.
"""

from itertools import count
from urllib.parse import quote

import pytest
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils.safestring import mark_safe
from oscar.apps.order.models import Order

from catalogue.models import Product, ShippingClass
from cms.models import FooterColumn, FooterLink, MenuEntry, SiteSettings, StoryPage
from marketplace.accounts.roles import Role
from marketplace.producers.models import Membership
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.buying import confirm, put_in, say_where
from tests.factories.catalogue import make_category, make_commune, make_producer, make_product
from tests.factories.orders import make_not_offered, make_tariff
from tests.factories.pages import make_site, make_tea, story_form
from tests.factories.pictures import make_picture
from tests.media.conftest import _own_folders  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Short ones first, for narrow columns. Elements carry ``x18`` to be found if they come to life;
#: what runs sets ``__x18``; what a template engine computes reads 9359.
ATTACKS = [
    "<svg x18 onload=__x18=1>",
    "<img x18 src onerror=__x18=1>",
    "x18{{1337*7}}{%debug%}",
    "javascript:window.__x18=1",
    "</script><script x18>__x18=1</script>",
    "\"autofocus onfocus=__x18=1 x18 a=\"",
    "'><script x18>window.__x18=1</script>",
    "--><iframe x18 srcdoc='<script>top.__x18=1</script>'></iframe>",
    "</textarea></title></style><script x18>window.__x18=1</script>",
    "<a x18 href=\"javascript:window.__x18=1\">Mua</a><form x18 action=javascript:__x18=1>",
    "<math><mtext><mglyph><style><!--</style><img x18 src onerror=\"__x18=1\">",
    "<base x18 href=//evil.test/><link x18 rel=stylesheet href=//evil.test/a.css>",
    "<meta x18 http-equiv=refresh content='0;url=https://evil.test/'>",
    "\u202e<svg/x18/onload=__x18=1>\u200b\u2028",
]
#: What is looked up, sent on or compared rather than shown.
NOT_SHOWN = {
    "slug", "phone", "email", "tax_code", "gtin", "upc", "code", "language", "sort_key", "folded",
    "password", "url_path", "path", "source", "hs_code", "translation_key", "icon", "secret",
    # Only of producers that buyers see no more.
    "suspension_reason",
}
FOUND = """
return {
  ran: typeof window.__x18,
  elements: [...document.querySelectorAll("[x18]")].map(e => e.outerHTML.slice(0, 120)),
  urls: [...document.querySelectorAll("[href], [src], [action], [formaction]")]
    .flatMap(e => ["href", "src", "action", "formaction"].map(a => e.getAttribute(a) || ""))
    .filter(v => /^\\s*(javascript|data:text|vbscript):/i.test(v)),
  handlers: [...document.querySelectorAll("*")]
    .filter(e => [...e.attributes].some(a => a.name.startsWith("on"))).length,
  computed: document.documentElement.outerHTML.includes("9359"),
  shown: document.documentElement.textContent.includes("x18")
};
"""
NOTHING = {
    "ran": "undefined", "elements": [], "urls": [], "handlers": 0, "computed": False,
    "shown": True,
}
_turn = count()


def attacks(room: int) -> str:
    """As many attacks as fit, each time others first."""
    start = next(_turn) % len(ATTACKS)
    text = ""
    for attack in [*ATTACKS[start:], *ATTACKS[:start]]:
        if len(text) + len(attack) <= room:
            text += attack
    return text


def poison(row: models.Model) -> models.Model:
    """Fill every text column of a row that pages may show."""
    values = {}
    for column in row._meta.concrete_fields:
        if not isinstance(column, models.CharField | models.TextField):
            continue
        stem = column.name.removesuffix("_vi").removesuffix("_en")
        if stem in NOT_SHOWN or column.choices or column.unique or not column.editable:
            continue
        if isinstance(column, models.URLField | models.EmailField | models.SlugField):
            continue
        values[column.name] = attacks(min(column.max_length or 2000, 2000))
    type(row)._base_manager.filter(pk=row.pk).update(**values)
    row.refresh_from_db()
    return row


@pytest.fixture
def look(open_browser, live_server):
    """Open a page and demand that nothing came to life on it."""
    browser = open_browser(1280)

    def look(path: str, *, client: Client | None = None) -> None:
        if client is not None:
            browser.get(live_server.url + "/robots.txt")
            browser.delete_all_cookies()
            for name, morsel in client.cookies.items():
                if morsel.value:
                    browser.add_cookie({"name": name, "value": morsel.value, "path": "/"})
        browser.get(live_server.url + path)
        assert browser.execute_script(FOUND) == NOTHING, path
        assert browser.current_url.startswith(live_server.url), path

    look.browser, look.base = browser, live_server.url
    return look


def test_what_sellers_and_editors_write(look):
    zone = make_tariff()
    picture = poison(make_picture())
    shelf = make_category("Trái cây", slug="trai-cay")
    grower = make_producer("Vườn", portrait=picture)
    plain = make_product("Xoài", producer=grower, category=shelf)
    sizes = make_product("Hạt sen", category=shelf, variants=[("Hũ", 1_000, 5), ("Lon", 2_000, 0)])
    spirit = make_product("Rượu", set_number=14, category=shelf)
    fresh = make_product("Hoa", shipping_class=ShippingClass.FRESH, producer=grower)
    for listing in (plain, sizes, spirit, fresh):
        listing.images.create(original=picture)
        poison(listing)
    for unit in sizes.children.all():
        poison(unit)
    poison(make_not_offered(zone, ShippingClass.FRESH))
    tea = make_tea()
    site = make_site(picture)
    for row in (
        shelf, grower, tea.producer, SiteSettings.objects.get(), site.index, site.story,
        *FooterColumn.objects.all(), *FooterLink.objects.all(), *MenuEntry.objects.all(),
        *Product.objects.filter(pk=tea.pk),
    ):
        poison(row)
    for listing in Product.objects.exclude(structure=Product.CHILD):
        listing.save()

    for path in (
        site.home.get_url(),
        site.home_en.get_url(),
        site.index.get_url(),
        site.story.get_url(),
        reverse("shop:product_list"),
        reverse("shop:category", args=["trai-cay"]),
        reverse("shop:producer_list"),
        reverse("shop:producer", args=[grower.slug]),
        plain.get_absolute_url(),
        "/en" + plain.get_absolute_url().replace("/san-pham/", "/products/"),
        sizes.get_absolute_url(),
        spirit.get_absolute_url() + "?giao-den=82",
        fresh.get_absolute_url() + "?giao-den=82",
        "/khong-co/",
    ):
        look(path)


def test_what_readers_type_into_addresses(look):
    make_site(make_picture())
    make_product()
    for attack in ATTACKS:
        look(f"{reverse('shop:search')}?q={quote(attack)}")
    every = quote(attacks(300))
    look(f"{reverse('shop:search')}?q=x18&min={every}&max={every}&sort={every}&page={every}")
    look(f"{reverse('shop:search')}?q=x18&commune={every}&category={every}&price={every}")


def test_what_buyers_type(look):
    make_tariff()
    make_commune()
    mango = poison(make_product("Xoài", stock=50))
    typed = {
        "name": attacks(120), "street": attacks(200), "note": attacks(500),
        "gift_text": attacks(500),
    }
    buyer = sign_in(Client(), poison(make_user()))
    put_in(buyer, mango)
    # A commune that nobody knows: everything typed is shown once more, with what is wrong.
    look.browser.get(look.base + reverse("orders:track_form"))
    page = say_where(buyer, **{**typed, "commune": attacks(120), "phone": attacks(24)})
    assert page.status_code == 200
    assert "<svg x18" not in page.content.decode()
    answer = say_where(buyer, **typed)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    look(reverse("checkout:where"), client=buyer)
    look(reverse("checkout:pay"))
    assert confirm(buyer).status_code == 302
    order = Order.objects.get()
    arguments = [order.number, order.details.secret]
    look(reverse("checkout:thank_you", args=arguments))
    look(reverse("orders:track", args=arguments))
    look(reverse("account_home"))

    Membership.objects.create(producer=mango.producer, user=(owner := make_user()), role="owner")
    poison(mango.producer)
    look(reverse("portal:home"), client=sign_in(Client(), owner))
    number = order.consignments.get().number
    look(reverse("portal:decline", args=[number]))
    for name in ("profile", "profile_rest", "profile_delivery", "team", "more"):
        look(reverse(f"portal:{name}"))


def test_the_policy_stops_a_script_that_all_else_let_by(look, live_server, monkeypatch):
    site = make_site(make_picture(), stories=())
    tea, picture = make_tea(), make_picture()
    editor = sign_in(Client(), make_staff(Role.TOURISM_PUBLISHER))
    form = story_form(tea, picture, title="x18", standfirst=attacks(300), kicker="x18")
    form["action-publish"] = "1"
    answer = editor.post(
        reverse("wagtailadmin_pages:add", args=["cms", "storypage", site.index.pk]), form
    )
    assert answer.status_code == 302, answer.content.decode()[:2000]
    story = StoryPage.objects.get(title="x18")
    look(story.get_url())

    # Written into the database past the editor: the page cleans it on its way out.
    body = list(story.body.raw_data)
    body[0]["value"] = (
        "<script x18>window.__x18=1</script><img x18 src=x onerror='window.__x18=1'>"
        "<a x18 id=link href='javascript:window.__x18=1'>x18</a>"
    )
    story.body = type(story.body)(story.body.stream_block, body, is_lazy=True)
    story.save_revision().publish()
    look(story.get_url())

    # The twin: with the cleaning off the elements are there, and the policy keeps them dead.
    monkeypatch.setattr("cms.blocks.shown", lambda value: mark_safe(value.source))
    story.save_revision().publish()
    browser = look.browser
    browser.execute_cdp_cmd(
        "Page.addScriptToEvaluateOnNewDocument",
        {
            "source": "window.stopped = [];"
            " document.addEventListener('securitypolicyviolation',"
            " event => window.stopped.push(event.effectiveDirective))"
        },
    )
    browser.get(live_server.url + story.get_url())
    assert browser.execute_script("return document.querySelectorAll('[x18]').length") == 3
    browser.execute_script("document.getElementById('link').click()")
    assert browser.execute_script("return typeof window.__x18") == "undefined"
    stopped = browser.execute_script("return window.stopped")
    assert {"script-src-elem", "script-src-attr"} <= set(stopped)


def test_the_attacks_do_run_where_nothing_guards(open_browser):
    """The twin: written into a page without escaping and without policy, they come to life."""
    browser = open_browser(390)
    browser.get("data:text/html,<title>x</title>" + "".join(ATTACKS[:2]).replace("#", "%23"))
    assert browser.execute_script("return window.__x18") == 1
    assert browser.execute_script("return document.querySelectorAll('[x18]').length") == 2
