"""Publishing, prices and stock: what is refused, and that a refusal changes nothing."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from catalogue import actions, errors
from catalogue.models import ListingRequirement, Product, SalePrice
from catalogue.requirements import missing_fields
from catalogue.signals import listings_changed
from marketplace.platform import page_versions
from tests.factories.catalogue import make_producer, make_product, make_sale

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def require(product: Product, field: str, since: date = date(2020, 1, 1), through=None) -> None:
    ListingRequirement.objects.create(
        product_class=product.product_class, field=field, effective_from=since,
        effective_through=through, source="NĐ 43/2017",
    )


@pytest.fixture
def told():
    """What listeners were told, a set of listing ids for each time."""
    heard = []

    def listen(listing_ids, **kwargs):
        heard.append(set(listing_ids))

    listings_changed.connect(listen)
    yield heard
    listings_changed.disconnect(listen)


def test_an_incomplete_listing_names_what_is_missing_in_the_readers_language():
    product = make_product(published=False, storage_vi="", allergens=None)
    for field in ("storage", "allergens_declared", "net_quantity", "ingredients"):
        require(product, field)

    with pytest.raises(errors.ListingIncomplete) as refused, translation.override("en"):
        actions.publish(product=product, actor=None, now=NOW)

    assert [field.field for field in refused.value.missing] == ["storage", "allergens_declared"]
    with translation.override("en"):
        assert str(refused.value) == (
            "The listing cannot be published yet. Still missing: storage, allergens."
        )
    product.refresh_from_db()
    assert product.is_public is False


def test_declaring_no_allergens_is_an_answer():
    product = make_product(published=False, allergens=[])
    require(product, "allergens_declared")

    assert actions.publish(product=product, actor=None, now=NOW).is_public


def test_a_duty_holds_from_its_day_through_its_last():
    product = make_product(published=False, usage_vi="")
    require(product, "usage", since=date(2026, 11, 24), through=date(2026, 12, 31))

    assert missing_fields(product, date(2026, 11, 23)) == []
    assert [str(f) for f in missing_fields(product, date(2026, 12, 31))] != []
    assert missing_fields(product, date(2027, 1, 1)) == []


def test_each_variant_must_say_how_much_is_in_it():
    product = make_product(published=False, variants=[
        {"title": "500 g", "price": 1000, "stock": 1, "net_weight_g": None},
        {"title": "1 kg", "price": 1000, "stock": 1},
    ])
    require(product, "net_quantity")

    assert [(f.field, f.unit) for f in missing_fields(product, NOW.date())] == [
        ("net_quantity", "500 g")
    ]


def test_nothing_of_an_unidentified_producer_is_published():
    product = make_product(published=False, producer=make_producer(verified=False))
    with pytest.raises(errors.ProducerNotIdentified):
        actions.publish(product=product, actor=None)


def test_publishing_and_unpublishing_tell_once(told):
    product = make_product(published=False)
    told.clear()

    actions.publish(product=product, actor=None, now=NOW)
    assert told == [{product.pk}]
    product.refresh_from_db()
    assert (product.is_public, product.published_at) == (True, NOW)

    actions.unpublish(product=product, actor=None, reason="Hết mùa")
    assert told == [{product.pk}] * 2
    product.refresh_from_db()
    assert product.is_public is False


@pytest.mark.parametrize("price", [0, -1, "0.5", "NaN", "Infinity", 10_000_000_000])
def test_prices_that_cannot_be(price):
    product = make_product(price=5000)
    with pytest.raises(errors.PriceInvalid):
        actions.set_price(unit=product, price=Decimal(price), actor=None)
    assert product.stockrecords.get().price == 5000


def test_a_price_is_changed_and_told(told):
    product = make_product(price=5000, variants=[("1 kg", 5000, 1)])
    unit = product.children.get()
    told.clear()

    actions.set_price(unit=unit, price=6000, actor=None)

    assert unit.stockrecords.get().price == 6000
    assert told == [{product.pk}]


def test_an_ordinary_price_stays_above_its_sale():
    product = make_product(price=5000)
    now = datetime.now(UTC)
    make_sale(product, 4000, now, now + timedelta(days=1))
    with pytest.raises(errors.SaleNotLower):
        actions.set_price(unit=product, price=4000, actor=None)


def test_sales_lower_dated_and_one_at_a_time():
    product = make_product(price=5000)
    day = timedelta(days=1)

    def sale(price, starts_at, ends_at):
        return actions.set_sale_price(
            unit=product, price=price, starts_at=starts_at, ends_at=ends_at, actor=None
        )

    sale(4000, NOW, NOW + day)
    sale(4500, NOW + day, NOW + 2 * day)
    with pytest.raises(errors.SaleOverlaps):
        sale(3000, NOW + day / 2, NOW + 3 * day)
    with pytest.raises(errors.SaleNotLower):
        sale(5000, NOW + 5 * day, NOW + 6 * day)
    with pytest.raises(errors.SalePeriodInvalid):
        sale(3000, NOW + 6 * day, NOW + 6 * day)
    assert SalePrice.objects.count() == 2


def test_a_sale_ends_now():
    product = make_product(price=5000)
    running = make_sale(product, 4000, NOW - timedelta(days=1), NOW + timedelta(days=1))
    actions.end_sale(sale=running, actor=None, now=NOW)
    assert SalePrice.objects.get().ends_at == NOW


def test_stock_never_falls_below_what_was_promised():
    product = make_product(stock=10)
    record = product.stockrecords.get()
    record.num_allocated = 4
    record.save()

    with pytest.raises(errors.StockBelowAllocated):
        actions.set_stock(unit=product, in_stock=3, actor=None)
    with pytest.raises(errors.StockBelowAllocated):
        actions.change_stock(unit=product, by=-7, actor=None)
    assert product.stockrecords.get().num_in_stock == 10

    actions.change_stock(unit=product, by=-6, actor=None)
    assert product.stockrecords.get().num_in_stock == 4
    actions.set_stock(unit=product, in_stock=50, actor=None)
    assert product.stockrecords.get().num_in_stock == 50


@pytest.mark.parametrize("count", [-1, 10**9, True, 1.5])
def test_stocks_that_cannot_be(count):
    product = make_product(stock=10)
    with pytest.raises(errors.StockInvalid):
        actions.set_stock(unit=product, in_stock=count, actor=None)
    assert product.stockrecords.get().num_in_stock == 10


def test_orders_tell_only_what_a_page_says(told):
    product = make_product(stock=20)
    record = product.stockrecords.get()
    told.clear()

    record.__class__.objects.filter(pk=record.pk).update(num_allocated=2)
    page = page_versions.versions(["catalogue", f"product:{product.pk}"])
    actions.stock_moved(taken={record.pk: 2})
    assert told == []
    assert page_versions.versions(["catalogue", f"product:{product.pk}"]) == page

    # "Only 4 left" is another page, but the same document of the search.
    record.__class__.objects.filter(pk=record.pk).update(num_allocated=16)
    actions.stock_moved(taken={record.pk: 14})
    assert told == []
    few_left = page_versions.versions(["catalogue", f"product:{product.pk}"])
    assert all(few_left[key] != page.get(key) for key in few_left)

    record.__class__.objects.filter(pk=record.pk).update(num_allocated=20)
    actions.stock_moved(taken={record.pk: 4})
    assert told == [{product.pk}]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("9520820000017", "9520820000017"), (" 952-0820 000017 ", "9520820000017"),
     ("９５２０８２００００017", "9520820000017"), ("", None)],
)
def test_gtins_that_are(typed, kept):
    product = make_product()
    assert actions.set_gtin(unit=product, text=typed, actor=None).gtin == kept


@pytest.mark.parametrize("typed", ["9520820000018", "123", "abc", "9" * 40, "½½½½½½½½"])
def test_gtins_that_are_not(typed):
    with pytest.raises(errors.GtinInvalid):
        actions.set_gtin(unit=make_product(), text=typed, actor=None)


def test_descriptions_cannot_run():
    product = make_product(
        description_vi='<p onclick="x()">Ngon</p><script>alert(1)</script>'
        '<a href="javascript:x()">a</a><img src=x onerror=y><style>p{}</style>',
        title_vi="Xoài\u202e\u200b cát\x00",
    )
    product.refresh_from_db()

    assert product.description_vi == '<p>Ngon</p><a rel="nofollow noopener">a</a>'
    assert product.title_vi == "Xoài cát"
