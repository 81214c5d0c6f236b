"""Addresses for machines, in no language."""

from django.urls import path

from marketplace.shop import machine_views

urlpatterns = [
    path("robots.txt", machine_views.robots, name="robots"),
    path("sitemap.xml", machine_views.sitemap_index, name="sitemap"),
    path("sitemap-<slug:section>.xml", machine_views.sitemap_section, name="sitemap_section"),
    path(
        "cards/product-<int:pk>-<str:language>-<slug:version>.png",
        machine_views.product_card,
        name="shop_product_card",
    ),
    path(
        "cards/shop-<str:language>-<slug:version>.png",
        machine_views.shop_card,
        name="shop_card",
    ),
    path(
        "cards/page-<int:pk>-<slug:version>.png",
        machine_views.page_card,
        name="cms_page_card",
    ),
]
