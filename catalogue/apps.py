"""Fork of Oscar's catalogue: its models need columns that Oscar itself reads."""

import oscar.apps.catalogue.apps as apps


class CatalogueConfig(apps.CatalogueConfig):
    name = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to what changes listings."""
        super().ready()
        from catalogue import signals  # noqa: F401
