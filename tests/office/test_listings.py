"""The listings' desk: from a draft that lacks things to one that is sold."""

from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from catalogue.models import ListingRequirement, Product
from marketplace.accounts.roles import Role
from marketplace.media.actions import store_image
from marketplace.platform.audit import AuditEntry
from tests.factories.buying import put_in
from tests.factories.catalogue import (
    make_category,
    make_commune,
    make_producer,
    make_product,
    make_product_class,
)
from tests.factories.orders import SINCE, make_basket, make_order


def picture(title="Xoài"):
    file = BytesIO()
    Image.new("RGB", (320, 240), "orange").save(file, "JPEG")
    upload = SimpleUploadedFile("xoai.jpg", file.getvalue(), "image/jpeg")
    return store_image(
        file=upload, title=title, alt_vi="Trái xoài chín", alt_en="Mango", uploader=None
    )


def formset(prefix, rows):
    data = {
        f"{prefix}-TOTAL_FORMS": str(len(rows)),
        f"{prefix}-INITIAL_FORMS": "0",
        f"{prefix}-MIN_NUM_FORMS": "0",
        f"{prefix}-MAX_NUM_FORMS": "1000",
    }
    for index, row in enumerate(rows):
        data |= {f"{prefix}-{index}-{name}": value for name, value in row.items()}
    return data


def unit_row(unit=None, **changed):
    row = {
        "unit_id": unit.pk if unit else "",
        "label_vi": unit.title_vi if unit is not None and unit.is_child else "",
        "net_weight_g": (unit.net_weight_g or "") if unit else "",
        "gross_weight_g": (unit.gross_weight_g or "") if unit else "",
        "gtin": (unit.gtin or "") if unit else "",
        "sku": unit.stockrecords.get().partner_sku if unit else "",
    }
    if unit is not None and unit.is_child and unit.is_public:
        row["is_on_sale"] = "on"
    return {**row, **changed}


def typed(producer, product_class, *, units=(), pictures=(), **changed):
    """A browser's post of the page, with as little as possible filled in."""
    return {
        "producer": producer.pk,
        "product_class": product_class.pk,
        "title_vi": "Xoài cát Hòa Lộc",
        "shipping_class": "ambient",
        "unit_price_basis": "kg",
        "vat_rate": "",
        **formset("unit", list(units)),
        **formset("picture", [{"image": p.pk} for p in pictures]),
        **changed,
    }


def typed_again(listing, **changed):
    """The page of an existing listing as it stands, and what is changed."""
    units = list(listing.children.order_by("pk")) if listing.is_parent else [listing]
    rows = changed.pop("units", [unit_row(unit) for unit in units])
    return {
        **typed(listing.producer, listing.product_class, units=rows),
        "title_vi": listing.title_vi,
        "summary_vi": listing.summary_vi,
        "ingredients_vi": listing.ingredients_vi,
        "storage_vi": listing.storage_vi,
        "usage_vi": listing.usage_vi,
        "allergens": ["none"],
        "categories": list(listing.categories.values_list("pk", flat=True)),
        "origin_commune": "phường Cao Lãnh, Đồng Tháp",
        "shelf_life_days": listing.shelf_life_days,
        "vat_rate": listing.vat_rate,
        **changed,
    }


@pytest.fixture
def food(db):
    """A product type with the usual duties."""
    product_class = make_product_class(1)
    for field in ("images", "storage", "net_quantity", "origin_commune"):
        ListingRequirement.objects.create(
            product_class=product_class, field=field, effective_from=SINCE, source="NĐ 43/2017"
        )
    return product_class


def test_a_draft_lacks_things_is_completed_published_and_sold(operator, client, food):
    producer, shelf = make_producer(), make_category()
    make_commune()
    page = operator.post(
        reverse("office_listings:add"),
        typed(
            producer, food, publish="1",
            units=[unit_row(net_weight_g="3.000", price="285.000", in_stock="12")],
        ),
        follow=True,
    )  # fmt: skip
    listing = Product.objects.get()
    assert not listing.is_public
    assert {m.field for m in page.context["missing"]} == {
        "category", "vat_rate", "images", "storage", "origin_commune",
    }  # fmt: skip
    said = " ".join(str(m) for m in page.context["messages"])
    for missing in page.context["missing"]:
        assert str(missing) in said
    record = listing.stockrecords.get()
    assert (record.price, record.num_in_stock) == (Decimal(285_000), 12)
    assert client.get(listing.get_absolute_url()).status_code == 404

    url = reverse("office_listings:edit", args=(listing.pk,))
    page = operator.post(
        url,
        typed(
            producer, food, publish="1",
            units=[unit_row(listing)], pictures=[picture()],
            categories=[shelf.pk], vat_rate="5", storage_vi="Nơi thoáng mát",
            origin_commune="cao lanh",
            description_vi="Trái to.\n\nHái sáng sớm <3 ngày.",
        ),
        follow=True,
    )  # fmt: skip
    listing.refresh_from_db()
    assert listing.is_public, [str(m) for m in page.context["messages"]]
    assert listing.description_vi == "<p>Trái to.</p>\n\n<p>Hái sáng sớm &lt;3 ngày.</p>"
    assert "Hái sáng sớm &lt;3 ngày." in page.content.decode()
    assert client.get(listing.get_absolute_url()).status_code == 200
    assert "Xoài cát Hòa Lộc" in client.get(reverse("shop:product_list")).content.decode()
    assert put_in(client, listing).status_code == 302

    actions = list(
        AuditEntry.objects.filter(object_id=str(listing.pk))
        .order_by("pk").values_list("action", "user_id")
    )  # fmt: skip
    assert [action for action, _ in actions] == [
        "catalogue.price_set", "catalogue.stock_set", "catalogue.listing_created",
        "catalogue.listing_changed", "catalogue.published",
    ]  # fmt: skip
    assert {user for _, user in actions} == {operator.user.pk}
    changed = AuditEntry.objects.get(action="catalogue.listing_changed")
    assert changed.before["storage_vi"] != changed.after["storage_vi"] == "Nơi thoáng mát"
    history = operator.get(reverse("office_listings:history", args=(listing.pk,)))
    assert "Nơi thoáng mát" in history.content.decode()


def test_everything_typed_is_kept_when_something_is_wrong(operator, food):
    producer = make_producer()
    page = operator.post(
        reverse("office_listings:add"),
        typed(
            producer, food, title_vi="Xoài của tôi", vat_rate="NaN", origin_commune="Xứ Lạ",
            allergens=["none", "fish"], shelf_life_days="1.5", description_vi="Dài dòng",
            units=[unit_row(label_vi="Thùng", price="-1", gtin="123", net_weight_g="３０００")],
        ),
    )  # fmt: skip
    text = page.content.decode()
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {
        "vat_rate", "origin_commune", "allergens", "shelf_life_days",
    }  # fmt: skip
    assert set(page.context["units"].errors[0]) == {"price", "gtin"}
    for kept in ("Xoài của tôi", "Xứ Lạ", "Dài dòng", "Thùng", "３０００", "1.5"):
        assert kept in text, kept
    assert not Product.objects.exists()


@pytest.mark.parametrize("price", ["NaN", "-1", "1.5", "1,5", str(10**12), "0", "١٢x", "1e5"])
def test_impossible_prices_are_refused(operator, food, price):
    page = operator.post(
        reverse("office_listings:add"),
        typed(make_producer(), food, units=[unit_row(price=price, in_stock="1")]),
    )
    assert page.status_code == 422
    assert "price" in page.context["units"].errors[0]
    assert not Product.objects.exists()


def test_full_width_digits_are_digits(operator, food):
    operator.post(
        reverse("office_listings:add"),
        typed(make_producer(), food, units=[unit_row(price="１２０００", in_stock="１０")]),
    )
    record = Product.objects.get().stockrecords.get()
    assert (record.price, record.num_in_stock) == (Decimal(12_000), 10)


def test_two_sizes_make_variants_which_need_names(operator, food):
    producer = make_producer()
    rows = [unit_row(price="10000", in_stock="1"), unit_row(price="20000", in_stock="1")]
    page = operator.post(reverse("office_listings:add"), typed(producer, food, units=rows))
    assert page.status_code == 422
    assert not Product.objects.exists()
    rows = [{**rows[0], "label_vi": "Hộp 500 g"}, {**rows[1], "label_vi": "Hộp 1 kg"}]
    operator.post(reverse("office_listings:add"), typed(producer, food, units=rows))
    listing = Product.objects.get(parent=None)
    assert [unit.title_vi for unit in listing.children.order_by("pk")] == ["Hộp 500 g", "Hộp 1 kg"]


def test_a_second_size_keeps_stock_promises_and_baskets(operator):
    listing = make_product(stock=5, gtin="9521234567899")
    make_order((listing, 2))
    basket = make_basket(listing)
    record = listing.stockrecords.get()
    page = operator.post(
        reverse("office_listings:edit", args=(listing.pk,)),
        typed_again(
            listing,
            units=[
                unit_row(listing, label_vi="Thùng 3 kg"),
                unit_row(label_vi="Thùng 5 kg", price="450000", in_stock="4", net_weight_g="5000"),
            ],
        ),
    )
    assert page.status_code == 302, (page.context["form"].errors, page.context["units"].errors)
    listing.refresh_from_db()
    first, second = listing.children.order_by("pk")
    record.refresh_from_db()
    assert listing.is_parent
    assert record.product_id == first.pk
    assert (record.num_in_stock, record.num_allocated) == (5, 2)
    assert first.gtin == "9521234567899"
    assert listing.gtin is None
    assert basket.lines.get().product_id == first.pk
    assert second.stockrecords.get().num_in_stock == 4


def test_a_listing_on_sale_cannot_lose_what_the_law_wants(operator, food):
    listing = make_product(product_class=food)
    operator_url = reverse("office_listings:edit", args=(listing.pk,))
    page = operator.post(operator_url, typed_again(listing, storage_vi=""))
    assert page.status_code == 422
    listing.refresh_from_db()
    assert listing.storage_vi == "Để nơi thoáng mát"
    assert not AuditEntry.objects.filter(action="catalogue.listing_changed").exists()


def test_posted_state_owner_and_price_are_ignored(operator):
    listing = make_product(published=False, price=100_000, stock=3)
    other = make_producer()
    owner, slug = listing.producer_id, listing.slug
    page = operator.post(
        reverse("office_listings:edit", args=(listing.pk,)),
        typed_again(
            listing,
            producer=other.pk,
            is_public="on",
            published_at="2026-01-01",
            slug="khac",
            structure="parent",
            parent=make_product().pk,
            rating="5",
            upc="x",
            units=[unit_row(listing, price="1", in_stock="999", is_on_sale="on", product="1")],
        ),
    )
    assert page.status_code == 302, (page.context["form"].errors, page.context["units"].errors)
    listing.refresh_from_db()
    record = listing.stockrecords.get()
    assert (listing.producer_id, listing.slug, listing.is_public) == (owner, slug, False)
    assert listing.parent_id is None
    assert (record.price, record.num_in_stock) == (Decimal(100_000), 3)


def test_units_of_another_listing_are_refused(operator):
    listing, other = make_product("Một"), make_product("Hai")
    page = operator.post(
        reverse("office_listings:edit", args=(listing.pk,)),
        typed_again(listing, units=[{**unit_row(other), "net_weight_g": "1"}]),
    )
    assert page.status_code == 422
    other.refresh_from_db()
    assert other.net_weight_g == 3000


def test_an_officer_writes_listings_but_sets_no_price(officer, food):
    officer.post(
        reverse("office_listings:add"),
        typed(make_producer(), food, units=[unit_row(price="100000", in_stock="5")]),
    )
    record = Product.objects.get().stockrecords.get()
    assert (record.price, record.num_in_stock) == (None, 0)
    assert officer.post(reverse("office_stock:index"), {"record": record.pk}).status_code == 403


def test_a_translator_writes_english_and_publishes_nothing(desk):
    translator = desk(Role.TRANSLATOR)
    listing = make_product(published=False)
    page = translator.post(
        reverse("office_listings:edit", args=(listing.pk,)),
        typed_again(
            listing, title_vi="Đổi", title_en="Mango", summary_en="Picked at dawn", publish="1"
        ),
    )
    assert page.status_code == 403
    listing.refresh_from_db()
    assert (listing.title_en, listing.title_vi) == ("Mango", "Xoài cát Hòa Lộc")
    assert not listing.is_public
    assert listing.categories.exists()
    refused = translator.post(reverse("office_listings:unpublish", args=(listing.pk,)))
    assert refused.status_code == 403


def test_finance_looks_and_changes_nothing(finance):
    listing = make_product()
    url = reverse("office_listings:edit", args=(listing.pk,))
    assert finance.get(url).status_code == 200
    before = AuditEntry.objects.count()
    assert finance.post(url, typed_again(listing, title_vi="Đổi")).status_code == 403
    assert finance.post(reverse("office_listings:unpublish", args=(listing.pk,))).status_code == 403
    assert AuditEntry.objects.count() == before


def test_taking_off_sale_says_why(operator, client):
    listing = make_product()
    assert client.get(listing.get_absolute_url()).status_code == 200
    url = reverse("office_listings:unpublish", args=(listing.pk,))
    assert operator.get(url).status_code == 200
    operator.post(url, {"reason": "Hết mùa"})
    listing.refresh_from_db()
    assert not listing.is_public
    assert AuditEntry.objects.get(action="catalogue.unpublished").reason == "Hết mùa"
    assert client.get(listing.get_absolute_url()).status_code == 404


def test_nothing_is_published_for_a_producer_nobody_checked(operator):
    listing = make_product(published=False, producer=make_producer(verified=False))
    operator.post(
        reverse("office_listings:edit", args=(listing.pk,)), typed_again(listing, publish="1")
    )
    listing.refresh_from_db()
    assert not listing.is_public


@pytest.mark.parametrize("broken", ["", "abc", "-1", "10000000000000"])
def test_broken_rows_are_no_accident(operator, broken):
    listing = make_product()
    data = typed_again(listing)
    for name in ("unit-TOTAL_FORMS", "picture-TOTAL_FORMS", "unit-0-unit_id"):
        page = operator.post(
            reverse("office_listings:edit", args=(listing.pk,)), {**data, name: broken}
        )
        assert page.status_code in (200, 302, 422), (name, page.status_code)


def test_scripts_do_not_survive_a_description(operator):
    listing = make_product()
    operator.post(
        reverse("office_listings:edit", args=(listing.pk,)),
        typed_again(listing, description_vi="<b>To</b><script>alert(1)</script>"),
    )
    listing.refresh_from_db()
    assert listing.description_vi == "<b>To</b>"


def test_the_list_filters(operator):
    shelf = make_category("Trái cây")
    below = make_category("Xoài", parent=shelf)
    mango = make_product("Xoài", category=below)
    draft = make_product("Nháp", published=False, set_number=2, category=make_category("Khác"))
    index = reverse("office_listings:index")
    for parameters, found in (
        ({"public": "no"}, {draft}),
        ({"public": "yes"}, {mango}),
        ({"producer": mango.producer_id}, {mango}),
        ({"category": shelf.pk}, {mango}),
        ({"product_class": draft.product_class_id}, {draft}),
    ):
        assert set(operator.get(index, parameters).context["object_list"]) == found, parameters
