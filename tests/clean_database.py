"""Gives every test with real transactions a database as it was after migrating.

Django would leave the tables empty: without Wagtail's root page, the languages and whatever
else migrations put there, which the next test, or the next run with --reuse-db, needs. The
rows are copied once into a schema of their own and put back after each such test.
"""

from django.db import connection, transaction
from django.test import TransactionTestCase

from marketplace.platform import audit

COPIES = "as_migrated"


def remember() -> None:
    """Copy the rows of a freshly migrated database; again only after new migrations."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(app || '.' || name, ' ' ORDER BY id) FROM django_migrations"
        )
        (migrations,) = cursor.fetchone()
        cursor.execute("SELECT to_regclass(%s)", [f"{COPIES}.of"])
        if cursor.fetchone()[0]:
            cursor.execute(f"SELECT migrations FROM {COPIES}.of")
            if cursor.fetchone()[0] == migrations:
                return
        cursor.execute(f"DROP SCHEMA IF EXISTS {COPIES} CASCADE")
        cursor.execute(f"CREATE SCHEMA {COPIES}")
        cursor.execute(f"CREATE TABLE {COPIES}.of AS SELECT %s AS migrations", [migrations])
        for table in _filled("public"):
            cursor.execute(f'CREATE TABLE {COPIES}."{table}" AS TABLE public."{table}"')


def restore() -> None:
    """Empty all tables, the append-only ones and the queue too, and put the copies back."""
    with audit.erasure_allowed("emptying a test database"), connection.cursor() as cursor:
        filled = ", ".join(f'public."{table}"' for table in _filled("public"))
        if filled:
            cursor.execute(f"TRUNCATE {filled} CASCADE")
        for table in _filled(COPIES):
            if table != "of":
                cursor.execute(f'INSERT INTO public."{table}" SELECT * FROM {COPIES}."{table}"')


def _filled(schema: str) -> list[str]:
    """The tables of a schema that have rows, but for the list of migrations."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s"
            " AND tablename <> 'django_migrations' ORDER BY tablename",
            [schema],
        )
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute(
            " UNION ALL ".join(
                f"""SELECT '{name}' WHERE EXISTS (SELECT FROM {schema}."{name}")"""
                for name in tables
            )
        )
        return [name for (name,) in cursor.fetchall()]


def use(monkeypatch) -> None:
    """Let Django's tests with real transactions clean up this way."""
    monkeypatch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: restore())
