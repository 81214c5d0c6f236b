"""Joins the addresses of all apps, and nothing else.

Words in an address are the reader's: Vietnamese at the root, English under ``/en/``.
Machines' addresses are in no language. Wagtail comes last: it takes what is left.
"""

from django.apps import apps
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

urlpatterns = [
    path("", include("marketplace.platform.urls")),
    path("", include("marketplace.shop.machine_urls")),
    path("", include("marketplace.media.urls")),
    path("", include("marketplace.accounts.door_urls")),
    path("cms/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("dashboard/", apps.get_app_config("dashboard").urls),
    path("django-admin/", admin.site.urls),
]

if apps.is_installed("marketplace.demo"):
    urlpatterns += [
        path("demo/", include("marketplace.demo.urls")),
        path("mau/", include("theme.sample_urls")),
    ]

urlpatterns += i18n_patterns(
    path("", include("marketplace.shop.urls")),
    path("", include("marketplace.checkout.urls")),
    path("", include("marketplace.orders.urls")),
    path("", include("marketplace.payments.urls")),
    path("", include("marketplace.accounts.urls")),
    path("portal/", include("marketplace.portal.urls")),
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)

handler400 = "theme.views.bad_request"
handler403 = "theme.views.forbidden"
handler404 = "theme.views.not_found"
handler500 = "theme.views.server_error"
