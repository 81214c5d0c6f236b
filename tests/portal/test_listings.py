"""Listings on the grower's phone, through the front door."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from catalogue import actions, revision_actions, state_actions
from catalogue.models import Product, Revision
from catalogue.states import ListingActor
from marketplace.accounts.roles import Role
from marketplace.producers.models import ChecklistItem, Membership
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.catalogue import (
    make_category,
    make_producer,
    make_product,
    make_product_class,
)
from tests.factories.pictures import photograph

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english(db):
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def papers_in_order(db):
    ChecklistItem.objects.all().delete()


@pytest.fixture
def grower():
    return make_producer("Vườn Út Lành")


def member(producer, role="owner"):
    user = make_user()
    Membership.objects.create(producer=producer, user=user, role=role)
    return sign_in(Client(), user)


def step(listing, name):
    return reverse("portal:listings_step", args=[listing.pk, name])


def do(client, listing, name):
    return client.post(reverse("portal:listings_do", args=[listing.pk, name]))


def unit_form(*rows):
    data = {"unit-TOTAL_FORMS": len(rows), "unit-INITIAL_FORMS": 1}
    for at, row in enumerate(rows):
        data |= {f"unit-{at}-{name}": value for name, value in row.items()}
    return data


def test_from_nothing_to_the_shop(grower):
    client = member(grower)
    made = client.post(
        reverse("portal:listings_new"),
        {"title_vi": "Xoài cát Hòa Lộc", "product_class": make_product_class().pk,
         "category": make_category().pk},
    )
    listing = Product.objects.get()
    assert made.url == step(listing, "photos")
    assert (listing.state, listing.is_public, listing.producer) == ("draft", False, grower)
    photo = SimpleUploadedFile("a.jpg", photograph(), content_type="image/jpeg")
    client.post(step(listing, "photos"), {"photos": photo})
    image = listing.images.get().original
    client.post(
        step(listing, "photos"),
        {"describe": image.pk, f"p{image.pk}-alt_vi": "Ba trái xoài vàng"},
    )
    assert [i.original.alt_vi for i in listing.images.all()] == ["Ba trái xoài vàng"]
    refused = do(client, listing, "submit")
    listing.refresh_from_db()
    assert (refused.status_code, listing.state) == (302, "draft")
    row = {"unit_id": listing.pk, "net_weight_g": "3 kg", "gross_weight_g": "3,4 kg",
           "price": "285k", "in_stock": "１２"}
    assert client.post(step(listing, "units"), unit_form(row)).url == step(listing, "label")
    record = listing.stockrecords.get()
    assert (record.price, record.num_in_stock) == (Decimal(285_000), 12)
    client.post(
        step(listing, "label"),
        {"ingredients_vi": "Xoài 100%", "no_allergens": "on", "may_contain_vi": "đậu phộng"},
    )
    client.post(
        step(listing, "origin"),
        {"origin_commune": "Cao Lanh", "shipping_class": "fresh", "vat_rate": "5.00",
         "unit_price_basis": "kg", "harvest_main": ["4", "5"], "harvest_side": ["9"]},
    )
    client.post(step(listing, "words"), {"summary_vi": "Ngọt", "description_vi": "Một\n\nHai"})
    do(client, listing, "submit")
    listing.refresh_from_db()
    assert (listing.state, listing.allergens, listing.may_contain_vi) == (
        "submitted", [], "đậu phộng"
    )
    assert (listing.harvest_main, listing.harvest_side, listing.origin_commune) == (
        [4, 5], [9], grower.commune
    )
    assert (listing.net_weight_g, listing.gross_weight_g) == (3000, 3400)
    state_actions.send_back(
        listing=listing, remarks={"title": "Ghi hạng"}, reason="Gần xong", actor=None
    )
    body = client.get(reverse("portal:listing", args=[listing.pk])).content.decode()
    assert "Ghi hạng" in body and "Gần xong" in body
    client.post(
        step(listing, "what"),
        {"title_vi": "Xoài cát Hòa Lộc loại 1", "product_class": listing.product_class_id,
         "category": make_category().pk},
    )
    do(client, listing, "submit")
    actions.publish(product=listing, actor=None)
    assert Client().get(Product.objects.get().get_absolute_url()).status_code == 200


@pytest.mark.parametrize("price", ["12,5", "1e9", "NaN", "-5", "0", "9" * 15, "x"])
def test_a_wrong_price_is_said_and_what_was_typed_stays(grower, price):
    listing = make_product("Xoài", 100_000, 5, producer=grower, published=False)
    client = member(grower)
    row = {"unit_id": listing.pk, "net_weight_g": "500", "price": price, "in_stock": "3"}
    answer = client.post(step(listing, "units"), unit_form(row))
    assert answer.status_code == 422
    assert listing.stockrecords.get().price == 100_000
    # Another day, another phone: it is still there.
    assert price in client.get(step(listing, "units")).content.decode()
    assert do(client, listing, "submit").status_code == 302
    listing.refresh_from_db()
    assert listing.state == "draft"


def test_one_more_one_less_and_undo(grower):
    listing = make_product("Xoài", 100_000, 5, producer=grower)
    client = member(grower, "staff")
    url = reverse("portal:listings_stock", args=[listing.pk])
    record = listing.stockrecords.get()
    for data, left in (
        ({"by": "1"}, 6), ({"undo": "1"}, 5), ({"undo": "1"}, 5), ({"by": "-1"}, 4),
        ({"by": "1000"}, 4), ({"by": "NaN"}, 4), ({}, 4),
    ):
        client.post(url, data)
        record.refresh_from_db()
        assert record.num_in_stock == left
    assert client.get(url).status_code == 405


def test_price_and_sale(grower):
    listing = make_product("Xoài", 100_000, 5, producer=grower)
    client = member(grower)
    url = reverse("portal:listings_price", args=[listing.pk])
    priced = client.post(url, {"what": "price", "price": "12.000", "in_stock": "7"})
    assert priced.status_code == 302
    record = listing.stockrecords.get()
    assert (record.price, record.num_in_stock) == (12_000, 7)
    days = {"first_day": "2099-01-01", "last_day": "2098-01-01"}
    assert client.post(url, {"what": "sale", "sale_price": "9.000", **days}).status_code == 422
    assert not record.sale_prices.exists()


def test_a_published_name_waits_and_may_be_withdrawn(grower):
    listing = make_product("Xoài", producer=grower)
    client = member(grower)
    client.post(step(listing, "what"), {"title_vi": "Xoài cát"})
    listing.refresh_from_db()
    revision = Revision.objects.get()
    assert (listing.title_vi, revision.values) == ("Xoài", {"title_vi": "Xoài cát"})
    assert "Xoài cát" in client.get(reverse("portal:listing", args=[listing.pk])).content.decode()
    client.post(step(listing, "words"), {"summary_vi": "Ngọt", "description_vi": ""})
    assert Revision.objects.get(state="pending").values == {
        "title_vi": "Xoài cát", "summary_vi": "Ngọt"
    }
    do(client, listing, "withdraw-change")
    assert not Revision.objects.filter(state="pending").exists()


def test_the_grower_rests_and_resumes_but_not_what_the_office_stopped(grower):
    listing = make_product("Xoài", producer=grower)
    client = member(grower)
    do(client, listing, "rest")
    do(client, listing, "resume")
    listing.refresh_from_db()
    assert listing.is_public
    state_actions.suspend(
        listing=listing, acted_as=ListingActor.OFFICE, reason="Nhãn sai", actor=None
    )
    do(client, listing, "resume")
    listing.refresh_from_db()
    assert listing.state == "suspended"


def test_others_and_packers_find_nothing(grower):
    mine = make_product("Xoài", 100_000, 5, producer=grower)
    theirs = make_product("Trà", 100_000, 5, producer=make_producer("Hương Sen"))
    for client, listing in ((member(grower), theirs), (member(grower, "packer"), mine)):
        for name, args in (
            ("listing", []), ("listings_step", ["what"]), ("listings_price", []),
        ):
            url = reverse(f"portal:{name}", args=[listing.pk, *args])
            assert client.get(url).status_code == 404
            assert client.post(url, {"title_vi": "X", "what": "price"}).status_code == 404
        by = client.post(reverse("portal:listings_stock", args=[listing.pk]), {"by": "1"})
        assert by.status_code == 404
        assert do(client, listing, "rest").status_code == 404
        listing.refresh_from_db()
        assert (listing.is_public, listing.stockrecords.get().num_in_stock) == (True, 5)


def test_what_no_form_holds_is_not_written(grower):
    listing = make_product("Xoài", producer=grower, published=False)
    before = Product.objects.filter(pk=listing.pk).values(
        "is_public", "state", "producer", "slug", "rating"
    )[0]
    member(grower).post(
        step(listing, "what"),
        {"title_vi": "Xoài\x00 cát", "is_public": "on", "state": "published", "producer": "99",
         "slug": "x", "rating": "5"},
    )
    assert Product.objects.filter(pk=listing.pk).values(*before)[0] == before


def test_the_list_asks_a_fixed_number_of_questions(grower, django_assert_max_num_queries):
    for number in range(30):
        listing = make_product(f"Xoài {number}", 100_000, 5, producer=grower)
    revision_actions.propose(listing=listing, values={"title_vi": "Xoài cát"}, actor=None)
    client = member(grower)
    with django_assert_max_num_queries(22):
        body = client.get(reverse("portal:listings"), {"q": "xoai"}).content
    assert len(body) < 150 * 1024
    assert "Xoài 29" in body.decode()


# --- The office judges ----------------------------------------------------------------------


@pytest.fixture
def clerk():
    return sign_in(Client(), make_staff(Role.OPERATOR))


def test_the_office_returns_with_reasons_for_each_field(grower, clerk):
    listing = make_product("Xoài", producer=grower, published=False)
    state_actions.submit(listing=listing, actor=None)
    url = reverse("office_listings:return", args=[listing.pk])
    assert clerk.get(url).status_code == 200
    assert clerk.post(url, {"title": " ", "is_public": "on"}).status_code == 422
    listing.refresh_from_db()
    assert listing.state == "submitted"
    clerk.post(url, {"title": "Ghi hạng\x00", "storage": "Bao nhiêu độ?"})
    listing.refresh_from_db()
    assert listing.state == "draft"
    assert listing.events.last().remarks == {"title": "Ghi hạng", "storage": "Bao nhiêu độ?"}


def test_the_office_declines_a_change_and_accepts_another(grower, clerk):
    listing = make_product("Xoài", producer=grower)
    first = revision_actions.propose(listing=listing, values={"title_vi": "Xoài A"}, actor=None)
    body = clerk.get(reverse("office_listings:revisions")).content.decode()
    assert "Xoài A" in body
    judge = reverse("office_listings:revision", args=[first.pk])
    clerk.post(judge, {"answer": "no", "reason": ""})
    first.refresh_from_db()
    assert first.state == "pending"
    clerk.post(judge, {"answer": "no", "reason": "Không đúng giống"})
    listing.refresh_from_db()
    assert listing.title_vi == "Xoài"
    page = member(grower).get(reverse("portal:listing", args=[listing.pk])).content.decode()
    assert "Không đúng giống" in page
    second = revision_actions.propose(listing=listing, values={"title_vi": "Xoài B"}, actor=None)
    clerk.post(reverse("office_listings:revision", args=[second.pk]), {"answer": "yes"})
    listing.refresh_from_db()
    assert (listing.title_vi, listing.is_public) == ("Xoài B", True)
