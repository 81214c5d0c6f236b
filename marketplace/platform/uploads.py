"""Refusing what is too large while it arrives, instead of after all of it was stored."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

View = Callable[..., HttpResponse]


class EachFileAtMost(FileUploadHandler):
    """Lets go of a file as soon as more than ``most`` bytes of it have come.

    Its name is noted in ``request.files_too_large``; the other files arrive as ever.
    """

    def __init__(self, request: HttpRequest, most: int) -> None:
        super().__init__(request)
        self.most = most
        self.received = 0
        request.files_too_large = []

    def new_file(self, *args: object, **kwargs: object) -> None:
        """Count anew."""
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass the chunk on, unless it is one too many."""
        self.received += len(raw_data)
        if self.received > self.most:
            self.request.files_too_large.append(self.file_name)
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler keeps the file."""


def limit_uploads(*, file: int, body: int, refuse: View) -> Callable[[View], View]:
    """Take at most ``file`` bytes of each file, and nothing of a request that says it is longer
    than ``body`` bytes: ``refuse`` answers it (with status 413) before any of it is read.

    Goes below whatever asks for permission: the token against forged requests, which stands in
    the body, is judged after these limits.
    """

    def decorate(view: View) -> View:
        judged = csrf_protect(view)

        @wraps(view)
        def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if _length(request) > body:
                return refuse(request, *args, **kwargs)
            request.upload_handlers.insert(0, EachFileAtMost(request, file))
            return judged(request, *args, **kwargs)

        return wrapped

    return decorate


#: For the outermost place above ``limit_uploads``.
token_judged_later = csrf_exempt


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
