"""Addresses of the producers' desk, below ``/portal/``."""

from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from marketplace.portal import views

app_name = "portal"

urlpatterns = [
    path("", views.home, name="home"),
    path(
        "<str:number>/",
        include(
            [
                path(_("confirm/"), views.confirm, name="confirm"),
                path(_("decline/"), views.decline, name="decline"),
            ]
        ),
    ),
]
