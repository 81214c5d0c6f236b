from django.core.management.base import BaseCommand

from catalogue.loading import load_countries, load_product_sets
from marketplace.places.loading import load_places


class Command(BaseCommand):
    """Loads what the law and the statistics office say: places, product sets, the country."""

    help = "Load provinces, communes and product sets from their versioned files (repeatable)."

    def handle(self, *args: object, **options: object) -> None:
        """Load everything; running it again changes only what the files changed."""
        provinces, communes = load_places()
        sets = load_product_sets()
        load_countries()
        self.stdout.write(f"{provinces} provinces, {communes} communes, {sets} product sets.")
