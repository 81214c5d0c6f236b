"""What somebody typed whose sign-in had ended meanwhile: it waits until they are back."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

#: In the session: the path that was posted to, and what.
_KEY = "portal.typed"
#: Longer forms are not kept.
_LONGEST = 60_000


def keep_typed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep the fields of a form that nobody is signed in for any more, then go on to sign in.

    Files cannot be kept. The session survives signing in, unless somebody else was signed in.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            typed = request.POST.copy()
            for name in ("csrfmiddlewaretoken", "seen", "then"):
                typed.pop(name, None)
            text = typed.urlencode()
            if len(text) <= _LONGEST:
                request.session[_KEY] = {"path": request.path, "typed": text}
        return view(request, *args, **kwargs)

    return wrapped


def take_kept(request: HttpRequest) -> QueryDict | None:
    """What was kept for this page, once; None when nothing was."""
    kept = request.session.get(_KEY)
    if request.method != "GET" or not kept or kept.get("path") != request.path:
        return None
    del request.session[_KEY]
    messages.warning(
        request, _("You were signed out meanwhile. What you typed is still here: please save it.")
    )
    return QueryDict(kept["typed"])
