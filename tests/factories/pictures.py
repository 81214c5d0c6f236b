"""Pictures as bytes, and pictures of the library."""

from __future__ import annotations

import io

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from marketplace.media import actions
from marketplace.media.models import LibraryImage

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


def with_gps(orientation: int = 1, kind: str = "JPEG") -> bytes:
    """A photograph as a phone takes it: place, maker and a comment inside (JPEG or HEIF)."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "PhoneMaker"
    exif.get_ifd(GPS_IFD).update({1: "N", 2: (10.0, 27.0, 18.0), 3: "E", 4: (105.0, 38.0, 2.0)})
    xmp = b"<x:xmpmeta><exif:GPSLatitude>10,27.3N</exif:GPSLatitude></x:xmpmeta>"
    if kind == "HEIF":
        return photograph(640, 400, kind="HEIF", exif=exif.tobytes(), xmp=xmp)
    return photograph(exif=exif, comment=b"taken at home, 0912345678", xmp=xmp)


def make_picture(data: bytes | None = None, **fields: object) -> LibraryImage:
    """A picture of the library with its public sizes."""
    fields = {
        "title": "Tách tim sen",
        "alt_vi": "Bốn người ngồi tách tim sen",
        "alt_en": "Four people coring lotus seeds",
        "uploader": None,
        "prepare_now": True,
        **fields,
    }
    return actions.store_image(
        file=ContentFile(data or photograph(1000, 625), name="anh.jpg"), **fields
    )
