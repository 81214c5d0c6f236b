"""Pages for machines: what they may read, where everything is, the cards of shared links."""

from __future__ import annotations

from django.conf import settings
from django.contrib.sitemaps import views as sitemap_views
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.http import require_safe
from wagtail.models import Page

from catalogue.queries import next_midnight, whole_offers
from cms import social_cards as page_cards
from cms.models.base import BasePage
from marketplace.kernel import clock
from marketplace.platform.page_versions import cache_public, depends_on, valid_until
from marketplace.shop import meta, social_cards
from marketplace.shop.sitemaps import SITEMAPS

#: What is private or leads nowhere for a robot, by the names of addresses.
_CLOSED = ("checkout:basket", "shop:search")


@require_safe
@cache_public(query=())
def robots(request: HttpRequest) -> HttpResponse:
    """robots.txt: everything public may be read."""
    closed = ["/cms/", "/dashboard/", "/django-admin/", "/portal/"]
    for code, _name in settings.LANGUAGES:
        with override(code):
            closed += [reverse(name) for name in _CLOSED]
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in closed),
        f"Sitemap: {meta.absolute(reverse('sitemap'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
@cache_public(query=())
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """The list of sitemaps, each in parts of ``limit`` addresses."""
    depends_on(request, "catalogue")
    valid_until(request, next_midnight(clock.now()))
    locations = []
    for section, sitemap in SITEMAPS.items():
        path = meta.absolute(reverse("sitemap_section", kwargs={"section": section}))
        parts = sitemap().paginator.num_pages
        locations += [{"location": path}]
        locations += [{"location": f"{path}?p={part}"} for part in range(2, parts + 1)]
    return render(
        request, "sitemap_index.xml", {"sitemaps": locations}, content_type="application/xml"
    )


@require_safe
@cache_public(query=("p",))
def sitemap_section(request: HttpRequest, section: str) -> HttpResponse:
    """One sitemap; pages of the CMS are read anew each day at the latest."""
    depends_on(request, "catalogue")
    valid_until(request, next_midnight(clock.now()))
    return sitemap_views.sitemap(request, sitemaps=SITEMAPS, section=section).render()


@require_safe
@cache_public(query=())
def product_card(request: HttpRequest, pk: int, language: str, version: str) -> HttpResponse:
    """The drawn card of a public listing; an old version leads to the one of today."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    depends_on(request, f"product:{pk}")
    found = whole_offers([pk], clock.now())
    if not found:
        raise Http404
    listing = found[0].listing
    with override(language):
        if version != social_cards.version_of(listing):
            return HttpResponseRedirect(social_cards.product_card_url(listing, language))
        body = social_cards.draw(listing, found[0].picture)
    return HttpResponse(body, content_type="image/png")


@require_safe
@cache_public(query=())
def shop_card(request: HttpRequest, language: str, version: str) -> HttpResponse:
    """The drawn card of lists, shelves and growers; an old version leads to the one of today."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with override(language):
        today = social_cards.shop_card_url(language)
        if request.path != today:
            return HttpResponseRedirect(today)
        return HttpResponse(social_cards.draw_shop(), content_type="image/png")


@require_safe
@cache_public(query=())
def page_card(request: HttpRequest, pk: int, version: str) -> HttpResponse:
    """The drawn card of a page that anybody may read; an old version leads to today's."""
    page = Page.objects.live().public().filter(pk=pk).first() if pk < 2**31 else None
    page = page and page.specific
    if not isinstance(page, BasePage):
        raise Http404
    depends_on(request, f"page:{pk}")
    if version != page_cards.version_of(page):
        return HttpResponseRedirect(page_cards.page_card_url(page))
    return HttpResponse(page_cards.draw(page), content_type="image/png")
