"""Price, stock and sales in one table."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from catalogue.models import SalePrice
from marketplace.kernel import clock
from marketplace.platform.audit import AuditEntry
from tests.factories.catalogue import make_product, make_sale
from tests.factories.orders import make_order

INDEX = "/cms/market/stock/"


def row(record, **changed):
    price = "" if record.price is None else f"{record.price:.0f}"
    values = {"price": price, "in_stock": record.num_in_stock, "seen": record.num_in_stock}
    values |= changed
    return {"record": record.pk, **{f"r{record.pk}-{k}": v for k, v in values.items()}}


@pytest.fixture
def record(db):
    return make_product(price=100_000, stock=10).stockrecords.get()


def test_price_and_stock_are_set_and_audited(operator, record):
    page = operator.post(INDEX + "?q=xoai", row(record, price="１２０.000", in_stock="25"))
    assert page.url == f"{INDEX}?q=xoai#r{record.pk}"
    record.refresh_from_db()
    assert (record.price, record.num_in_stock) == (Decimal(120_000), 25)
    price = AuditEntry.objects.get(action="catalogue.price_set")
    assert (price.before, price.after) == ({"price": "100000"}, {"price": "120000"})
    stock = AuditEntry.objects.get(action="catalogue.stock_set")
    assert (stock.before["in_stock"], stock.after["in_stock"]) == (10, 25)
    assert {price.user_id, stock.user_id} == {operator.user.pk}


def test_the_shop_sees_it_at_once(operator, client, record):
    address = record.product.get_absolute_url()
    assert "100.000" in client.get(address).content.decode()
    operator.post(INDEX, row(record, price="111000"))
    assert "111.000" in client.get(address).content.decode()


@pytest.mark.parametrize("price", ["NaN", "-1", "1.5", str(10**12), "0", "", "giá", "1" * 500])
def test_an_impossible_price_is_said_and_kept(operator, record, price):
    page = operator.post(INDEX, row(record, price=price, in_stock="3"))
    assert page.status_code == 422
    shown = next(r for r in page.context["rows"] if r["record"] == record)["form"]
    assert "price" in shown.errors
    assert shown["in_stock"].value() == "3"
    record.refresh_from_db()
    assert (record.price, record.num_in_stock) == (Decimal(100_000), 10)
    assert not AuditEntry.objects.filter(action__startswith="catalogue.").exists()


@pytest.mark.parametrize("stock", ["NaN", "-1", "1.5", str(10**9), "", "mười"])
def test_an_impossible_stock_is_refused_with_the_price_beside_it(operator, record, stock):
    page = operator.post(INDEX, row(record, price="90000", in_stock=stock))
    assert page.status_code == 422
    record.refresh_from_db()
    assert (record.price, record.num_in_stock) == (Decimal(100_000), 10)


def test_stock_never_falls_below_what_is_promised(operator, record):
    make_order((record.product, 4))
    page = operator.post(INDEX, row(record, price="90000", in_stock="3"))
    assert page.status_code == 422
    assert "4" in page.context["rows"][0]["form"].errors["in_stock"][0]
    record.refresh_from_db()
    assert (record.price, record.num_in_stock, record.num_allocated) == (Decimal(100_000), 10, 4)
    assert operator.post(INDEX, row(record, in_stock="4")).status_code == 302


def test_a_count_from_an_old_page_is_counted_again(operator, record):
    page = operator.post(INDEX, row(record, in_stock="8", seen="12"))
    assert page.status_code == 422
    record.refresh_from_db()
    assert record.num_in_stock == 10
    # Only the price was changed on the old page: the stock of now stays.
    assert operator.post(
        INDEX, row(record, price="90000", in_stock="12", seen="12")
    ).status_code == 302
    record.refresh_from_db()
    assert (record.price, record.num_in_stock) == (Decimal(90_000), 10)


def test_a_sale_runs_on_its_days(operator, record):
    today = clock.today()
    prefix = f"s{record.pk}"
    sale = {
        "record": record.pk, "do": "sale", f"{prefix}-sale_price": "80.000",
        f"{prefix}-sale_from": today, f"{prefix}-sale_through": today + timedelta(days=2),
    }  # fmt: skip
    assert operator.post(INDEX, sale).status_code == 302
    made = SalePrice.objects.get()
    assert made.starts_at == clock.now().astimezone(clock.TZ).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    assert made.ends_at - made.starts_at == timedelta(days=3)
    assert operator.post(INDEX, sale).status_code == 422
    assert SalePrice.objects.count() == 1
    assert "80.000" in operator.get(INDEX).content.decode()
    ended = {"record": record.pk, "do": "end_sale", "sale": made.pk}
    assert operator.post(INDEX, ended).status_code == 302
    made.refresh_from_db()
    assert made.ends_at <= clock.now()
    assert AuditEntry.objects.filter(action__in=["catalogue.sale_price_set",
                                                 "catalogue.sale_ended"]).count() == 2


@pytest.mark.parametrize(
    ("price", "first", "last"),
    [("100000", 0, 1), ("NaN", 0, 1), ("80000", 3, 1), ("80000", -9, -3), ("80000", 0, 999)],
)
def test_an_impossible_sale_is_refused(operator, record, price, first, last):
    today = clock.today()
    prefix = f"s{record.pk}"
    page = operator.post(
        INDEX,
        {
            "record": record.pk, "do": "sale", f"{prefix}-sale_price": price,
            f"{prefix}-sale_from": today + timedelta(days=first),
            f"{prefix}-sale_through": today + timedelta(days=last),
        },
    )  # fmt: skip
    assert page.status_code == 422
    assert not SalePrice.objects.exists()


def test_a_sale_of_another_unit_is_not_found(operator, record):
    other = make_product("Khác", price=50_000)
    sale = make_sale(other, 40_000, clock.now(), clock.now() + timedelta(days=1))
    page = operator.post(INDEX, {"record": record.pk, "do": "end_sale", "sale": sale.pk})
    assert page.status_code == 404
    for broken in ("", "x", "-1", "٣", "9" * 30):
        assert operator.post(INDEX, {"record": broken}).status_code == 404


def test_posted_owner_and_promises_are_ignored(operator, record):
    partner = make_product("Khác").producer.partner_id
    operator.post(
        INDEX,
        {**row(record, in_stock="11"), "partner": partner, "num_allocated": 5, "product": 1,
         f"r{record.pk}-num_allocated": 5, f"r{record.pk}-partner": partner},
    )  # fmt: skip
    before = record.partner_id
    record.refresh_from_db()
    assert (record.partner_id, record.num_in_stock, record.num_allocated) == (before, 11, 0)


def test_finance_looks_and_sets_nothing(finance, record):
    page = finance.get(reverse("office_stock:index"))
    assert page.status_code == 200
    assert f"r{record.pk}-price" not in page.content.decode()
    assert finance.post(INDEX, row(record, price="1")).status_code == 403
    record.refresh_from_db()
    assert record.price == Decimal(100_000)


def test_what_runs_out_is_shown_alone(operator, record):
    low = make_product("Sắp hết", stock=2)
    page = operator.get(INDEX, {"low": "on"})
    assert [r["listing"] for r in page.context["rows"]] == [low]
    one = operator.get(INDEX, {"listing": record.product_id})
    assert [r["record"] for r in one.context["rows"]] == [record]
