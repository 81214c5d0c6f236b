"""Every write to the image library."""

from io import BytesIO

from django.core.files.base import ContentFile, File
from django.db import transaction
from PIL import Image

from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.media import encoding
from marketplace.media.models import LibraryImage, LibraryRendition
from marketplace.platform import audit

#: Wagtail's names for the prepared files, so that its own look-up finds them.
SPECS = {
    "avif": "width-{width}|format-avif",
    "webp": "width-{width}|format-webp",
    "jpeg": "width-{width}|bgcolor-ffffff|format-jpeg",
}
SUFFIXES = {"avif": "avif", "webp": "webp", "jpeg": "jpg"}
#: For readers whose browser knows neither AVIF nor WebP, and for link previews.
FALLBACK_WIDTH = 800


@transaction.atomic
def store_image(
    *,
    file: File,
    title: str,
    alt_vi: str,
    alt_en: str,
    uploader: User | None,
    is_drawing: bool = False,
    caption_vi: str = "",
    caption_en: str = "",
    prepare_now: bool = False,
) -> LibraryImage:
    """Take a picture into the library.

    Its type is told by its content, it has at most 40 million pixels and 20 MB, and it is
    encoded anew. The public sizes are made by a task, or at once with ``prepare_now``. Raises
    ImageRefused; then nothing is kept.
    """
    image = LibraryImage(
        title=title[:255],
        alt_vi=alt_vi[:250],
        alt_en=alt_en[:250],
        caption_vi=caption_vi[:250],
        caption_en=caption_en[:250],
        is_drawing=is_drawing,
        uploaded_by_user=uploader,
        file=encoding.clean(file),
    )
    image._set_image_file_metadata()
    image.prepare_now = prepare_now
    image.save()
    image.prepare_now = False
    return image


@transaction.atomic
def describe_image(
    *, image: LibraryImage, alt_vi: str, caption_vi: str, actor: User | None
) -> LibraryImage:
    """Say in Vietnamese what a picture shows, and its caption; what stood there in English goes
    when the Vietnamese changes, for it would say something else. Pages that show it lapse."""
    image = LibraryImage.objects.select_for_update().get(pk=image.pk)
    before = {"alt_vi": image.alt_vi, "caption_vi": image.caption_vi}
    after = {"alt_vi": alt_vi[:250], "caption_vi": caption_vi[:250]}
    if before == after:
        return image
    for name, text in after.items():
        if before[name] != text:
            setattr(image, name, text)
            setattr(image, name.replace("_vi", "_en"), "")
    image.save(update_fields=["alt_vi", "alt_en", "caption_vi", "caption_en"])
    audit.record(
        action="media.described", actor=actor, target=image, before=before, after=after
    )
    return image


def prepare_image(*, image_id: int) -> None:
    """Make the public sizes of an image: 160 (for lists of the desks), 400, 800 and 1,200 px as
    AVIF and WebP, 800 px as JPEG.

    None is drawn larger than the picture is. Repeating does nothing; an image that has been
    deleted meanwhile is passed over. Pages that were cached without the picture lapse.
    """
    image = LibraryImage.objects.filter(pk=image_id).first()
    if image is None or image.prepared_at is not None:
        return
    kept_name = image.file.name
    files = _encode_all(image)
    with transaction.atomic():
        image = LibraryImage.objects.select_for_update().filter(pk=image_id).first()
        if image is None or image.prepared_at is not None or image.file.name != kept_name:
            return
        sources: dict[str, list[list]] = {}
        for kind, width, encoded in files:
            rendition = _store(image, kind, width, encoded)
            listed = f"thumb_{kind}" if width == encoding.THUMB_WIDTH else kind
            sources.setdefault(listed, []).append([encoded.width, rendition.file.name])
        image.sources = sources
        image.prepared_at = clock.now()
        image.save(update_fields=["sources", "prepared_at"])


def _encode_all(image: LibraryImage) -> list[tuple[str, int, encoding.Encoded]]:
    with image.open_file() as file:
        picture = Image.open(BytesIO(file.read()))
        picture.load()
    widths = encoding.widths_for(picture.width)
    files = []
    # From the largest down: each size is made from the one above it.
    for width in reversed(widths):
        picture = encoding.resized(picture, width)
        files += [(kind, width, encoding.encode(picture, kind)) for kind in ("avif", "webp")]
        if width == FALLBACK_WIDTH or (width == widths[-1] and width < FALLBACK_WIDTH):
            files.append(("jpeg", width, encoding.encode(picture, "jpeg")))
    thumb = encoding.resized(picture, encoding.THUMB_WIDTH)
    files += [
        (kind, encoding.THUMB_WIDTH, encoding.encode(thumb, kind)) for kind in ("avif", "webp")
    ]
    return list(reversed(files))


def _store(
    image: LibraryImage, kind: str, width: int, encoded: encoding.Encoded
) -> LibraryRendition:
    spec = SPECS[kind].format(width=width)
    stem = image.file.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    LibraryRendition.objects.filter(image=image, filter_spec=spec, focal_point_key="").delete()
    return LibraryRendition.objects.create(
        image=image,
        filter_spec=spec,
        focal_point_key="",
        file=ContentFile(encoded.data, name=f"{stem}-{width}.{SUFFIXES[kind]}"),
    )
