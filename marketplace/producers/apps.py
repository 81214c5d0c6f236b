from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ProducersConfig(AppConfig):
    name = "marketplace.producers"
    label = "producers"
    verbose_name = _("Producers")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The checklist comes after the tables."""
        from marketplace.producers.reference import load_after_migrate

        post_migrate.connect(load_after_migrate, sender=self)
