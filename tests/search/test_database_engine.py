"""What is found, in which order and how it is counted, by the engine that is always there."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from catalogue import actions
from marketplace.kernel import clock
from marketplace.places.models import Commune
from search.engines import Query, Sort, engine
from search.indexing import rebuild, refresh
from search.models import ProductDocument
from search.seasons import rank_sql, spread
from tests.factories.catalogue import (
    make_category,
    make_commune,
    make_producer,
    make_product,
    make_sale,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now():
    """What is written is written now, whatever day it is elsewhere."""
    with clock.frozen(NOW):
        yield


def titles(text: str = "", **kwargs: object) -> list[str]:
    """The titles found, best first."""
    results = engine().search(Query(now=kwargs.pop("now", NOW), text=text, **kwargs))
    by_id = dict(
        ProductDocument.objects.filter(pk__in=results.hits).values_list("pk", "product__title_vi")
    )
    return [by_id[pk] for pk in results.hits]


def counts(choices) -> dict[str, int]:
    return {choice.key: choice.count for choice in choices}


@pytest.fixture
def mangoes():
    """Three mangoes and a soap, of two growers in two communes."""
    fruit = make_category("Trái cây")
    lanh = make_producer("Vườn Út Lành", commune=make_commune("Cao Lãnh"))
    sen = make_producer("Cơ sở Hương Sen", commune=make_commune("Mỹ Thọ", code="30001"))
    mango = make_category("Xoài", parent=fruit)
    return {
        "hoa_loc": make_product(
            "Xoài cát Hòa Lộc", 285_000, producer=lanh, category=mango,
            title_en="Cát Hòa Lộc mango", harvest_main=[3, 4], harvest_side=[11],
        ),
        "chu": make_product(
            "Xoài cát Chu", 150_000, producer=lanh, category=mango, harvest_main=[4, 5]
        ),
        "dried": make_product(
            "Bánh tráng xoài", 66_000, producer=sen, category=make_category("Bánh"), set_number=7
        ),
        "soap": make_product(
            "Xà bông hoa sen", 45_000, producer=sen, category=make_category("Xà bông"),
            set_number=19, description_vi="<p>Thơm như <b>xoài</b> chín</p>", summary_vi="",
            ingredients_vi="Dầu dừa",
        ),
    }


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("xoài cát", ["Xoài cát Chu", "Xoài cát Hòa Lộc"]),
        ("xoai cat", ["Xoài cát Chu", "Xoài cát Hòa Lộc"]),
        ("XOAI CAT HOA", ["Xoài cát Hòa Lộc"]),
        ("xoa\u0300i ca\u0301t cHu", ["Xoài cát Chu"]),
        ("xoài\u200b cát\u202e chu", ["Xoài cát Chu"]),
        ("mango", ["Xoài cát Hòa Lộc"]),
        ("hoa loc xoai", ["Xoài cát Hòa Lộc"]),
        ("banh tra", ["Bánh tráng xoài"]),
        ("ｘｏａｉ chu", ["Xoài cát Chu"]),
        ("khong co gi", []),
        ("!!! ???", []),
        ("'); DROP TABLE search_productdocument; --", []),
        ("xoai cat & ! | ( <-> :*", ["Xoài cát Chu", "Xoài cát Hòa Lộc"]),
    ],
)
def test_words_with_or_without_marks(mangoes, typed, found):
    assert sorted(titles(typed)) == found


def test_titles_come_before_names_and_names_before_texts(mangoes):
    make_product("Cát vàng xoài", 10_000, producer=make_producer("Ai đó"))

    assert set(titles("xoai cat")[:2]) == {"Xoài cát Chu", "Xoài cát Hòa Lộc"}
    assert titles("xoai cat")[2] == "Cát vàng xoài"
    assert titles("xoai")[-1] == "Xà bông hoa sen"
    assert set(titles("ut lanh")) == {"Xoài cát Hòa Lộc", "Xoài cát Chu"}
    assert set(titles("my tho")) == {"Bánh tráng xoài", "Xà bông hoa sen"}


def test_marks_that_were_typed_decide_the_order():
    grower = make_producer()
    make_product("Trái dưa hấu", producer=grower)
    make_product("Trái dừa xiêm", producer=grower)

    assert titles("dừa") == ["Trái dừa xiêm", "Trái dưa hấu"]
    assert titles("dưa") == ["Trái dưa hấu", "Trái dừa xiêm"]


def test_each_facet_is_counted_without_its_own_filter(mangoes):
    lanh = mangoes["chu"].producer
    sen = mangoes["soap"].producer
    results = engine().search(Query(now=NOW, producers=[lanh.slug], price_from=200_000))

    assert results.total == 1
    assert counts(results.facets.producers) == {lanh.slug: 1}
    assert counts(results.facets.prices) == {"1": 2}
    assert counts(results.facets.communes) == {"29869": 1}
    assert results.facets.communes[0].name == "phường Cao Lãnh"
    assert results.facets.in_season == 1

    results = engine().search(Query(now=NOW, producers=[lanh.slug]))
    assert counts(results.facets.producers) == {lanh.slug: 2, sen.slug: 2}
    fruit = make_category("Trái cây")
    mango = make_category("Xoài", parent=fruit)
    assert counts(results.facets.categories) == {str(fruit.pk): 2, str(mango.pk): 2}


def test_filters(mangoes):
    fruit = make_category("Trái cây")
    my_tho = Commune.objects.get(code="30001")

    assert set(titles(shelf_id=fruit.pk)) == {"Xoài cát Hòa Lộc", "Xoài cát Chu"}
    assert set(titles(communes=[my_tho.code])) == {"Bánh tráng xoài", "Xà bông hoa sen"}
    assert titles(price_from=66_000, price_through=150_000, sort=Sort.CHEAPEST) == [
        "Bánh tráng xoài", "Xoài cát Chu",
    ]
    assert titles(month=11) == ["Xoài cát Hòa Lộc"]
    assert titles("xoai", month=4, communes=[my_tho.code]) == []


def test_orders(mangoes):
    assert titles(sort=Sort.CHEAPEST)[0] == "Xà bông hoa sen"
    assert titles(sort=Sort.DEAREST)[0] == "Xoài cát Hòa Lộc"
    assert titles(sort=Sort.NEWEST)[0] == "Xà bông hoa sen"


def test_without_words_the_season_decides_and_turns_with_the_month(mangoes):
    def month(number: int) -> list[str]:
        return titles(now=datetime(2026, number, 1, tzinfo=clock.TZ), sort=Sort.SEASON)

    # Main crop, then side crop and goods of all the year, then what is out of season.
    assert month(5)[0] == "Xoài cát Chu"
    assert month(5)[-1] == "Xoài cát Hòa Lộc"
    assert month(3)[0] == "Xoài cát Hòa Lộc"
    assert month(3)[-1] == "Xoài cát Chu"
    assert set(month(4)[:2]) == {"Xoài cát Chu", "Xoài cát Hòa Lộc"}
    assert month(11)[-1] == "Xoài cát Chu"
    assert month(11) == titles(now=datetime(2026, 11, 30, 16, 59, tzinfo=UTC))
    # The last minute of November in Viet Nam is long over in London's.
    assert titles(now=datetime(2026, 11, 30, 17, 0, tzinfo=UTC)) == month(12)
    assert set(month(12)[-2:]) == {"Xoài cát Chu", "Xoài cát Hòa Lộc"}


def test_an_editors_priority_comes_first_within_its_season_only(mangoes):
    soap, chu = mangoes["soap"], mangoes["chu"]
    type(soap).objects.filter(pk__in=[soap.pk, chu.pk]).update(priority=5)
    refresh([soap.pk, chu.pk], NOW)
    assert titles()[0] == "Xà bông hoa sen"
    assert titles()[-1] == "Xoài cát Chu"


def test_a_growers_goods_entered_one_after_the_other_stand_apart():
    places = sorted(range(1000, 1100), key=lambda listing: spread(listing, 0))
    neighbours = zip(places, places[1:], strict=False)
    assert min(abs(one - other) for one, other in neighbours) == 34


@pytest.mark.parametrize("month", [1, 7, 12])
def test_the_first_page_of_all_goods_is_read_off_the_months_index(mangoes, month):
    sql = (
        f"EXPLAIN SELECT product_id FROM search_productdocument"  # noqa: S608
        f" ORDER BY {rank_sql(month)}, spread LIMIT 24"
    )
    with connection.cursor() as cursor:
        # So few rows are faster read whole; what matters is that the index fits the order.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(sql)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert f"Index Scan using search_document_month_{month} " in plan
    assert "Sort" not in plan


def test_sold_out_goods_come_last_as_soon_as_they_are(mangoes):
    unit = mangoes["soap"]
    assert titles()[-1] == "Xoài cát Chu"
    actions.set_stock(unit=unit, in_stock=0, actor=None)
    assert titles()[-1] == "Xà bông hoa sen"


def test_pages(mangoes):
    first = engine().search(Query(now=NOW, page_size=3))
    second = engine().search(Query(now=NOW, page_size=3, page=2))
    beyond = engine().search(Query(now=NOW, page_size=3, page=99_999))

    assert (len(first.hits), len(second.hits), first.page_count) == (3, 1, 2)
    assert not set(first.hits) & set(second.hits)
    assert (beyond.page, beyond.hits) == (2, second.hits)


def test_nothing_found_offers_fewer_words(mangoes):
    results = engine().search(Query(now=NOW, text="xoai cat sapoche"))

    assert results.total == 0
    assert [(s.text, s.total) for s in results.suggestions] == [("xoai cat", 2), ("xoai", 4)]
    assert engine().search(Query(now=NOW, text="sapoche")).suggestions == []


def test_the_index_follows_in_the_same_transaction(mangoes):
    product = mangoes["chu"]
    actions.unpublish(product=product, actor=None)
    assert "Xoài cát Chu" not in titles()
    actions.publish(product=product, actor=None)
    product.refresh_from_db()
    product.title_vi = "Xoài tượng"
    product.save()
    assert titles("tuong") == ["Xoài tượng"]
    producer = product.producer
    producer.name_vi = "Vườn Chín Đẹp"
    producer.save()
    assert set(titles("chin dep")) == {"Xoài tượng", "Xoài cát Hòa Lộc"}
    category = make_category("Xoài", parent=make_category("Trái cây"))
    category.name_en = "Mangoes"
    category.save()
    assert set(titles("mangoes")) == {"Xoài tượng", "Xoài cát Hòa Lộc"}
    product.delete()
    assert titles("tuong") == []


def test_a_sale_begins_and_ends_by_the_clock(mangoes):
    day = timedelta(days=1)
    make_sale(mangoes["hoa_loc"], 40_000, NOW + day, NOW + 2 * day)

    results = engine().search(Query(now=NOW, sort=Sort.CHEAPEST))
    assert results.valid_until == NOW + day
    assert titles(sort=Sort.CHEAPEST)[0] == "Xà bông hoa sen"
    assert titles(sort=Sort.CHEAPEST, now=NOW + day)[0] == "Xoài cát Hòa Lộc"
    assert engine().search(Query(now=NOW + day, price_through=40_000)).total == 1
    assert titles(sort=Sort.CHEAPEST, now=NOW + 2 * day)[-1] == "Xoài cát Hòa Lộc"
    assert engine().search(Query(now=NOW + 2 * day, price_through=40_000)).total == 0


def test_a_pause_lifts_by_itself():
    today = date(2026, 11, 24)
    make_product("Nghỉ", producer=make_producer(paused=(today, today)))
    make_product("Mở")
    rebuild(NOW)

    assert titles() == ["Mở", "Nghỉ"]
    assert engine().search(Query(now=NOW)).valid_until == datetime(2026, 11, 24, 17, tzinfo=UTC)
    refreshed = titles(now=NOW + timedelta(days=1))
    assert ProductDocument.objects.filter(can_be_bought=True).count() == 2
    assert set(refreshed) == {"Mở", "Nghỉ"}


def test_rebuilding_finds_what_signals_missed(mangoes):
    ProductDocument.objects.filter(pk=mangoes["chu"].pk).delete()
    ProductDocument.objects.filter(pk=mangoes["soap"].pk).update(title="x", words_title="x")

    assert rebuild(NOW) == 4
    assert set(titles("xoai")) == {
        "Xoài cát Hòa Lộc", "Xoài cát Chu", "Bánh tráng xoài", "Xà bông hoa sen",
    }


def test_an_answer_takes_three_queries_for_any_number(mangoes, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        engine().search(Query(now=NOW, text="xoai", price_from=1))
    # Counted already: the counts are kept until something changes.
    with django_assert_max_num_queries(2):
        engine().search(Query(now=NOW, text="xoai", price_from=1))


def test_refreshing_takes_as_many_queries_for_two_as_for_four(
    mangoes, django_assert_max_num_queries
):
    with django_assert_max_num_queries(9):
        refresh([product.pk for product in mangoes.values()], NOW)
