"""Addresses of the shop window; the words in them are the reader's."""

from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView

from marketplace.shop import applying, views

app_name = "shop"

urlpatterns = [
    path(
        _("products/"),
        include(
            [
                path("", views.product_list, name="product_list"),
                path("<slug:slug>-<int:pk>/", views.product, name="product"),
            ]
        ),
    ),
    path(
        _("categories/"),
        include(
            [
                path("", RedirectView.as_view(pattern_name="shop:product_list")),
                path("<path:path>/", views.category, name="category"),
            ]
        ),
    ),
    path(
        _("growers/"),
        include(
            [
                path("", views.producer_list, name="producer_list"),
                path("<slug:slug>/", views.producer, name="producer"),
            ]
        ),
    ),
    path(
        _("sell-with-us/"),
        include(
            [
                path("", applying.apply, name="apply"),
                path(_("sent/"), applying.apply_sent, name="apply_sent"),
            ]
        ),
    ),
    path(
        _("search/"),
        include(
            [
                path("", views.search, name="search"),
                path("communes.json", views.commune_options, name="commune_options"),
            ]
        ),
    ),
]
