"""Load the operator's account and the fees from a file that somebody has looked at."""

import tomllib
from datetime import date, timedelta
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, models, transaction

from marketplace.payments.models import CollectorAccount, FeeTerms

#: Table of the file → its model, and which columns say what replaces what.
TABLES: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
    "collector_account": (CollectorAccount, ()),
    "fee_terms": (FeeTerms, ("kind", "producer_kind")),
}


class Command(BaseCommand):
    help = (
        "Load dated rows from a TOML file with tables [[collector_account]] and [[fee_terms]]. "
        "A new row ends the one before it; rows that stand already are left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: object, file: Path, **options: object) -> None:
        try:
            tables = tomllib.loads(file.read_text(encoding="utf-8"))
            unknown = set(tables) - set(TABLES)
            if unknown:
                raise CommandError(f"Unknown tables: {', '.join(sorted(unknown))}")
            with transaction.atomic():
                added = sum(
                    _add(*TABLES[name], row) for name, rows in tables.items() for row in rows
                )
        except (OSError, ValueError, TypeError, KeyError, DatabaseError) as error:
            raise CommandError(f"Nothing was loaded: {error}") from error
        self.stdout.write(f"{added} rows added.")


def _add(model: type[models.Model], same: tuple[str, ...], row: dict) -> bool:
    begins: date = row["effective_from"]
    kin = model.objects.filter(**{name: row.get(name, "") for name in same})
    if kin.filter(effective_from=begins).exists():
        return False
    kin.filter(effective_from__lt=begins, effective_through=None).update(
        effective_through=begins - timedelta(days=1)
    )
    model.objects.create(**row)
    return True
