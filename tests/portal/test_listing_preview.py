"""The preview of a listing: the shop's page, for its grower alone, and nothing can be bought."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from catalogue import draft_actions, revision_actions
from catalogue.models import Product
from marketplace.producers.models import Membership
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalogue import make_producer, make_product
from tests.factories.pictures import make_picture
from tests.media.conftest import _own_folders  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english(db):
    with translation.override("en"):
        yield


@pytest.fixture
def grower():
    return make_producer("Vườn Út Lành")


def member(producer, role="owner"):
    user = make_user()
    Membership.objects.create(producer=producer, user=user, role=role)
    return sign_in(Client(), user)


def preview(listing):
    return reverse("portal:listings_preview", args=[listing.pk])


def test_a_draft_is_shown_as_the_shop_will_show_it(grower):
    draft = make_product("Xoài cát Chu", 95_000, 4, producer=grower, published=False)
    draft.images.create(original=make_picture(), display_order=0)
    answer = member(grower).get(preview(draft))
    body = answer.content.decode()
    assert answer.status_code == 200
    assert "Preview" in body and "95,000" in body and "renditions/" in body
    # The same parts as in the shop.
    draft.is_public, draft.state = True, "published"
    draft.save()
    shop = Client().get(draft.get_absolute_url()).content.decode()
    for part in ('class="cost"', 'class="label-facts', 'class="shots', 'id="grower"'):
        assert part in shop and part in body
    # Nothing that could put it into a basket.
    assert 'name="next"' in shop and reverse("checkout:add") in shop
    assert 'name="next"' not in body and reverse("checkout:add") not in body
    assert "disabled>Buy now" in body


def test_nobody_else_sees_it_keeps_it_or_indexes_it(grower):
    draft = make_product(producer=grower, published=False)
    answer = member(grower, "staff").get(preview(draft))
    assert "no-store" in answer["Cache-Control"] and "private" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"].startswith("noindex")
    assert '<meta name="robots" content="noindex' in answer.content.decode()
    assert "og:title" not in answer.content.decode()
    for other in (member(make_producer("Hương Sen")), member(grower, "packer")):
        assert other.get(preview(draft)).status_code == 404
    assert Client().get(preview(draft)).status_code == 302
    assert Client().get(draft.get_absolute_url()).status_code == 404
    assert member(grower).post(preview(draft)).status_code == 405


def test_an_empty_draft_says_what_is_missing(grower):
    client = member(grower)
    client.post(reverse("portal:listings_new"), {"title_vi": "Xoài <b>cát</b>"})
    draft = Product.objects.get()
    draft_actions.keep_half_step(listing=draft, step="units", typed={"unit-0-price": ["abc"]})
    body = client.get(preview(draft)).content.decode()
    assert "things are still missing" in body
    assert "Not right yet: Sizes and prices" in body
    assert reverse("portal:listings_step", args=[draft.pk, "origin"]) in body
    assert "Xoài &lt;b&gt;cát" in body and "<b>cát" not in body


def test_a_change_is_shown_before_it_is_judged(grower):
    listing = make_product(
        "Xoài", producer=grower, variants=[("Hộp 1", 10_000, 3), ("Hộp 2", 20_000, 0)]
    )
    unit = listing.children.order_by("pk").first()
    revision_actions.propose(
        listing=listing, actor=None,
        values={
            "title_vi": "Xoài cát Hòa Lộc", f"unit.{unit.pk}.net_weight_g": 7_000,
            "description_vi": "<p>Ngọt<script>alert(1)</script></p>",
        },
    )
    client = member(grower)
    body = client.get(preview(listing), {"unit": unit.pk, "giao-den": "82"}).content.decode()
    assert "Xoài cát Hòa Lộc" in body
    assert "7\u00a0kg" in body
    # Cleaned as saving would clean it.
    assert "Ngọt" in body and "alert(1)" not in body
    # Another size is chosen on this page, not in the shop.
    assert f"{preview(listing)}?unit=" in body
    shop = Client().get(listing.get_absolute_url()).content.decode()
    assert "Hòa Lộc" not in shop
    listing.refresh_from_db()
    unit.refresh_from_db()
    assert (listing.title_vi, unit.net_weight_g) == ("Xoài", 500)


@pytest.mark.parametrize(
    "query", [{"unit": "9" * 40}, {"unit": "x\x00"}, {"giao-den": "\x00"}, {"giao-den": "zz"}]
)
def test_what_stands_behind_the_address_breaks_nothing(grower, query):
    draft = make_product(producer=grower, published=False)
    assert member(grower).get(preview(draft), query).status_code == 200


def test_it_asks_a_fixed_number_of_questions(grower, django_assert_max_num_queries):
    listing = make_product(
        producer=grower, variants=[(f"Hộp {n}", 10_000, 3) for n in range(9)]
    )
    for n in range(6):
        listing.images.create(original=make_picture(), display_order=n)
    client = member(grower)
    client.get(preview(listing))
    with django_assert_max_num_queries(20):
        client.get(preview(listing))


def test_saving_a_step_can_lead_to_the_preview(grower):
    draft = make_product(producer=grower, published=False)
    client = member(grower)
    url = reverse("portal:listings_step", args=[draft.pk, "words"])
    told = client.post(url, {"summary_vi": "Ngọt lịm", "description_vi": "", "then": "preview"})
    assert told.url == preview(draft)
    assert "Ngọt lịm" in client.get(told.url).content.decode()
