from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MediaConfig(AppConfig):
    name = "marketplace.media"
    label = "media"
    verbose_name = _("Image library")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear when pictures change; let no part of the process decode a giant one."""
        import pillow_heif
        from PIL import Image

        from marketplace.media import encoding, signals  # noqa: F401

        # Phones of one maker send nothing but HEIC.
        pillow_heif.register_heif_opener(thumbnails=False)
        # Pillow itself refuses twice this number; the encoder refuses exactly more than it.
        Image.MAX_IMAGE_PIXELS = encoding.MAX_PIXELS
