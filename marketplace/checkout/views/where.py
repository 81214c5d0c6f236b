"""Where to: the step after the basket."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.checkout import baskets, parts, queries, session
from marketplace.checkout.forms import ContactForm, WhereForm
from marketplace.checkout.views.common import (
    StepMissing,
    all_provinces,
    buyer,
    known_phone,
    orderable,
    private,
    refused_words,
    tell_pieces,
)
from marketplace.kernel import clock, formats
from marketplace.places.models import Commune, Province
from marketplace.places.queries import communes_on


@private
def where(request: HttpRequest) -> HttpResponse:
    """Name, phone and address; the commune is free text."""
    try:
        return _where(request)
    except StepMissing as missing:
        return missing.redirect(request)


def _where(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    on = clock.local_date(now)
    provinces = all_provinces()
    kept = session.delivery(request)
    if request.method == "POST":
        form = _where_form(
            request.POST, provinces, on, is_sent=baskets.is_sent(request.basket)
        )
        form.is_valid()
        province = provinces.get(request.POST.get("province", ""))
        # Islands cost more than their province, or cannot be reached: judge by the commune.
        commune = form.cleaned_data.get("commune")
    else:
        form, commune = None, None
        province = provinces.get((kept and kept.province_code) or session.province_code(request))
    offer = orderable(
        queries.offer(
            basket=request.basket,
            province=province,
            commune=commune if isinstance(commune, Commune) else None,
            user=buyer(request),
            phone=known_phone(request),
            now=now,
        )
    )
    tell_pieces(request, offer)
    if form is None:
        initial = _initial(request, kept, province, on)
        form = _where_form(None, provinces, on, is_sent=offer.needs_delivery, initial=initial)
    elif form.is_valid():
        if not offer.refusals:
            session.keep_delivery(request, _delivery(form))
            return redirect("checkout:pay")
        form.add_error("province", refused_words(offer))
    return render(
        request,
        "checkout/where.html",
        {
            "steps": parts.steps("where"),
            "form": form,
            "heading": _("Where to deliver") if offer.needs_delivery else _("How to reach you"),
            "needs_delivery": offer.needs_delivery,
            "commune_url": reverse("shop:commune_options"),
            "groups": parts.groups(offer, parts.Showing(province=province)),
            "summary": parts.summary(offer, province),
            "parcels_words": parts.parcels_words(offer) if offer.needs_delivery else "",
            "total": formats.money(offer.total_incl_tax),
            "back_url": reverse("checkout:basket"),
        },
    )


def _where_form(
    data: QueryDict | None,
    provinces: dict[str, Province],
    on: date,
    *,
    is_sent: bool,
    initial: dict[str, object] | None = None,
) -> ContactForm:
    """Services alone need no address."""
    if not is_sent:
        return ContactForm(data, initial=initial)
    return WhereForm(data, initial=initial, provinces=list(provinces.values()), on=on)


def _initial(
    request: HttpRequest, kept: session.Delivery | None, province: Province | None, on: date
) -> dict[str, object]:
    """What was typed before, or what the account knows."""
    if kept is None:
        user = buyer(request)
        known = (
            {
                "name": user.get_full_name(),
                "phone": formats.phone(user.phone),
                "email": user.email or "",
            }
            if user
            else {}
        )
        return {**known, "province": province.pk if province else ""}
    commune = (
        communes_on(on).filter(pk=kept.commune_id, province=kept.province_code).first()
        if kept.commune_id
        else None
    )
    return {
        "name": kept.name,
        "phone": formats.phone(kept.phone),
        "email": kept.email,
        "province": kept.province_code or (province.pk if province else ""),
        "commune": commune.full_name if commune else "",
        "street": kept.street,
        "note": kept.note,
        "gift_text": kept.gift_text,
        "no_prices": kept.hide_prices,
    }


def _delivery(form: ContactForm) -> session.Delivery:
    said = form.cleaned_data
    province, commune = said.get("province"), said.get("commune")
    return session.Delivery(
        name=said["name"],
        phone=said["phone"],
        email=said["email"],
        province_code=province.pk if province else "",
        commune_id=commune.pk if commune else None,
        street=said.get("street", ""),
        note=said.get("note", ""),
        gift_text=said.get("gift_text", ""),
        hide_prices=said.get("no_prices", False),
    )
