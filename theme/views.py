from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

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
