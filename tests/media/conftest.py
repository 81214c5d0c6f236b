"""Pictures, honest and hostile."""

import io
from collections.abc import Callable

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from marketplace.media.models import LibraryRendition

GPS_IFD = 0x8825


def photograph(width: int = 1600, height: int = 1000, kind: str = "JPEG", **options) -> bytes:
    """A picture with some structure, so that encoders have work."""
    image = Image.new(options.pop("mode", "RGB"), (width, height), "#1d7a4f")
    draw = ImageDraw.Draw(image)
    draw.ellipse((width // 8, height // 8, width // 2, height // 2), fill="#ffb71b")
    draw.rectangle((0, height * 3 // 4, width, height), fill="#6a4028")
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def with_gps(orientation: int = 1) -> bytes:
    """A photograph as a phone takes it: place, maker and a comment inside."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "PhoneMaker"
    exif.get_ifd(GPS_IFD).update({1: "N", 2: (10.0, 27.0, 18.0), 3: "E", 4: (105.0, 38.0, 2.0)})
    xmp = b"<x:xmpmeta><exif:GPSLatitude>10,27.3N</exif:GPSLatitude></x:xmpmeta>"
    return photograph(exif=exif, comment=b"taken at home, 0912345678", xmp=xmp)


@pytest.fixture
def upload() -> Callable[..., SimpleUploadedFile]:
    """Make an uploaded file of bytes."""

    def make(data: bytes, name: str = "IMG_0001.jpg") -> SimpleUploadedFile:
        return SimpleUploadedFile(name, data, content_type="image/jpeg")

    return make


@pytest.fixture(autouse=True)
def _own_folders(tmp_path, settings, monkeypatch):
    """Files of a test go when the test is over."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            **settings.STORAGES["default"], "OPTIONS": {"location": tmp_path / "private"},
        },
        "renditions": {
            **settings.STORAGES["renditions"],
            "OPTIONS": {"location": tmp_path / "public", "base_url": "/media/"},
        },
    }
    # Wagtail asked for this storage once, when the models were loaded.
    field = LibraryRendition._meta.get_field("file")
    monkeypatch.setattr(field, "storage", storages["renditions"])
