"""Pictures as somebody uploads them, and folders of their own for what is kept."""

from collections.abc import Callable

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile

from marketplace.media.models import LibraryRendition


@pytest.fixture
def upload() -> Callable[..., SimpleUploadedFile]:
    """Make an uploaded file of bytes."""

    def make(data: bytes, name: str = "IMG_0001.jpg") -> SimpleUploadedFile:
        return SimpleUploadedFile(name, data, content_type="image/jpeg")

    return make


@pytest.fixture(autouse=True)
def _own_folders(tmp_path, settings, monkeypatch):
    """Files of a test go when the test is over."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            **settings.STORAGES["default"], "OPTIONS": {"location": tmp_path / "private"},
        },
        "renditions": {
            **settings.STORAGES["renditions"],
            "OPTIONS": {"location": tmp_path / "public", "base_url": "/media/"},
        },
    }
    # Wagtail asked for this storage once, when the models were loaded.
    field = LibraryRendition._meta.get_field("file")
    monkeypatch.setattr(field, "storage", storages["renditions"])
