"""Addresses of the producers' desk, below ``/portal/``."""

from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from marketplace.portal.views import helping, papers, parcels, today

app_name = "portal"

urlpatterns = [
    path("", today.home, name="home"),
    path(_("papers/"), papers.papers, name="papers"),
    path(_("papers/<slug:code>/"), papers.hand_in, name="papers_hand_in"),
    path(_("helping/"), helping.helping, name="helping"),
    path(_("helping/<int:pk>/"), helping.start_helping, name="helping_start"),
    path(_("helping/stop/"), helping.stop_helping, name="helping_stop"),
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
