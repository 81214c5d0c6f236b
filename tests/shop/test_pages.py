"""Every public page of the shop: what it says, how many queries it takes, what it survives."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from catalogue import actions
from marketplace.kernel import clock
from tests.factories.catalogue import make_producer, make_product, make_sale

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def page(client, path: str, status: int = 200) -> str:
    """The text of a page; it must set no cookie and hold no token."""
    response = client.get(path)
    assert response.status_code == status, (path, response.status_code)
    assert not response.cookies
    html = response.content.decode()
    assert "csrfmiddlewaretoken" not in html
    return html


def json_ld(html: str) -> dict[str, dict]:
    """The page's structured data by type."""
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)
    return {block["@type"]: block for block in map(json.loads, blocks)}


def names(html: str) -> list[str]:
    """The names on the cards, in order."""
    return re.findall(r'class="name"><a href="[^"]+">([^<]+)</a>', html)


@pytest.fixture(autouse=True)
def _standing_clock_and_language():
    with clock.frozen(NOW), translation.override("vi"):
        yield


def test_the_addresses_are_words_of_the_reader(shop):
    product = shop["hoa_loc"]
    with translation.override("vi"):
        assert product.get_absolute_url() == f"/san-pham/xoai-cat-hoa-loc-{product.pk}/"
        assert shop["mango"].get_absolute_url() == "/danh-muc/trai-cay/xoai/"
        assert reverse("shop:producer_list") == "/nha-vuon/"
        assert reverse("shop:search") == "/tim-kiem/"
    with translation.override("en"):
        assert product.get_absolute_url() == f"/en/products/xoai-cat-hoa-loc-{product.pk}/"
        assert shop["mango"].get_absolute_url() == "/en/categories/trai-cay/xoai/"


def test_the_list_shows_cards_and_filters_with_counts(client, shop):
    html = page(client, "/san-pham/")

    assert set(names(html)) == {"Xoài cát Hòa Lộc", "Xoài cát Chu", "Trà tim sen"}
    assert 'name="commune" value="29869"' in html
    assert f'name="grower" value="{shop["lanh"].slug}"' in html
    assert "285.000" in html


def test_filters_orders_and_pages_are_plain_addresses(client, shop):
    assert names(page(client, "/san-pham/?price_from=130.000&price_through=200000")) == [
        "Xoài cát Chu"
    ]
    assert names(page(client, "/san-pham/?sort=cheapest"))[0] == "Trà tim sen"
    assert names(page(client, f"/san-pham/?grower={shop['sen'].slug}")) == ["Trà tim sen"]
    assert names(page(client, "/san-pham/?season=1")) == ["Xoài cát Hòa Lộc"]
    assert names(page(client, "/san-pham/?price=1&sort=dearest"))[0] == "Xoài cát Hòa Lộc"
    html = page(client, "/san-pham/?commune=99999")
    assert names(html) == []
    assert 'href="/san-pham/"' in html


def test_a_shelf_shows_what_is_below_it(client, shop):
    html = page(client, "/danh-muc/trai-cay/")

    assert set(names(html)) == {"Xoài cát Hòa Lộc", "Xoài cát Chu"}
    assert 'href="/danh-muc/trai-cay/xoai/"' in html
    assert json_ld(page(client, "/danh-muc/trai-cay/xoai/"))["BreadcrumbList"][
        "itemListElement"
    ][-2]["name"] == "Trái cây"


def test_a_former_shelf_leads_to_the_one_of_today(client, shop):
    response = client.get("/danh-muc/xoai/")
    assert (response.status_code, response["Location"]) == (301, "/danh-muc/trai-cay/xoai/")
    page(client, "/danh-muc/khong-co/", 404)
    page(client, "/danh-muc/" + "a/" * 50, 404)


@pytest.mark.parametrize("typed", ["xoai cat", "Xoài cát", "xoa\u0300i ca\u0301t", "XOAI%20CAT"])
def test_searching_with_or_without_marks(client, shop, typed):
    html = page(client, f"/tim-kiem/?q={typed}")

    assert set(names(html)) == {"Xoài cát Hòa Lộc", "Xoài cát Chu"}
    assert '<meta name="robots" content="noindex">' in html


def test_nothing_found_says_so_and_offers_fewer_words(client, shop):
    html = page(client, "/tim-kiem/?q=xoai+sapoche")

    assert names(html) == []
    assert "/tim-kiem/?q=xoai" in html


def test_english_words_and_pages(client, shop):
    html = page(client, "/en/search/?q=mango")
    assert names(html)[0] == "Cát Hòa Lộc mango"
    assert "₫285,000" in html


def test_the_product_page(client, shop):
    product = shop["hoa_loc"]
    path = product.get_absolute_url()
    html = page(client, path)
    cheap, dear = product.children.order_by("pk")

    assert "285.000" in html
    assert f'name="product" value="{cheap.pk}"' in html
    assert f'href="{path}?unit={dear.pk}"' in html
    assert 'href="tel:+8491' in html
    assert "https://zalo.me/8491" in html
    assert names(html) == ["Xoài cát Chu"]
    data = json_ld(html)["Product"]
    assert data["offers"]["price"] == "285000"
    assert data["offers"]["priceCurrency"] == "VND"
    assert data["offers"]["availability"] == "https://schema.org/InStock"


def test_a_chosen_size_shows_its_own_price_and_stock(client, shop):
    product = shop["hoa_loc"]
    dear = product.children.order_by("pk")[1]
    html = page(client, f"{product.get_absolute_url()}?unit={dear.pk}")

    assert json_ld(html)["Product"]["offers"]["price"] == "460000"
    assert json_ld(html)["Product"]["offers"]["availability"] == "https://schema.org/OutOfStock"
    assert f'name="product" value="{dear.pk}"' not in html
    assert f'rel="canonical" href="http://127.0.0.1:8000{product.get_absolute_url()}">' in html


def test_json_ld_is_the_visible_price_before_in_and_after_a_sale(client, shop):
    tea = shop["tea"]
    hour = timedelta(hours=1)
    make_sale(tea, 99_000, NOW + hour, NOW + 2 * hour)
    seen = []
    for at in (NOW, NOW + hour, NOW + 2 * hour - timedelta(seconds=1), NOW + 2 * hour):
        with clock.frozen(at):
            html = page(client, tea.get_absolute_url())
        price = int(json_ld(html)["Product"]["offers"]["price"])
        assert f"{price // 1000}.000" in html
        seen.append(price)

    assert seen == [120_000, 99_000, 99_000, 120_000]


def test_another_slug_leads_to_the_one_address(client, shop):
    product = shop["tea"]
    response = client.get(f"/san-pham/ten-cu-{product.pk}/?giao-den=82&utm=x")
    assert response.status_code == 301
    assert response["Location"] == f"{product.get_absolute_url()}?giao-den=82"


def test_what_is_not_public_is_not_there(client, shop):
    product = shop["tea"]
    actions.unpublish(product=product, actor=None)
    with translation.override("vi"):
        address = product.get_absolute_url()
        assert "Trà tim sen" not in page(client, address, 404)
    never = make_product(published=False)
    stranger = make_product(producer=make_producer(verified=False))
    variant = shop["hoa_loc"].children.first()
    for pk in (never.pk, stranger.pk, variant.pk, 10**9, 2**70):
        page(client, f"/san-pham/x-{pk}/", 404)


def test_twins_in_other_languages(client, shop):
    product = shop["tea"]
    for path in (product.get_absolute_url(), "/danh-muc/trai-cay/", "/nha-vuon/", "/san-pham/"):
        html = page(client, path)
        links = dict(re.findall(r'hreflang="([^"]+)" href="http://127.0.0.1:8000([^"]+)"', html))
        assert set(links) == {"vi", "en", "x-default"}
        assert links["vi"] == links["x-default"] == path
        assert links["en"].startswith("/en/")
        assert path == re.search(r'canonical" href="http://127.0.0.1:8000([^"]+)"', html)[1]
        page(client, links["en"])


def test_the_card_of_a_shared_link_is_drawn(client, shop):
    html = page(client, shop["hoa_loc"].get_absolute_url())
    path = re.search(r'og:image" content="http://127.0.0.1:8000([^"]+)"', html)[1]
    response = client.get(path)

    assert response["Content-Type"] == "image/png"
    assert response.content.startswith(b"\x89PNG")
    assert client.get(path.replace(path[-16:-4], "0" * 12)).status_code == 302
    assert client.get(path.replace("-vi-", "-xx-")).status_code == 404


def test_lists_and_growers_share_the_card_of_the_shop(client, shop):
    for start in ("/san-pham/", "/nha-vuon/", "/en/search/"):
        html = page(client, start)
        path = re.search(r'og:image" content="http://127.0.0.1:8000([^"]+)"', html)[1]
        assert path.startswith("/cards/shop-en-" if start.startswith("/en/") else "/cards/shop-vi-")
        assert client.get(path).content.startswith(b"\x89PNG")
        assert 'property="og:locale"' in html
        assert 'name="description"' in html
    assert client.get("/cards/shop-xx-000000000000.png").status_code == 404
    assert client.get("/cards/shop-vi-000000000000.png").status_code == 302


@pytest.mark.parametrize("path", ["/danh-muc/%00/", "/danh-muc/trai-cay/%00/", "/danh-muc/%FF/"])
def test_a_shelf_that_cannot_be_is_not_there(client, shop, path):
    assert client.get(path).status_code == 404


def test_growers(client, shop):
    html = page(client, "/nha-vuon/")
    assert html.index("Cơ sở Hương Sen") < html.index("Vườn Út Lành")
    assert page(client, "/nha-vuon/?kind=company").count("Vườn Út Lành") == 0

    html = page(client, reverse("shop:producer", kwargs={"slug": shop["sen"].slug}))
    for said in (shop["sen"].registration_no, "Nguyễn Thị Lành", "phường Cao Lãnh, Đồng Tháp",
                 "Làm trà từ năm 1998.", "tel:+84"):
        assert said in html
    assert names(html) == ["Trà tim sen"]
    page(client, "/nha-vuon/khong-co/", 404)
    stranger = make_producer(verified=False)
    page(client, f"/nha-vuon/{stranger.slug}/", 404)


def test_a_closed_grower_says_until_when(client, shop):
    sen = shop["sen"]
    sen.paused_from, sen.paused_through = NOW.date(), NOW.date() + timedelta(days=2)
    sen.pause_reason_vi = "Nhà có giỗ."
    sen.save()
    html = page(client, reverse("shop:producer", kwargs={"slug": sen.slug}))
    assert "24–26/11/2026" in html
    assert "Nhà có giỗ." in html
    product = page(client, shop["tea"].get_absolute_url())
    assert 'id="buy"' not in product
    with clock.frozen(NOW + timedelta(days=3)):
        assert 'id="buy"' in page(client, shop["tea"].get_absolute_url())


@pytest.mark.parametrize(
    "query",
    [
        "page=NaN", "page=-1", "page=0", "page=1e9", "page=99999999999999999999", "page=２",
        "price_from=-1", "price_from=abc", "price_through=999999999999999", "price=7",
        "giao-den=foo", "giao-den=99", "giao-den=%00", "giao-den=82'", "unit=-1", "unit=x",
        "unit=99999999999999999999", "sort=bogus", "commune=1'", "commune=%00", "grower=../",
        "category=0", "category=999999999999999999", "kind=x", "season=2",
        "q=" + "x" * 5000, "q=%00", "q=%E2%80%AE%E2%80%8B", "q=%F0%9F%A5%AD", "q=%FF%FE",
        "q=<script>alert(1)</script>", "q=' OR 1=1 --", "q=(a|b):*&!", "q=" + "a+" * 500,
        "q=" + "%E1%BA%A1" * 300, "q=a&q=b&page=2&page=x",
    ],
)
def test_hostile_addresses_break_nothing(client, shop, query):
    for path in (
        "/san-pham/", "/en/search/", "/danh-muc/trai-cay/", "/nha-vuon/",
        shop["tea"].get_absolute_url(), f"/nha-vuon/{shop['sen'].slug}/",
    ):
        html = page(client, f"{path}?{query}")
        assert "<script>alert" not in html


def test_a_price_that_is_none_is_said_and_kept(client, shop):
    html = page(client, "/en/products/?price_from=cheap&price_through=1000000")
    assert "Type prices as whole numbers of đồng" in html
    assert 'value="cheap"' in html
    assert len(names(html)) == 3


def test_pages_in_a_fixed_number_of_queries(client, shop, django_assert_max_num_queries):
    category_path = shop["mango"].get_absolute_url()
    grower_path = reverse("shop:producer", kwargs={"slug": shop["lanh"].slug})
    for path in ("/san-pham/", category_path, grower_path, shop["tea"].get_absolute_url()):
        client.get(path + "?page=2")
    for number in range(30):
        make_product(f"Xoài {number}", producer=shop["lanh"], category=shop["mango"])

    with django_assert_max_num_queries(8):
        client.get("/san-pham/")
    with django_assert_max_num_queries(8):
        client.get("/tim-kiem/?q=xoai")
    with django_assert_max_num_queries(9):
        client.get(category_path)
    with django_assert_max_num_queries(8):
        client.get(category_path + "?sort=newest")
    with django_assert_max_num_queries(10):
        client.get(shop["tea"].get_absolute_url())
    with django_assert_max_num_queries(10):
        client.get(grower_path)


def test_machines_find_everything(client, shop):
    robots = client.get("/robots.txt").content.decode()
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in robots
    index = client.get("/sitemap.xml").content.decode()
    assert "http://127.0.0.1:8000/sitemap-products.xml" in index
    products = client.get("/sitemap-products.xml").content.decode()
    with translation.override("en"):
        english = shop["tea"].get_absolute_url()
    assert f"<loc>http://127.0.0.1:8000{english}</loc>" in products
    assert 'hreflang="x-default"' in products
    for section in ("pages", "lists", "categories", "growers"):
        assert client.get(f"/sitemap-{section}.xml").status_code == 200
    assert client.get("/sitemap-x.xml").status_code == 404


def test_communes_for_the_type_ahead(client, reference):
    def labels(query):
        response = client.get(f"/tim-kiem/communes.json?{query}")
        assert response.status_code == 200
        return [row["label"] for row in response.json()["results"]]

    assert set(labels("province=82&q=my+tho")) == {"phường Mỹ Tho", "xã Mỹ Thọ"}
    assert labels("province=xx&q=my") == []
    assert labels("") == []
    assert labels("province=82&q=" + "a" * 3000) == []
    assert labels("province=82&q=%00") != []
