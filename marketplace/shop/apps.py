from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShopConfig(AppConfig):
    name = "marketplace.shop"
    label = "shop"
    verbose_name = _("Shop window")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Show the desks what a buyer would see."""
        from catalogue import previewing
        from marketplace.shop.product_page import preview_page

        previewing.register(preview_page)
