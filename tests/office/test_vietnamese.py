"""Every screen that staff and growers reach, walked link by link, says nothing in English.

Wagtail's own screens too. What somebody wrote in English as content is marked as such
(``lang="en"``) or listed in ``OWN_WORDS``.
"""

from __future__ import annotations

import re
from collections import deque
from html import unescape

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve

from marketplace.accounts.roles import Role
from tests.factories.accounts import make_staff, make_superuser, sign_in
from tests.media.conftest import _own_folders  # noqa: F401  (fixture)
from tests.office.english import english_in
from tests.office.market import make_market

pytestmark = pytest.mark.django_db

STAFF_STARTS = ("/cms/", "/cms/account/", "/tai-khoan/")
GROWER_STARTS = ("/portal/", "/tai-khoan/")
#: Not walked: files, machines' answers, leaving, errors on purpose; Oscar's dashboard and
#: Django's admin are for engineers.
NOT_WALKED = re.compile(
    r"/cms/(?:logout|sprite|jsi18n|api|failwhale|test404|documents/\d|images/\d+/preview)"
    r"|export\.|\.(?:xlsx|pdf|csv|png|jpg|svg)|/template/|/scan/|sign-out|dang-xuat|/dashboard/"
    r"|/django-admin/|/label|/letter|/print|export=|/en/"
)
#: Walked so often for one route; the second time often shows another state of a thing.
PER_ROUTE = 2
#: What people and programs are called, and English that is content.
OWN_WORDS = frozenset({"English", "About", "Privacy"})
#: Forms whose parts are counted by their script: nobody sends them empty.
_BY_SCRIPT = re.compile(r"^/cms/pages/|^/cms/\w+/multiple/|TOTAL_FORMS")
_HREF = re.compile(r"""(?:href|data-url|action)=["']([^"'#]+)""")
_POSTS = re.compile(r"""<form[^>]*method=["']post["']""", re.IGNORECASE)


@pytest.fixture
def market(db):
    return make_market()


def walk(client: Client, starts: tuple[str, ...]) -> dict[str, list[str]]:
    """Address → the English texts on it; its form posted empty is looked at too."""
    queue, seen, times = deque(starts), set(starts), {}
    found: dict[str, list[str]] = {}
    while queue:
        path = queue.popleft()
        route = _route(path)
        if route is None or times.get(route, 0) >= PER_ROUTE:
            continue
        times[route] = times.get(route, 0) + 1
        page = client.get(path, HTTP_ACCEPT_LANGUAGE="vi")
        if page.status_code in (301, 302):
            _add(queue, seen, page.headers["Location"])
            continue
        assert page.status_code < 500, path
        html = _html(page)
        if html is None:
            continue
        if texts := english_in(html, OWN_WORDS):
            found[f"GET {path}"] = texts
        for link in _HREF.findall(html):
            _add(queue, seen, unescape(link))
        if _POSTS.search(html) and times[route] == 1 and not _BY_SCRIPT.search(path + html):
            with transaction.atomic():
                answer = client.post(path)
                transaction.set_rollback(True)
            html = _html(answer)
            if html is not None and (texts := english_in(html, OWN_WORDS)):
                found[f"POST {path}"] = [t for t in texts if t not in found.get(f"GET {path}", ())]
    assert len(times) > len(starts)
    return {path: texts for path, texts in found.items() if texts}


def _html(page: HttpResponse) -> str | None:
    if page.streaming or not page.headers.get("Content-Type", "").startswith("text/html"):
        return None
    return page.content.decode()


def _route(path: str) -> str | None:
    try:
        return resolve(path.partition("?")[0]).route + ("?" if "?" in path else "")
    except Resolver404:
        return None


def _add(queue: deque, seen: set, link: str) -> None:
    ours = link.startswith(("/cms/", "/portal/", "/tai-khoan/")) and not NOT_WALKED.search(link)
    if ours and link not in seen:
        seen.add(link)
        queue.append(link)


def _told(found: dict[str, list[str]]) -> str:
    return "\n".join(f"{path}\n    " + "\n    ".join(texts) for path, texts in found.items())


@pytest.mark.parametrize(
    "role",
    [
        # The other roles' screens are among the superuser's.
        role if role in (None, Role.OPERATOR, Role.TRANSLATOR)
        else pytest.param(role, marks=pytest.mark.full)
        for role in (None, *Role)
    ],
)
def test_staff_read_vietnamese(role, market):
    user = make_staff(role) if role else make_superuser()
    if role == Role.AREA_OFFICER:
        user = market["officer"]
    found = walk(sign_in(Client(), user), STAFF_STARTS)
    assert not found, "\n" + _told(found)


def test_growers_read_vietnamese(market):
    found = walk(sign_in(Client(), market["owner"]), GROWER_STARTS)
    assert not found, "\n" + _told(found)


def test_an_area_officer_at_a_growers_desk_reads_vietnamese(market):
    found = walk(sign_in(Client(), market["officer"]), ("/portal/tro-giup/", "/portal/"))
    assert not found, "\n" + _told(found)


@pytest.mark.parametrize("path", ["/cms/market/orders/999999/", "/cms/nothing/", "/khong-co/"])
def test_errors_are_told_in_vietnamese(path, db):
    page = sign_in(Client(), make_staff(Role.FINANCE)).get(path)
    assert page.status_code == 404
    assert not english_in(page.content.decode())


def test_a_closed_door_is_told_in_vietnamese(db):
    page = sign_in(Client(), make_staff(Role.TOURISM_EDITOR)).get("/cms/market/orders/")
    assert page.status_code == 403
    assert not english_in(page.content.decode())


def test_the_reader_itself_finds_english():
    assert english_in('<p title="Save this page">Lưu</p>') == ["Save this page"]
    assert english_in("<button>Xóa</button><p>Delete</p>") == ["Delete"]
    assert not english_in('<p lang="en">Delete the page</p><script>delete page</script>')
    assert not english_in("<p>Hai người con to do an toàn cho can</p>")
