"""Addresses of orders; the words in them are the reader's."""

from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from marketplace.orders import views
from marketplace.orders.views import answers

app_name = "orders"

own_orders = [
    path("", views.mine, name="mine"),
    path("<str:number>/", views.one_of_mine, name="one_of_mine"),
]

urlpatterns = [
    path(
        _("orders/"),
        include(
            [
                path("", views.track_form, name="track_form"),
                path("<str:number>/<str:secret>/", views.track, name="track"),
                path(
                    "<str:number>/<str:secret>/",
                    include(
                        [
                            path(_("cancel/"), views.cancel, name="cancel"),
                            path(
                                _("missing/<str:consignment>/"), answers.missing, name="missing"
                            ),
                            path(_("report/<str:consignment>/"), answers.report, name="report"),
                            path(_("photo/<str:consignment>/"), answers.photo, name="photo"),
                        ]
                    ),
                ),
            ]
        ),
    ),
    path(_("account/"), include([path(_("orders/"), include(own_orders))])),
]
