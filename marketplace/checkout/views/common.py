"""What all pages of the basket and the checkout need of a request."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from oscar.apps.order.models import Order

from marketplace.accounts.models import User
from marketplace.checkout import session
from marketplace.checkout.queries import Offer
from marketplace.places.models import Province

View = Callable[..., HttpResponse]

#: The key of the province in an address, the same as on public pages.
PROVINCE_KEY = "giao-den"
_KEY = re.compile(r"[0-9a-f]{32}")


def private(view: View) -> View:
    """Kept by nobody, indexed by nobody."""

    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        return response

    return wrapped


def buyer(request: HttpRequest) -> User | None:
    """Who is signed in, if anybody."""
    return request.user if request.user.is_authenticated else None


def known_phone(request: HttpRequest) -> str:
    """The number (E.164) given for this order, if that step was taken; else nothing."""
    delivery = session.delivery(request)
    return delivery.phone if delivery else ""


def all_provinces() -> dict[str, Province]:
    """Code → province, in the order in which they are offered.

    They change by a law every few decades: ten minutes from the cache harm nobody.
    """
    provinces = cache.get_or_set(
        "checkout.provinces", lambda: list(Province.objects.all()), timeout=600
    )
    return {province.pk: province for province in provinces}


def chosen_province(request: HttpRequest, provinces: dict[str, Province]) -> Province | None:
    """The province asked for in the address, which is then remembered, or the remembered one."""
    asked = request.GET.get(PROVINCE_KEY, "")
    if asked in provinces:
        session.keep_province(request, asked)
        return provinces[asked]
    if asked:
        messages.warning(request, _("Please choose a province or city from the list."))
    return provinces.get(session.province_code(request))


def tell_pieces(request: HttpRequest, offer: Offer) -> None:
    """Let the small cookie follow what the offer shows."""
    request.basket_pieces = sum(line.quantity for line in (*offer.lines, *offer.stray))


def placed_with(key: str) -> Order | None:
    """The order that this very page was sent for before."""
    if not _KEY.fullmatch(key):
        return None
    return Order.objects.select_related("details").filter(details__idempotency_key=key).first()


def is_key(text: str) -> bool:
    """Whether a text looks like a key that we gave."""
    return bool(_KEY.fullmatch(text))


class StepMissing(Exception):
    """An earlier step has to be taken first."""

    def __init__(self, step: str, *words: str) -> None:
        self.step, self.words = step, words
        super().__init__(step)

    def redirect(self, request: HttpRequest) -> HttpResponse:
        """Lead there, and say why."""
        for words in self.words:
            messages.warning(request, words)
        return redirect(f"checkout:{self.step}")


def orderable(offer: Offer) -> Offer:
    """An offer that may be ordered as far as the basket goes."""
    if offer.is_empty:
        raise StepMissing("basket", _("Your basket is empty. Put something in first."))
    if offer.problems:
        raise StepMissing(
            "basket", _("Please change or remove what is marked before you go on.")
        )
    return offer


def refused_words(offer: Offer) -> list[str]:
    return [
        _("“%(title)s”: %(reason)s Take it out of the basket, or choose another place.")
        % {
            "title": refusal.line.unit.listing.title,
            "reason": str(refusal.reason).rstrip(".") + ".",
        }
        for refusal in offer.refusals
    ]
