"""Pages as readers get them."""

import io
import json
import re

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image
from wagtail.models import Page

from cms.models import FooterLink, MenuEntry, SiteSettings, StoryPage
from marketplace.kernel import clock
from tests.factories.pages import STORY, make_site

pytestmark = pytest.mark.django_db


def body_of(client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, response.content[:500]
    return response.content.decode()


def test_addresses_are_words_of_the_language(site, client):
    assert site.home.get_url() == "/"
    assert site.home_en.get_url() == "/en/"
    assert site.story.get_url() == "/chuyen-lang/mot-dem-tach-tim-sen/"
    assert site.story_en.get_url() == "/en/stories/a-night-of-coring-lotus/"
    assert "Sản vật đất sen" in body_of(client, "/")
    assert "Goods of the lotus land" in body_of(client, "/en/")


def test_the_story_shows_its_parts_and_sells_the_tea(site, tea, client):
    html = body_of(client, site.story.get_url())
    for text in (
        "Một đêm tách tim sen", "Hai giờ sáng.", "Từ bùn", "Sen không chờ mình.", "Cô Sương",
        "Trồng 3 tháng", "nongthon.vn", "Đồng sen Tháp Mười", "120.000", "Trà tim sen",
        "image/avif", "Bốn người ngồi tách tim sen",
    ):
        assert text in html, text
    assert f'name="product" value="{tea.pk}"' in html
    assert "csrfmiddlewaretoken" not in html


def test_machines_read_what_the_page_is(site, client):
    html = body_of(client, site.story.get_url())
    data = [json.loads(found) for found in re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL
    )]
    kinds = {entry["@type"]: entry for entry in data}
    assert kinds["Article"]["headline"] == "Một đêm tách tim sen"
    trail = [step["name"] for step in kinds["BreadcrumbList"]["itemListElement"]]
    assert trail[1:] == ["Chuyện làng", "Một đêm tách tim sen"]
    assert 'hreflang="en" href="http://127.0.0.1:8000/en/stories/' in html
    assert 'rel="canonical" href="http://127.0.0.1:8000/chuyen-lang/mot-dem' in html
    assert 'property="og:type" content="article"' in html
    assert 'property="og:image" content="http://127.0.0.1:8000/cards/page-' in html
    assert 'hreflang="x-default" href="http://127.0.0.1:8000/chuyen-lang/' in html
    assert kinds["Article"]["publisher"]["name"] == "Đất Sen"
    card = re.search(r'og:image" content="http://127.0.0.1:8000([^"]+)"', html)[1]
    assert kinds["Article"]["image"][0] == f"http://127.0.0.1:8000{card}"
    drawn = client.get(card)
    assert drawn["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(drawn.content)).size == (1200, 630)
    assert client.get(card.replace(card[-16:-4], "0" * 12)).url == card


def test_every_page_carries_the_frame(site, client):
    for path in ("/", "/en/", site.index.get_url(), "/quyen-rieng-tu/", "/en/about/"):
        html = body_of(client, path)
        assert "Hợp tác xã Đất Sen" in html or "Đất Sen Co-operative" in html
        assert ("Trái cây" if not path.startswith("/en/") else "Fruit") in html
    assert 'href="/en/privacy/"' in body_of(client, "/en/about/")
    assert 'href="/quyen-rieng-tu/"' in body_of(client, "/gioi-thieu/")


def test_the_language_switch_leads_to_the_same_page(site, client):
    html = body_of(client, site.story.get_url())
    assert f'href="{site.story_en.get_url()}" lang="en"' in html


def test_a_page_without_a_translation_says_so(site, client):
    site.story_en.unpublish()
    html = body_of(client, site.story.get_url())
    assert 'hreflang="en"' not in html.split("</header>")[0]
    html = body_of(client, f"/en{site.story.get_url()}", 404)
    assert f'href="{site.story.get_url()}"' in html
    body_of(client, "/en/no-such-page/", 404)
    body_of(client, "/khong-co-trang-nay/", 404)


def test_the_vietnamese_tree_does_not_stand_under_en(site, client):
    site.home_en.unpublish()
    html = body_of(client, "/en/", 404)
    assert "Sản vật đất sen" not in html


def test_pages_need_few_queries(site, client):
    """S6: a story uncached ≤ 15; the others as a guard."""
    for path, limit in ((site.story.get_url(), 15), ("/", 25), (site.index.get_url(), 15)):
        client.get(path)
        caches["pages"].clear()
        with CaptureQueriesContext(connection) as queries:
            response = client.get(path)
        assert response["X-Cache"] == "miss"
        assert len(queries) <= limit, "\n".join(q["sql"][:200] for q in queries)


def test_pages_set_no_cookie_and_are_kept_whole(site, client):
    for path in ("/", site.story.get_url(), site.index.get_url(), "/quyen-rieng-tu/"):
        assert client.get(path)["X-Cache"] == "miss"
        response = client.get(path)
        assert response["X-Cache"] == "hit", path
        assert not response.cookies


def test_a_new_price_is_seen_by_the_next_reader(site, tea, client):
    path = site.story.get_url()
    assert "120.000" in body_of(client, path)
    record = tea.stockrecords.get()
    record.price = 135_000
    record.save()
    assert "135.000" in body_of(client, path)
    record.num_in_stock = 0
    record.save()
    html = body_of(client, path)
    assert 'class="live gone"' in html
    assert 'name="product"' not in html


def test_goods_that_may_not_be_sold_shrink_to_a_line(site, tea, client):
    path = site.story.get_url()
    producer = tea.producer
    producer.paused_from = producer.paused_through = clock.today()
    producer.save()
    assert 'class="live gone"' in body_of(client, path)
    producer.paused_from = producer.paused_through = None
    producer.save()
    assert 'class="live gone"' not in body_of(client, path)
    tea.is_public = False
    tea.save()
    assert 'class="live gone"' in body_of(client, path)


def test_publishing_is_seen_at_once(site, client):
    path = site.story.get_url()
    body_of(client, "/")
    site.story.title = "Tên mới của chuyện"
    site.story.save_revision().publish()
    assert "Tên mới của chuyện" in body_of(client, path)
    assert "Tên mới của chuyện" in body_of(client, "/")
    site.story.unpublish()
    body_of(client, path, 404)
    assert "Tên mới của chuyện" not in body_of(client, "/")


def test_menus_are_seen_at_once(site, client):
    body_of(client, "/")
    row = SiteSettings.objects.get()
    row.tagline_vi = "Chợ quê trên mạng"
    row.save()
    assert "Chợ quê trên mạng" in body_of(client, "/")


def test_building_again_changes_nothing(site, picture):
    counts = Page.objects.count(), MenuEntry.objects.count(), FooterLink.objects.count()
    site.story.title = "Do biên tập sửa"
    site.story.save_revision().publish()
    again = make_site(picture)
    assert again.story.title == "Do biên tập sửa"
    assert counts == (Page.objects.count(), MenuEntry.objects.count(), FooterLink.objects.count())


def test_slugs_keep_d(site):
    page = StoryPage(title="Đặc sản Đồng Tháp", standfirst="x")
    site.index.add_child(instance=page)
    assert page.slug == "dac-san-dong-thap"


def test_only_get_and_head(site, client):
    assert client.post(site.story.get_url()).status_code in (403, 405)
    assert client.head(site.story.get_url()).status_code == 200


def test_the_list_of_stories_has_pages(tea, picture, client):
    stories = [
        {**STORY, "slug": f"chuyen-{n}", "slug_en": f"story-{n}", "title_vi": f"Chuyện {n}",
         "block": [], "fact": [], "published_days": -n}
        for n in range(1, 15)
    ]
    site = make_site(picture, stories=tuple(stories))
    first = body_of(client, site.index.get_url())
    assert "Chuyện 1<" in first
    assert "Chuyện 14<" not in first
    assert "Chuyện 14<" in body_of(client, f"{site.index.get_url()}?page=2")
    for odd in ("0", "-1", "99", "x", "１"):
        body_of(client, f"{site.index.get_url()}?page={odd}")
