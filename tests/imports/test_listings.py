"""Listings by table: drafts with variants, changes, faults of a row, taking back."""

from decimal import Decimal

import pytest

from catalogue import actions as catalogue
from catalogue.models import Product
from marketplace.imports import workbooks
from marketplace.imports.current import rows as current_rows
from marketplace.imports.models import Import
from marketplace.imports.showing import note_of
from marketplace.platform.audit import AuditEntry
from search.models import ProductDocument
from tests.factories.accounts import make_user
from tests.factories.catalogue import (
    make_category,
    make_commune,
    make_producer,
    make_product,
    make_product_class,
)
from tests.imports.conftest import applied, codes, fates, undone

pytestmark = pytest.mark.django_db
Kind, State = Import.Kind, Import.State
KEYS = ("producer", "sku", "group", "label_vi", "title_vi", "product_class", "price", "in_stock")


@pytest.fixture
def clerk():
    return make_user()


@pytest.fixture
def producer():
    make_product_class(1)
    make_commune()
    make_category()
    return make_producer("Vườn Út Lành")


def test_new_listings_arrive_as_drafts_with_their_variants(judged, clerk, producer):
    slug = producer.slug
    table = judged(
        Kind.LISTINGS, clerk,
        ("BẢNG HÀNG NĂM 2026",), (),
        (*KEYS, "vat_rate", "allergens", "harvest_main", "origin_commune", "categories",
         "description_vi", "net_weight_g"),
        (None, "VI-DU-001"), (slug, "VI-DU-2"),
        (slug, "X-1", None, None, "Xoài cát", "1 – gì đó", "285.000", 4, "8%", "không", "3-5",
         "cao lãnh", "trái cây", "Ngon.\n\nRất ngon.", "3.000"),
        (slug, "T-1", "tra", "100 g", "Trà sen", 1, 50_000, 7),
        (slug, "T-2", "tra", "200 g", None, None, 90_000, 3),
        (None, None, None),
    )  # fmt: skip
    assert fates(table) == [(6, "new"), (7, "new"), (8, "new")], codes(table)
    assert Product.objects.count() == 0
    applied(table, clerk)
    assert table.state == State.APPLIED
    mango, tea = Product.objects.filter(parent=None).order_by("pk")
    assert (mango.is_public, tea.is_public, tea.structure) == (False, False, "parent")
    assert mango.vat_rate == 8
    assert mango.allergens == []
    assert mango.harvest_main == [3, 4, 5]
    assert mango.net_weight_g == 3000
    assert mango.origin_commune.code == "29869"
    assert mango.description_vi == "<p>Ngon.</p>\n\n<p>Rất ngon.</p>"
    assert [c.name_vi for c in mango.categories.all()] == ["Trái cây"]
    assert mango.stockrecords.get().price == 285_000
    assert [
        (c.title_vi, c.stockrecords.get().partner_sku, c.stockrecords.get().num_in_stock)
        for c in tea.children.order_by("pk")
    ] == [("100 g", "T-1", 7), ("200 g", "T-2", 3)]
    entries = AuditEntry.objects.filter(action="catalogue.listing_created")
    assert entries.count() == 2
    assert entries.get(object_id=mango.pk).after["units"][0]["price"] == "285000"
    assert not ProductDocument.objects.exists()
    # The same file again changes nothing.
    undone(table, clerk)
    assert table.state == State.UNDONE
    assert Product.objects.count() == 0


def test_faults_are_told_at_the_row_and_the_column(judged, clerk, producer):
    slug = producer.slug
    other = make_product("Khác", producer=producer, gtin="8935001800019")
    table = judged(
        Kind.LISTINGS, clerk, (*KEYS, "gtin", "vat_rate", "categories"),
        (slug, "A", None, None, "", 1, 1, 1),
        (slug, "B", None, None, "Tên", 99, 1, 1),
        (slug, "C", None, None, "Tên", 1, 0, "1,5"),
        (slug, "D", "g", None, "Tên", 1, 1, 1),
        (slug, "E", "g", "to", "Tên khác", 1, 1, 1),
        (slug, "F", None, None, "=1+1", 1, 1, 1),
        (slug, "G", None, None, "x" * 161, 1, 1, 1),
        (slug, "H", None, None, "Tên", 1, 1, 1, "8935001800019"),
        (slug, "I", None, None, "Tên", 1, 1, 1, "8935001800018"),
        (slug, "K", None, None, "Tên", 1, 1, 1, None, "26%", "Không có"),
        (None, "L", None, None, "Tên", 1, 1, 1),
    )  # fmt: skip
    assert codes(table) == {
        2: [("title_vi", "required")],
        3: [("product_class", "product_set")],
        4: [("price", "number"), ("in_stock", "number")],
        5: [("label_vi", "label_required")],
        6: [("title_vi", "differs")],
        7: [("title_vi", "formula")],
        8: [("title_vi", "too_long")],
        9: [("gtin", "gtin_taken")],
        10: [("gtin", "gtin")],
        11: [("categories", "category"), ("vat_rate", "rate")],
        12: [("producer", "required")],
    }
    assert Product.objects.count() == 1
    assert other.pk


def test_changes_show_old_and_new_reach_search_and_go_back(judged, clerk, producer):
    mango = make_product("Xoài cát", 285_000, 10, producer=producer)
    sku = mango.stockrecords.get().partner_sku
    table = judged(
        Kind.LISTINGS, clerk, (*KEYS, "net_weight_g", "summary_vi"),
        (producer.slug, sku, None, None, "Xoài cát Chu", 1, 300_000, 12, 5000, None),
    )  # fmt: skip
    row = table.rows.get()
    assert row.changes == [
        ["title_vi", "Xoài cát", "Xoài cát Chu"],
        ["net_weight_g", 3000, 5000],
        ["price", 285_000, 300_000],
        ["in_stock", 10, 12],
    ]
    applied(table, clerk)
    assert table.state == State.APPLIED, note_of(table)
    mango = Product.objects.get()
    assert (mango.title_vi, mango.net_weight_g) == ("Xoài cát Chu", 5000)
    # An empty cell leaves what was there.
    assert mango.summary_vi == "Hái sáng sớm, chín cây"
    assert ProductDocument.objects.get().title == "xoai cat chu"
    assert ProductDocument.objects.get().price_from == 300_000
    undone(table, clerk)
    mango.refresh_from_db()
    record = mango.stockrecords.get()
    assert (mango.title_vi, mango.net_weight_g) == ("Xoài cát", 3000)
    assert (record.price, record.num_in_stock) == (Decimal(285_000), 10)


def test_new_variants_join_a_listing_that_has_some(judged, clerk, producer):
    two = [("100 g", 5, 5), ("200 g", 9, 5)]
    tea = make_product("Trà", producer=producer, variants=two, published=False)
    public = make_product("Mứt", producer=producer, variants=two)
    shown = public.children.first().stockrecords.get().partner_sku
    first = tea.children.first().stockrecords.get().partner_sku
    alone = make_product("Xoài", producer=producer).stockrecords.get().partner_sku
    table = judged(
        Kind.LISTINGS, clerk, KEYS,
        (producer.slug, first, "tra", None, None, None, None, None),
        (producer.slug, "T-9", "tra", "1 kg", None, None, 40_000, 2),
        (producer.slug, alone, "xoai", None, None, None, None, None),
        (producer.slug, "X-9", "xoai", "1 kg", None, None, 40_000, 2),
        (producer.slug, shown, "mut", None, None, None, None, None),
        (producer.slug, "M-9", "mut", "1 kg", None, None, 40_000, 2),
    )  # fmt: skip
    assert fates(table) == [
        (2, "unchanged"), (3, "new"), (4, "unchanged"), (5, "error"), (6, "unchanged"),
        (7, "error"),
    ]  # fmt: skip
    assert codes(table) == {5: [("group", "no_variants")], 7: [("group", "published")]}
    applied(table, clerk, without_errors=True)
    assert table.state == State.APPLIED, note_of(table)
    assert list(tea.children.order_by("pk").values_list("title_vi", flat=True)) == [
        "100 g", "200 g", "1 kg",
    ]  # fmt: skip
    undone(table, clerk)
    assert tea.children.count() == 2


def test_a_producer_changes_only_price_and_stock_of_what_is_published(judged, clerk, producer):
    mango = make_product("Xoài cát", 285_000, 10, producer=producer)
    draft = make_product("Trà", 50_000, 5, producer=producer, published=False)
    mine, drafts = (p.stockrecords.get().partner_sku for p in (mango, draft))
    foreign = make_product("Lạ", 1000, 5).stockrecords.get().partner_sku
    table = judged(
        Kind.LISTINGS, clerk, KEYS[1:],
        (mine, None, None, "Tên mới", None, 300_000, 3),
        (drafts, None, None, "Trà mới", None, 60_000, 3),
        (foreign, None, None, "Của tôi", 1, 5, 3),
        producer=producer,
    )  # fmt: skip
    assert codes(table) == {2: [("", "published")]}
    # Somebody else's number is simply free.
    assert fates(table) == [(2, "error"), (3, "changed"), (4, "new")]
    applied(table, clerk, without_errors=True)
    assert Product.objects.get(title_vi="Của tôi").producer == producer
    mango.refresh_from_db()
    assert mango.title_vi == "Xoài cát"


def test_undoing_is_refused_once_published_or_touched(judged, clerk, producer):
    rows = [(producer.slug, f"N-{n}", None, None, f"Mới {n}", 1, 5000, 3) for n in range(3)]
    table = applied(judged(Kind.LISTINGS, clerk, KEYS, *rows), clerk)
    last = Product.objects.get(title_vi="Mới 2")
    catalogue.set_price(unit=last, price=6000, actor=clerk)
    undone(table, clerk)
    assert table.state == State.APPLIED
    assert "Row 4" in note_of(table)
    assert Product.objects.count() == 3
    catalogue.set_price(unit=last, price=5000, actor=clerk)
    Product.objects.filter(pk=last.pk).update(is_public=True, state="published")
    undone(table, clerk)
    assert "published since" in note_of(table)
    Product.objects.filter(pk=last.pk).update(is_public=False, state="draft")
    undone(table, clerk)
    assert Product.objects.count() == 0


def test_an_article_number_taken_meanwhile_drops_everything(judged, clerk, producer):
    rows = [(producer.slug, f"N-{n}", None, None, f"Mới {n}", 1, 5000, 3) for n in range(3)]
    table = judged(Kind.LISTINGS, clerk, KEYS, *rows)
    mango = make_product("Xoài", producer=producer)
    mango.stockrecords.update(partner_sku="N-2")
    applied(table, clerk)
    assert table.state == State.JUDGED
    assert Product.objects.count() == 1
    assert table.rows.get(number=4).is_stale
    assert table.rows.get(number=4).fate == "changed"


def test_what_is_downloaded_and_handed_in_again_changes_nothing(judged, clerk, producer):
    make_product("Xoài cát", producer=producer, hs_code="0804", description_vi="<p>Ngon</p>")
    make_product("+ Trà = sen", producer=producer, variants=[("100 g", 5, 5), ("200 g", 9, 5)])
    data = workbooks.template(
        Kind.LISTINGS, producer=None, rows=current_rows(Kind.LISTINGS, producer=None)
    )
    table = judged(Kind.LISTINGS, clerk, data=data)
    assert fates(table) == [(n, "unchanged") for n in (3, 4, 5)], (
        codes(table), list(table.rows.values_list("changes", flat=True)),
    )  # fmt: skip


def test_three_hundred_rows_with_seven_bad_ones(
    judged, clerk, producer, django_assert_max_num_queries
):
    rows = [(producer.slug, f"N-{n}", None, None, f"Mới {n}", 1, 5000, 3) for n in range(300)]
    for n in range(0, 280, 40):
        rows[n] = (*rows[n][:6], "không rõ", 3)
    with django_assert_max_num_queries(60):
        table = judged(Kind.LISTINGS, clerk, KEYS, *rows)
    assert (table.n_new, table.n_errors) == (293, 7)
    with django_assert_max_num_queries(60):
        applied(table, clerk, without_errors=True)
    assert Product.objects.count() == 293
    assert AuditEntry.objects.filter(action="catalogue.listing_created").count() == 293
