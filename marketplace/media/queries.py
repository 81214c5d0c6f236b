"""Pictures as the theme shows them."""

from django.core.files.storage import storages

from marketplace.media.models import LibraryImage
from theme.components import Picture, PictureSource

MIME_TYPES = {"avif": "image/avif", "webp": "image/webp"}
#: Cards in a grid of two on phones and four on desktops.
CARD_SIZES = "(min-width: 900px) 280px, 46vw"


def picture(
    image: LibraryImage | None,
    sizes: str = CARD_SIZES,
    *,
    loading: str = "lazy",
    caption: str | None = None,
    decorative: bool = False,
    small: bool = False,
) -> Picture | None:
    """``image`` as a component, without a query; None while its public sizes are being made.

    ``sizes`` is the width at which it is shown (HTML's ``sizes``). The alternative text and,
    unless one is given, the caption are the library's in the active language. ``small``: only
    the little ones of a desk's list, as far as they were made.
    """
    if image is None or not image.sources.get("jpeg"):
        return None
    url = storages["renditions"].url
    width, fallback = image.sources["jpeg"][0]
    return Picture(
        src=url(fallback),
        width=width,
        height=max(round(image.height * width / image.width), 1),
        alt="" if decorative else image.default_alt_text,
        sources=tuple(
            PictureSource(
                type=mime,
                srcset=", ".join(f"{url(name)} {w}w" for w, name in _files(image, kind, small)),
            )
            for kind, mime in MIME_TYPES.items()
        ),
        sizes=sizes,
        loading=loading,
        caption=image.caption if caption is None else caption,
        is_drawing=image.is_drawing,
    )


def _files(image: LibraryImage, kind: str, small: bool) -> list:
    return (image.sources.get(f"thumb_{kind}") if small else None) or image.sources[kind]


def address(image: LibraryImage | None) -> str:
    """The path of the public JPEG of about 800 px, for link previews; empty when there is none."""
    return image.url if image else ""
