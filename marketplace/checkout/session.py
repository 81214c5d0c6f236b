"""What a visitor has told us on the way to an order, kept on the server.

Only what they typed: prices, fees and stock are read anew each time.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

from django.http import HttpRequest

from marketplace.checkout.baskets import Removed

_DELIVERY = "checkout_delivery"
_AGREED = "checkout_agreed"
_INVOICE = "checkout_invoice"
_PROVINCE = "deliver_to"
_REMOVED = "basket_removed"


@dataclass(frozen=True)
class Delivery:
    """Who gets the order and where. Codes and ids are judged again whenever they are read."""

    name: str
    #: E.164.
    phone: str
    email: str = ""
    #: Empty, like the commune, when nothing is sent.
    province_code: str = ""
    commune_id: int | None = None
    street: str = ""
    note: str = ""
    gift_text: str = ""
    hide_prices: bool = False


def keep_delivery(request: HttpRequest, delivery: Delivery) -> None:
    """Remember it for the next step."""
    request.session[_DELIVERY] = asdict(delivery)
    if delivery.province_code:
        keep_province(request, delivery.province_code)


def delivery(request: HttpRequest) -> Delivery | None:
    """What was remembered; None when the step was never taken."""
    kept = request.session.get(_DELIVERY)
    if not isinstance(kept, dict):
        return None
    # A session may be older than a field of ours.
    known = {field.name for field in fields(Delivery)}
    try:
        return Delivery(**{key: value for key, value in kept.items() if key in known})
    except TypeError:
        return None


def forget_delivery(request: HttpRequest) -> None:
    """The order is placed: the card of a present must not come up with the next one."""
    request.session.pop(_DELIVERY, None)
    request.session.pop(_AGREED, None)
    request.session.pop(_INVOICE, None)


def keep_agreed(request: HttpRequest, ticked: list[str]) -> None:
    """Remember the boxes ticked on a page that could not be ordered from, by field."""
    if request.session.get(_AGREED, []) != ticked:
        request.session[_AGREED] = ticked


def agreed(request: HttpRequest) -> list[str]:
    """The boxes that the visitor has ticked before, by field. The field names the version."""
    kept = request.session.get(_AGREED)
    return [str(name) for name in kept] if isinstance(kept, list) else []


def keep_invoice(request: HttpRequest, typed: dict[str, str]) -> None:
    """Remember what was typed for an invoice, by field, as it was typed."""
    typed = {name: text[:300] for name, text in typed.items() if text}
    if request.session.get(_INVOICE, {}) != typed:
        request.session[_INVOICE] = typed


def invoice(request: HttpRequest) -> dict[str, str]:
    """What was typed for an invoice before, by field."""
    kept = request.session.get(_INVOICE)
    return dict(kept) if isinstance(kept, dict) else {}


def keep_province(request: HttpRequest, code: str) -> None:
    """Remember where fees and dates are asked for."""
    if request.session.get(_PROVINCE) != code:
        request.session[_PROVINCE] = code


def province_code(request: HttpRequest) -> str:
    """The remembered province's code, or nothing."""
    return str(request.session.get(_PROVINCE, ""))


def keep_removed(request: HttpRequest, removed: Removed) -> None:
    """Remember what was taken out, for the button that puts it back."""
    request.session[_REMOVED] = asdict(removed)


def pop_removed(request: HttpRequest) -> Removed | None:
    """What was taken out a moment ago; told once."""
    kept = request.session.pop(_REMOVED, None) if _REMOVED in request.session else None
    return Removed(**kept) if kept else None
