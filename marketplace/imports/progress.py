"""How far the worker is: told beside its transaction, so that a page sees it at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from marketplace.imports.kinds.base import Report
from marketplace.imports.models import ImportProgress

#: Rows between two words.
STEP = 250


@contextmanager
def progress(table_id: int, total: int) -> Iterator[Report]:
    """Give a function that notes how many more rows are done.

    It writes through a connection of its own, of which each word stands at once; the work's
    own transaction must not touch the row of the progress.
    """
    beside = connection.copy()
    beside.set_autocommit(True)
    done = told = 0

    def write() -> None:
        with beside.cursor() as cursor:
            cursor.execute(
                f"UPDATE {ImportProgress._meta.db_table}"  # noqa: S608
                " SET done = %s, total = %s WHERE table_id = %s",
                [done, total, table_id],
            )

    def report(more: int) -> None:
        nonlocal done, told
        done += more
        if done - told >= STEP or done >= total:
            told = done
            write()

    try:
        write()
        yield report
    finally:
        beside.close()
