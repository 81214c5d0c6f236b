from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "marketplace.payments"
    label = "payments"
    verbose_name = _("Payments and ledger")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear what orders tell, answer what their pages ask; reference rows after the tables."""
        from marketplace.orders import paying
        from marketplace.payments import shortening, signals, telling  # noqa: F401
        from marketplace.payments.reference import load_after_migrate

        paying.register(telling.tell)
        post_migrate.connect(load_after_migrate, sender=self)
