"""Staff pages are for staff, with a second factor, who were there lately."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from marketplace.accounts import door_urls, second_factor, sessions
from marketplace.accounts.models import User

#: Address → whether superusers alone may enter.
STAFF_ADDRESSES = {"/cms/": False, "/dashboard/": True, "/django-admin/": True}
#: The growers' desk, which staff may open with a grower's consent: then it is a staff page.
DESK_ADDRESSES = ("/portal/", "/en/portal/")


def _staff_address(path: str) -> str | None:
    starts = (*STAFF_ADDRESSES, *DESK_ADDRESSES)
    return next((start for start in starts if path.startswith(start)), None)


class StaffSecondFactor:
    """Guards ``/cms/``, ``/dashboard/`` and ``/django-admin/`` as a whole, and for staff alone the
    growers' desk ``/portal/``, whose own pages judge everybody else.

    - nobody signed in: to the one sign-in page, and back afterwards;
    - customers and producers: 403, whatever permission they may hold;
    - staff without a second factor: to the page that sets one up;
    - staff whose session has not shown it: to the page that asks for it;
    - staff who were away for half an hour: signed out.

    Stands after the middlewares of authentication, allauth and messages. It decides by the
    path, not by views, so that a page which a package adds tomorrow is guarded too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = _staff_address(request.path_info)
        if start is None or door_urls.is_door(request.path_info):
            return self.get_response(request)
        return self._refusal(request, start) or self.get_response(request)

    def _refusal(self, request: HttpRequest, start: str) -> HttpResponse | None:
        user = request.user
        if start in DESK_ADDRESSES:
            if not (user.is_authenticated and user.works_here):
                return None
        elif not user.is_authenticated:
            return _to("account_login", request)
        elif not _may_enter(user, start):
            raise PermissionDenied
        if not second_factor.was_given(request):
            if second_factor.is_set_up(user):
                return _to("mfa_reauthenticate", request)
            messages.warning(
                request,
                _(
                    "Staff pages need a second factor: six digits from an app on your phone. "
                    "Set it up here once."
                ),
            )
            return _to("mfa_activate_totp", request)
        if sessions.is_stale(request):
            logout(request)
            messages.info(request, _("You were away for half an hour. Please sign in again."))
            return _to("account_login", request)
        sessions.touch(request)
        return None


def _may_enter(user: User, start: str) -> bool:
    return user.is_superuser if STAFF_ADDRESSES[start] else user.works_here


def _to(name: str, request: HttpRequest) -> HttpResponseRedirect:
    back = request.get_full_path() if request.method == "GET" else _staff_address(request.path_info)
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': back})}")
