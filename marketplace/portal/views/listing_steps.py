"""Writing a listing down in short steps; what was typed is kept at each, right or not."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from catalogue import draft_actions, listing_actions, revision_actions
from catalogue.errors import CatalogueError
from catalogue.models import Product, Revision
from catalogue.requirements import sellable_units
from catalogue.states import ListingState
from marketplace.kernel import clock
from marketplace.portal.listing_forms import (
    FORMS,
    STEPS,
    UNIT_COLUMNS,
    UnitFormSet,
    WhatForm,
    initial_of,
    initial_of_units,
    mark_needed,
    parts_of,
)
from marketplace.portal.listings import sellers, still_missing
from marketplace.portal.queries import Desk
from marketplace.portal.views.common import at_desk, chosen, frame
from marketplace.portal.views.kept import keep_typed, take_kept
from marketplace.portal.views.listings import own_listing
from theme.components import ErrorSummary

NAMES = list(STEPS)


@keep_typed
@at_desk
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Step 1 of a new listing; once it has a name, it is a draft that is never lost.

    Pressed twice, or again after going back, it leads to the one draft.
    """
    producers = sellers(desk)
    producer = chosen(request, producers)
    form = WhatForm(request.POST if request.method == "POST" else take_kept(request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        listing, is_new = draft_actions.start_draft(
            producer=producer,
            values={
                "title_vi": said["title_vi"], "product_class": said["product_class"],
                "origin_commune": producer.commune,
            },
            categories=[said["category"]] if said["category"] else [],
            actor=request.user,
        )
        if not is_new:
            messages.info(request, _("You wrote this down a moment ago. Here it is."))
        return redirect("portal:listings_step", listing.pk, "photos")
    return page(request, desk, "what", form, producer=producer, producers=producers)


@keep_typed
@at_desk
def step(request: HttpRequest, desk: Desk, pk: int, step: str) -> HttpResponse:
    """One step of a listing that exists: a draft is written, a published label asks the office."""
    listing = own_listing(desk, pk)
    if step not in STEPS or step == "photos":
        raise Http404
    if refused := cannot_write(request, listing):
        return refused
    data = request.POST if request.method == "POST" else None
    form = _form(listing, step, data or take_kept(request) or _half(listing, step))
    if data is None:
        return page(request, desk, step, form, listing=listing)
    is_draft = listing.state == ListingState.DRAFT
    if form.is_valid():
        try:
            if data.get("seen", "") not in ("", seen(listing, step)):
                _refuse(form, _(
                    "This step was changed meanwhile, in another window or by somebody else. "
                    "What you typed is below: look through it and save again."
                ))
            elif is_draft:
                _write(listing, step, form, request.user)
                return onwards(listing, step, data)
            else:
                return _propose(request, listing, step, form)
        except CatalogueError as refused:
            _refuse(form, str(refused))
    if is_draft:
        draft_actions.keep_half_step(
            listing=listing, step=step, typed={k: v for k, v in data.lists() if _is_asked(form, k)},
        )
    return page(request, desk, step, form, listing=listing, status=422)


def _is_asked(form: Any, name: str) -> bool:
    """Whether a posted name is of the form, or of one of the forms of a set."""
    if isinstance(form, forms.BaseFormSet):
        return name.startswith(f"{form.prefix}-")
    return name in {form.add_prefix(field) for field in form.fields}


def cannot_write(request: HttpRequest, listing: Product) -> HttpResponse | None:
    """Where to go instead, while the office has it or after it was thrown away."""
    if listing.state == ListingState.SUBMITTED:
        messages.info(request, _("The office looks at it now. Take it back to change it."))
    elif listing.state == ListingState.DISCARDED:
        messages.info(request, _("This draft was deleted. Bring it back to change it."))
    else:
        return None
    return redirect("portal:listing", listing.pk)


def seen(listing: Product, step: str) -> str:
    """A short hash of what the step showed: tells a page that grew old."""
    shown: Any = (
        initial_of_units(sellable_units(listing)) if step == "units" else initial_of(listing, step)
    )
    text = json.dumps(shown, cls=_Plain, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


class _Plain(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        return getattr(o, "pk", None) or super().default(o)


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
            mark_needed(row, listing, clock.today())
        return formset
    form = FORMS[step](data, initial=initial_of(listing, step))
    mark_needed(form, listing, clock.today())
    if not is_draft:
        for name in ("product_class", "category", "unit_price_basis", "hs_code"):
            if name in form.fields:
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


def _refuse(form: Any, words: str) -> None:
    if isinstance(form, forms.BaseFormSet):
        form._non_form_errors = form.error_class([ValidationError(words)])
    else:
        form.add_error(None, words)


def onwards(listing: Product, step: str, data: QueryDict) -> HttpResponse:
    """To the next step, or to the preview when that button was pressed."""
    if data.get("then") == "preview":
        return redirect("portal:listings_preview", listing.pk)
    at = NAMES.index(step) + 1
    if at == len(NAMES):
        return redirect("portal:listing", listing.pk)
    return redirect("portal:listings_step", listing.pk, NAMES[at])


def page(
    request: HttpRequest, desk: Desk, step: str, form: Any, *, status: int | None = None,
    listing: Product | None = None, **more: Any,
) -> HttpResponse:
    """A step's page; 422 when what was sent is not right."""
    errors = bool(form.errors if not isinstance(form, forms.BaseFormSet) else
                  any(form.errors) or form.non_form_errors()) if form.is_bound else False
    return render(
        request,
        "portal/listing_step.html",
        {
            **frame(request, desk),
            "step": step, "title": STEPS[step], "form": form, "listing": listing,
            "is_units": step == "units",
            "parts": [] if step == "units" else parts_of(form),
            "seen": seen(listing, step) if listing and step != "photos" else "",
            "missing": still_missing(listing, clock.today())
            if listing and listing.state == ListingState.DRAFT
            else [],
            "has_errors": errors,
            "summary": ErrorSummary.of(*form.forms) if step == "units" and errors else None,
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
