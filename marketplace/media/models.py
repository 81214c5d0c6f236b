"""The one image library: pages and products show pictures of it, and nothing else does."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition
from wagtail.images.models import Image as WagtailImage


class LibraryImage(AbstractImage):
    """A picture, re-encoded on arrival and without its camera's data (GPS above all).

    The alternative text is required in Vietnamese: a picture that nobody can describe tells
    a blind buyer nothing, and a search engine neither.
    """

    alt_vi = models.CharField(_("alternative text (Vietnamese)"), max_length=250)
    alt_en = models.CharField(_("alternative text (English)"), max_length=250, blank=True)
    caption_vi = models.CharField(_("caption (Vietnamese)"), max_length=250, blank=True)
    caption_en = models.CharField(_("caption (English)"), max_length=250, blank=True)
    is_drawing = models.BooleanField(
        _("is a drawing"), default=False, help_text=_("Captioned as a drawing wherever shown.")
    )
    #: When the public sizes were made by the task; empty while they are being made.
    prepared_at = models.DateTimeField(null=True, blank=True, editable=False)

    admin_form_fields = (
        *(name for name in WagtailImage.admin_form_fields if name != "description"),
        "alt_vi",
        "alt_en",
        "caption_vi",
        "caption_en",
        "is_drawing",
    )

    class Meta(AbstractImage.Meta):
        verbose_name = _("image")
        verbose_name_plural = _("images")
        permissions = [("choose_image", "Can choose image")]


class LibraryRendition(AbstractRendition):
    """One prepared size and format of an image: all that the public ever receives."""

    image = models.ForeignKey(LibraryImage, models.CASCADE, related_name="renditions")

    class Meta:
        unique_together = (("image", "filter_spec", "focal_point_key"),)
