"""What buyers read of a producer, its days of rest, and how it delivers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.kernel import clock, formats
from marketplace.media.actions import store_image
from marketplace.media.errors import ImageRefused
from marketplace.media.queries import picture
from marketplace.orders.models import Consignment
from marketplace.orders.states import HOLDS_STOCK
from marketplace.portal import menu
from marketplace.portal.profile_forms import DeliveryForm, ProfileForm, RestForm
from marketplace.portal.queries import Desk
from marketplace.portal.views.common import PRODUCER, at_desk, chosen, frame
from marketplace.producers import actions
from marketplace.producers.errors import ProducersError
from marketplace.producers.models import Producer
from marketplace.producers.words import address_of, pause_words, verified_words
from marketplace.shipping.actions import set_free_threshold
from marketplace.shipping.queries import free_thresholds


@at_desk
def more(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The entries for which a phone's bar has no room."""
    return render(
        request,
        "portal/more.html",
        {
            **frame(request, desk),
            "entries": [
                (entry.icon, entry.label, entry.about, reverse(entry.route))
                for entry in menu.rest(desk)
            ],
        },
    )


@at_desk
def profile(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The words, the photo and the numbers that buyers see."""
    producer = _chosen(request, desk)
    form = ProfileForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        producer=producer,
    )
    if request.method == "POST" and form.is_valid():
        try:
            _write(producer, form, request)
        except ImageRefused as refused:
            form.add_error("photo", refused.messages[0])
        else:
            messages.success(request, _("Your profile is saved. Buyers see it now."))
            return redirect(_url("portal:profile", producer))
    return render(
        request,
        "portal/profile.html",
        {
            **_around(request, desk, producer, "portal:profile"),
            "form": form,
            "photo": picture(producer.portrait, "320px", caption=""),
            "photo_is_coming": producer.portrait_id is not None
            and picture(producer.portrait) is None,
            "public_url": reverse("shop:producer", kwargs={"slug": producer.slug})
            if producer.is_identified
            else "",
            "facts": _checked(producer),
            "rest_url": _url("portal:profile_rest", producer),
            "rest_word": _rest_word(producer),
            "delivery_url": _url("portal:profile_delivery", producer),
        },
        status=422 if form.errors else 200,
    )


@transaction.atomic
def _write(producer: Producer, form: ProfileForm, request: HttpRequest) -> None:
    """The photo and the words, or neither. Raises ImageRefused."""
    said, values = form.cleaned_data, form.values
    if said["photo"]:
        values["portrait"] = store_image(
            file=said["photo"], title=producer.name_vi, alt_vi=said["photo_alt"], alt_en="",
            uploader=request.user,
        )
    elif said.get("drop_photo"):
        values["portrait"] = None
    actions.change_producer(producer=producer, values=values, actor=request.user)


@at_desk
def rest(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Rest for some days: first what it means, then it is so. One button ends it."""
    producer = _chosen(request, desk)
    do = request.POST.get("do", "")
    if request.method == "POST" and do == "end":
        actions.set_pause(
            producer=producer, paused_from=None, paused_through=None, actor=request.user
        )
        messages.success(request, _("You are open. Buyers can order from this moment on."))
        return redirect(_url("portal:profile_rest", producer))
    form = RestForm(request.POST if request.method == "POST" else None, producer=producer)
    is_asked = False
    if request.method == "POST" and form.is_valid() and do != "change":
        if do == "save":
            said = form.cleaned_data
            try:
                actions.set_pause(
                    producer=producer,
                    paused_from=said["first_day"],
                    paused_through=said["last_day"],
                    reason_vi=said["reason_vi"],
                    reason_en=said["reason_en"],
                    actor=request.user,
                )
            except ProducersError as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(
                    request,
                    _("Noted: you rest %(days)s.")
                    % {"days": formats.date_range(said["first_day"], said["last_day"])},
                )
                return redirect(_url("portal:profile_rest", producer))
        else:
            is_asked = True
    return render(
        request,
        "portal/rest_confirm.html" if is_asked else "portal/rest.html",
        {
            **_around(request, desk, producer, "portal:profile_rest"),
            "form": form,
            "profile_url": _url("portal:profile", producer),
            "rest_word": _rest_word(producer),
            "is_resting": producer.is_paused(clock.today()),
            "shown_to_buyers": pause_words(producer) if _is_planned(producer) else "",
            **(_meaning(producer, form.cleaned_data) if is_asked else {}),
        },
        status=422 if form.errors else 200,
    )


def _meaning(producer: Producer, said: dict[str, Any]) -> dict[str, object]:
    """What a rest does to buyers, baskets and parcels, in whole sentences."""
    first, last = said["first_day"], said["last_day"]
    is_now = first <= clock.today()
    waiting = Consignment.objects.filter(
        producer=producer, released_at__isnull=False, state__in=HOLDS_STOCK
    ).count()
    read = _("Closed %(days)s, opens again by itself.") % {
        "days": formats.date_range(first, last)
    }
    return {
        "days": formats.date_range(first, last),
        "words": f"{read} {said['reason_vi']}".strip(),
        "meaning": [
            _("From this moment on nobody can order from you; your goods stay to be seen.")
            if is_now
            else _("From %(day)s on nobody can order from you; your goods stay to be seen.")
            % {"day": formats.weekday_date(first)},
            _(
                "What lies in a buyer's basket stays there, but cannot be ordered until you are"
                " open again. The buyer reads why."
            ),
            ngettext(
                "%(count)s parcel is still to be sent. Resting does not cancel it: send it as"
                " promised, or decline it.",
                "%(count)s parcels are still to be sent. Resting does not cancel them: send them"
                " as promised, or decline them.",
                waiting,
            )
            % {"count": formats.number(waiting)}
            if waiting
            else _("No parcel of yours is open now, so nothing is left to be sent."),
            _("After %(day)s you are open again by itself. You can end it earlier with one tap.")
            % {"day": formats.weekday_date(last)},
        ],
        "has_parcels": bool(waiting),
    }


@at_desk
def delivery(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Days of preparation, and from how much on the producer delivers free of charge."""
    producer = _chosen(request, desk)
    today = clock.today()
    form = DeliveryForm(
        request.POST if request.method == "POST" else None,
        initial={
            "preparation_days": producer.preparation_days,
            "free_from": formats.number(free_thresholds([producer.pk], today).get(producer.pk)),
        },
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        with transaction.atomic():
            actions.change_producer(
                producer=producer,
                values={"preparation_days": said["preparation_days"]},
                actor=request.user,
            )
            set_free_threshold(
                producer=producer, amount=said["free_from"], actor=request.user, today=today
            )
        messages.success(request, _("Saved. It holds for orders from now on."))
        return redirect(_url("portal:profile_delivery", producer))
    return render(
        request,
        "portal/delivery.html",
        {
            **_around(request, desk, producer, "portal:profile_delivery"),
            "form": form,
            "profile_url": _url("portal:profile", producer),
        },
        status=422 if form.errors else 200,
    )


def _chosen(request: HttpRequest, desk: Desk) -> Producer:
    """One of those for which this person is more than a packer."""
    producers = desk.producers_with_money
    if not producers:
        raise PermissionDenied(_("The profile is for the owner and the staff."))
    return chosen(request, producers)


def _url(route: str, producer: Producer) -> str:
    return f"{reverse(route)}?{PRODUCER}={producer.pk}"


def _around(
    request: HttpRequest, desk: Desk, producer: Producer, route: str
) -> dict[str, object]:
    """The frame, and the way to the others for whoever works for several producers."""
    several = desk.producers_with_money
    return {
        **frame(request, desk),
        "producer": producer,
        "several": [(p.name, _url(route, p), p == producer) for p in several]
        if len(several) > 1
        else [],
    }


def _checked(producer: Producer) -> list[tuple[str, str]]:
    """Who the producer is before the law: to be read here, changed by the office."""
    found = (
        (_("Seller's name"), producer.name_vi),
        (_("Name in English"), producer.name_en),
        (_("Kind of business"), producer.get_kind_display()),
        (_("Representative"), producer.representative),
        (_("Registration number"), producer.registration_no),
        (_("Tax code"), producer.tax_code),
        (_("Address"), address_of(producer)),
        (_("Identity"), verified_words(producer) or _("Not verified yet")),
    )
    return [(label, value) for label, value in found if value]


def _is_planned(producer: Producer) -> bool:
    """Whether there is a rest under way or to come."""
    return bool(producer.paused_through and producer.paused_through >= clock.today())


def _rest_word(producer: Producer) -> str:
    """Whether the producer is open, and until or from when not."""
    if not _is_planned(producer):
        return _("You are open")
    if producer.is_paused(clock.today()):
        return _("You rest through %(day)s") % {"day": formats.date(producer.paused_through)}
    return _("You rest from %(first)s through %(last)s") % {
        "first": formats.date(producer.paused_from), "last": formats.date(producer.paused_through),
    }
