from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from marketplace.demo.loading.generated import generate


class Command(BaseCommand):
    """Fills a database with believable goods, to measure how the shop bears them."""

    help = "Generate N listings with growers, prices and stock, for benchmarks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many, and from which seed."""
        parser.add_argument("count", type=int)
        parser.add_argument("--seed", type=int, default=82)

    def handle(self, *args: object, count: int, seed: int, **options: object) -> None:
        """Generate and index them."""
        made = generate(count, seed=seed)
        self.stdout.write(f"{made} listings generated and indexed.")
