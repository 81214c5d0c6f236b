"""What every request passes: the cache of public pages, its number, the content policy."""

from __future__ import annotations

import gzip
import logging
import re
import uuid
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from operator import itemgetter
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

import brotli
import psycopg
import structlog
from csp.constants import SELF
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

from marketplace.kernel import clock
from marketplace.platform import page_versions

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]

#: Below this a page gains nothing by being compressed.
SMALLEST_COMPRESSED = 500
_CACHE_CONTROL = "public, max-age=0, must-revalidate"
_TEXTUAL = re.compile(r"text/|application/(?:[\w.-]+\+)?(?:json|xml|javascript)|image/svg")
#: Headers that belong to one answer and not to the page.
_NOT_KEPT = frozenset(
    {"content-length", "content-encoding", "etag", "set-cookie", "vary", "cache-control", "date"}
)


class PublicPageSetsCookie(RuntimeError):
    """A page marked as the same for everybody tried to give one reader a cookie."""


class KeptPage(NamedTuple):
    """A page in the cache, compressed for one way of reading it.

    ``versions`` is what it was made from; ``valid_until`` a POSIX time or None.
    """

    versions: dict[str, int]
    valid_until: float | None
    etag: str
    headers: list[tuple[str, str]]
    body: bytes


class PublicPageCache:
    """Outermost: a public page that is still true leaves before anything else is done.

    Whether it is still true is asked of PostgreSQL each time (one query on the raw
    connection, which Django's query log does not show); only bodies lie in the cache "pages".
    Keyed on scheme, host, path, encoding and the query keys in PUBLIC_PAGE_QUERY_KEYS; cookies
    make no difference, see ``page_versions.cache_public``. Without the cache pages are only
    slower.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.query_keys = frozenset(settings.PUBLIC_PAGE_QUERY_KEYS)
        self.private_prefixes = tuple(settings.PRIVATE_PREFIXES)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            request.method not in ("GET", "HEAD")
            or request.path.startswith(self.private_prefixes)
            # Wagtail makes a request of its own to preview a page at the page's address.
            or getattr(request, "is_dummy", False)
        ):
            return self.get_response(request)
        encoding = preferred_encoding(request.META.get("HTTP_ACCEPT_ENCODING", ""))
        key = self._key(request, encoding)
        kept = self._load(key)
        if kept is not None and _is_still_true(kept):
            return _answer(request, kept, encoding, "hit")
        response = self.get_response(request)
        page = page_versions.public_page(request)
        if page is None or response.status_code != 200 or response.streaming:
            return response
        return self._keep(request, response, page, encoding, key)

    def process_view(
        self, request: HttpRequest, view: GetResponse, args: tuple, kwargs: dict
    ) -> None:
        """Look at what is committed before Wagtail reads the page that it will serve."""
        match = request.resolver_match
        if match is not None and match.url_name == "wagtail_serve":
            page_versions.begin(request)

    def _key(self, request: HttpRequest, encoding: str) -> str:
        meta = request.META
        query = meta.get("QUERY_STRING", "")
        if query:
            pairs = parse_qsl(query, keep_blank_values=True)
            kept = [pair for pair in pairs if pair[0] in self.query_keys]
            # By name alone: of several values of one name the order may mean something.
            query = urlencode(sorted(kept, key=itemgetter(0)))
        host = meta.get("HTTP_HOST") or f"{meta['SERVER_NAME']}:{meta['SERVER_PORT']}"
        whole = "\n".join((request.scheme, host, request.path, query, encoding))
        return blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def _load(self, key: str) -> KeptPage | None:
        try:
            return caches["pages"].get(key)
        except Exception:
            # Whatever ails the cache, and whichever cache it is: the page can be made anew.
            logger.warning("The page cache cannot be read", exc_info=True)
            return None

    def _save(self, key: str, kept: KeptPage) -> None:
        try:
            caches["pages"].set(key, kept)
        except Exception:
            logger.warning("The page cache cannot be written", exc_info=True)

    def _keep(
        self,
        request: HttpRequest,
        response: HttpResponse,
        page: page_versions.PublicPage,
        encoding: str,
        key: str,
    ) -> HttpResponse:
        if response.cookies:
            names = ", ".join(sorted(response.cookies))
            if settings.PUBLIC_PAGES_ARE_STRICT:
                raise PublicPageSetsCookie(f"{request.path} sets {names}")
            logger.error("A public page sets a cookie and is not kept: %s", request.path)
            return response
        if "private" in (control := response.get("Cache-Control", "")) or "no-store" in control:
            return response
        kept = _prepare(response, page, encoding)
        versions = page_versions.settled_versions(page)
        is_true = kept.valid_until is None or clock.now().timestamp() < kept.valid_until
        if versions is not None and is_true and request.method == "GET":
            self._save(key, kept._replace(versions=versions))
        return _answer(request, kept, encoding, "miss")


def _prepare(response: HttpResponse, page: page_versions.PublicPage, encoding: str) -> KeptPage:
    body = response.content
    digest = blake2b(body, digest_size=12).hexdigest()
    if encoding and _is_compressible(response, body):
        body = _COMPRESS[encoding](body)
    else:
        encoding = ""
    headers = [(n, v) for n, v in response.headers.items() if n.lower() not in _NOT_KEPT]
    if encoding:
        headers.append(("Content-Encoding", encoding))
    return KeptPage(
        versions={},
        valid_until=page.valid_until.timestamp() if page.valid_until else None,
        etag=f'"{digest}{encoding and "-"}{encoding}"',
        headers=headers,
        body=body,
    )


def _is_compressible(response: HttpResponse, body: bytes) -> bool:
    return (
        len(body) >= SMALLEST_COMPRESSED
        and "Content-Encoding" not in response.headers
        and bool(_TEXTUAL.match(response.get("Content-Type", "")))
    )


def _answer(request: HttpRequest, kept: KeptPage, encoding: str, source: str) -> HttpResponse:
    # The tag is a hash in quotes, so being contained in the list is being in the list.
    if kept.etag in request.META.get("HTTP_IF_NONE_MATCH", ""):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(kept.body)
        for name, value in kept.headers:
            response.headers[name] = value
        response.headers["Content-Length"] = str(len(kept.body))
    response.headers["ETag"] = kept.etag
    response.headers["Cache-Control"] = _CACHE_CONTROL
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["X-Cache"] = source
    return response


def _is_still_true(kept: KeptPage) -> bool:
    if kept.valid_until is not None and clock.now().timestamp() >= kept.valid_until:
        return False
    return _read_versions(list(kept.versions)) == kept.versions


def _read_versions(keys: list[str]) -> dict[str, int]:
    """As ``page_versions.versions``, past Django's cursor and its extra "are you there?"."""
    raw = connection.connection
    if raw is None:
        return page_versions.versions(keys)
    found = dict.fromkeys(keys, 0)
    try:
        found.update(raw.execute(page_versions._READ, (keys,)).fetchall())
    except psycopg.OperationalError:
        # The server has gone or was restarted: Django makes a new connection, or says so.
        connection.close()
        return page_versions.versions(keys)
    return found


@lru_cache(maxsize=256)
def preferred_encoding(accepted: str) -> str:
    """The encoding to send, out of an Accept-Encoding header: br, gzip or "" for none."""
    wanted = set()
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight):
            wanted.add(name.strip())
    return next((name for name in ("br", "gzip") if name in wanted), "")


_COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, mode=brotli.MODE_TEXT, quality=5),
    "gzip": lambda body: gzip.compress(body, compresslevel=6, mtime=0),
}


class RequestNumber:
    """Gives each request a number, which its log lines and audit entries carry."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        number = given if re.fullmatch(r"[\w-]{8,64}", given) else uuid.uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=number):
            return self.get_response(request)


class ContentSecurityPolicy(CSPMiddleware):
    """The strict policy of ``settings.CONTENT_SECURITY_POLICY``, looser in the admins.

    Wagtail's, Oscar's and Django's admins bring inline scripts and styles that we cannot
    remove (Wagtail 8 has no nonces); CSP_BY_PREFIX names their policies by path.
    """

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponse, report_only: bool = False
    ) -> PolicyParts:
        """The parts for this path."""
        parts = super().get_policy_parts(request, response, report_only)
        if parts.config is None and not report_only:
            for prefix, directives in settings.CSP_BY_PREFIX.items():
                if request.path_info.startswith(prefix):
                    parts.config = directives
                    break
        if getattr(request, "is_dummy", False):
            # Wagtail shows its preview of a public page in a frame of the admin.
            parts.replace = {**(parts.replace or {}), "frame-ancestors": [SELF]}
        return parts
