"""Where other packages' password pages lead."""

from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache


@never_cache
def sign_in(request: HttpRequest, desk: str) -> HttpResponseRedirect:
    """To the sign-in page and back to the desk, or straight there when signed in.

    A posted password is not looked at.
    """
    wanted = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    ):
        wanted = desk
    if request.user.is_authenticated:
        return HttpResponseRedirect(wanted)
    return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': wanted})}")


@never_cache
def reset_password(request: HttpRequest, pk: str = "") -> HttpResponseRedirect:
    """To the one page that mails a link."""
    return HttpResponseRedirect(reverse("account_reset_password"))


@never_cache
def change_password(request: HttpRequest) -> HttpResponseRedirect:
    """To the one page that changes a password."""
    return HttpResponseRedirect(reverse("account_change_password"))


@never_cache
def own_page(request: HttpRequest) -> HttpResponseRedirect:
    """To one's own account page."""
    return HttpResponseRedirect(reverse("account_home"))
