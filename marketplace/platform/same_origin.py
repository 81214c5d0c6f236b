"""A guard against forged forms that needs no token in the page.

Public pages are the same for everyone, so they cannot hold a token; the browser itself says
where a form was sent from. The rule is that of Go's ``http.CrossOriginProtection``: believe
Sec-Fetch-Site, else compare Origin with the host, and let pass what sends neither, because no
browser that keeps cookies for us does that across sites (our cookies are SameSite=Lax).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")


def is_same_origin(request: HttpRequest) -> bool:
    """Whether the request was made by a page of this site, or by no page at all."""
    site = request.META.get("HTTP_SEC_FETCH_SITE")
    if site:
        return site in ("same-origin", "none")
    origin = request.META.get("HTTP_ORIGIN")
    # Without Origin only browsers of before 2020 post; they send no cookie of ours across
    # sites either. "null" is a page that hides where it is from.
    return not origin or origin == f"{request.scheme}://{request.get_host()}"


def require_same_origin(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuse forms sent from other sites with 403, in place of Django's token."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in _SAFE_METHODS and not is_same_origin(request):
            raise PermissionDenied(
                _("This form was sent from another site. Please go back and send it from ours.")
            )
        return view(request, *args, **kwargs)

    return guarded
