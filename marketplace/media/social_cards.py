"""The picture that a link shows when it is shared: drawn here, 1200 × 630 pixels.

It says what does not lapse: names and places. Prices and certificates change, and whoever
keeps a copy of the picture would show the old ones. The address carries a version of what is
drawn, so a changed name is a new address.
"""

from __future__ import annotations

import io
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

import fontpkg_be_vietnam_pro
from django.conf import settings
from django.core.files.storage import storages
from PIL import Image, ImageDraw, ImageFont, ImageOps

from marketplace.media.models import LibraryImage

SIZE = (1200, 630)
_FONTS = Path(fontpkg_be_vietnam_pro.__file__).parent / "files"
_LEAF, _LOTUS, _RICE, _WHITE, _MANGO = "#0b3b2e", "#c2225f", "#eff5d6", "#ffffff", "#ffb71b"
_PICTURE = 630
_TEXT_LEFT, _TEXT_WIDTH = 64, 560
#: Bumped when the drawing itself changes.
_DESIGN = "1"


def version_of(*said: str) -> str:
    """A short hash of all that a card shows."""
    return blake2b("\n".join((_DESIGN, *said)).encode(), digest_size=6).hexdigest()


def draw(name: str, below: tuple[str, ...], image: LibraryImage | None) -> bytes:
    """The card of something with this name, and up to two lines ``below`` it, as PNG."""
    card = Image.new("RGB", SIZE, _LEAF)
    pen = ImageDraw.Draw(card)
    photo = _photo(image)
    left = SIZE[0] - _PICTURE
    if photo is not None:
        card.paste(photo, (left, 0))
    else:
        pen.rectangle((left, 0, *SIZE), fill=_RICE)
    pen.rectangle((0, SIZE[1] - 14, SIZE[0], SIZE[1]), fill=_LOTUS)
    room = _TEXT_WIDTH if photo is None else left - 2 * _TEXT_LEFT
    pen.text((_TEXT_LEFT, 56), settings.OSCAR_SHOP_NAME, font=_font("Bold", 34), fill=_MANGO)
    size, lines = _fitted(name, max(room, 440))
    top = 150
    for line in lines:
        pen.text((_TEXT_LEFT, top), line, font=_font("Bold", size), fill=_WHITE)
        top += round(size * 1.28)
    top = max(top + 24, 440)
    for text in below:
        line = _cut(text, _font("Regular", 32), max(room, 440))
        pen.text((_TEXT_LEFT, top), line, font=_font("Regular", 32), fill=_RICE)
        top += 46
    out = io.BytesIO()
    card.save(out, "PNG", optimize=True)
    return out.getvalue()


def _photo(image: LibraryImage | None) -> Image.Image | None:
    """The public JPEG of a picture, cut to the card's square; None while it is being made."""
    names = image.sources.get("jpeg") if image else None
    if not names:
        return None
    with storages["renditions"].open(names[0][1]) as file, Image.open(file) as photo:
        return ImageOps.fit(photo.convert("RGB"), (_PICTURE, SIZE[1]))


@lru_cache(maxsize=16)
def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONTS / f"BeVietnamPro-{weight}.ttf", size)


def _fitted(text: str, width: int) -> tuple[int, list[str]]:
    """The largest size at which a name takes at most four lines, and the lines."""
    for size in (64, 56, 48, 42):
        lines = _wrapped(text, _font("Bold", size), width)
        if len(lines) <= 3:
            return size, lines
    lines[3:] = [_cut(" ".join(lines[3:]), _font("Bold", size), width)] if lines[3:] else []
    return size, lines


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return [_cut(line, font, width) for line in lines]


def _cut(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(f"{text}…") > width:
        text = text[:-1]
    return f"{text.rstrip()}…"
