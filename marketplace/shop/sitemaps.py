"""What search engines may find: goods, shelves, growers, lists and the pages of the CMS.

Every address stands once for each language, with its twins.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse
from wagtail.models import Page, Site

from catalogue.models import Category, Product
from catalogue.queries import public_listings
from marketplace.producers.models import Producer
from marketplace.producers.queries import in_public


class OurSitemap(Sitemap):
    """Addresses of this site, in all its languages."""

    i18n = True
    alternates = True
    x_default = True
    limit = 5000

    @property
    def protocol(self) -> str:
        """As the site is reached from outside."""
        return urlsplit(settings.SITE_URL).scheme

    @protocol.setter
    def protocol(self, value: str) -> None:
        """The request's own protocol does not matter."""

    def get_domain(self, site: object = None) -> str:
        """As the site is reached from outside."""
        return urlsplit(settings.SITE_URL).netloc


class ListSitemap(OurSitemap):
    """The entrances."""

    def items(self) -> list[str]:
        """Names of addresses."""
        return ["shop:product_list", "shop:producer_list"]

    def location(self, item: str) -> str:
        """The path in the active language."""
        return reverse(item)


class ProductSitemap(OurSitemap):
    """Public listings, the newest first."""

    def items(self) -> QuerySet[Product]:
        """Only what an address needs."""
        return public_listings().only("slug", "date_updated", "structure").order_by("-pk")

    def lastmod(self, item: Product) -> datetime:
        """When the listing was last saved."""
        return item.date_updated


class CategorySitemap(OurSitemap):
    """Public shelves."""

    def items(self) -> QuerySet[Category]:
        """In the order of the tree."""
        return Category.objects.filter(is_public=True, ancestors_are_public=True)


class ProducerSitemap(OurSitemap):
    """Identified growers."""

    def items(self) -> QuerySet[Producer]:
        """Only what an address needs."""
        return in_public().only("slug").order_by("pk")

    def location(self, item: Producer) -> str:
        """The path in the active language."""
        return reverse("shop:producer", kwargs={"slug": item.slug})


class PageSitemap(OurSitemap):
    """Live pages of the CMS that anybody may read; twins are each other's translations."""

    i18n = False
    alternates = False

    def items(self) -> list[Page]:
        """Pages below the site's roots, in all languages."""
        site = Site.objects.select_related("root_page").filter(is_default_site=True).first()
        if site is None:
            return []
        roots = site.root_page.get_translations(inclusive=True)
        pages = Page.objects.none()
        for root in roots:
            pages |= Page.objects.descendant_of(root, inclusive=True)
        return list(
            pages.live().public().select_related("locale").defer_streamfields().order_by("path")
        )

    def location(self, item: Page) -> str:
        """The page's path; every site of ours has one host."""
        return item.get_url_parts()[2]

    def lastmod(self, item: Page) -> datetime | None:
        """When the page was last published."""
        return item.last_published_at

    def _urls(self, page: int, protocol: str, domain: str) -> list[dict]:
        """The addresses, each with those of its translations beside it."""
        urls = super()._urls(page, protocol, domain)
        twins: dict[object, list[dict]] = defaultdict(list)
        for url in urls:
            found = url["item"]
            twins[found.translation_key].append(
                {"location": url["location"], "lang_code": found.locale.language_code}
            )
        for url in urls:
            own = twins[url["item"].translation_key]
            url["alternates"] = own if len(own) > 1 else []
        return urls


SITEMAPS = {
    "pages": PageSitemap,
    "lists": ListSitemap,
    "products": ProductSitemap,
    "categories": CategorySitemap,
    "growers": ProducerSitemap,
}
