"""Public pages are kept whole, and are forgotten the moment something that they show changes.

Who changes something that public pages show calls ``bump`` with its keys, last in the
transaction. A view that anybody may see is marked with ``cache_public`` and says by
``depends_on`` what its page shows and by ``valid_until`` when it becomes untrue by itself.
``middleware.PublicPageCache`` does the rest.

Keys: "site" (menus, settings, theme; every page depends on it), "catalogue" (any list),
"product:<parent id>", "producer:<id>", "page:<id>", "shipping".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, QueryDict

#: What everything depends on: bumped by every migration, so that no page outlives its release.
SITE = "site"

_BUMP = """
    INSERT INTO platform_pageversion AS old (key, version, changed_in)
    SELECT key, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, pg_current_xact_id()
    FROM unnest(%s::text[]) AS key
    ON CONFLICT (key) DO UPDATE
    SET version = greatest(old.version + 1, excluded.version), changed_in = excluded.changed_in
"""
_READ = "SELECT key, version FROM platform_pageversion WHERE key = ANY(%s)"
_BEGIN = """
    SELECT pg_current_snapshot()::text,
           coalesce((SELECT version FROM platform_pageversion WHERE key = %s), 0)
"""
#: A row is settled when the reader's first look already saw it. Its own transaction's rows
#: count as seen: outside of tests a page is rendered in none.
_READ_SETTLED = """
    SELECT key, version,
           pg_visible_in_snapshot(changed_in, %s::pg_snapshot)
           OR (changed_in = pg_current_xact_id_if_assigned()) IS TRUE
    FROM platform_pageversion WHERE key = ANY(%s)
"""


@dataclass
class PublicPage:
    """What is known, while it is being made, about a page that may be kept.

    ``snapshot`` is what PostgreSQL had committed before anything was read for the page.
    """

    snapshot: str
    #: The version of ``SITE`` in it.
    site_version: int = 0
    is_public: bool = False
    keys: set[str] = field(default_factory=set)
    valid_until: datetime | None = None


def bump(*keys: str) -> None:
    """Say that pages showing these things are no longer true.

    Call it last inside the transaction that changed them: the rows stay locked until its end.
    They are taken in the order of their keys, so that two bumps cannot block each other.
    """
    if keys:
        with connection.cursor() as cursor:
            cursor.execute(_BUMP, [sorted(set(keys))])


def versions(keys: Iterable[str]) -> dict[str, int]:
    """The versions of things now; 0 for what has never been changed."""
    found = dict.fromkeys(keys, 0)
    with connection.cursor() as cursor:
        cursor.execute(_READ, [list(found)])
        found.update(cursor.fetchall())
    return found


def settled_versions(page: PublicPage) -> dict[str, int] | None:
    """The versions that the page was made from; None when one changed while it was made."""
    found = dict.fromkeys(page.keys, 0)
    with connection.cursor() as cursor:
        cursor.execute(_READ_SETTLED, [page.snapshot, list(found)])
        for key, version, is_settled in cursor.fetchall():
            if not is_settled:
                return None
            found[key] = version
    return found


def depends_on(request: HttpRequest, *keys: str) -> None:
    """Say that the page being made shows these things. May be called at any time in the view."""
    page = _of(request)
    if page is not None:
        page.keys.update(keys)


def valid_until(request: HttpRequest, at: datetime | None) -> None:
    """Say that the page being made is untrue from ``at`` on; the earliest call counts."""
    page = _of(request)
    if page is not None and at is not None:
        page.valid_until = min(at, page.valid_until or at)


def cache_public(
    view: Callable[..., HttpResponse] | None = None, *, query: Iterable[str] | None = None
) -> Callable[..., Any]:
    """Mark a view whose page is the same for everybody, so that it may be kept.

    The view sees a visitor without cookies, and of the address's query only the keys in
    ``query`` (all of ``settings.PUBLIC_PAGE_QUERY_KEYS`` when None, of which it must be a
    part): so the page cannot depend on anything else. Works on functions, and on ``dispatch``
    by ``method_decorator``. A Wagtail page calls ``make_public`` in ``serve`` instead, unless
    it is under a view restriction. Previews pass unmarked.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            make_public(request, query=query)
            return view(request, *args, **kwargs)

        return marked

    return decorate(view) if view is not None else decorate


def make_public(request: HttpRequest, *, query: Iterable[str] | None = None) -> None:
    """Mark the page being made as the same for everybody; see ``cache_public``."""
    if request.method not in ("GET", "HEAD") or getattr(request, "is_preview", False):
        return
    begin(request)
    page = _of(request)
    page.is_public = True
    page.keys.add(SITE)
    allowed = settings.PUBLIC_PAGE_QUERY_KEYS if query is None else query
    if not set(allowed) <= set(settings.PUBLIC_PAGE_QUERY_KEYS):
        raise ValueError(f"not all of {sorted(allowed)} are in PUBLIC_PAGE_QUERY_KEYS")
    _forget_the_visitor(request)
    _forget_other_query_keys(request, frozenset(allowed))


def begin(request: HttpRequest) -> None:
    """Note what is committed now, before anything is read for the page."""
    if _of(request) is None:
        with connection.cursor() as cursor:
            cursor.execute(_BEGIN, [SITE])
            snapshot, site_version = cursor.fetchone()
            request._public_page = PublicPage(snapshot=snapshot, site_version=site_version)


def site_version(request: HttpRequest) -> int:
    """The version of ``SITE``: as it was when the page was begun, else now."""
    page = _of(request)
    return page.site_version if page is not None else versions([SITE])[SITE]


def public_page(request: HttpRequest) -> PublicPage | None:
    """What is known about the page if it was marked as public."""
    page = _of(request)
    return page if page is not None and page.is_public else None


def forget_all_pages(**kwargs: Any) -> None:
    """After migrating, emptying or restoring the database: nothing kept before is true.

    Rows restored from another server may name transactions that have not yet been here, and
    would never count as settled: they go.
    """
    if "platform_pageversion" not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM platform_pageversion "
            "WHERE changed_in >= pg_snapshot_xmax(pg_current_snapshot())"
        )
    bump(SITE)


def _of(request: HttpRequest) -> PublicPage | None:
    return getattr(request, "_public_page", None)


def _forget_the_visitor(request: HttpRequest) -> None:
    from django.contrib.auth.models import AnonymousUser

    request.COOKIES = {}
    request.user = AnonymousUser()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()


def _forget_other_query_keys(request: HttpRequest, allowed: frozenset[str]) -> None:
    kept = QueryDict(mutable=True)
    # In one order, as in the cache's key; several values of one key keep theirs.
    for key, values in sorted(request.GET.lists()):
        if key in allowed:
            kept.setlist(key, values)
    request.META["QUERY_STRING"] = kept.urlencode()
    kept._mutable = False
    request.GET = kept
