"""Prices and counted stock by table: fates, writing, what changed meanwhile, taking back."""

import pytest

from catalogue import actions as catalogue
from marketplace.imports.errors import ErrorsNotAccepted, NothingToWrite, NotNow
from marketplace.imports.models import Import
from marketplace.imports.showing import note_of
from marketplace.platform.audit import AuditEntry
from tests.factories.accounts import make_user
from tests.factories.catalogue import make_producer, make_product
from tests.imports.conftest import applied, codes, fates, undone

pytestmark = pytest.mark.django_db
Kind, State = Import.Kind, Import.State
HEAD = ("Producer code", "Article number", "Price (₫)")


@pytest.fixture
def clerk():
    return make_user()


@pytest.fixture
def goods():
    producer = make_producer("Vườn Út Lành")
    made = [make_product(f"Xoài {n}", 100_000 + n, 10, producer=producer) for n in range(4)]
    return producer, made


def sku(product):
    return product.stockrecords.get().partner_sku


def price(product):
    return int(product.stockrecords.get().price)


def test_each_row_has_its_fate_and_nothing_is_written(judged, clerk, goods):
    producer, (one, two, three, four) = goods
    table = judged(
        Kind.PRICES, clerk, HEAD,
        (producer.slug, sku(one), "120.000"),
        (producer.slug, sku(two), 100_001),
        (producer.slug, "KHONG-CO", 5),
        (producer.slug, sku(three), "một trăm"),
        (producer.slug, sku(one), 7),
        ("ai-do", sku(four), 7),
    )  # fmt: skip
    assert table.state == State.JUDGED
    assert fates(table) == [
        (2, "changed"), (3, "unchanged"), (4, "error"), (5, "error"), (6, "error"), (7, "error"),
    ]  # fmt: skip
    assert codes(table) == {
        4: [("sku", "sku_unknown")],
        5: [("price", "number")],
        6: [("sku", "doubled")],
        7: [("producer", "producer")],
    }
    assert table.rows.get(number=2).changes == [["price", 100_000, 120_000]]
    assert (table.n_new, table.n_changed, table.n_unchanged, table.n_errors) == (0, 1, 1, 4)
    assert price(one) == 100_000


def test_applying_writes_all_good_rows_and_undoing_sets_them_back(judged, clerk, goods):
    producer, (one, two, *_rest) = goods
    rows = [(producer.slug, sku(one), 120_000), (producer.slug, sku(two), 130_000)]
    table = judged(Kind.PRICES, clerk, HEAD, *rows, (producer.slug, "NEIN", 3))
    with pytest.raises(ErrorsNotAccepted):
        applied(table, clerk)
    assert price(one) == 100_000
    applied(table, clerk, without_errors=True)
    assert table.state == State.APPLIED
    assert (price(one), price(two)) == (120_000, 130_000)
    entry = AuditEntry.objects.filter(action="catalogue.price_set", object_id=one.pk).get()
    assert (entry.user_id, entry.before, entry.after) == (
        clerk.pk, {"price": "100000"}, {"price": "120000"},
    )  # fmt: skip
    with pytest.raises(NotNow):
        applied(table, clerk, without_errors=True)
    undone(table, clerk)
    assert table.state == State.UNDONE
    assert (price(one), price(two)) == (100_000, 100_001)


def test_a_price_changed_meanwhile_is_judged_again_and_never_overwritten(judged, clerk, goods):
    producer, (one, two, *_rest) = goods
    rows = [(producer.slug, sku(one), 120_000), (producer.slug, sku(two), 130_000)]
    table = judged(Kind.PRICES, clerk, HEAD, *rows)
    catalogue.set_price(unit=two, price=99_000, actor=clerk)
    applied(table, clerk)
    assert table.state == State.JUDGED
    assert "changed meanwhile" in note_of(table)
    assert (price(one), price(two)) == (100_000, 99_000)
    assert [row.is_stale for row in table.rows.order_by("number")] == [False, True]
    assert table.rows.get(number=3).changes == [["price", 99_000, 130_000]]
    applied(table, clerk)
    assert (price(one), price(two)) == (120_000, 130_000)


def test_undoing_is_refused_when_something_was_changed_since(judged, clerk, goods):
    producer, (one, two, *_rest) = goods
    rows = [(producer.slug, sku(one), 120_000), (producer.slug, sku(two), 130_000)]
    table = applied(judged(Kind.PRICES, clerk, HEAD, *rows), clerk)
    catalogue.set_price(unit=two, price=99_000, actor=clerk)
    undone(table, clerk)
    assert table.state == State.APPLIED
    assert "Row 3" in note_of(table)
    assert "changed since" in note_of(table)
    assert (price(one), price(two)) == (120_000, 99_000)


def test_stock_below_what_is_promised_and_counts_of_yesterday(judged, clerk, goods):
    producer, (one, two, three, _four) = goods
    one.stockrecords.update(num_allocated=3)
    head = (HEAD[0], HEAD[1], "Stock when downloaded", "On the shelf")
    table = judged(
        Kind.STOCK, clerk, head,
        (producer.slug, sku(one), 10, 2),
        (producer.slug, sku(two), 12, 20),
        (producer.slug, sku(three), 10, "1.234"),
    )  # fmt: skip
    assert codes(table) == {2: [("in_stock", "promised")], 3: [("in_stock", "stale_stock")]}
    applied(table, clerk, without_errors=True)
    assert three.stockrecords.get().num_in_stock == 1234
    three.stockrecords.update(num_allocated=1)
    undone(table, clerk)
    assert table.state == State.APPLIED
    assert "ordered since" in note_of(table)
    three.stockrecords.update(num_allocated=0)
    undone(table, clerk)
    assert three.stockrecords.get().num_in_stock == 10


def test_at_a_producers_desk_a_foreign_number_is_unknown(judged, clerk, goods):
    producer, (one, *_rest) = goods
    other = make_product("Trà sen", 50_000, 5)
    table = judged(
        Kind.PRICES, clerk, ("Producer code", "Article number", "Price (₫)"),
        (other.producer.slug, sku(other), 1), (other.producer.slug, sku(one), 120_000),
        producer=producer,
    )  # fmt: skip
    assert codes(table) == {2: [("sku", "sku_unknown")]}
    assert table.unread == ["Producer code"]
    applied(table, clerk, without_errors=True)
    assert (price(other), price(one)) == (50_000, 120_000)


def test_nothing_to_write_is_said(judged, clerk, goods):
    producer, (one, *_rest) = goods
    table = judged(Kind.PRICES, clerk, HEAD, (producer.slug, sku(one), 100_000))
    with pytest.raises(NothingToWrite):
        applied(table, clerk)
    assert table.state == State.JUDGED


def test_a_thousand_rows_cost_few_queries(
    judged, clerk, django_assert_max_num_queries, monkeypatch
):
    producer = make_producer()
    one = make_product("Xoài", 100_000, 10, producer=producer)
    from tests.imports.generated import many_records

    skus = many_records(one, 1000)
    rows = [(producer.slug, number, 200_000) for number in skus]
    with django_assert_max_num_queries(40):
        table = judged(Kind.PRICES, clerk, HEAD, *rows)
    assert table.n_changed == 1000
    with django_assert_max_num_queries(60):
        applied(table, clerk)
    assert table.state == State.APPLIED
    assert AuditEntry.objects.filter(action="catalogue.price_set").count() == 1000
