"""Writing a listing down in short steps; what was typed is kept at each, right or not."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from catalogue import draft_actions, listing_actions, revision_actions
from catalogue.errors import CatalogueError
from catalogue.models import Product, Revision
from catalogue.requirements import sellable_units
from catalogue.states import ListingState
from marketplace.media.actions import store_image
from marketplace.media.errors import ImageRefused
from marketplace.media.models import LibraryImage
from marketplace.media.queries import picture
from marketplace.portal.listing_forms import (
    FORMS,
    STEPS,
    UnitFormSet,
    WhatForm,
    initial_of,
    initial_of_units,
)
from marketplace.portal.listings import sellers
from marketplace.portal.queries import Desk
from marketplace.portal.views.common import at_desk, chosen, frame
from marketplace.portal.views.listings import own_listing

NAMES = list(STEPS)
UNIT_COLUMNS = ("net_weight_g", "net_count", "count_unit_vi", "gtin")


@at_desk
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Step 1 of a new listing; once it has a name, it is a draft that is never lost."""
    producers = sellers(desk)
    producer = chosen(request, producers)
    form = WhatForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        listing = listing_actions.create_listing(
            producer=producer,
            values={
                "title_vi": said["title_vi"], "product_class": said["product_class"],
                "origin_commune": producer.commune,
            },
            categories=[said["category"]] if said["category"] else [],
            pictures=[], units=[], actor=request.user,
        )
        return redirect("portal:listings_step", listing.pk, "photos")
    return _page(request, desk, "what", form, producer=producer, producers=producers)


@at_desk
def step(request: HttpRequest, desk: Desk, pk: int, step: str) -> HttpResponse:
    """One step of a listing that exists: a draft is written, a published label asks the office."""
    listing = own_listing(desk, pk)
    if step not in STEPS:
        raise Http404
    if listing.state == ListingState.SUBMITTED:
        messages.info(request, _("The office looks at it now. Take it back to change it."))
        return redirect("portal:listing", pk)
    data = request.POST if request.method == "POST" else None
    if step == "photos":
        return _photos(request, desk, listing)
    form = _form(listing, step, data or _half(listing, step))
    if data is None:
        return _page(request, desk, step, form, listing=listing)
    is_draft = listing.state == ListingState.DRAFT
    if form.is_valid():
        try:
            if is_draft:
                _write(listing, step, form, request.user)
            else:
                return _propose(request, listing, step, form)
        except CatalogueError as refused:
            _refuse(form, str(refused))
        else:
            return _onwards(listing, step)
    if is_draft:
        draft_actions.keep_half_step(
            listing=listing, step=step,
            typed={k: v for k, v in data.lists() if k != "csrfmiddlewaretoken"},
        )
    return _page(request, desk, step, form, listing=listing, status=422)


def _half(listing: Product, step: str) -> QueryDict | None:
    """What was typed last time and was not right."""
    kept = listing.half_steps.filter(step=step).first()
    if kept is None:
        return None
    typed = QueryDict(mutable=True)
    for name, values in kept.typed.items():
        typed.setlist(name, values)
    return typed


def _form(listing: Product, step: str, data: QueryDict | None) -> Any:
    is_draft = listing.state == ListingState.DRAFT
    if step == "units":
        formset = UnitFormSet(
            data, prefix="unit", initial=initial_of_units(sellable_units(listing))
        )
        formset.extra = 1 if is_draft else 0
        for row in formset.forms:
            row.empty_permitted = row.empty_permitted and not row.initial
            if not is_draft:
                # These change at once, on a page of their own.
                for name in ("label_vi", "price", "in_stock", "gtin"):
                    row.fields[name].disabled = True
        return formset
    form = FORMS[step](data, initial=initial_of(listing, step))
    if step == "what" and not is_draft:
        for name in ("product_class", "category"):
            form.fields[name].disabled = True
    return form


def _write(listing: Product, step: str, form: Any, user: Any) -> None:
    if step == "units":
        drafts = [
            listing_actions.UnitDraft(
                unit_id=said.get("unit_id"),
                label_vi=said["label_vi"],
                label_en="",
                values={name: said[name] or ("" if name == "count_unit_vi" else None)
                        for name in UNIT_COLUMNS},
                price=said["price"],
                in_stock=said["in_stock"] or 0,
            )
            for said in (row.cleaned_data for row in form.forms if row.has_changed() or row.initial)
        ]
        draft_actions.write_units(listing=listing, step=step, units=drafts, actor=user)
        return
    values = dict(form.cleaned_data)
    more = {}
    if step == "what":
        shelf = values.pop("category")
        more = {"categories": [shelf] if shelf else []}
    draft_actions.write_step(listing=listing, step=step, actor=user, values=values, **more)


def _propose(request: HttpRequest, listing: Product, step: str, form: Any) -> HttpResponse:
    """What changed of a published label goes to the office, with what waits there already."""
    if step == "units":
        values = {
            f"unit.{row.cleaned_data['unit_id']}.{name}": row.cleaned_data[name]
            for row in form.forms
            for name in row.changed_data
            if name in UNIT_COLUMNS
        }
    else:
        names = revision_actions.REVISABLE
        values = {
            n: v for n, v in form.cleaned_data.items()
            if n in names and revision_actions.to_json(v)
            != revision_actions.to_json(getattr(listing, n))
        }
    if not values:
        messages.info(request, _("Nothing was changed."))
        return redirect("portal:listing", listing.pk)
    waiting = listing.revisions.filter(state=Revision.State.PENDING).first()
    if waiting is not None:
        values = {**revision_actions.parse(waiting.values), **values}
    revision = revision_actions.propose(listing=listing, values=values, actor=request.user)
    messages.success(
        request,
        _("Saved. Buyers see it now.")
        if revision.state == Revision.State.ACCEPTED
        else _("The office looks at your change. Until then everything sells as it was."),
    )
    return redirect("portal:listing", listing.pk)


def _photos(request: HttpRequest, desk: Desk, listing: Product) -> HttpResponse:
    """Photos change at once: add one, put it first, take it away."""
    shown = [image.original for image in listing.images.select_related("original").order_by(
        "display_order", "pk")]
    form = FORMS["photos"](None, initial=initial_of(listing, "photos"))
    if request.method == "POST":
        if "go" in request.POST:
            return _onwards(listing, "photos")
        chosen = next(
            (
                i for i in shown
                if str(i.pk) in (request.POST.get("first"), request.POST.get("drop"))
            ),
            None,
        )
        try:
            if chosen is not None:
                rest = [image for image in shown if image != chosen]
                _set(listing, [chosen, *rest] if "first" in request.POST else rest, request.user)
                return redirect("portal:listings_step", listing.pk, "photos")
            form = FORMS["photos"](request.POST, request.FILES)
            if form.is_valid() and not form.cleaned_data["photo"]:
                form.add_error("photo", _("Please choose a photo."))
            if form.is_valid():
                _add(listing, shown, form, request.user)
                messages.success(request, _("The photo was added."))
                return redirect("portal:listings_step", listing.pk, "photos")
        except ImageRefused as refused:
            form.add_error("photo", refused.messages[0])
        except CatalogueError as refused:
            form.add_error(None, str(refused))
    return _page(
        request, desk, "photos", form, listing=listing, status=422 if form.errors else 200,
        photos=[(image.pk, picture(image, "160px", caption=""), image.alt_vi) for image in shown],
    )


@transaction.atomic
def _add(listing: Product, shown: list[LibraryImage], form: forms.Form, user: Any) -> None:
    image = store_image(
        file=form.cleaned_data["photo"], title=form.cleaned_data["alt_vi"],
        alt_vi=form.cleaned_data["alt_vi"], alt_en="", uploader=user,
    )
    _set(listing, [*shown, image], user)


def _set(listing: Product, pictures: list[LibraryImage], user: Any) -> None:
    listing_actions.change_listing(listing=listing, values={}, pictures=pictures, actor=user)


def _refuse(form: Any, words: str) -> None:
    if isinstance(form, forms.BaseFormSet):
        form._non_form_errors = form.error_class([ValidationError(words)])
    else:
        form.add_error(None, words)


def _onwards(listing: Product, step: str) -> HttpResponse:
    at = NAMES.index(step) + 1
    if at == len(NAMES):
        return redirect("portal:listing", listing.pk)
    return redirect("portal:listings_step", listing.pk, NAMES[at])


def _page(
    request: HttpRequest, desk: Desk, step: str, form: Any, *, status: int | None = None,
    listing: Product | None = None, **more: Any,
) -> HttpResponse:
    errors = bool(form.errors if not isinstance(form, forms.BaseFormSet) else
                  any(form.errors) or form.non_form_errors()) if form.is_bound else False
    return render(
        request,
        "portal/listing_step.html",
        {
            **frame(request, desk),
            "step": step, "title": STEPS[step], "form": form, "listing": listing,
            "is_units": step == "units",
            "has_errors": errors,
            "waits": listing is not None and listing.state != ListingState.DRAFT
            and step != "photos",
            "steps": [
                (
                    number, label, name == step,
                    reverse("portal:listings_step", args=[listing.pk, name]) if listing else "",
                )
                for number, (name, label) in enumerate(STEPS.items(), 1)
            ],
            **more,
        },
        status=status or (422 if errors and request.method == "POST" else 200),
    )
