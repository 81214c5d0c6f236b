from django.core.management.base import BaseCommand

from search.indexing import rebuild


class Command(BaseCommand):
    """Writes the search documents of all public listings anew."""

    help = "Rebuild the search index from the catalogue (safe while the shop is open)."

    def handle(self, *args: object, **options: object) -> None:
        """Rebuild in batches; readers see old or new documents, never none."""
        self.stdout.write(f"{rebuild()} listings indexed.")
