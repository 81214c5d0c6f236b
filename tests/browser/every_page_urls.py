"""The site's addresses, the sample pages, and one address for each error page."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from marketplace.urls import handler403, handler404, handler500
from marketplace.urls import urlpatterns as of_the_site

__all__ = ["handler403", "handler404", "handler500", "urlpatterns"]


def refuse(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("as asked for by a test")


def closed(request: HttpRequest, template: str, status: int) -> HttpResponse:
    return render(request, template, status=status)


errors = [
    path("403/", refuse),
    path("500/", fail),
    path("403-csrf/", closed, {"template": "403_csrf.html", "status": 403}),
    path("429/", closed, {"template": "429.html", "status": 429}),
    path("503/", closed, {"template": "503.html", "status": 503}),
]
urlpatterns = [
    path("loi/", include(errors)),
    path("en/loi/", include(errors)),
    path("mau/", include("theme.sample_urls")),
    *of_the_site,
]
