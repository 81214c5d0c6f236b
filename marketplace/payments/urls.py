"""Addresses of paying, below the order's secret link; the words in them are the reader's."""

from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from marketplace.payments import views

app_name = "payments"

payment = [
    path("", views.pay, name="pay"),
    path("qr.svg", views.code_svg, name="code_svg"),
    path("qr.png", views.code_png, name="code_png"),
    path(_("sent/"), views.claim, name="claim"),
    path(_("more-time/"), views.more_time, name="more_time"),
    path(_("change/"), views.change, name="change"),
    path(_("refund/"), views.refund, name="refund"),
]

urlpatterns = [
    path(
        _("orders/"),
        include(
            [path("<str:number>/<str:secret>/", include([path(_("pay/"), include(payment))]))]
        ),
    ),
]
