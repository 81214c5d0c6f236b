"""Ways of paying and the limits of cash on delivery, from versioned files."""

import tomllib
from pathlib import Path

from django.db import connection, transaction

from marketplace.payments.models import CodLimits, MethodTerms

FILE = Path(__file__).parent / "data" / "reference.toml"


@transaction.atomic
def load() -> None:
    """Add the first rows where there are none; the office changes them by adding others."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    if not CodLimits.objects.exists():
        for limits in data["cod_limits"]:
            CodLimits.objects.create(**limits)
    known = set(MethodTerms.objects.values_list("method", flat=True))
    for terms in data["method_terms"]:
        if terms["method"] not in known:
            MethodTerms.objects.create(**terms)


def load_after_migrate(**_signal: object) -> None:
    """``post_migrate``: also sent after a flush."""
    needed = {CodLimits._meta.db_table, MethodTerms._meta.db_table}
    if needed <= set(connection.introspection.table_names()):
        load()
