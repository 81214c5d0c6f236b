from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation

from theme import samples


def sample_page(request: HttpRequest) -> HttpResponse:
    """All components with their states; only wired in development."""
    return render(
        request,
        "theme/samples.html",
        {"chrome": samples.chrome(), "sections": samples.sections()},
    )


def sample_whole_page(request: HttpRequest, name: str) -> HttpResponse:
    """One page template filled with invented values, to be looked at; only in development."""
    if name not in samples.PAGES:
        raise Http404(name)
    template, context = samples.page(name)
    return render(request, template, {"chrome": samples.chrome(), **context})


def _in_language_of_address(request: HttpRequest, template: str, status: int) -> HttpResponse:
    """An error page in the language that the address names, whatever failed before."""
    with translation.override("en" if request.path_info.startswith("/en/") else "vi"):
        return render(request, template, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what was sent cannot be read; nothing of it may be asked for while saying so."""
    with translation.override("en" if request.path_info.startswith("/en/") else "vi"):
        return HttpResponse(render_to_string("400.html"), status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the address exists, but not for this reader."""
    return _in_language_of_address(request, "403.html", 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: nothing here, or nothing that this reader may know of."""
    return _in_language_of_address(request, "404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: rendered without a request, so that no context processor can fail again."""
    with translation.override("en" if request.path_info.startswith("/en/") else "vi"):
        return HttpResponse(render_to_string("500.html"), status=500)
