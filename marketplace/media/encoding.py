"""From a file that somebody sent to a picture that is safe to keep and to show.

Nothing that was sent is kept: the pixels are decoded and written anew, so neither the camera's
data (GPS above all) nor anything hidden in the file survives. What a file is, its first bytes
say; its name and its declared type are not asked.
"""

import re
import secrets
import zipfile
from dataclasses import dataclass
from io import BytesIO

from django.core.files.base import ContentFile, File
from django.utils.translation import gettext as _
from PIL import Image, ImageCms

from marketplace.media.errors import ImageRefused

MAX_BYTES = 20 * 1024 * 1024
#: Judged by the header, before a single pixel is decoded.
MAX_PIXELS = 40_000_000
#: Decoders of these need up to 18 bytes a pixel; a worker has 512 MB in all.
MAX_PIXELS_OF = {"webp": 16_000_000, "avif": 16_000_000, "heic": 26_000_000}
#: The longest side that is kept; the largest public size is 1,200 px wide.
KEPT_SIDE = 2400
JPEG_QUALITY = 88

#: Pillow's decoder for each kind we take; all its other decoders stay shut.
FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "avif": "AVIF", "heic": "HEIF"}
#: What HEIF files of phones call themselves (ISO/IEC 23008-12, annex B; "mif1" of any codec).
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1")

#: Words that no camera writes, and every page or program in disguise needs.
DISGUISES = re.compile(rb"<script|<!doctype html|<html|<iframe|<\?php|<!entity", re.IGNORECASE)
#: Exif's eight orientations; the first is upright.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
JPEG_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


class CleanImage(ContentFile):
    """A picture of ours: decoded and encoded anew here, never the bytes that were sent."""


@dataclass(frozen=True)
class Encoded:
    """One encoded picture and its size in pixels."""

    data: bytes
    width: int
    height: int


def clean(file: File) -> CleanImage:
    """Return the picture in ``file`` encoded anew, upright, in sRGB, without metadata.

    At most 2,400 px on its longer side; PNG stays PNG and so does whatever is transparent, all
    else becomes JPEG. The name is random. Raises ImageRefused with a message for the uploader.
    """
    if isinstance(file, CleanImage):
        return file
    data = _read(file)
    kind = _kind(data)
    _refuse_disguises(data, kind)
    image = _decode(data, kind)
    has_alpha = image.mode == "RGBA"
    out = BytesIO()
    if has_alpha or kind == "png":
        image.save(out, "PNG", compress_level=6)
        suffix = "png"
    else:
        image.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
        suffix = "jpg"
    return CleanImage(out.getvalue(), name=f"{secrets.token_hex(16)}.{suffix}")


def check(file: File) -> None:
    """Whether ``clean`` would take the file, as far as its bytes and its header tell.

    Decodes no pixels. Raises ImageRefused.
    """
    data = _read(file)
    kind = _kind(data)
    _refuse_disguises(data, kind)
    _opened(data, kind).close()


def _read(file: File) -> bytes:
    if file.size is not None and file.size > MAX_BYTES:
        raise _too_big()
    file.seek(0)
    data = file.read(MAX_BYTES + 1)
    file.seek(0)
    if len(data) > MAX_BYTES:
        raise _too_big()
    if not data:
        raise ImageRefused(_("The file is empty. Choose the picture again."), code="empty")
    return data


def _too_big() -> ImageRefused:
    return ImageRefused(
        _("The picture is larger than %(megabytes)s MB. Choose a smaller one."),
        code="too_big",
        params={"megabytes": MAX_BYTES // 1024**2},
    )


def _kind(data: bytes) -> str:
    """What the file is, by its first bytes."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp":
        brands = data[8:12] + data[16:64]
        if b"avif" in brands or b"avis" in brands:
            return "avif"
        if any(brand in brands for brand in HEIC_BRANDS):
            return "heic"
        raise ImageRefused(_("This is a film, not a picture. Choose a photograph."), code="film")
    raise ImageRefused(
        _("This is not a JPEG, HEIC, PNG, WebP or AVIF picture. Choose a photograph."), code="kind"
    )


def _refuse_disguises(data: bytes, kind: str) -> None:
    """Refuse a file that is also something else: a page, a program, an archive, a document."""
    head = data[:1024]
    suspicious = (
        DISGUISES.search(data)
        or b"%PDF-" in head
        or zipfile.is_zipfile(BytesIO(data))
        # As script, such a file begins with a word and opens a comment.
        or (data[4:6] == b"/*" and b"*/" in data)
        or not _ends_where_it_should(data, kind)
    )
    if suspicious:
        raise ImageRefused(
            _(
                "This file holds something besides a picture. "
                "Open the picture, save it under a new name and choose that."
            ),
            code="disguised",
        )


def _ends_where_it_should(data: bytes, kind: str) -> bool:
    """Whether nothing strange follows the picture (a cut-off one is the decoder's business)."""
    if kind == "png":
        end = data.rfind(b"IEND")
        return end < 0 or not data[end + 8 :].strip(b"\x00")
    if kind == "webp":
        return not data[8 + int.from_bytes(data[4:8], "little") + 1 :].strip(b"\x00")
    if kind == "jpeg":
        # Phones append a second JPEG (depth, brightness) or a short film to a photograph.
        rest = data[_end_of_jpeg(data) :]
        text = rest.lstrip(b"\x00")
        return (
            not text
            or text.startswith((b"\xff\xd8\xff", b"MotionPhoto", b"Image_UTC"))
            or rest[4:8] == b"ftyp"
            or rest.endswith(b"SEFT")
        )
    at = 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if length == 0:
            return True
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        if length < 8 or not data[at + 4 : at + 8].isalnum():
            return False
        at += length
    return at >= len(data)


def _end_of_jpeg(data: bytes) -> int:
    """The place after the first picture's end marker; the file's length when it has none."""
    at = 2
    while match := JPEG_MARKER.search(data, at):
        marker = data[match.start() + 1]
        if marker == 0xD9:
            return match.end()
        at = match.end()
        if marker not in (0x01, 0xD8):
            at += int.from_bytes(data[at : at + 2], "big")
    return len(data)


def _decode(data: bytes, kind: str) -> Image.Image:
    """The pixels, upright and in sRGB, as RGB or (when something shows through) RGBA."""
    with _opened(data, kind) as image:
        try:
            return _upright_srgb(image)
        except Exception as error:  # decoders raise almost anything on a broken body
            raise _broken(kind) from error


def _opened(data: bytes, kind: str) -> Image.Image:
    """The picture with its size known and allowed, not yet decoded."""
    limit = MAX_PIXELS_OF.get(kind, MAX_PIXELS)
    try:
        image = Image.open(BytesIO(data), formats=[FORMATS[kind]])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise _too_many_pixels(limit) from bomb
    except Exception as error:  # and on a broken header
        raise _broken(kind) from error
    if image.width * image.height > limit:
        image.close()
        raise _too_many_pixels(limit)
    return image


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    """The picture at a whole fraction of its size, made in strips.

    Pillow premultiplies transparent pictures in a copy; of a strip at a time that is small.
    """
    width, height = image.size
    small = Image.new(image.mode, (-(-width // factor), -(-height // factor)))
    rows = 256 * factor
    for top in range(0, height, rows):
        strip = image.crop((0, top, width, min(top + rows, height)))
        small.paste(strip.reduce(factor), (0, top // factor))
    return small


def _upright_srgb(image: Image.Image) -> Image.Image:
    turn = _turn(image)
    profile = image.info.get("icc_profile")
    # A JPEG is decoded at a half or a quarter already; all else is reduced before its colours
    # are converted, so that 40 million pixels never stand in memory three times.
    image.draft("RGB", (KEPT_SIDE, KEPT_SIDE))
    image.load()
    image = _plain_mode(image)
    factor = max(image.size) // KEPT_SIDE
    if factor > 1:
        image = _reduced(image, factor)
    image.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.Resampling.LANCZOS)
    image = _to_srgb(image, profile)
    if image.mode == "RGBA" and image.getextrema()[3][0] == 255:
        image = image.convert("RGB")
    if turn is not None:
        image = image.transpose(turn)
    # A new image knows nothing of the old one's comments, profile or Exif.
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare


def _turn(image: Image.Image) -> Image.Transpose | None:
    """How to set the picture upright, as its Exif says; unreadable Exif says nothing."""
    try:
        return TURNS.get(image.getexif().get(0x0112))
    except Exception:  # the same zoo of errors as in broken pictures
        return None


def _plain_mode(image: Image.Image) -> Image.Image:
    """RGB, RGBA or CMYK (which its colour profile still has to turn into RGB)."""
    if image.mode in ("RGB", "RGBA", "CMYK"):
        return image
    if image.mode.startswith("I"):
        # Sixteen bits of grey: the upper eight are what a screen shows.
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if "A" in image.mode or "a" in image.mode or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("RGB")


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile and image.mode in ("RGB", "RGBA", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            mode = "RGBA" if image.mode == "RGBA" else "RGB"
            return ImageCms.profileToProfile(
                image, source, ImageCms.createProfile("sRGB"), outputMode=mode
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            # A profile that nobody can read (or that belongs to another mode) says nothing.
            pass
    return image if image.mode in ("RGB", "RGBA") else image.convert("RGB")


def _too_many_pixels(limit: int) -> ImageRefused:
    return ImageRefused(
        _("The picture has more than %(limit)s million pixels. Make it smaller and try again."),
        code="too_many_pixels",
        params={"limit": limit // 1_000_000},
    )


def _broken(kind: str) -> ImageRefused:
    if kind == "heic":
        return ImageRefused(
            _(
                "This HEIC picture cannot be read. Have the phone take JPEG (iPhone: Settings, "
                "Camera, Formats, Most Compatible; Samsung: Camera settings, Advanced, off with "
                "“High efficiency pictures”) and take it again."
            ),
            code="heic",
        )
    return ImageRefused(
        _("The picture is damaged or incomplete. Choose another copy of it."), code="broken"
    )


# --- Public sizes -----------------------------------------------------------------------
WIDTHS = (400, 800, 1200)
#: For the lists of the desks, 64 px wide on screens of two dots to the pixel.
THUMB_WIDTH = 160
#: Chosen on the drawings and on photographs of fruit: quick on two cores, no ringing to see.
AVIF = {"quality": 48, "speed": 8, "subsampling": "4:2:0", "range": "full"}
WEBP = {"quality": 78, "method": 4}
JPEG = {"quality": 80, "optimize": True, "progressive": True}


def widths_for(width: int) -> list[int]:
    """Which public widths an image of ``width`` px gets: none is drawn larger than it is."""
    return [w for at, w in enumerate(WIDTHS) if at == 0 or WIDTHS[at - 1] < width]


def resized(image: Image.Image, width: int) -> Image.Image:
    """``image`` at ``width`` px, or as it is when it is narrower."""
    if image.width <= width:
        return image
    height = max(round(image.height * width / image.width), 1)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def encode(image: Image.Image, kind: str) -> Encoded:
    """``image`` as AVIF, WebP or (on white) JPEG, without metadata."""
    out = BytesIO()
    if kind == "avif":
        image.save(out, "AVIF", **AVIF)
    elif kind == "webp":
        image.save(out, "WEBP", **WEBP)
    else:
        if image.mode == "RGBA":
            white = Image.new("RGB", image.size, "white")
            white.paste(image, mask=image.getchannel("A"))
            image = white
        image.save(out, "JPEG", **JPEG)
    return Encoded(out.getvalue(), image.width, image.height)
