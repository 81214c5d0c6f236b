import gzip
import threading
from datetime import timedelta

import brotli
import pytest
from django.core.cache import caches
from django.db import connection, transaction

from marketplace.kernel import clock
from marketplace.platform import middleware, page_versions
from marketplace.platform.models import PageVersion
from tests.platform.pages import SALE_ENDS

pytestmark = pytest.mark.django_db


def test_the_second_reader_gets_the_kept_page(client, public_pages):
    first = client.get("/product/")
    second = client.get("/product/")
    assert (first["X-Cache"], second["X-Cache"]) == ("miss", "hit")
    assert first.content == second.content
    assert public_pages.rendered == ["/product/"]
    for response in (first, second):
        assert response["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert response["Vary"] == "Accept-Encoding"
        assert response["Content-Length"] == str(len(response.content))
        assert response["Content-Type"] == "text/html; charset=utf-8"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "script-src 'self'" in response["Content-Security-Policy"]
        assert not response.cookies


def test_the_very_first_request_after_a_change_sees_it(client, public_pages):
    client.get("/product/")
    public_pages.stock["left"] = 4
    page_versions.bump("product:1")
    response = client.get("/product/")
    assert response["X-Cache"] == "miss"
    assert b"4 left" in response.content
    assert client.get("/product/")["X-Cache"] == "hit"


@pytest.mark.parametrize(("key", "source"), [("site", "miss"), ("product:2", "hit")])
def test_every_page_depends_on_the_site_and_on_nothing_unsaid(client, public_pages, key, source):
    client.get("/product/")
    page_versions.bump(key)
    assert client.get("/product/")["X-Cache"] == source


def test_a_page_ends_with_what_it_shows(client, public_pages):
    with clock.frozen(SALE_ENDS - timedelta(seconds=2)) as now:
        assert client.get("/sale/")["X-Cache"] == "miss"
        now.move(timedelta(seconds=1))
        assert client.get("/sale/")["X-Cache"] == "hit"
        now.move(timedelta(seconds=1))
        assert client.get("/sale/")["X-Cache"] == "miss"
        assert client.get("/sale/")["X-Cache"] == "miss"


def test_only_known_query_keys_make_another_page(client, public_pages):
    first = client.get("/product/?utm_source=zalo&q=a&page=2")
    assert b"/product/?page=2&amp;q=a" not in first.content
    assert b"/product/?page=2&q=a" in first.content
    assert b"utm" not in first.content
    assert client.get("/product/?page=2&fbclid=9&q=a")["X-Cache"] == "hit"
    assert client.get("/product/?page=3&q=a")["X-Cache"] == "miss"
    assert client.get("/product/?utm_source=zalo")["X-Cache"] == "miss"
    assert client.get("/product/")["X-Cache"] == "hit"


def test_several_values_of_one_key_keep_their_order(client, public_pages):
    assert client.get("/paged/?page=2&page=1").content == b"/paged/?page=2&page=1 ['2', '1']"
    assert client.get("/paged/?page=1&page=2").content == b"/paged/?page=1&page=2 ['1', '2']"


def test_a_view_sees_only_the_keys_it_declared(client, public_pages):
    assert client.get("/paged/?q=x&page=1").content == b"/paged/?page=1 ['1']"
    with pytest.raises(ValueError, match="unheard-of"):
        client.get("/misdeclared/")


def test_cookies_and_signing_in_change_nothing(client, public_pages, user):
    client.force_login(user)
    client.cookies["oscar_open_basket"] = "7:signature"
    response = client.get("/product/")
    assert b"5 left for False {} " in response.content
    assert not response.cookies
    client.cookies.clear()
    assert client.get("/product/")["X-Cache"] == "hit"
    client.force_login(user)
    assert client.get("/product/")["X-Cache"] == "hit"
    assert client.get("/private/").content == b"True"


def test_languages_hosts_and_schemes_have_pages_of_their_own(client, public_pages):
    assert b" vi</p>" in client.get("/product/").content
    english = client.get("/en/product/")
    assert english["X-Cache"] == "miss"
    assert client.get("/product/", headers={"host": "other.test"})["X-Cache"] == "miss"
    assert client.get("/product/", secure=True)["X-Cache"] == "miss"


@pytest.mark.parametrize("address", ["/with-cookie/", "/with-session/"])
def test_a_public_page_must_not_set_cookies(client, public_pages, settings, address, caplog):
    with pytest.raises(middleware.PublicPageSetsCookie):
        client.get(address)
    settings.PUBLIC_PAGES_ARE_STRICT = False
    for _ in range(2):
        response = client.get(address)
        assert "X-Cache" not in response
        assert response.cookies
    assert "sets a cookie" in caplog.text


@pytest.mark.parametrize("address", ["/missing/", "/no-store/", "/private/"])
def test_what_is_not_kept(client, public_pages, address):
    for _ in range(2):
        assert "X-Cache" not in client.get(address)
    assert public_pages.rendered == [address, address]


def test_posting_and_private_parts_do_not_ask_the_cache(client, public_pages, settings):
    client.get("/product/")
    assert "X-Cache" not in client.post("/product/")
    settings.PRIVATE_PREFIXES = ("/prod",)
    client.handler.load_middleware()
    assert "X-Cache" not in client.get("/product/")


def test_head_is_answered_from_what_get_kept(client, public_pages):
    assert client.head("/product/")["X-Cache"] == "miss"
    assert client.head("/product/")["X-Cache"] == "miss"
    client.get("/product/")
    assert client.head("/product/")["X-Cache"] == "hit"


@pytest.mark.parametrize(
    ("accepted", "encoding", "unpack"),
    [
        ("gzip, deflate, br", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("br;q=0, gzip;q=0.5", "gzip", gzip.decompress),
        ("identity", "", bytes),
        ("", "", bytes),
    ],
)
def test_pages_are_kept_compressed(client, public_pages, accepted, encoding, unpack):
    plain = client.get("/product/").content
    headers = {"accept-encoding": accepted}
    responses = [client.get("/product/", headers=headers) for _ in range(2)]
    assert [r["X-Cache"] for r in responses] == ["miss" if encoding else "hit", "hit"]
    for response in responses:
        assert response.get("Content-Encoding", "") == encoding
        assert unpack(response.content) == plain
        assert response["Content-Length"] == str(len(response.content))
        assert (len(response.content) < len(plain)) is bool(encoding)


def test_a_small_page_stays_as_it_is(client, public_pages):
    response = client.get("/sale/", headers={"accept-encoding": "br"})
    assert "Content-Encoding" not in response
    assert response.content == b"cheap"


def test_who_has_the_page_gets_304(client, public_pages):
    first = client.get("/product/", headers={"accept-encoding": "br"})
    compressed, plain = first["ETag"], client.get("/product/")["ETag"]
    assert compressed != plain
    again = client.get(
        "/product/", headers={"accept-encoding": "br", "if-none-match": f'"x", {compressed}'}
    )
    assert again.status_code == 304
    assert again.content == b""
    assert again["ETag"] == compressed
    assert again["X-Cache"] == "hit"
    page_versions.bump("product:1")
    # Made anew, but as it was.
    unchanged = client.get("/product/", headers={"if-none-match": plain})
    assert (unchanged.status_code, unchanged["X-Cache"]) == (304, "miss")
    public_pages.stock["left"] = 3
    page_versions.bump("product:1")
    changed = client.get("/product/", headers={"if-none-match": plain})
    assert changed.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_change_while_the_page_is_made_is_not_overlooked(client, public_pages):
    """The view reads, somebody commits, the view names what it read: nothing may be kept."""

    def sell_elsewhere():
        def sell():
            public_pages.stock["left"] = 1
            page_versions.bump("product:1")
            connection.close()

        thread = threading.Thread(target=sell)
        thread.start()
        thread.join()

    public_pages.stock["left"] = 2
    public_pages.during.append(sell_elsewhere)
    assert client.get("/changing/").content == b"2 left"
    public_pages.during.clear()
    assert client.get("/changing/").content == b"1 left"
    assert client.get("/changing/")["X-Cache"] == "hit"


@pytest.mark.django_db(transaction=True)
def test_a_change_that_commits_while_the_page_is_made_is_not_overlooked(client, public_pages):
    """As above, but the other transaction bumped before the view began."""
    begun, may_commit, committed = threading.Event(), threading.Event(), threading.Event()

    def sell():
        with transaction.atomic():
            page_versions.bump("product:1")
            begun.set()
            may_commit.wait(10)
            public_pages.stock["left"] = 1
        committed.set()
        connection.close()

    public_pages.stock["left"] = 2
    thread = threading.Thread(target=sell)
    thread.start()
    assert begun.wait(10)
    public_pages.during.append(lambda: (may_commit.set(), committed.wait(10)))
    assert client.get("/changing/").content == b"2 left"
    thread.join()
    public_pages.during.clear()
    assert client.get("/changing/").content == b"1 left"


def test_a_hit_costs_no_query_of_djangos(client, public_pages, django_assert_num_queries):
    with django_assert_num_queries(2):
        client.get("/product/")
    with django_assert_num_queries(0):
        client.get("/product/")


@pytest.mark.django_db(transaction=True)
def test_a_lost_database_connection_is_made_anew(client, public_pages):
    client.get("/product/")
    connection.connection.close()
    assert client.get("/product/")["X-Cache"] == "hit"
    client.get("/product/")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    killer = connection.copy()
    with killer.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    killer.close()
    assert client.get("/product/")["X-Cache"] == "hit"


def test_without_the_cache_pages_are_only_slower(client, public_pages, monkeypatch, caplog):
    def broken(*args, **kwargs):
        raise ConnectionError("no cache here")

    monkeypatch.setattr(type(caches["pages"]), "get", broken)
    monkeypatch.setattr(type(caches["pages"]), "set", broken)
    assert client.get("/product/").status_code == 200
    assert client.get("/product/")["X-Cache"] == "miss"
    assert "cannot be read" in caplog.text
    assert "cannot be written" in caplog.text


def test_versions_grow_and_never_come_back():
    assert page_versions.versions(["a", "b"]) == {"a": 0, "b": 0}
    page_versions.bump()
    page_versions.bump("b", "a", "a")
    first = page_versions.versions(["a"])["a"]
    page_versions.bump("a")
    second = page_versions.versions(["a"])["a"]
    assert 0 < first < second
    PageVersion.objects.all().delete()
    page_versions.bump("a")
    assert page_versions.versions(["a"])["a"] > second


@pytest.mark.django_db(transaction=True)
def test_bumps_of_the_same_things_do_not_block_each_other():
    """Whoever names them in which order, they are locked in one."""
    failures = []

    def bump(*keys):
        try:
            for _ in range(30):
                page_versions.bump(*keys)
        except Exception as error:
            failures.append(error)
        connection.close()

    threads = [
        threading.Thread(target=bump, args=keys)
        for keys in [("a", "b", "c"), ("c", "b", "a"), ("b", "c", "a")]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_after_migrating_no_kept_page_is_true(client, public_pages):
    client.get("/product/")
    page_versions.forget_all_pages()
    assert client.get("/product/")["X-Cache"] == "miss"


def test_a_restored_database_keeps_pages_again(client, public_pages):
    """Rows of a dump name transactions that the new server has not come to."""
    page_versions.bump("product:1")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE platform_pageversion SET changed_in = '9000000000'")
    client.get("/product/")
    assert client.get("/product/")["X-Cache"] == "miss"
    page_versions.forget_all_pages()
    client.get("/product/")
    assert client.get("/product/")["X-Cache"] == "hit"


def test_wagtails_previews_pass_by(client, public_pages, rf):
    client.get("/product/")
    request = rf.get("/product/")
    request.is_dummy = True
    cache = middleware.PublicPageCache(lambda request: "the preview")
    assert cache(request) == "the preview"
    request.is_preview = True
    page_versions.make_public(request)
    assert page_versions.public_page(request) is None
