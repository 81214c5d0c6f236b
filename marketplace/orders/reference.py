"""Reference rows that orders cannot do without, from ``orders/data/reference.toml``.

Loaded after every migration and by ``load()``; rows already there stay as they are, so the
office may end one and add another.
"""

import tomllib
from pathlib import Path

from django.db import connection, transaction
from oscar.apps.address.models import Country

from marketplace.orders.models import ConsentText, FulfilmentTerms

FILE = Path(__file__).parent / "data" / "reference.toml"


@transaction.atomic
def load() -> None:
    """Add the country, the consent texts and the first fulfilment terms where missing."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    for country in data["country"]:
        Country.objects.get_or_create(
            iso_3166_1_a2=country["iso_3166_1_a2"],
            defaults={**country, "is_shipping_country": True},
        )
    for text in data["consent_text"]:
        if not ConsentText.objects.filter(purpose=text["purpose"]).exists():
            ConsentText.objects.create(**text)
    if not FulfilmentTerms.objects.exists():
        for terms in data["fulfilment_terms"]:
            FulfilmentTerms.objects.create(**terms)


def load_after_migrate(**_signal: object) -> None:
    """``post_migrate``: also sent after a flush. Waits until all tables are there."""
    needed = {Country._meta.db_table, ConsentText._meta.db_table, FulfilmentTerms._meta.db_table}
    if needed <= set(connection.introspection.table_names()):
        load()
