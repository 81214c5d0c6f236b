"""Delivery prices of the demo operator."""

from decimal import Decimal

from marketplace.demo.loading import CONTENT, Tracker, read
from marketplace.kernel import clock
from marketplace.producers.models import Producer
from marketplace.shipping.loading import load_rates
from marketplace.shipping.models import FreeThreshold


def load(track: Tracker) -> None:
    """The price list, and from which amount each producer sends free of charge."""
    for path in track([CONTENT / "shipping.toml"], 1, "Delivery rates"):
        load_rates(path)
    for entry in read("producers.toml")["producer"]:
        if amount := entry.get("free_delivery_from"):
            FreeThreshold.objects.get_or_create(
                producer=Producer.objects.get(slug=entry["slug"]),
                effective_from=clock.today().replace(month=1, day=1),
                defaults={"amount_incl_tax": Decimal(amount), "source": "producers.toml"},
            )
