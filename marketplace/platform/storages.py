"""Storages that work out an address once: a page names the same few dozen files each time."""

from functools import cache
from typing import Any

from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Static files under names that change with their content; the names stand at the start."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.url = cache(self.url)


class LocalFiles(FileSystemStorage):
    """Files on this machine, whose addresses follow from their names."""

    _kept_most = 20_000

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._addresses: dict[str, str] = {}

    def url(self, name: str) -> str:
        """The address of a file, worked out at its first use."""
        known = self._addresses.get(name)
        if known is None:
            if len(self._addresses) >= self._kept_most:
                self._addresses.clear()
            known = self._addresses[name] = super().url(name)
        return known
