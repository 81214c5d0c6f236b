"""What stands in the database, so that two requests can be compared row by row."""

from __future__ import annotations

from typing import Any

from django.db import connection

#: Not the market's: who is signed in, what is queued, what is counted, what is searched.
_PASSED_OVER = (
    "django_", "procrastinate_", "axes_", "auth_permission", "platform_ratelimit",
    "platform_pageversion", "places_", "wagtailsearch_", "wagtailcore_referenceindex",
    "page_versions",
)  # fmt: skip
#: Columns that chance or the request's number fills.
_BY_CHANCE = [
    "date_created", "date_updated", "file", "scan", "photo", "request_id",
    "original_hash", "file_hash", "access_secret", "secret",
    "code_hash", "key_hash", "password", "last_login",
]  # fmt: skip


def tables() -> list[str]:
    """The tables that count."""
    return sorted(
        name for name in connection.introspection.table_names()
        if not name.startswith(_PASSED_OVER)
    )


def digest() -> dict[str, str]:
    """Table → what its rows amount to. One query."""
    names = tables()
    parts = " UNION ALL ".join(
        f"SELECT %s, md5(coalesce(string_agg(r, '' ORDER BY r), '')) FROM"  # noqa: S608
        f' (SELECT (to_jsonb(t) - %s::text[])::text AS r FROM "{name}" t) x'
        for name in names
    )
    values: list[Any] = []
    for name in names:
        values += [name, _BY_CHANCE]
    with connection.cursor() as cursor:
        cursor.execute(parts, values)
        return dict(cursor.fetchall())


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """The tables whose rows are not the same."""
    return {name for name in before if before[name] != after[name]}


class Counters:
    """The numbers that the next rows would get: taken back, a repetition gets the same ones."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT format('%I.%I', schemaname, sequencename), coalesce(last_value, 1),"
                " last_value IS NOT NULL FROM pg_sequences WHERE schemaname = 'public'"
            )
            self._values = cursor.fetchall()

    def take_back(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(name::regclass, value, used) FROM"
                " unnest(%s::text[], %s::bigint[], %s::bool[]) AS x(name, value, used)",
                [list(column) for column in zip(*self._values, strict=True)],
            )
