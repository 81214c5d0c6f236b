"""Addresses of the basket and the checkout; the words in them are the reader's."""

from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from marketplace.checkout import views

app_name = "checkout"

urlpatterns = [
    path(
        _("basket/"),
        include(
            [
                path("", views.basket, name="basket"),
                path(_("add/"), views.add, name="add"),
                path(_("change/"), views.update, name="update"),
                path(_("code/"), views.code, name="code"),
            ]
        ),
    ),
    path(
        _("checkout/"),
        include(
            [
                path(_("deliver-to/"), views.where, name="where"),
                path(_("pay/"), views.pay, name="pay"),
                path(
                    _("thank-you/"),
                    include(
                        [
                            path(
                                "<str:number>/<str:secret>/", views.thank_you, name="thank_you"
                            )
                        ]
                    ),
                ),
            ]
        ),
    ),
]
