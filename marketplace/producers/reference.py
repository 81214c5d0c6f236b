"""The seller's checklist as first loaded, from ``producers/data/reference.toml``.

Loaded after every migration; rows already there stay as they are, so the office may end one
and add another.
"""

import tomllib
from pathlib import Path

from django.db import connection, transaction

from marketplace.producers.models import ChecklistItem

FILE = Path(__file__).parent / "data" / "reference.toml"


@transaction.atomic
def load() -> None:
    """Add the items that no row has the code of."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    known = set(ChecklistItem.objects.values_list("code", flat=True))
    ChecklistItem.objects.bulk_create(
        ChecklistItem(**item) for item in data["checklist_item"] if item["code"] not in known
    )


def load_after_migrate(**_signal: object) -> None:
    """``post_migrate``: also sent after a flush. Waits until the table is there."""
    if ChecklistItem._meta.db_table in connection.introspection.table_names():
        load()
