"""The library's doors: whoever takes a picture in, it is checked, encoded anew and hidden."""

import io
import json
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import RequestFactory
from django.utils import translation
from PIL import Image
from procrastinate.contrib.django.models import ProcrastinateJob
from wagtail.images.forms import get_image_form
from wagtail.images.views import multiple
from wagtail.models import UploadedFile

from marketplace.accounts.models import User
from marketplace.media import actions, queries
from marketplace.media.errors import ImageRefused
from marketplace.media.models import LibraryImage, LibraryRendition
from tests.factories.pictures import photograph, with_gps

pytestmark = pytest.mark.django_db


def stored(data: bytes | None = None, **fields) -> LibraryImage:
    fields = {"prepare_now": True, **fields}
    return actions.store_image(
        file=ContentFile(data or photograph(), name="nha-toi.jpg"),
        title="Vườn xoài",
        alt_vi="Cây xoài sai trái",
        alt_en="A mango tree full of fruit",
        uploader=None,
        **fields,
    )


@pytest.fixture
def editor():
    user = User.objects.create_user("editor@example.test")
    user.is_superuser = True
    user.save()
    return user


def test_a_stored_picture_is_prepared_in_nine_files():
    image = stored()
    specs = {
        f"width-{w}|format-{kind}" for w in (160, 400, 800, 1200) for kind in ("avif", "webp")
    } | {"width-800|bgcolor-ffffff|format-jpeg"}
    assert set(image.renditions.values_list("filter_spec", flat=True)) == specs
    assert image.prepared_at is not None
    for rendition in image.renditions.all():
        with rendition.file.open() as file:
            picture = Image.open(file)
            expected = rendition.filter_spec.rsplit("-", 1)[-1].upper()
            assert picture.format == expected
            assert picture.size == (rendition.width, rendition.height)
    assert image.width == 1600
    assert image.file_hash


def test_wagtail_finds_the_prepared_files(django_assert_num_queries):
    image = LibraryImage.objects.get(pk=stored().pk)
    rendition = image.get_rendition("width-400|format-avif")
    assert rendition.width == 400
    assert LibraryRendition.objects.count() == 9


@pytest.mark.parametrize(
    ("width", "avif", "jpeg"),
    [(300, [300], 300), (640, [400, 640], 640), (1000, [400, 800, 1000], 800)],
)
def test_no_picture_is_drawn_larger_than_it_is(width, avif, jpeg):
    image = stored(photograph(width, 200))
    assert [w for w, _ in image.sources["avif"]] == avif
    assert [w for w, _ in image.sources["jpeg"]] == [jpeg]


def test_the_worker_is_asked_in_the_same_transaction():
    image = stored(prepare_now=False)
    assert image.prepared_at is None
    assert queries.picture(image) is None
    job = ProcrastinateJob.objects.get(task_name="media.prepare")
    assert job.args == {"image_id": image.pk}
    actions.prepare_image(image_id=image.pk)
    image.refresh_from_db()
    assert queries.picture(image).src
    before = list(image.renditions.values_list("pk", flat=True))
    actions.prepare_image(image_id=image.pk)
    assert list(image.renditions.values_list("pk", flat=True)) == before
    actions.prepare_image(image_id=0)


def test_a_picture_component_needs_no_query(django_assert_num_queries):
    pk = stored().pk
    image = LibraryImage.objects.get(pk=pk)
    with django_assert_num_queries(0):
        picture = queries.picture(image)
        with translation.override("en"):
            english = queries.picture(image)
    assert (picture.width, picture.height) == (800, 500)
    assert picture.alt == "Cây xoài sai trái"
    assert english.alt == "A mango tree full of fruit"
    assert [source.type for source in picture.sources] == ["image/avif", "image/webp"]
    assert picture.sources[0].srcset.count(" 400w") == 1
    assert picture.src.startswith("/media/renditions/")


def test_refused_pictures_leave_nothing(tmp_path):
    with pytest.raises(ImageRefused):
        stored(b"<svg/>")
    assert not LibraryImage.objects.exists()
    assert not list(tmp_path.rglob("*.*"))


def test_no_served_file_knows_where_the_picture_was_taken(tmp_path, client):
    """R23: every byte under the served folder, and the kept picture too."""
    image = stored(with_gps(6))
    # Sizes that Wagtail makes itself, for its admin.
    image.get_rendition("max-165x165")
    image.get_rendition("original")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 1 + 9 + 2
    for path in files:
        body = path.read_bytes()
        picture = Image.open(io.BytesIO(body))
        assert not picture.getexif(), path
        for trace in (b"GPS", b"PhoneMaker", b"0912345678", b"xmpmeta"):
            assert trace not in body, path
        assert "nha-toi" not in str(path)
    assert Path(storages["renditions"].path(image.renditions.first().file.name)).exists()


def test_originals_have_no_address(client):
    image = stored()
    kept = image.file.name
    assert client.get(f"/media/{kept}").status_code == 404
    assert client.get(f"/media/renditions/../private/{kept}").status_code == 404
    assert client.get(f"/media/renditions/{kept}").status_code == 404
    response = client.get(queries.picture(image).src)
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert "immutable" in response["Cache-Control"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response


# --- Wagtail's own doors ------------------------------------------------------------------


def test_the_admin_form_goes_by_content_not_by_name(upload, editor):
    form_class = get_image_form(LibraryImage)
    fields = {"title": "x", "alt_vi": "Cây xoài", "collection": 1, "tags": ""}
    form = form_class(fields, {"file": upload(photograph(kind="PNG"), "IMG.jpg")}, user=editor)
    assert form.is_valid(), form.errors
    image = form.save()
    assert image.file.name.endswith(".png")
    assert image.file_size == len(image.file.open().read())

    form = form_class(fields, {"file": upload(b"<svg/>", "IMG.jpg")}, user=editor)
    assert not form.is_valid()
    assert "file" in form.errors
    form = form_class({**fields, "alt_vi": ""}, {"file": upload(photograph())}, user=editor)
    assert "alt_vi" in form.errors


def test_uploading_several_at_once_is_no_way_around(upload, editor, tmp_path):
    """That view keeps the file it was sent, to ask for the alternative text afterwards."""
    request = RequestFactory().post(
        "/", {"title": "x", "collection": 1, "files[]": upload(with_gps())}
    )
    request.user = editor
    answer = json.loads(multiple.AddView.as_view()(request).content)
    assert answer["success"]
    waiting = UploadedFile.objects.get()
    assert "private" in waiting.file.path
    request = RequestFactory().post(
        "/",
        {
            f"uploaded-image-{waiting.pk}-title": "x",
            f"uploaded-image-{waiting.pk}-alt_vi": "Cây xoài",
            f"uploaded-image-{waiting.pk}-collection": 1,
            f"uploaded-image-{waiting.pk}-tags": "",
        },
    )
    request.user = editor
    view = multiple.CreateFromUploadedImageView.as_view()
    assert json.loads(view(request, uploaded_file_id=waiting.pk).content)["success"]
    image = LibraryImage.objects.get()
    assert b"PhoneMaker" not in image.file.open().read()
    assert not [p for p in tmp_path.rglob("*.jpg") if b"PhoneMaker" in p.read_bytes()]

    request = RequestFactory().post("/", {"title": "x", "files[]": upload(b"<svg/>")})
    request.user = editor
    assert not json.loads(multiple.AddView.as_view()(request).content)["success"]
    assert LibraryImage.objects.count() == 1


def test_an_exchanged_file_is_prepared_anew(editor, upload):
    image = stored()
    fields = {"title": "x", "alt_vi": "Cây xoài", "collection": 1, "tags": ""}
    form = get_image_form(LibraryImage)(
        fields, {"file": upload(photograph(500, 500))}, instance=image, user=editor
    )
    assert form.is_valid(), form.errors
    form.save()
    image = LibraryImage.objects.get()
    assert image.prepared_at is None
    assert not image.renditions.exists()
    actions.prepare_image(image_id=image.pk)
    image.refresh_from_db()
    assert [w for w, _ in image.sources["avif"]] == [400, 500]
