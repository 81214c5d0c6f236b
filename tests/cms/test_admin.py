"""What our editors may do in /cms/, and what cannot be done there."""

import json

import pytest
from django.urls import reverse
from wagtail.models import Page
from wagtail.search.backends import get_search_backend
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from cms.models import SiteSettings, StoryPage
from marketplace.accounts.roles import Role
from marketplace.media.models import LibraryImage
from tests.factories.catalogue import make_product
from tests.factories.pages import story_form
from tests.factories.pictures import photograph

pytestmark = pytest.mark.django_db


def test_who_may_publish(site, tea, picture, client_of):
    path = reverse("wagtailadmin_pages:edit", args=[site.story.pk])
    form = story_form(tea, picture, slug=site.story.slug, title="Sửa tên")
    form |= {"action-publish": "action-publish"}
    client_of(Role.TOURISM_EDITOR).post(path, form)
    site.story.refresh_from_db()
    assert site.story.title == "Một đêm tách tim sen"
    client_of(Role.TOURISM_PUBLISHER).post(path, form)
    site.story.refresh_from_db()
    assert site.story.title == "Sửa tên"


def test_the_editor_opens_in_vietnamese(site, client_of):
    editor = client_of(Role.TOURISM_EDITOR)
    for page in (site.story, site.home, site.index):
        response = editor.get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
        assert response.status_code == 200
    assert editor.get(reverse("wagtailadmin_explore", args=[site.index.pk])).status_code == 200
    html = editor.get(reverse("wagtailadmin_home")).content.decode()
    assert 'lang="vi"' in html
    assert reverse("wagtaildocs:index") not in html


def test_previews_are_made_anew_and_not_kept(site, tea, picture, client_of, client):
    editor = client_of(Role.TOURISM_EDITOR)
    path = reverse("wagtailadmin_pages:preview_on_edit", args=[site.story.pk])
    editor.post(path, story_form(tea, picture, slug=site.story.slug, title="Bản nháp"))
    response = editor.get(path + "?mode=")
    assert response.status_code == 200
    assert "Bản nháp" in response.content.decode()
    assert "X-Cache" not in response.headers
    assert "Bản nháp" not in client.get(site.story.get_url()).content.decode()
    english = reverse("wagtailadmin_pages:view_draft", args=[site.story_en.pk])
    assert "A night of coring lotus" in editor.get(english).content.decode()


def test_goods_are_found_without_marks(site, tea, client_of):
    make_product("Xoài cát Hòa Lộc", producer=tea.producer)
    editor = client_of(Role.TOURISM_EDITOR)
    path = reverse("product_chooser:choose_results")
    html = editor.get(path, {"q": "xoai hoa loc"}).content.decode()
    assert "Xoài cát Hòa Lộc" in html
    assert "Trà tim sen" not in html
    html = editor.get(path, {"q": "VUON SEN"}).content.decode()
    assert "Trà tim sen" in html
    assert editor.get(reverse("category_chooser:choose"), {"q": "trai"}).status_code == 200


def test_pages_and_pictures_are_found_without_marks(site):
    search = get_search_backend()
    for words in ("mot dem tach", "Một đêm", "MỘT ĐÊM TÁCH TIM"):
        assert site.story.pk in {p.pk for p in search.search(words, Page)}, words
    for half in ("mot de", "tach ti", "Tháp Mư"):
        assert site.story.pk in {p.pk for p in search.autocomplete(half, Page)}, half
    assert list(search.search("nguoi ngoi", LibraryImage))
    assert not list(search.search("khong co gi ca", Page))


def test_a_publisher_mends_menus_an_editor_does_not(site, client_of):
    row = SiteSettings.objects.get()
    path = reverse("wagtailsettings:edit", args=["cms", "sitesettings", row.site_id])
    assert client_of(Role.TOURISM_EDITOR).get(path).status_code in (302, 403)
    assert client_of(Role.OPERATOR).get(path).status_code == 200
    assert client_of(Role.TOURISM_PUBLISHER).get(path).status_code == 200


# --- R18: scripts in texts ----------------------------------------------------------------

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "</script><script>alert(1)</script>",
    "{{7*7}}{% load i18n %}",
    "\u202eevil\u202c",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_a_page_runs(site, tea, picture, client, payload):
    story = site.story
    for field in ("title", "kicker", "standfirst", "byline", "place", "place_text", "seo_title",
                  "search_description"):
        limit = StoryPage._meta.get_field(field).max_length or 999
        setattr(story, field, payload[:limit])
    picture.alt_vi = picture.caption_vi = payload
    picture.save()
    tea.title_vi = payload
    tea.save()
    story.body = [
        ("text", f"<p>{payload}</p>"),
        ("heading", payload),
        ("picture", {"image": picture, "caption": payload}),
        ("quote", {"quote": payload, "name": payload}),
        ("product", {"product": tea}),
        ("note", {"title": payload, "text": payload}),
        ("sources", {"title": payload, "sources": [
            {"text": payload, "label": payload, "url": "javascript:alert(1)"}]}),
    ]
    story.people = [("person", {"name": payload, "text": payload, "image": picture})]
    story.save_revision().publish()
    row = SiteSettings.objects.get()
    for field in ("tagline_vi", "strip_vi", "about_vi", "operator_vi", "address_vi",
                  "registration_vi", "seal_vi", "phone_hours_vi"):
        setattr(row, field, payload)
    row.save()
    row.menu_entries.update(label_vi=payload)
    for path in (story.get_url(), "/", site.index.get_url()):
        html = client.get(path).content.decode()
        lowered = html.lower()
        assert "<script>alert" not in lowered
        assert "<img src=x" not in lowered
        assert "<svg onload" not in lowered
        assert "javascript:" not in lowered
        assert ">49<" not in html
        assert "Content-Security-Policy" in client.get(path).headers


@pytest.mark.parametrize(
    "html",
    [
        '<p><script>alert(1)</script>chữ</p>',
        '<p><a href="javascript:alert(1)">chữ</a></p>',
        '<p onclick="alert(1)" style="position:fixed">chữ</p>',
        '<p><a href="data:text/html;base64,PHN2Zz4=">chữ</a></p>',
        '<p><a href="JaVaScRiPt:alert(1)">chữ</a><iframe src="//x"></iframe></p>',
    ],
)
def test_pasted_scripts_are_gone(site, tea, picture, client, client_of, html):
    publisher = client_of(Role.TOURISM_PUBLISHER)
    path = reverse("wagtailadmin_pages:edit", args=[site.story.pk])
    form = story_form(tea, picture, slug=site.story.slug)
    form |= nested_form_data({"body": streamfield([("text", rich_text(html))])})
    publisher.post(path, form | {"action-publish": "action-publish"})
    page = client.get(site.story.get_url()).content.decode()
    for evil in ("<script>alert", "javascript:", "data:text/html", "<iframe", "onclick"):
        assert evil.lower() not in page.lower()
    # The same put into the database by other hands.
    story = StoryPage.objects.get(pk=site.story.pk)
    story.body = [("text", html)]
    story.save_revision().publish()
    page = client.get(site.story.get_url()).content.decode()
    assert "chữ" in page
    for evil in ("<script>alert", "javascript:", "data:text/html", "<iframe", "onclick"):
        assert evil.lower() not in page.lower()


def test_uploads_in_the_admin_are_checked(site, client_of, upload):
    editor = client_of(Role.TOURISM_EDITOR)
    path = reverse("wagtailimages:add_multiple")
    ok = editor.post(path, {"title": "x", "files[]": upload(photograph())})
    assert json.loads(ok.content)["success"]
    bad = editor.post(path, {"title": "x", "files[]": upload(b"<svg onload=alert(1)>")})
    assert not json.loads(bad.content)["success"]
    single = editor.post(
        reverse("wagtailimages:add"),
        {"title": "x", "alt_vi": "Sen", "tags": "", "file": upload(b"GIF89a/*")},
    )
    assert single.status_code == 200
    assert not LibraryImage.objects.filter(alt_vi="Sen").exists()
    editor.post(
        reverse("wagtailimages:add"),
        {"title": "x", "alt_vi": "Sen", "tags": "", "file": upload(photograph())},
    )
    assert LibraryImage.objects.filter(alt_vi="Sen").exists()
