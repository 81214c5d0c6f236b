"""What happens to people while they write: twice, too late, in two windows, signed out."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from catalogue import state_actions
from catalogue.models import ListingRequirement, Product
from marketplace.kernel import clock
from marketplace.producers.models import ChecklistItem, Membership
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalogue import make_producer, make_product
from tests.portal.test_listings import do, step, unit_form

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english(db):
    ChecklistItem.objects.all().delete()
    with translation.override("en"):
        yield


@pytest.fixture
def grower():
    return make_producer("Vườn Út Lành")


@pytest.fixture
def user(grower):
    user = make_user()
    Membership.objects.create(producer=grower, user=user, role="owner")
    return user


@pytest.fixture
def client(user):
    return sign_in(Client(), user)


@pytest.fixture
def draft(grower):
    return make_product("Xoài", 100_000, 5, producer=grower, published=False)


def test_pressed_twice_or_again_after_going_back_it_is_one_draft(grower, client):
    url = reverse("portal:listings_new")
    first, second = (client.post(url, {"title_vi": "Xoài cát Chu"}) for _ in range(2))
    assert first.url == second.url
    assert Product.objects.filter(producer=grower).count() == 1
    # Another one of the same name, a while later, is another one.
    Product.objects.update(date_created=clock.now() - timedelta(hours=1))
    assert client.post(url, {"title_vi": "Xoài cát Chu"}).url != first.url


@pytest.mark.parametrize(
    ("typed", "price"),
    [
        ("285.000", 285_000), ("285,000", 285_000), ("285000", 285_000), ("285k", 285_000),
        ("285K", 285_000), ("285 nghìn", 285_000), ("285 ngàn đồng", 285_000),
        ("285.000đ", 285_000), ("285.000 VNĐ", 285_000), ("285,5k", 285_500),
        ("1,2 triệu", 1_200_000), ("1tr2", 1_200_000), ("1 tr", 1_000_000), ("２８５ｋ", 285_000),
    ],
)
def test_prices_as_people_write_them(draft, client, typed, price):
    url = reverse("portal:listings_price", args=[draft.pk])
    answer = client.post(url, {"what": "price", "price": typed, "in_stock": "5"})
    assert answer.status_code == 302
    assert draft.stockrecords.get().price == price


@pytest.mark.parametrize(
    "typed", ["285", "1.200k", "1,250tr", "k", "1tr2tr", "285k k", "1,2k3", ""]
)
def test_prices_that_may_mean_something_else_are_asked_again(draft, client, typed):
    url = reverse("portal:listings_price", args=[draft.pk])
    answer = client.post(url, {"what": "price", "price": typed, "in_stock": "5"})
    assert answer.status_code == 422
    assert draft.stockrecords.get().price == 100_000


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("net_weight_g", "1,5 kg", 1500), ("net_weight_g", "1.5kg", 1500),
        ("net_weight_g", "500 g", 500), ("net_weight_g", "1.500", 1500),
        ("net_weight_g", "3 lạng", 300), ("net_weight_g", "2 ký", 2000),
        ("net_volume_ml", "1,5 lít", 1500), ("net_volume_ml", "330ml", 330),
        ("gross_weight_g", "4,25 kg", 4250),
    ],
)
def test_weights_as_people_write_them(draft, client, field, typed, kept):
    row = {"unit_id": draft.pk, "price": "100k", "in_stock": "5", field: typed}
    assert client.post(step(draft, "units"), unit_form(row)).status_code == 302
    draft.refresh_from_db()
    assert getattr(draft, field) == kept


@pytest.mark.parametrize(
    "typed", ["1,5", "1.500 kg", "2 l", "0", "-3 kg", "1,2345 kg", "kg", "٣ kg"]
)
def test_weights_that_may_mean_something_else_are_asked_again(draft, client, typed):
    row = {"unit_id": draft.pk, "price": "100k", "in_stock": "5", "net_weight_g": typed}
    answer = client.post(step(draft, "units"), unit_form(row))
    assert answer.status_code == 422 and typed in answer.content.decode()
    draft.refresh_from_db()
    assert draft.net_weight_g == 3000


def test_with_its_packing_it_is_not_lighter(draft, client):
    row = {"unit_id": draft.pk, "net_weight_g": "2 kg", "gross_weight_g": "1 kg",
           "price": "100k", "in_stock": "5"}
    assert client.post(step(draft, "units"), unit_form(row)).status_code == 422


def test_two_windows_do_not_overwrite_each_other(draft, client):
    url = step(draft, "words")
    seen = client.get(url).context["seen"]
    client.post(url, {"summary_vi": "Từ cửa sổ một", "description_vi": "", "seen": seen})
    late = client.post(url, {"summary_vi": "Từ cửa sổ hai", "description_vi": "", "seen": seen})
    assert late.status_code == 422
    assert "Từ cửa sổ hai" in late.content.decode()
    draft.refresh_from_db()
    assert draft.summary_vi == "Từ cửa sổ một"
    again = {"summary_vi": "Từ cửa sổ hai", "description_vi": "", "seen": late.context["seen"]}
    assert client.post(url, again).status_code == 302
    draft.refresh_from_db()
    assert draft.summary_vi == "Từ cửa sổ hai"


def test_what_was_typed_survives_being_signed_out(draft, user):
    client = Client()
    url = step(draft, "words")
    sent = client.post(url, {"summary_vi": "Viết cả buổi", "description_vi": "Dài"})
    assert sent.status_code == 302 and "sign-in" in sent.url or "login" in sent.url
    sign_in(client, user)
    body = client.get(url).content.decode()
    assert "Viết cả buổi" in body and "still here" in body
    draft.refresh_from_db()
    assert draft.summary_vi != "Viết cả buổi"
    # Once only, and only there.
    assert "Viết cả buổi" not in client.get(url).content.decode()


def test_a_draft_is_deleted_and_brought_back(draft, client):
    assert do(client, draft, "discard").status_code == 302
    listed = client.get(reverse("portal:listings")).content.decode()
    link = f"href=\"{reverse('portal:listing', args=[draft.pk])}\""
    assert "Deleted: Xoài" in listed and link not in listed
    gone = client.get(reverse("portal:listings"), {"state": "discarded"}).content.decode()
    assert link in gone
    assert client.post(step(draft, "what"), {"title_vi": "Y"}).status_code == 302
    do(client, draft, "submit")
    draft.refresh_from_db()
    assert (draft.state, draft.title_vi) == ("discarded", "Xoài")
    do(client, draft, "bring-back")
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_what_is_on_sale_or_handed_in_cannot_be_deleted(grower, client, draft):
    state_actions.submit(listing=draft, actor=None)
    for listing, state in ((draft, "submitted"), (make_product(producer=grower), "published")):
        do(client, listing, "discard")
        listing.refresh_from_db()
        assert listing.state == state


def test_a_copy_is_a_start(grower, client):
    listing = make_product(
        "Xoài", producer=grower, variants=[("Hộp 1", 10_000, 3), ("Hộp 2", 20_000, 4)],
        title_en="Mango",
    )
    listing.children.update(gtin=None)
    answer = do(client, listing, "copy")
    copy = Product.objects.filter(parent__isnull=True).latest("pk")
    assert answer.url == step(copy, "what")
    assert (copy.state, copy.is_public, copy.title_en) == ("draft", False, "")
    assert copy.title_vi.startswith("Xoài (") and copy.ingredients_vi == listing.ingredients_vi
    records = [unit.stockrecords.get() for unit in copy.children.order_by("pk")]
    assert [(r.price, r.num_in_stock) for r in records] == [(10_000, 0), (20_000, 0)]
    assert list(copy.categories.all()) == list(listing.categories.all())
    assert do(client, listing, "nonsense").status_code == 404


def test_what_the_law_asks_of_this_kind_is_not_called_optional(draft, client):
    def optional(name):
        form = client.get(step(draft, "label")).context["form"]
        return not getattr(form.fields[name], "is_needed", False)

    assert optional("storage_vi") and optional("ingredients_vi")
    for field in ("storage", "materials"):
        ListingRequirement.objects.create(
            product_class=draft.product_class, field=field, effective_from=date(2020, 1, 1),
            source="test",
        )
    assert not optional("storage_vi") and not optional("ingredients_vi")
    assert optional("usage_vi")
    assert "Made of what?" in client.get(step(draft, "label")).content.decode()


def test_a_month_is_of_one_season(draft, client):
    said = {"shipping_class": "fresh", "unit_price_basis": "kg", "harvest_main": ["4", "5"]}
    bad = client.post(step(draft, "origin"), {**said, "harvest_side": ["5"]})
    assert bad.status_code == 422
    unknown = client.post(step(draft, "origin"), {**said, "origin_commune": "Không Đâu"})
    assert unknown.status_code == 422 and "Không Đâu" in unknown.content.decode()


def test_a_sale_cannot_begin_in_the_past(draft, client):
    url = reverse("portal:listings_price", args=[draft.pk])
    for first in ("0001-01-01", "2020-01-01"):
        answer = client.post(
            url, {"what": "sale", "sale_price": "9k", "first_day": first,
                  "last_day": str(clock.today())},
        )
        assert answer.status_code == 422
    assert not draft.stockrecords.get().sale_prices.exists()
