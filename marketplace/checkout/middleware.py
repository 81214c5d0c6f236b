"""Which basket a request has, and the small cookie that tells scripts how much is in it."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject, empty
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from oscar.apps.basket import middleware as oscar_middleware
from oscar.apps.basket.models import Basket

from marketplace.checkout import baskets
from marketplace.kernel import clock

#: A plain number, read by a script on pages that are the same for everybody.
COUNT_COOKIE = "ds_basket_count"


class BasketMiddleware(oscar_middleware.BasketMiddleware):
    """Oscar's, with limits kept when baskets merge, and without pricing on every request.

    Views that know how many pieces lie in the basket set ``request.basket_pieces``; the cookie
    follows it. A page that never asks for the basket sets no cookie at all, so public pages
    stay the same for everybody.
    """

    def get_basket(self, request: HttpRequest) -> Basket:
        """The open basket of a request; says so when merging had to cut something."""
        is_first = request._basket_cache is None
        basket = super().get_basket(request)
        cut = getattr(basket, "cut_by_merging", None)
        if is_first and cut:
            messages.warning(
                request,
                format_lazy(
                    "{} {}",
                    _("Not everything from both baskets is in stock; we put in what there is:"),
                    ", ".join(cut),
                ),
            )
        return basket

    def merge_baskets(self, master: Basket, slave: Basket) -> None:
        """Add up, within stock and the largest order."""
        cut = baskets.merge(into=master, other=slave, now=clock.now())
        master.cut_by_merging = [*getattr(master, "cut_by_merging", ()), *cut]

    def apply_offers_to_basket(self, request: HttpRequest, basket: Basket) -> None:
        """Nothing here: ``checkout.queries.offer`` prices a basket where it is shown."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Merge in the very answer to a sign-in; then the cookies."""
        if getattr(request, "has_just_signed_in", False):
            request.basket_pieces = baskets.pieces(_loaded(request.basket))
        response = super().process_response(request, response)
        key = self.get_cookie_key(request)
        if response.cookies.get(key) and response.cookies[key].value:
            response.cookies[key]["samesite"] = "Lax"
        _tell_count(request, response)
        return response


def _loaded(basket: Basket | SimpleLazyObject) -> Basket:
    """The basket itself, read if it was not."""
    if isinstance(basket, SimpleLazyObject):
        if basket._wrapped is empty:
            basket._setup()
        return basket._wrapped
    return basket


def _tell_count(request: HttpRequest, response: HttpResponse) -> None:
    pieces = getattr(request, "basket_pieces", None)
    if pieces is None or request.COOKIES.get(COUNT_COOKIE, "0") == str(pieces):
        return
    if pieces == 0:
        response.delete_cookie(COUNT_COOKIE, samesite="Lax")
        return
    response.set_cookie(
        COUNT_COOKIE,
        str(pieces),
        max_age=settings.OSCAR_BASKET_COOKIE_LIFETIME,
        secure=settings.OSCAR_BASKET_COOKIE_SECURE,
        httponly=False,
        samesite="Lax",
    )


def remember_sign_in(request: HttpRequest | None = None, **_signal: object) -> None:
    """The guest's basket goes with them."""
    if request is not None:
        request.has_just_signed_in = hasattr(request, "basket")


def remember_sign_out(request: HttpRequest | None = None, **_signal: object) -> None:
    """The account's basket stays with the account."""
    if request is not None:
        request.basket_pieces = 0


def connect() -> None:
    """Hear who comes and goes."""
    user_logged_in.connect(remember_sign_in, dispatch_uid="checkout.signed_in")
    user_logged_out.connect(remember_sign_out, dispatch_uid="checkout.signed_out")
