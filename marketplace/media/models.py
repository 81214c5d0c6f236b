"""The one image library: pages and products show pictures of it, and nothing else does."""

from django.core.files.base import File
from django.core.files.storage import storages
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import (
    AbstractImage,
    AbstractRendition,
    WagtailImageField,
    WagtailImageFieldFile,
    get_upload_to,
)
from wagtail.images.models import Image as WagtailImage
from wagtail.search import index

from marketplace.media import encoding


class LibraryImageFile(WagtailImageFieldFile):
    """The file of a library image: whoever stores one stores a picture encoded anew.

    Forms check as well, to speak in time; this is the door that nobody can walk around
    (Wagtail's upload of several files at once leaves the form's file behind, for one).
    """

    def save(self, name: str, content: File, save: bool = True) -> None:
        """Store the picture in ``content``; raises ImageRefused."""
        picture = encoding.clean(content)
        self.instance.prepared_at = None
        self.instance.sources = {}
        super().save(picture.name, picture, save)


class LibraryImageField(WagtailImageField):
    """An image field whose files pass through the encoder; the column is Wagtail's."""

    attr_class = LibraryImageFile

    def deconstruct(self) -> tuple[str, str, list, dict]:
        """Say Wagtail's field, so that migrations import nothing of ours."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "wagtail.images.models.WagtailImageField", args, kwargs


class LibraryImage(AbstractImage):
    """A picture, re-encoded on arrival and without its camera's data (GPS above all).

    The alternative text is required in Vietnamese: a picture that nobody can describe tells
    a blind buyer nothing, and a search engine neither.
    """

    #: Out of the public's reach (the default storage is private), under a random name.
    file = LibraryImageField(
        _("file"), upload_to=get_upload_to, width_field="width", height_field="height"
    )
    alt_vi = models.CharField(_("alternative text (Vietnamese)"), max_length=250)
    alt_en = models.CharField(_("alternative text (English)"), max_length=250, blank=True)
    caption_vi = models.CharField(_("caption (Vietnamese)"), max_length=250, blank=True)
    caption_en = models.CharField(_("caption (English)"), max_length=250, blank=True)
    is_drawing = models.BooleanField(
        _("is a drawing"), default=False, help_text=_("Captioned as a drawing wherever shown.")
    )
    #: When the public sizes were made by the task; empty while they are being made.
    prepared_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: The public files by format: ``{"avif": [[width, name], …], "webp": …, "jpeg": …}``, and
    #: the small ones of the desks' lists as "thumb_avif" and "thumb_webp".
    #: A copy of what the renditions say, so that a list of cards asks for no renditions.
    sources = models.JSONField(default=dict, editable=False)

    admin_form_fields = (
        *(name for name in WagtailImage.admin_form_fields if name != "description"),
        "alt_vi",
        "alt_en",
        "caption_vi",
        "caption_en",
        "is_drawing",
    )
    search_fields = [
        *AbstractImage.search_fields,
        index.SearchField("alt_vi"),
        index.SearchField("alt_en"),
    ]

    class Meta(AbstractImage.Meta):
        verbose_name = _("image")
        verbose_name_plural = _("images")
        permissions = [("choose_image", "Can choose image")]

    def get_upload_to(self, filename: str) -> str:
        """Where a picture is kept; the encoder's names are random."""
        return f"images/{filename[:2]}/{filename}"

    @property
    def default_alt_text(self) -> str:
        """What the picture shows, in the reader's language if it has been said in it."""
        return (self.alt_en if get_language() == "en" else "") or self.alt_vi

    @property
    def caption(self) -> str:
        """The caption in the reader's language, else the Vietnamese one."""
        return (self.caption_en if get_language() == "en" else "") or self.caption_vi

    @property
    def url(self) -> str:
        """The public JPEG of about 800 px; empty while the sizes are being made.

        Oscar asks an image for its address; that of the original is nobody's business.
        """
        names = self.sources.get("jpeg")
        return storages["renditions"].url(names[0][1]) if names else ""


class LibraryRendition(AbstractRendition):
    """One prepared size and format of an image: all that the public ever receives."""

    image = models.ForeignKey(LibraryImage, models.CASCADE, related_name="renditions")

    class Meta:
        unique_together = (("image", "filter_spec", "focal_point_key"),)

    def get_upload_to(self, filename: str) -> str:
        """The one folder that is served."""
        return f"renditions/{filename[:2]}/{filename}"
