"""What became of a request, in the words of the table."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse

SIGN_IN = "sign in"  # to the sign-in page
REFUSED = "refused"  # 403, or Wagtail's way of saying so: back to its first page
NONE = "none"  # 404
METHOD = "method"  # 405
BAD = "bad"  # 400: the route was reached, the request was incomplete
LIMIT = "limit"  # 429
OK = "ok"  # 200
ON = "on"  # redirected somewhere else
UNREADY = "unready"  # 503
BROKEN = "broken"  # any other 5xx


def outcome(response: HttpResponse, path: str) -> str:
    """The word for ``response``."""
    status = response.status_code
    if status >= 500:
        return UNREADY if status == 503 else BROKEN
    if status in (301, 302, 303, 307, 308):
        target = response.headers["Location"]
        if target.startswith(reverse("account_login")):
            return SIGN_IN
        return REFUSED if target == "/cms/" and path != "/cms/login/" else ON
    words = {200: OK, 204: OK, 304: OK, 400: BAD, 403: REFUSED, 404: NONE, 405: METHOD, 429: LIMIT}
    return words[status]


#: The role got past the door; whether there was something behind it is another matter.
LET_IN = frozenset({OK, ON, NONE, METHOD, BAD})
