"""Addresses for the tests of the page cache: what they show is the version of a thing."""

from datetime import UTC, datetime

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import get_language

from marketplace.platform import page_versions
from marketplace.platform.page_versions import cache_public
from marketplace.platform.same_origin import require_same_origin

#: What a page shows; tests change it and bump "product:1".
stock = {"left": 5}
#: Each rendering, by path.
rendered: list[str] = []
#: Called in the middle of rendering /changing/.
during: list = []

SALE_ENDS = datetime(2026, 11, 24, 17, tzinfo=UTC)


@cache_public
def product(request: HttpRequest) -> HttpResponse:
    rendered.append(request.get_full_path())
    page_versions.depends_on(request, "product:1")
    user = request.user
    return HttpResponse(
        f"<p>{stock['left']} left for {user.is_authenticated} {dict(request.COOKIES)} "
        f"{request.get_full_path()} {get_language()}</p>" + "lotus " * 500
    )


@cache_public(query=["page"])
def paged(request: HttpRequest) -> HttpResponse:
    rendered.append(request.get_full_path())
    return HttpResponse(f"{request.get_full_path()} {request.GET.getlist('page')}")


@cache_public(query=["unheard-of"])
def misdeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


@cache_public
def sale(request: HttpRequest) -> HttpResponse:
    rendered.append(request.path)
    page_versions.valid_until(request, None)
    page_versions.valid_until(request, SALE_ENDS.replace(year=2027))
    page_versions.valid_until(request, SALE_ENDS)
    return HttpResponse("cheap")


@cache_public
def changing(request: HttpRequest) -> HttpResponse:
    rendered.append(request.path)
    seen = stock["left"]
    for change in during:
        change()
    page_versions.depends_on(request, "product:1")
    return HttpResponse(f"{seen} left")


@cache_public
def with_cookie(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("for you")
    response.set_cookie("you", "1")
    return response


@cache_public
def with_session(request: HttpRequest) -> HttpResponse:
    request.session["seen"] = 1
    return HttpResponse("seen")


@cache_public
def missing(request: HttpRequest) -> HttpResponse:
    rendered.append(request.path)
    return HttpResponse("none", status=404)


@cache_public
def no_store(request: HttpRequest) -> HttpResponse:
    rendered.append(request.path)
    return HttpResponse("not kept", headers={"Cache-Control": "no-store"})


def private(request: HttpRequest) -> HttpResponse:
    rendered.append(request.path)
    page_versions.depends_on(request, "product:1")
    return HttpResponse(f"{request.user.is_authenticated}")


@require_same_origin
def add(request: HttpRequest) -> HttpResponse:
    return HttpResponse("added")


def forbidden(request: HttpRequest, exception: PermissionDenied) -> HttpResponse:
    return HttpResponse(str(exception), status=403)


handler403 = forbidden

urlpatterns = [
    path("product/", product),
    path("en/product/", product),
    path("paged/", paged),
    path("misdeclared/", misdeclared),
    path("sale/", sale),
    path("changing/", changing),
    path("with-cookie/", with_cookie),
    path("with-session/", with_session),
    path("missing/", missing),
    path("no-store/", no_store),
    path("private/", private),
    path("add/", add),
]
