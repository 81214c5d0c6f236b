"""Addresses of the producers' desk, below ``/portal/``."""

from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from marketplace.portal.views import parcels, today

app_name = "portal"

urlpatterns = [
    path("", today.home, name="home"),
    path(
        _("parcels/<str:number>/"),
        include(
            [
                path(_("confirm/"), parcels.confirm, name="confirm"),
                path(_("decline/"), parcels.decline, name="decline"),
            ]
        ),
    ),
]
