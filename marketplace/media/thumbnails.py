"""Oscar asks a thumbnailer for small pictures; ours shows what the library has prepared."""

from types import SimpleNamespace

from oscar.core.thumbnails import AbstractThumbnailer

from marketplace.media.models import LibraryImage


class LibraryThumbnailer(AbstractThumbnailer):
    """The library's JPEG of about 800 px, for Oscar's dashboard; the shop uses `queries`."""

    def generate_thumbnail(self, source: LibraryImage, **opts: object) -> SimpleNamespace:
        """Something with the ``url`` that Oscar's template tag asks for."""
        return SimpleNamespace(url=getattr(source, "url", ""))

    def delete_thumbnails(self, source: object) -> None:
        """Nothing: prepared sizes go when their image goes."""
