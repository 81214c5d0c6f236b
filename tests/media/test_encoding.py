"""What the library takes in, and what it refuses (R23)."""

import io
import os
import struct
import subprocess
import sys
import zipfile
import zlib

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from marketplace.media import encoding
from marketplace.media.errors import ImageRefused
from tests.factories.pictures import photograph, with_gps


def cleaned(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(encoding.clean(ContentFile(data, name="x.jpg")).read()))
    image.load()
    return image


def refusal(data: bytes) -> str:
    with pytest.raises(ImageRefused) as caught:
        encoding.clean(ContentFile(data, name="x.jpg"))
    assert caught.value.messages[0]
    return caught.value.code


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    )


def png_of(width: int, height: int, body: bytes = b"\0", extra: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + extra
        + png_chunk(b"IDAT", zlib.compress(body, 9)) + png_chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("kind", "kept"),
    [("JPEG", "JPEG"), ("PNG", "PNG"), ("WEBP", "JPEG"), ("AVIF", "JPEG"), ("HEIF", "JPEG")],
)
def test_pictures_of_five_kinds_are_taken_by_their_content(kind, kept):
    image = cleaned(photograph(640, 400, kind))
    assert (image.format, image.mode, image.size) == (kept, "RGB", (640, 400))


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "I;16", "CMYK"])
def test_odd_colour_modes_become_plain_ones(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    if mode == "I;16":
        source = Image.new("I;16", (64, 48), 40_000)
    else:
        source = Image.new("RGB", (64, 48), "#c2225f").convert(mode)
    out = io.BytesIO()
    source.save(out, kind)
    image = cleaned(out.getvalue())
    assert image.mode == "RGB"
    if mode == "I;16":
        assert image.getpixel((3, 3)) == (156, 156, 156)


def test_transparency_is_kept():
    assert cleaned(photograph(300, 300, "PNG", mode="RGBA")).mode == "RGB"
    out = io.BytesIO()
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(out, "PNG")
    assert cleaned(out.getvalue()).mode == "RGBA"


def test_a_large_picture_is_kept_at_2400_pixels():
    assert cleaned(photograph(6000, 4000)).size == (2400, 1600)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_stand_upright(orientation):
    image = cleaned(with_gps(orientation))
    assert image.size == ((1600, 1000) if orientation < 5 else (1000, 1600))
    # The brown earth is at the bottom of the scene as it was stored; see where it went.
    corners = {
        1: (5, -5), 2: (5, -5), 3: (5, 5), 4: (5, 5), 5: (-5, 5), 6: (5, 5), 7: (5, 5), 8: (-5, 5),
    }
    x, y = corners[orientation]
    red, green, blue = image.getpixel((x % image.width, y % image.height))
    assert red > green > blue


def test_nothing_of_the_camera_survives():
    data = with_gps()
    assert b"GPSLatitude" in data
    assert b"PhoneMaker" in data
    kept = encoding.clean(ContentFile(data, name="nha-toi.jpg"))
    body = kept.read()
    image = Image.open(io.BytesIO(body))
    assert not image.getexif()
    assert not image.info.keys() & {"exif", "xmp", "comment", "icc_profile", "photoshop"}
    for trace in (b"Exif", b"GPS", b"PhoneMaker", b"0912345678", b"xmpmeta", b"nha-toi"):
        assert trace not in body
    assert "nha-toi" not in kept.name


def test_nothing_of_the_camera_survives_in_a_heic_picture():
    data = with_gps(6, kind="HEIF")
    assert data[4:8] == b"ftyp" and b"GPSLatitude" in data and b"PhoneMaker" in data
    kept = encoding.clean(ContentFile(data, name="nha-toi.heic")).read()
    for trace in (b"Exif", b"GPS", b"PhoneMaker", b"xmpmeta", b"nha-toi", b"ftyp"):
        assert trace not in kept
    # Taken upright: stands upright.
    assert Image.open(io.BytesIO(kept)).size == (400, 640)


def test_a_heic_picture_that_swells_is_refused_before_it_is_decoded():
    data = photograph(64, 64, "HEIF")
    at = data.index(b"ispe") + 8
    bomb = data[:at] + struct.pack(">II", 30_000, 30_000) + data[at + 8 :]
    assert refusal(bomb) in ("too_many_pixels", "heic")


def test_a_film_and_a_broken_heic_picture_are_told_apart():
    film = struct.pack(">I", 24) + b"ftypisom" + b"\0" * 12
    assert refusal(film) == "film"
    assert refusal(photograph(640, 400, "HEIF")[:-900]) == "heic"


def test_a_wide_colour_profile_becomes_srgb():
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    # A profile that fits no RGB picture is passed over, not an error.
    assert cleaned(photograph(64, 64, icc_profile=profile.tobytes())).size == (64, 64)
    assert cleaned(photograph(64, 64, icc_profile=b"garbage")).size == (64, 64)


def test_moving_pictures_keep_their_first_frame():
    frames = [Image.new("RGB", (90, 60), colour) for colour in ("red", "blue", "green")]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    image = cleaned(out.getvalue())
    assert image.getpixel((5, 5))[0] > 240
    assert getattr(image, "n_frames", 1) == 1


def test_photographs_with_a_phones_appendix_are_taken():
    film = struct.pack(">I", 24) + b"ftypmp42" + b"\0" * 12
    assert cleaned(photograph(64, 64) + photograph(32, 32)).size == (64, 64)
    assert cleaned(photograph(64, 64) + b"MotionPhoto_Data" + film).size == (64, 64)
    assert b"ftypmp42" not in encoding.clean(ContentFile(photograph(64, 64) + film)).read()


def test_too_many_pixels_are_refused_before_they_are_decoded():
    # 50,000 × 50,000 pixels of nothing would be 7.5 GB.
    assert refusal(png_of(50_000, 50_000)) == "too_many_pixels"
    assert refusal(png_of(8_001, 5_000)) == "too_many_pixels"
    assert refusal(photograph(4001, 4000, "WEBP")) == "too_many_pixels"


def test_a_text_chunk_that_swells_is_refused_or_dropped():
    swelling = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"A" * 200_000_000, 9))
    data = photograph(64, 64, "PNG")
    at = data.index(b"IDAT") - 4
    assert refusal(data[:at] + swelling + data[at:]) == "broken"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_cut_off_pictures_are_refused(kind):
    data = photograph(640, 400, kind)
    assert refusal(data[: len(data) // 2]) in {"broken", "disguised"}


def test_what_is_no_picture_is_refused():
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    assert refusal(svg) == "kind"
    assert refusal(b"<?xml version='1.0'?>" + svg) == "kind"
    assert refusal(b"GIF89a/*\x01\x00\x00\x00\x00*/=alert(1)//;") == "kind"
    assert refusal(b"%PDF-1.7 ...") == "kind"
    assert refusal(b"MZ" + b"\0" * 100) == "kind"
    assert refusal(b"II*\0" + b"\0" * 100) == "kind"
    assert refusal(struct.pack(">I", 24) + b"ftypheic" + b"\0" * 12) == "heic"
    assert refusal(b"") == "empty"
    assert refusal(b"\xff\xd8\xff" + b"\0" * 100) in {"broken", "disguised"}


def polyglots() -> dict[str, bytes]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("index.html", "x")
    jpeg, png, webp = (photograph(64, 64, kind) for kind in ("JPEG", "PNG", "WEBP"))
    script_header = b"\xff\xd8\xff\xe0/*JFIF\0" + b"\0" * (0x2F2A - 7)
    return {
        "jpeg + zip": jpeg + archive.getvalue(),
        "png + zip": png + archive.getvalue(),
        "jpeg + page": jpeg + b"<script>alert(1)</script>",
        "page in a jpeg comment": photograph(64, 64, comment=b"<ScRiPt>alert(1)</sCrIpT>"),
        "php in a png": png[:-12] + png_chunk(b"tEXt", b"a\0<?php phpinfo();") + png[-12:],
        "png + anything": png + b"PAYLOAD",
        "webp + anything": webp + b"PAYLOAD",
        "jpeg + anything": jpeg + b"PAYLOAD",
        "pdf in a jpeg comment": photograph(64, 64, comment=b"%PDF-1.7"),
        "jpeg as script": script_header + b"*/=alert(1)/*" + jpeg[2:],
        "avif + anything": photograph(64, 64, "AVIF") + b"<html>",
    }


@pytest.mark.parametrize("name", polyglots())
def test_files_that_are_two_things_are_refused(name):
    assert refusal(polyglots()[name]) in {"disguised", "broken"}


def test_a_file_over_20_megabytes_is_refused_unread():
    file = ContentFile(b"")
    file.size = encoding.MAX_BYTES + 1
    with pytest.raises(ImageRefused) as caught:
        encoding.clean(file)
    assert caught.value.code == "too_big"


WORST = """
import os
import django
django.setup()
from django.core.files.base import ContentFile
from PIL import Image
from marketplace.media import encoding
data = open(os.environ["PICTURE"], "rb").read()
encoding.clean(ContentFile(data))
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(int(status["VmHWM"].split()[0]) // 1024)
"""


@pytest.mark.parametrize(
    ("kind", "mode", "size", "options"),
    [
        ("PNG", "RGBA", (8000, 5000), {}),
        ("PNG", "P", (8000, 5000), {}),
        ("JPEG", "RGB", (8000, 5000), {"progressive": True, "subsampling": 0}),
        ("JPEG", "CMYK", (8000, 5000), {}),
        ("WEBP", "RGBA", (4000, 4000), {"method": 0}),
        ("AVIF", "RGBA", (4000, 4000), {"speed": 10}),
    ],
)
def test_the_worst_picture_leaves_a_worker_under_512_mb(tmp_path, kind, mode, size, options):
    """As many pixels as are let in, in a process of its own: its peak as the system counts it."""
    picture = tmp_path / "worst"
    Image.new(mode, size).save(picture, kind, **options)
    env = {**os.environ, "PICTURE": str(picture)}
    done = subprocess.run(
        [sys.executable, "-c", WORST], env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) < 512, f"{done.stdout} MB"
