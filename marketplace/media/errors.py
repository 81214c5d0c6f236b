"""What the image library refuses."""

from django.core.exceptions import ValidationError


class ImageRefused(ValidationError):
    """A file that does not enter the library; the message tells the uploader what to do."""
