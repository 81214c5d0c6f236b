from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "marketplace.orders"
    label = "orders"
    verbose_name = _("Orders and consignments")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Reference rows come after the tables; customers find their orders on their page."""
        from marketplace.orders.reference import load_after_migrate
        from marketplace.platform import audit

        post_migrate.connect(load_after_migrate, sender=self)
        audit.declare(
            {
                "order.placed": _("Order placed"),
                "consignment.reported": _("Reported as not arrived"),
                "consignment.report_answered": _("Report answered"),
                "consignment.shortened": _("Missing goods taken off"),
                "consignment.invoice_noted": _("VAT invoice given"),
                "consignment.invoice_mended": _("VAT invoice corrected"),
                "consignment.called": _("Called about the parcel"),
            }
        )

        from marketplace.accounts import panels
        from marketplace.orders.views import panel

        panels.register(
            panels.Panel(
                key="orders",
                order=10,
                label=_("My orders"),
                url_name="orders:mine",
                template="orders/account_panel.html",
                context=panel,
            )
        )
