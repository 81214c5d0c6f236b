"""R8: a crash at any step of placing an order leaves no half order."""

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from oscar.apps.basket.models import Basket

from marketplace.checkout.actions import place_order
from marketplace.checkout.writing import POINTS
from marketplace.kernel import failpoints
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import arguments, make_basket, make_tariff

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)

#: Tables in which half an order would show.
_COUNTED = """
    SELECT table_name FROM information_schema.tables
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name ~ %s
    ORDER BY table_name
"""
_TOUCHED = (
    "^(order_|orders_|payments_|basket_|partner_stock|voucher_|offer_|platform_audit"
    "|platform_pageversion|procrastinate_jobs)"
)


class Crash(Exception):
    """The process died here."""


def everything() -> dict[str, list]:
    """All rows of all tables that placing an order touches."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [_TOUCHED])
        tables = [row[0] for row in cursor.fetchall()]
        assert {"order_order", "orders_consignment", "payments_ledgerrow"} <= set(tables)
        found = {}
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t ORDER BY 1')
            found[table] = cursor.fetchall()
    return found


@pytest.fixture
def call():
    make_tariff()
    producers = [make_producer(email=f"p{i}@example.test") for i in range(3)]
    basket = make_basket(*((make_product(producer=p), 2) for p in producers))
    # What is read once for the life of a process is not a step of placing.
    place_order(**arguments(make_basket(make_product()), now=NOW))
    return arguments(basket, now=NOW)


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_at_each_failpoint(call, point):
    before = everything()
    with failpoints.armed(point, Crash), pytest.raises(Crash), transaction.atomic():
        place_order(**call)
    assert everything() == before
    # Afterwards the same click succeeds.
    assert place_order(**call).lines.count() == 3


class _Statements:
    """Counts the statements, and dies instead of running the ``fatal``-th."""

    def __init__(self, fatal: int | None = None) -> None:
        self.count, self.fatal = 0, fatal

    def __call__(self, execute, sql, params, many, context):
        # The test's own savepoints are not the code's steps.
        if sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            return execute(sql, params, many, context)
        self.count += 1
        if self.count == self.fatal:
            raise Crash(sql[:60])
        return execute(sql, params, many, context)


@contextmanager
def counted(fatal: int | None = None):
    statements = _Statements(fatal)
    with connection.execute_wrapper(statements):
        yield statements


def test_a_crash_at_each_statement(call):
    savepoint = transaction.savepoint()
    with counted() as statements:
        place_order(**call)
    transaction.savepoint_rollback(savepoint)
    total = statements.count
    assert 25 < total <= 55
    before = everything()
    assert Basket.objects.get(pk=call["basket"].pk).status == Basket.OPEN
    for fatal in range(1, total + 1):
        with counted(fatal), pytest.raises(Crash), transaction.atomic():
            place_order(**call)
        assert everything() == before, f"statement {fatal} of {total}"
    assert place_order(**call).lines.count() == 3
