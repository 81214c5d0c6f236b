"""Where a menu entry or a button leads: one of four kinds of place, in the reader's language."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Route(models.TextChoices):
    """Places of the shop that are no pages of the CMS; the value is the name of the address."""

    PRODUCTS = "shop:product_list", _("All goods")
    PRODUCERS = "shop:producer_list", _("All growers")
    APPLY = "shop:apply", _("Sell with us")
    SEARCH = "shop:search", _("Search")
    BASKET = "checkout:basket", _("Basket")
    TRACKING = "orders:track_form", _("Follow an order")
    ACCOUNT = "account_home", _("Account")
    PORTAL = "portal:home", _("Producers' desk")


def address_of(
    *,
    page: models.Model | None = None,
    category: models.Model | None = None,
    route: str = "",
    address: str = "",
) -> str:
    """The path of whichever is given, in the active language; empty when it leads nowhere.

    A page without a live translation leads to itself, a page that is not live nowhere.
    """
    if page is not None:
        page = page.localized
        return (page.url or "") if page.live else ""
    if category is not None:
        return category.get_absolute_url()
    if route:
        return reverse(route)
    return address
