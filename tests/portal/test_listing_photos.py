"""Photos from the phone: several at once, each judged by itself."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from marketplace.media.models import LibraryImage
from marketplace.producers.models import Membership
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalogue import make_producer, make_product
from tests.factories.pictures import make_picture, photograph, with_gps
from tests.media.conftest import _own_folders  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english(db):
    with translation.override("en"):
        yield


@pytest.fixture
def grower():
    return make_producer("Vườn Út Lành")


@pytest.fixture
def draft(grower):
    return make_product("Xoài cát Chu", producer=grower, published=False)


@pytest.fixture
def client(grower):
    return _member(grower)


def _member(producer, role="owner", **options):
    user = make_user()
    Membership.objects.create(producer=producer, user=user, role=role)
    return sign_in(Client(**options), user)


def page(listing):
    return reverse("portal:listings_photos", args=[listing.pk])


def file(data, name="a.jpg"):
    return SimpleUploadedFile(name, data, content_type="image/jpeg")


def shown(listing):
    return [i.original_id for i in listing.images.order_by("display_order", "pk")]


def with_photos(listing, count):
    images = [make_picture(photograph(64, 48), uploader=make_user()) for _ in range(count)]
    for order, image in enumerate(images):
        listing.images.create(original=image, display_order=order)
    return [image.pk for image in images]


def test_good_ones_are_taken_and_a_bad_one_is_named_with_its_reason(draft, client):
    sent = [
        file(photograph(64, 48), "mot.jpg"), file(b"no picture", "hai.jpg"),
        file(photograph(64, 48, "HEIF"), "ba.heic"), file(b"", "bon.jpg"),
    ]
    answer = client.post(page(draft), {"photos": sent})
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "hai.jpg" in body and "This is not a JPEG" in body and "mot.jpg" not in body
    images = LibraryImage.objects.filter(pk__in=shown(draft))
    assert [image.alt_vi for image in images] == ["Xoài cát Chu"] * 2
    good = client.post(page(draft), {"photos": [file(photograph(64, 48)) for _ in range(2)]})
    assert good.status_code == 302
    assert len(shown(draft)) == 4
    assert client.post(page(draft), {}).status_code == 422


def test_no_more_than_buyers_see(draft, client):
    with_photos(draft, 7)
    answer = client.post(page(draft), {"photos": [file(photograph(64, 48), f"{n}.jpg")
                                                  for n in "ab"]})
    assert answer.status_code == 422 and "b.jpg" in answer.content.decode()
    assert len(shown(draft)) == 8


def test_nothing_tells_where_it_was_taken(draft, client):
    client.post(page(draft), {"photos": [file(with_gps(6, kind="HEIF"), "IMG_1.HEIC")]})
    image = LibraryImage.objects.get(pk__in=shown(draft))
    with image.open_file() as kept:
        data = kept.read()
    assert data.startswith(b"\xff\xd8\xff")
    for trace in (b"GPS", b"PhoneMaker", b"Exif", b"IMG_1"):
        assert trace not in data


def test_order_main_picture_and_removal_with_undo(draft, client):
    a, b, c = with_photos(draft, 3)
    for data, order in (
        ({"up": c}, [a, c, b]), ({"down": a}, [c, a, b]), ({"first": b}, [b, c, a]),
        ({"up": b}, [b, c, a]), ({"down": a}, [b, c, a]), ({"first": 999}, [b, c, a]),
        ({"drop": "x"}, [b, c, a]), ({"drop": c}, [b, a]), ({"undo": "1"}, [b, c, a]),
        ({"undo": "1"}, [b, c, a]),
    ):
        assert client.post(page(draft), data).status_code == 302
        assert shown(draft) == order, data


def test_what_is_on_sale_keeps_one_photo(grower, client):
    from datetime import date

    from catalogue.models import ListingRequirement

    listing = make_product(producer=grower)
    (only,) = with_photos(listing, 1)
    ListingRequirement.objects.create(
        product_class=listing.product_class, field="images", effective_from=date(2020, 1, 1),
        source="test",
    )
    client.post(page(listing), {"drop": only})
    assert shown(listing) == [only]


def test_words_of_a_photo(draft, client):
    (pk,) = with_photos(draft, 1)
    name = f"p{pk}"
    bad = client.post(page(draft), {"describe": pk, f"{name}-alt_vi": "  "})
    assert bad.status_code == 422
    client.post(
        page(draft),
        {"describe": pk, f"{name}-alt_vi": "Ba trái\x00 xoài", f"{name}-caption_vi": "Mới hái"},
    )
    image = LibraryImage.objects.get(pk=pk)
    assert (image.alt_vi, image.alt_en, image.caption_vi) == ("Ba trái xoài", "", "Mới hái")


def test_a_picture_of_others_is_not_theirs_to_describe(draft, client):
    (pk,) = with_photos(draft, 1)
    make_product(producer=make_producer("Hương Sen")).images.create(
        original_id=pk, display_order=0
    )
    client.post(page(draft), {"describe": pk, f"p{pk}-alt_vi": "Của tôi"})
    assert LibraryImage.objects.get(pk=pk).alt_vi != "Của tôi"


def test_others_and_packers_find_nothing(draft, grower):
    before = with_photos(draft, 2)
    for other in (_member(make_producer("Khác")), _member(grower, "packer")):
        assert other.get(page(draft)).status_code == 404
        for data in ({"drop": before[0]}, {"photos": [file(photograph(64, 48))]}):
            assert other.post(page(draft), data).status_code == 404
    assert shown(draft) == before


class Unread(io.BytesIO):
    """A body that nobody may ask for."""

    def read(self, *args):
        raise AssertionError("the body was read")


def test_a_hundred_megabytes_are_refused_before_they_are_read(draft, client):
    answer = client.generic(
        "POST", page(draft), b"", content_type="multipart/form-data; boundary=x",
        **{"CONTENT_LENGTH": str(100 * 1024 * 1024), "wsgi.input": Unread()},
    )
    assert answer.status_code == 413
    assert "64 MB" in answer.content.decode()


def test_one_photo_too_large_is_let_go_while_it_arrives(draft, client, monkeypatch):
    from marketplace.platform import uploads

    kept = []
    receive = uploads.EachFileAtMost.receive_data_chunk
    monkeypatch.setattr(
        uploads.EachFileAtMost, "receive_data_chunk",
        lambda self, raw, start: kept.append(receive(self, raw, start)) or kept[-1],
    )
    large = file(b"\xff\xd8\xff" + bytes(21 * 1024 * 1024), "lon.jpg")
    answer = client.post(page(draft), {"photos": [large, file(photograph(64, 48), "nho.jpg")]})
    assert answer.status_code == 422
    assert "lon.jpg" in answer.content.decode() and "20 MB" in answer.content.decode()
    assert len(shown(draft)) == 1
    assert sum(map(len, kept)) < 20.2 * 1024 * 1024


def test_the_token_is_asked_for_below_the_limits(draft, grower):
    client = _member(grower, enforce_csrf_checks=True)
    assert client.post(page(draft), {"photos": [file(photograph(64, 48))]}).status_code == 403
    assert shown(draft) == []


def test_the_page_asks_a_fixed_number_of_questions(draft, client, django_assert_max_num_queries):
    with_photos(draft, 8)
    client.get(page(draft))
    with django_assert_max_num_queries(26):
        client.get(page(draft))
