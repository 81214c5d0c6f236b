"""Serving the prepared sizes where no web server stands in front."""

from pathlib import Path

from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

CONTENT_TYPES = {
    ".avif": "image/avif",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
}
ONE_YEAR = 365 * 24 * 3600


@require_safe
def rendition(request: HttpRequest, name: str) -> FileResponse:
    """One prepared size; 404 for whatever else may lie there.

    The name is random and the content under it never changes, so it may be kept for a year.
    """
    content_type = CONTENT_TYPES.get(Path(name).suffix)
    if content_type is None or ".." in Path(name).parts:
        raise Http404
    try:
        file = storages["renditions"].open(f"renditions/{name}")
    except (FileNotFoundError, IsADirectoryError) as error:
        raise Http404 from error
    response = FileResponse(file, content_type=content_type)
    response["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
