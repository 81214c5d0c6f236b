"""What the database itself refuses, on our tables and on Oscar's."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from oscar.apps.order.models import Line, Order
from oscar.apps.partner.models import StockRecord

from marketplace.orders.models import Consignment, ConsignmentEvent
from tests.factories.catalogue import make_product
from tests.factories.orders import make_order
from tests.orders.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("partner_stockrecord", "orders_stock_allocated_within_stock"),
        ("partner_stockrecord", "orders_stock_whole_dong"),
        ("order_order", "orders_order_whole_dong"),
        ("order_order", "orders_order_total_holds_shipping"),
        ("order_line", "orders_line_whole_dong"),
        ("order_line", "orders_line_quantity_positive"),
    ],
)
def test_the_checks_on_oscars_tables_are_there(table, name):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT convalidated FROM pg_constraint WHERE conrelid = %s::regclass AND conname = %s",
            [table, name],
        )
        assert cursor.fetchone() == (True,)


def test_one_order_for_one_basket(tariff):
    order = make_order(make_product(), now=NOW)
    with pytest.raises(IntegrityError, match="orders_order_one_per_basket"), transaction.atomic():
        Order.objects.create(
            number="DTX", basket=order.basket, total_incl_tax=1, total_excl_tax=1, date_placed=NOW
        )
    # Orders without one (imported, say) do not disturb each other.
    for number in ("DTY", "DTZ"):
        Order.objects.create(number=number, total_incl_tax=1, total_excl_tax=1, date_placed=NOW)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"num_allocated": 11}, "orders_stock_allocated_within_stock"),
        ({"num_allocated": -1}, "orders_stock_allocated_within_stock"),
        ({"num_in_stock": 2}, "orders_stock_allocated_within_stock"),
        ({"num_in_stock": None}, "orders_stock_allocated_within_stock"),
        ({"price": "285000.50"}, "orders_stock_whole_dong"),
        ({"price": "-1"}, "orders_stock_whole_dong"),
    ],
)
def test_stock_that_cannot_be(change, constraint):
    record = make_product(stock=10).stockrecords.get()
    StockRecord.objects.filter(pk=record.pk).update(num_allocated=3)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        StockRecord.objects.filter(pk=record.pk).update(**change)


def test_amounts_with_half_a_dong(tariff):
    order = make_order(make_product(), now=NOW)
    for model, field in ((Order, "total_incl_tax"), (Line, "line_price_incl_tax")):
        with pytest.raises(IntegrityError, match="whole_dong"), transaction.atomic():
            model.objects.update(**{field: "305000.50"})
    assert order.pk


@pytest.mark.parametrize("table", ["orders_consignmentevent", "orders_consentrecord"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_history_is_not_rewritten(tariff, table, statement):
    make_order(make_product(), now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))
    assert ConsignmentEvent.objects.count() == 1


@pytest.mark.parametrize(
    "change", [{"state": "lost"}, {"promise_on": None}, {"goods_incl_tax": -1}]
)
def test_consignments_that_cannot_be(tariff, change):
    make_order(make_product(), now=NOW)
    with pytest.raises(IntegrityError, match="orders_consignment_"), transaction.atomic():
        Consignment.objects.update(**change)
