"""Ways of paying and the limits of cash on delivery, from versioned files."""

import tomllib
from datetime import date
from pathlib import Path

from django.db import connection, transaction

from marketplace.orders.models import FulfilmentTerms
from marketplace.payments.models import CodLimits, MethodTerms

FILE = Path(__file__).parent / "data" / "reference.toml"


@transaction.atomic
def load() -> None:
    """Add the first rows where there are none; the office changes them by adding others."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    if not CodLimits.objects.exists():
        for limits in data["cod_limits"]:
            CodLimits.objects.create(**limits)
    if not MethodTerms.objects.exists():
        for terms in data["method_terms"]:
            MethodTerms.objects.create(**terms)


@transaction.atomic
def load_cod_limits(path: Path | str) -> None:
    """Take an operator's own limits (``[[cod_limit]]``) from a file. Idempotent.

    A row of the same first day is replaced. The file also says after how many working days an
    unconfirmed order is cancelled.
    """
    for row in tomllib.loads(Path(path).read_text(encoding="utf-8"))["cod_limit"]:
        starts = row["effective_from"]
        starts = date.fromisoformat(starts) if isinstance(starts, str) else starts
        CodLimits.objects.update_or_create(
            effective_from=starts,
            defaults={
                "order_amount_max": row["max_amount"],
                "new_phone_amount_max": row["new_phone_max_amount"],
                "open_orders_max": row["max_open_orders_per_phone"],
                "open_amount_max": row.get("max_open_amount_per_phone"),
                "refusals_max": row["max_refusals_per_phone"],
                "refusal_window_days": row["refusal_window_days"],
                "refuse_order_amount_above": row.get("hard_amount"),
                "refuse_open_orders_above": row.get("hard_open_orders"),
                "refuse_refusals_above": row.get("hard_refusals"),
                "source": row["source"],
            },
        )
        if days := row.get("unconfirmed_cancel_working_days"):
            FulfilmentTerms.objects.update_or_create(
                effective_from=starts,
                defaults={"unconfirmed_working_days": days, "source": row["source"]},
            )


def load_after_migrate(**_signal: object) -> None:
    """``post_migrate``: also sent after a flush."""
    needed = {CodLimits._meta.db_table, MethodTerms._meta.db_table}
    if needed <= set(connection.introspection.table_names()):
        load()
