"""Running the statements that are written out once, without planning them each time.

Planning a page's joins takes the server as long as running them. What goes through here is
prepared on its connection and planned once; everything else goes Django's way, which binds
values in the client and cannot prepare.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection


class _Prepared(psycopg.Cursor):
    """A cursor that prepares what it runs."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> psycopg.Cursor:
        return super().execute(query, params, prepare=True, **options)


@contextmanager
def fixed_cursor() -> Iterator[Any]:
    """A cursor for statements whose text never changes; counted and logged like Django's."""
    if not settings.DATABASE_PREPARED:
        with connection.cursor() as cursor:
            yield cursor
        return
    connection.ensure_connection()
    with connection._prepare_cursor(_Prepared(connection.connection)) as cursor:
        yield cursor


def rows(sql: str, values: Sequence[Any] | Mapping[str, Any]) -> list[tuple]:
    """All rows of a fixed statement."""
    with fixed_cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
