"""Load the demo province: reference data, people, goods, pages, sixty days of orders."""

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction
from rich.console import Console
from rich.progress import Progress

from marketplace.demo.loading import (
    Tracker,
    drawings,
    goods,
    invoices,
    listings,
    orders,
    payments,
    people,
    rates,
    rules,
    sellers,
    site,
    tables,
    vouchers,
)
from marketplace.demo.models import Loaded

Item = TypeVar("Item")


class Command(BaseCommand):
    help = "Load the demo province. Parts that stand complete are left alone."

    def handle(self, *args: object, **options: object) -> None:
        # Every page published and every task enqueued would say so between the bars.
        for chatty in ("wagtail", "procrastinate"):
            logging.getLogger(chatty).setLevel(logging.WARNING)
        console = Console(highlight=False)
        done = set(Loaded.objects.values_list("part", flat=True))
        for part, load in PARTS.items():
            if part in done:
                continue
            with transaction.atomic(), tracker(console) as track:
                load(track)
                Loaded.objects.create(part=part)


class tracker:
    """A progress bar on a terminal, plain lines elsewhere."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.progress = Progress(console=console, disable=not console.is_terminal)

    def __enter__(self) -> Tracker:
        self.progress.__enter__()
        return self.track

    def __exit__(self, *failure: object) -> None:
        self.progress.__exit__(*failure)

    def track(self, items: Iterable[Item], total: int, title: str) -> Iterator[Item]:
        """Yield the items, showing how many are done."""
        if not self.console.is_terminal:
            self.console.print(f"{title}: {total}")
        yield from self.progress.track(items, total=total, description=title)


def _reference(track: Tracker) -> None:
    for command in track(["load_reference"], 1, "Provinces, communes, product sets"):
        call_command(command)


#: In the order in which one part needs the other.
PARTS: dict[str, Callable[[Tracker], None]] = {
    "reference": _reference,
    "accounts": people.load_accounts,
    "drawings": drawings.load,
    "producers": people.load_producers,
    "categories": goods.load_categories,
    "products": goods.load_products,
    "rates": rates.load,
    "site": site.load,
    "payment_terms": payments.load_terms,
    "orders": orders.load,
    "payments": payments.load,
    "vouchers": vouchers.load,
    "invoices": invoices.load,
    "sellers": sellers.load,
    "rules": rules.load,
    "listings": listings.load,
    "tables": tables.load,
}
