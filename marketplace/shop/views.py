"""The shop window. Every page is the same for everybody and is kept whole."""

from __future__ import annotations

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalogue.models import Category, Product
from catalogue.queries import next_midnight
from marketplace.kernel import clock
from marketplace.places import queries as places
from marketplace.places.models import Province
from marketplace.platform.page_versions import cache_public, depends_on, valid_until
from marketplace.producers.queries import in_public
from marketplace.shop import growers, lists, meta, parameters
from marketplace.shop.lists import KEYS
from marketplace.shop.parameters import list_parameters
from marketplace.shop.product_page import load_offer, product_page
from search.words import typed
from theme.components import Link

#: Deeper trees of shelves than this exist nowhere.
_DEEPEST_SHELF = 8


@require_safe
@cache_public(query=KEYS)
def product_list(request: HttpRequest) -> HttpResponse:
    """All goods."""
    path = reverse("shop:product_list")
    asked = list_parameters(request.GET)
    now = clock.now()
    found = lists.find(asked, now)
    context = lists.list_context(
        asked=asked, found=found, title=_("All products"), path=path,
        path_of=lambda: reverse("shop:product_list"), trail=meta.breadcrumbs(),
        intro=lists.count_words(found.results.total) + ".",
    )
    return _list_page(request, found, context)


@require_safe
@cache_public(query=KEYS)
def search(request: HttpRequest) -> HttpResponse:
    """What was searched for; without words, all goods."""
    path = reverse("shop:search")
    asked = list_parameters(request.GET)
    now = clock.now()
    found = lists.find(asked, now)
    context = lists.list_context(
        asked=asked, found=found, title=asked.words or _("Search"), path=path,
        path_of=lambda: reverse("shop:search"), trail=meta.breadcrumbs(),
        intro=lists.search_intro(asked, found)
        if asked.words
        else lists.count_words(found.results.total) + ".",
    )
    return _list_page(request, found, context)


@require_safe
@cache_public(query=KEYS)
def category(request: HttpRequest, path: str) -> HttpResponse:
    """One shelf and what is below it. A former address leads to the one of today."""
    trail = _shelves(path)
    if trail is None:
        if "\x00" in path:
            raise Http404
        moved = Category.objects.filter(
            slug=path.rsplit("/", 1)[-1][:255], is_public=True, ancestors_are_public=True
        )[:2]
        if len(moved) == 1:
            return HttpResponsePermanentRedirect(moved[0].get_absolute_url())
        raise Http404
    shelf = trail[-1]
    asked = list_parameters(request.GET)
    now = clock.now()
    found = lists.find(asked, now, shelf=shelf)
    own_path = reverse("shop:category", kwargs={"path": path})
    parts = path.split("/")
    links = [
        Link(above.name, reverse("shop:category", kwargs={"path": "/".join(parts[: at + 1])}))
        for at, above in enumerate(trail[:-1])
    ]
    context = lists.list_context(
        asked=asked, found=found, title=shelf.name, path=own_path, shelf=shelf,
        path_of=lambda: reverse("shop:category", kwargs={"path": path}),
        trail=meta.breadcrumbs(Link(_("Products"), reverse("shop:product_list")), *links),
        intro=meta.shorten(_plain(shelf.description), 300),
    )
    return _list_page(request, found, context)


@require_safe
@cache_public(query=(parameters.UNIT, parameters.DELIVER_TO))
def product(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One product; any other slug leads to its one address."""
    now = clock.now()
    depends_on(request, f"product:{pk}")
    offer, related = load_offer(pk, now) if pk < 2**63 else (None, [])
    if offer is None:
        return _gone(request, pk)
    if slug != offer.listing.slug:
        query = request.META["QUERY_STRING"]
        address = offer.listing.get_absolute_url()
        return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)
    page = product_page(
        offer, related, unit_id=parameters.unit_id(request.GET),
        province_code=parameters.province_code(request.GET), now=now,
    )
    depends_on(request, *page.depends_on)
    valid_until(request, page.valid_until)
    return render(request, "shop/product_detail.html", page.context)


@require_safe
@cache_public(query=(parameters.KIND, parameters.PAGE))
def producer_list(request: HttpRequest) -> HttpResponse:
    """All growers."""
    now = clock.now()
    depends_on(request, "catalogue")
    valid_until(request, next_midnight(now))
    context = growers.grower_list(
        kind=request.GET.get(parameters.KIND, ""),
        page=parameters.page_number(request.GET),
        now=now,
    )
    return render(request, "shop/producer_list.html", context)


@require_safe
@cache_public(query=(parameters.PAGE,))
def producer(request: HttpRequest, slug: str) -> HttpResponse:
    """One grower: goods, story and what a buyer must know of the seller."""
    now = clock.now()
    grower = (
        in_public().select_related("commune__province", "portrait").filter(slug=slug).first()
    )
    if grower is None:
        raise Http404
    context, keys, until = growers.grower_page(
        grower, page=parameters.page_number(request.GET), now=now
    )
    depends_on(request, *keys)
    valid_until(request, until)
    return render(request, "shop/producer_detail.html", context)


@require_safe
def commune_options(request: HttpRequest) -> JsonResponse:
    """Communes for the type-ahead: ``?province=CODE&q=TEXT``."""
    province = Province.objects.filter(
        code=typed(request.GET.get("province", "")[:10])
    ).first()
    found = []
    if province is not None:
        text = typed(request.GET.get("q", "")[:500])[: places.MAX_TEXT]
        found = places.commune_options(text, province, clock.today())
    response = JsonResponse(
        {"results": [{"label": unit.full_name, "code": unit.code} for unit in found]}
    )
    response["Cache-Control"] = "public, max-age=3600"
    return response


def _list_page(request: HttpRequest, found: lists.Found, context: dict) -> HttpResponse:
    depends_on(request, "catalogue")
    valid_until(request, found.valid_until)
    return render(request, "shop/product_list.html", context)


def _shelves(path: str) -> list[Category] | None:
    """The shelves from the top down to the one at ``path``; None when there is none. One query."""
    slugs = path.split("/")
    if len(slugs) > _DEEPEST_SHELF or "\x00" in path:
        return None
    named = list(
        Category.objects.filter(
            slug__in=slugs, is_public=True, ancestors_are_public=True, depth__lte=len(slugs)
        )
    )
    by_path = {shelf.path: shelf for shelf in named}
    for shelf in named:
        if shelf.depth == len(slugs):
            ends = range(Category.steplen, len(shelf.path) + 1, Category.steplen)
            trail = [by_path.get(shelf.path[:end]) for end in ends]
            if [above.slug if above else None for above in trail] == slugs:
                return trail
    return None


def _plain(html: str) -> str:
    from django.utils.html import strip_tags

    return strip_tags(html or "")


def _gone(request: HttpRequest, pk: int) -> HttpResponse:
    """What is not public: said clearly when it was once on sale, otherwise simply not there."""
    was_public = pk < 2**63 and Product.objects.filter(
        pk=pk, parent__isnull=True, published_at__isnull=False
    ).exists()
    if not was_public:
        raise Http404
    return render(request, "shop/product_gone.html", status=404)
