"""Our own drawings, taken into the image library as any photograph would be.

They are SVG, which the library refuses from anybody, so typst turns each into a PNG 1200 pixels
wide and that goes through the library's one door.
"""

import json
from functools import cache
from pathlib import Path

import typst
from django.core.files.base import ContentFile

from marketplace.demo.loading import CONTENT, Tracker
from marketplace.media.actions import store_image
from marketplace.media.models import LibraryImage

DRAWINGS = CONTENT / "drawings"
WIDTH_PX = 1200
#: Points; with 72 points to the inch the resolution below yields exactly WIDTH_PX.
PAGE_WIDTH_PT = 400


@cache
def index() -> dict[str, dict]:
    """File name → titles and alternative texts, as ``index.json`` lists them."""
    entries = json.loads((DRAWINGS / "index.json").read_text(encoding="utf-8"))
    return {entry["file"]: entry for entry in entries}


def as_png(drawing: Path) -> bytes:
    """The drawing as a PNG, 1200 pixels wide."""
    page = (
        f"#set page(width: {PAGE_WIDTH_PT}pt, height: auto, margin: 0pt)\n"
        f'#image("{drawing.name}", width: 100%)'
    )
    return typst.compile(
        page.encode(), root=str(drawing.parent), format="png", ppi=72 * WIDTH_PX / PAGE_WIDTH_PT
    )


def title_of(file: str) -> str:
    """What the drawing is called in the library; loading again finds it by this."""
    return f"{index()[file]['title_vi']} ({file})"


def load(track: Tracker) -> None:
    """Take in the drawings that are not in the library yet."""
    known = set(LibraryImage.objects.values_list("title", flat=True))
    todo = [file for file in index() if title_of(file) not in known]
    for file in track(todo, len(todo), "Drawings"):
        entry = index()[file]
        store_image(
            file=ContentFile(as_png(DRAWINGS / file), name=Path(file).with_suffix(".png").name),
            title=title_of(file),
            alt_vi=entry["alt_vi"],
            alt_en=entry["alt_en"],
            uploader=None,
            is_drawing=True,
            prepare_now=True,
        )


def by_file() -> dict[str, LibraryImage]:
    """The library's images of drawings, by the drawing's file name."""
    found = {image.title: image for image in LibraryImage.objects.filter(is_drawing=True)}
    return {file: found[title_of(file)] for file in index() if title_of(file) in found}
