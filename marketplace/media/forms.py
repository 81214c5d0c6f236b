"""The form behind every upload to the library in Wagtail's admin."""

from django import forms
from django.core.files.base import File
from django.template.defaultfilters import filesizeformat
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from marketplace.media import encoding

ACCEPTED = (
    "image/jpeg", "image/png", "image/webp", "image/avif", "image/heic", "image/heif",
)  # fmt: skip


class PictureField(WagtailImageField):
    """A chosen picture, checked by its content and encoded anew; its file name is not asked."""

    default_validators = ()

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.max_upload_size = encoding.MAX_BYTES
        self.max_upload_size_text = filesizeformat(encoding.MAX_BYTES)
        self.help_text = _(
            "JPEG, HEIC, PNG, WebP or AVIF, at most %(size)s and %(pixels)s million pixels. "
            "The camera's data, such as the place, is removed."
        ) % {
            "size": self.max_upload_size_text,
            "pixels": encoding.MAX_PIXELS // 1_000_000,
        }

    def to_python(self, data: File | None) -> File | None:
        """The re-encoded picture; raises ImageRefused."""
        file = forms.FileField.to_python(self, data)
        return encoding.clean(file) if file else None


class LibraryImageForm(BaseImageForm):
    """Wagtail's image form with our checks at the file."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if asked := self.fields.get("file"):
            self.fields["file"] = PictureField(
                label=capfirst(asked.label), widget=asked.widget, required=asked.required
            )
            self.fields["file"].widget.attrs["accept"] = ",".join(ACCEPTED)
