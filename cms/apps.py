from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CmsConfig(AppConfig):
    name = "cms"
    label = "cms"
    verbose_name = _("Stories and pages")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear when pages and settings change."""
        from cms import signals  # noqa: F401
