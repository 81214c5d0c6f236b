"""The basket: look, put in, change, take out, put back."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt

from catalogue.models import Product
from marketplace.accounts.guessing import client_ip
from marketplace.checkout import baskets, codes, parts, queries, session
from marketplace.checkout.forms import QuantityForm, read_id
from marketplace.checkout.views.common import (
    PROVINCE_KEY,
    all_provinces,
    buyer,
    chosen_province,
    known_phone,
    private,
    tell_pieces,
)
from marketplace.kernel import clock, formats
from marketplace.platform.same_origin import require_same_origin
from marketplace.vouchers.errors import VoucherRefused
from theme.components import DeliveryPromise, EmptyState, ErrorSummary, Link


@dataclass(frozen=True)
class _Mistake:
    """A quantity that could not be taken, kept as it was typed."""

    line_id: int
    typed: str
    message: str


@dataclass(frozen=True)
class _WrongCode:
    """A code that does not count, kept as it was typed."""

    typed: str
    message: str


@private
def basket(request: HttpRequest) -> HttpResponse:
    """What lies there, by grower, with fees and dates for the chosen province."""
    return _page(request)


def _page(
    request: HttpRequest,
    mistake: _Mistake | None = None,
    wrong_code: _WrongCode | None = None,
) -> HttpResponse:
    provinces = all_provinces()
    province = chosen_province(request, provinces)
    offer = queries.offer(
        basket=request.basket,
        province=province,
        user=buyer(request),
        phone=known_phone(request),
        now=clock.now(),
    )
    tell_pieces(request, offer)
    showing = parts.Showing(
        province=province,
        changeable=True,
        errors={mistake.line_id: mistake.message} if mistake else {},
        typed={mistake.line_id: mistake.typed} if mistake else {},
    )
    blocked = _blocked(offer, province)
    return render(
        request,
        "basket/basket.html",
        {
            "steps": parts.steps("basket"),
            "groups": parts.groups(offer, showing),
            "errors": _error_summary(mistake, wrong_code),
            "removed": session.pop_removed(request),
            "put_back_url": reverse("checkout:add"),
            "delivery": DeliveryPromise(
                province_choices=[(code, found.name) for code, found in provinces.items()],
                province_code=province.pk if province else "",
                action=reverse("checkout:basket"),
                name=PROVINCE_KEY,
            )
            if offer.needs_delivery
            else None,
            "summary": parts.summary(offer, province),
            "code_box": parts.code_box(
                offer,
                action=reverse("checkout:code"),
                typed=wrong_code.typed if wrong_code else "",
                error=wrong_code.message if wrong_code else "",
            ),
            "changes": _changes(offer),
            "blocked": blocked,
            "checkout_url": "" if blocked else reverse("checkout:where"),
            "continue_url": reverse("shop:product_list"),
            "empty": EmptyState(
                title=_("Your basket is empty"),
                text=_("What you choose waits here for you, on this device."),
                links=[Link(label=_("See what is in season"), url=reverse("shop:product_list"))],
            ),
        },
    )


def _error_summary(
    mistake: _Mistake | None, wrong_code: _WrongCode | None
) -> ErrorSummary | None:
    if wrong_code is not None:
        return ErrorSummary(items=[("code", wrong_code.message)], kept_note=False)
    if mistake is None:
        return None
    return ErrorSummary(items=[(f"quantity-{mistake.line_id}", mistake.message)], kept_note=False)


def _blocked(offer: queries.Offer, province: object | None) -> str:
    """Why the order cannot go on yet."""
    if offer.problems:
        return _("Please change or remove what is marked before you go on.")
    if offer.refusals:
        return _("Not everything can be sent to %(province)s: please change what is marked.") % {
            "province": province.name
        }
    return ""


def _changes(offer: queries.Offer) -> list[str]:
    """What is no longer as it was when it was put in."""
    changed = [
        _("%(title)s: %(new)s now, %(old)s when you put it in.")
        % {
            "title": line.title,
            "new": formats.money(line.unit_price_incl_tax),
            "old": formats.money(line.basket_line.price_incl_tax),
        }
        for line in offer.lines
        if not line.problem
        and line.basket_line.price_incl_tax is not None
        and line.basket_line.price_incl_tax != line.unit_price_incl_tax
    ]
    return [problem.message for problem in offer.problems] + changed


@private
def update(request: HttpRequest) -> HttpResponse:
    """Change or remove one line. The page of a mistake stands at this address, so GET leads on."""
    if request.method != "POST":
        return redirect("checkout:basket")
    line_id = read_id(request.POST.get("line"))
    typed = request.POST.get("set_quantity", request.POST.get("quantity", ""))
    try:
        if line_id is None:
            raise baskets.LineGone
        # One less than one is none: the button takes it out, and offers it back.
        if request.POST.get("remove") or request.POST.get("set_quantity") == "0":
            removed = baskets.take_out(basket=request.basket, line_id=line_id)
            session.keep_removed(request, removed)
            return redirect("checkout:basket")
        form = QuantityForm({"quantity": typed})
        if not form.is_valid():
            return _page(request, _Mistake(line_id, typed, form.errors["quantity"][0]))
        baskets.change(
            basket=request.basket,
            line_id=line_id,
            quantity=form.cleaned_data["quantity"],
            now=clock.now(),
        )
    except (baskets.LineGone, baskets.BasketClosed) as gone:
        messages.error(request, str(gone))
    except baskets.BasketRefused as refused:
        return _page(request, _Mistake(line_id, typed, str(refused)))
    return redirect("checkout:basket")


@private
def code(request: HttpRequest) -> HttpResponse:
    """Use a code, or do without it. A refused one stands in its field, with the reason."""
    if request.method != "POST":
        return redirect("checkout:basket")
    typed = request.POST.get("code", "")
    provinces = all_provinces()
    try:
        if request.POST.get("code_do") == "remove":
            codes.take_out(basket=request.basket)
            return redirect("checkout:basket")
        used = codes.enter(
            basket=request.basket,
            typed=typed,
            ip=client_ip(request),
            province=chosen_province(request, provinces),
            user=buyer(request),
            phone=known_phone(request),
            now=clock.now(),
        )
    except baskets.BasketClosed as closed:
        messages.error(request, str(closed))
    except VoucherRefused as refused:
        return _page(request, wrong_code=_WrongCode(typed[:60], str(refused)))
    else:
        messages.success(request, _("The code %(code)s counts for this basket.") % {"code": used})
    return redirect("checkout:basket")


@csrf_exempt
@require_same_origin
@private
def add(request: HttpRequest) -> HttpResponse:
    """Put a sellable unit in; pages that anybody may see hold no token, so the origin is asked.

    ``next`` is "basket", "checkout" or a path of ours to return to.
    """
    if request.method != "POST":
        return redirect("checkout:basket")
    unit_id = read_id(request.POST.get("variant") or request.POST.get("product"))
    form = QuantityForm({"quantity": request.POST.get("quantity", "1")})
    try:
        if unit_id is None:
            raise baskets.UnitNotForSale(_("This is not sold here any more."))
        if not form.is_valid():
            return _add_again(request, form, unit_id)
        line = baskets.put_in(
            basket=request.basket,
            unit_id=unit_id,
            quantity=form.cleaned_data["quantity"],
            now=clock.now(),
        )
    except (baskets.NotEnough, baskets.TooMany) as refused:
        form.add_error("quantity", str(refused))
        return _add_again(request, form, unit_id)
    except baskets.UnitNotChosen as refused:
        return _add_again(request, form, None, refused, listing=refused.listing)
    except baskets.BasketRefused as refused:
        return _add_again(request, form, None, refused)
    request.basket_pieces = baskets.pieces(request.basket)
    return _after_adding(request, line.product, form.cleaned_data["quantity"])


def _after_adding(request: HttpRequest, unit: Product, quantity: int) -> HttpResponse:
    way = request.POST.get("next", "")
    if way.startswith("/") and url_has_allowed_host_and_scheme(
        way, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return redirect(way)
    messages.success(
        request,
        ngettext(
            "“%(title)s” is in your basket: %(count)s piece more.",
            "“%(title)s” is in your basket: %(count)s pieces more.",
            quantity,
        )
        % {"title": baskets.title_of(unit), "count": formats.number(quantity)},
    )
    return redirect("checkout:where" if way == "checkout" else "checkout:basket")


def _add_again(
    request: HttpRequest,
    form: QuantityForm,
    unit_id: int | None,
    refused: baskets.BasketRefused | None = None,
    listing: Product | None = None,
) -> HttpResponse:
    """Ask again for what could not be put in: what was typed stands in the field."""
    unit = (
        Product.objects.select_related("parent").filter(pk=unit_id, is_public=True).first()
        if unit_id is not None
        else None
    )
    if unit is not None and not unit.listing.is_public:
        unit = None
    listing = listing or (unit.listing if unit else None)
    return render(
        request,
        "basket/add.html",
        {
            "steps": parts.steps("basket"),
            "form": form,
            "unit_id": unit.pk if unit else None,
            "title": baskets.title_of(unit) if unit else listing.title if listing else "",
            "refused": str(refused or ("" if unit else _("This is not sold here any more."))),
            "next": request.POST.get("next", "")[:200],
            "listing_url": listing.get_absolute_url() if listing else "",
            "basket_url": reverse("checkout:basket"),
            "shop_url": reverse("shop:product_list"),
        },
        status=400,
    )
