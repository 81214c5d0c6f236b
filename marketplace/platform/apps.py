from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PlatformConfig(AppConfig):
    """Registers what every deploy must do."""

    name = "marketplace.platform"
    label = "platform"
    verbose_name = "Platform"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let no page outlive the release, or the data, that it was made from."""
        from marketplace.platform.page_versions import forget_all_pages

        post_migrate.connect(forget_all_pages, sender=self)
