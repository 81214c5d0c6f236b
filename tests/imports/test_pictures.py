"""An archive of pictures named by article number."""

import io
import zipfile

import pytest

from marketplace.imports.errors import FileRefused
from marketplace.imports.kinds import pictures
from marketplace.imports.models import Import
from tests.factories.accounts import make_user
from tests.factories.catalogue import make_product
from tests.factories.pictures import photograph, with_gps
from tests.imports.conftest import applied, codes, undone, upload

pytestmark = pytest.mark.django_db


def archive(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in files:
            made.writestr(name, data)
    return out.getvalue()


@pytest.fixture
def mango():
    product = make_product("Xoài cát", title_en="Mango")
    product.stockrecords.update(partner_sku="XOAI-01")
    return product


def test_pictures_find_their_listing_and_go_again(judged, mango):
    clerk = make_user()
    small = photograph(300, 200)
    table = judged(
        Import.Kind.PICTURES, clerk, name="hinh.zip",
        data=archive(
            ("hinh/xoai-01-2.JPG", small), ("hinh/XOAI-01.jpg", with_gps()),
            ("la.jpg", small), ("XOAI-01-3.jpg", b"<svg/>"), ("../XOAI-01-4.jpg", small),
            ("khac/Xoai-01.png", small), ("__MACOSX/._XOAI-01.jpg", b"x"), (".DS_Store", b"x"),
        ),
    )  # fmt: skip
    assert codes(table) == {
        3: [("file", "picture_unknown")],
        4: [("file", "picture")],
        5: [("file", "picture_path")],
        6: [("file", "doubled")],
    }
    assert table.n_new == 2
    assert not mango.images.exists()
    applied(table, clerk, without_errors=True)
    assert table.state == "applied", table.note
    first, second = [image.original for image in mango.images.order_by("display_order")]
    assert (first.width, second.width) == (1600, 300)
    assert (first.alt_vi, first.alt_en) == ("Xoài cát", "Mango")
    with first.open_file() as file:
        assert b"PhoneMaker" not in file.read()
    undone(table, clerk)
    assert table.state == "undone", table.note
    assert not mango.images.exists()


def test_a_foreign_number_is_unknown_at_a_producers_desk(judged, mango):
    other = make_product("Trà")
    table = judged(
        Import.Kind.PICTURES, make_user(), name="hinh.zip", producer=other.producer,
        data=archive(("XOAI-01.jpg", photograph(300, 200))),
    )  # fmt: skip
    assert codes(table) == {1: [("file", "picture_unknown")]}


def test_archives_that_must_not_be_opened(monkeypatch):
    def refusal(data: bytes) -> str:
        with pytest.raises(FileRefused) as refused:
            pictures.check(upload(data, "hinh.zip"))
        return refused.value.code

    assert refusal(b"no archive") == "not_an_archive"
    assert refusal(archive((".DS_Store", b"x"))) == "no_rows"
    monkeypatch.setattr(pictures, "MAX_FILES", 3)
    assert refusal(archive(*((f"{n}.jpg", b"x") for n in range(4)))) == "too_many_files"
    monkeypatch.setattr(pictures, "MAX_UNPACKED", 100)
    assert refusal(archive(("a.jpg", b"x" * 101))) == "bomb"
    monkeypatch.setattr(pictures, "MAX_BYTES", 10)
    assert refusal(archive(("a.jpg", b"x"))) == "too_big"
