"""Takes the place of Oscar's search app, which would need haystack."""

from oscar.core.application import OscarConfig


class SearchConfig(OscarConfig):
    label = "search"
    name = "search"
    namespace = "search"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the index follow the catalogue."""
        super().ready()
        from search import indexing

        indexing.connect()
