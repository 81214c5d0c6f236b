"""The grower's listings: the list with price and stock in two taps, and their steps of state."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalogue import actions, draft_actions, revision_actions, state_actions
from catalogue.errors import CatalogueError
from catalogue.models import ListingEvent, Product, Revision, SalePrice
from catalogue.revision_words import differences, label_of
from catalogue.states import ListingActor, ListingState
from marketplace.kernel import clock, formats
from marketplace.media.queries import picture
from marketplace.portal.forms import SearchForm
from marketplace.portal.listing_forms import STEPS, PriceForm, SaleForm, step_of
from marketplace.portal.listings import found, listings_of, still_missing, units_of, with_rows
from marketplace.portal.queries import Desk
from marketplace.portal.views.common import at_desk, frame
from theme.components import Pager

PER_PAGE = 20
UNDO = "portal.stock_undo"
#: In the session, until the list was shown once: the draft that was thrown away.
DISCARDED = "portal.discarded"


@at_desk
def listings(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All of them, what was touched last on top."""
    form = SearchForm(request.GET)
    rows = found(listings_of(desk), form.cleaned_data["q"] if form.is_valid() else "")
    state = request.GET.get("state", "")
    if state in ListingState.values:
        rows = rows.filter(state=state)
    else:
        rows = rows.exclude(state=ListingState.DISCARDED)
    page = Paginator(rows.order_by("-date_updated", "-pk"), PER_PAGE).get_page(
        request.GET.get("p")
    )
    page.object_list = with_rows(page.object_list)
    asked = {"q": form.data.get("q", ""), "state": state}
    return render(
        request,
        "portal/listings.html",
        {
            **frame(request, desk),
            "form": form,
            "states": [
                (value, label, f"?{urlencode({'q': asked['q'], 'state': value})}", value == state)
                for value, label in [("", _("All")), *ListingState.choices]
            ],
            "rows": [_row(listing) for listing in page],
            "count": formats.number(page.paginator.count),
            "pager": Pager.of(
                page.number, page.paginator.num_pages,
                lambda number: "?" + urlencode({**asked, "p": number}),
            ),
            "undo": request.session.get(UNDO),
            "discarded": request.session.pop(DISCARDED, None),
            "new_url": reverse("portal:listings_new"),
        },
    )


def _row(listing: Product) -> dict[str, object]:
    units = list(listing.children.all()) if listing.is_parent else [listing]
    images = list(listing.images.all())
    returned = _returned(listing)
    return {
        "listing": listing,
        "name": listing.title or _("Without a name"),
        "picture": picture(images[0].original, "48px", decorative=True, caption="", small=True)
        if images else None,
        "word": _("Returned: please mend it") if returned else listing.get_state_display(),
        "is_warning": returned or listing.state == ListingState.SUSPENDED,
        "revision": listing.open_revisions[0] if listing.open_revisions else None,
        "units": [_unit(listing, unit) for unit in units],
    }


def _unit(listing: Product, unit: Product) -> dict[str, object]:
    records = list(unit.stockrecords.all())
    record = records[0] if records else None
    sale = next(iter(record.sale_prices.all()), None) if record else None
    return {
        "pk": unit.pk,
        "label": unit.title if unit.is_child else "",
        "stock": formats.number(record.num_in_stock or 0) if record else "",
        "price": formats.money(record.price) if record and record.price else "",
        "sale": formats.money(sale.price_incl_tax) if sale else "",
        "has_record": record is not None,
    }


def _returned(listing: Product) -> bool:
    """Whether the office gave it back and it was not handed in again."""
    if listing.state != ListingState.DRAFT:
        return False
    last = last_event(listing)
    return last is not None and last.acted_as == ListingActor.OFFICE


def last_event(listing: Product) -> ListingEvent | None:
    """Its last step; having been thrown away and brought back says nothing."""
    steps = [
        event for event in listing.events.all()
        if ListingState.DISCARDED not in (event.from_state, event.to_state)
    ]
    return steps[-1] if steps else None


def own_listing(desk: Desk, pk: int) -> Product:
    """One of theirs; anybody else's does not exist."""
    return get_object_or_404(listings_of(desk), pk=pk)


@at_desk
@require_POST
def stock(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """One more or one less, saved at once; the answer offers to undo it."""
    unit = get_object_or_404(units_of(desk), pk=pk)
    by = {"1": 1, "-1": -1}.get(request.POST.get("by", ""))
    undone = request.session.pop(UNDO, None)
    if "undo" in request.POST:
        by = undone["by"] if undone and undone["unit"] == pk else None
    if by is None:
        messages.error(request, _("There is nothing to change."))
        return _back(request)
    try:
        record = actions.change_stock(unit=unit, by=by, actor=request.user)
    except CatalogueError as refused:
        messages.error(request, str(refused))
    else:
        words = _("Saved: %(name)s, %(count)s in stock.") % {
            "name": unit.get_title(), "count": formats.number(record.num_in_stock)
        }
        if "undo" in request.POST:
            messages.success(request, words)
        else:
            request.session[UNDO] = {"unit": pk, "by": -by, "words": words}
    return _back(request, pk)


def _back(request: HttpRequest, unit: int | None = None) -> HttpResponse:
    """The list as it was searched; only its own questions are taken along."""
    asked = {
        name: request.POST[name][:100] for name in ("q", "state", "p") if request.POST.get(name)
    }
    address = reverse("portal:listings") + (f"?{urlencode(asked)}" if asked else "")
    return redirect(f"{address}#u{unit}" if unit else address)


@at_desk
def price(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """Price, stock and sale of one unit."""
    unit = get_object_or_404(units_of(desk), pk=pk)
    record = unit.stockrecords.first()
    sales = SalePrice.objects.filter(stockrecord=record, ends_at__gt=clock.now())
    which = request.POST.get("what") if request.method == "POST" else None
    form = PriceForm(
        request.POST if which == "price" else None,
        initial={
            "price": f"{record.price:.0f}" if record and record.price is not None else "",
            "in_stock": record.num_in_stock or 0 if record else 0,
        },
    )
    sale_form = SaleForm(request.POST if which == "sale" else None)
    try:
        if which == "price" and form.is_valid():
            with transaction.atomic():
                said = form.cleaned_data
                if record.price != said["price"]:
                    actions.set_price(unit=unit, price=said["price"], actor=request.user)
                if "in_stock" in form.changed_data and said["in_stock"] is not None:
                    actions.set_stock(unit=unit, in_stock=said["in_stock"], actor=request.user)
            messages.success(request, _("Price and stock were saved."))
            return _back(request, pk)
        if which == "sale" and sale_form.is_valid():
            said = sale_form.cleaned_data
            actions.set_sale_price(
                unit=unit, price=said["sale_price"], starts_at=_midnight(said["first_day"]),
                ends_at=_midnight(said["last_day"] + timedelta(days=1)), actor=request.user,
            )
            messages.success(request, _("The sale price was saved."))
            return redirect("portal:listings_price", pk)
    except CatalogueError as refused:
        (form if which == "price" else sale_form).add_error(None, str(refused))
    if which == "end":
        sale = get_object_or_404(sales, pk=_number(request.POST.get("sale")))
        actions.end_sale(sale=sale, actor=request.user)
        messages.success(request, _("The sale has ended."))
        return redirect("portal:listings_price", pk)
    return render(
        request,
        "portal/listing_price.html",
        {
            **frame(request, desk),
            "unit": unit, "name": unit.get_title(), "form": form, "sale_form": sale_form,
            "sales": [
                (
                    sale.pk, formats.money(sale.price_incl_tax),
                    formats.money(record.price),
                    formats.date(clock.local_date(sale.starts_at)),
                    formats.date(clock.local_date(sale.ends_at - timedelta(seconds=1))),
                )
                for sale in sales.order_by("starts_at")
            ],
            "back_url": reverse("portal:listings"),
        },
        status=422 if form.errors or sale_form.errors else 200,
    )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else 0


@at_desk
def listing(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """One listing: where it stands, what is missing, what the office said, and what to do."""
    found_listing = own_listing(desk, pk)
    last = last_event(found_listing)
    returned = last if _returned(found_listing) else None
    revisions = list(found_listing.revisions.order_by("pk"))
    revision = next((r for r in revisions if r.state == Revision.State.PENDING), None)
    judged = [r for r in revisions if r.state != Revision.State.WITHDRAWN]
    declined = judged[-1] if judged and judged[-1].state == Revision.State.DECLINED else None
    state = found_listing.state
    return render(
        request,
        "portal/listing.html",
        {
            **frame(request, desk),
            "listing": found_listing,
            "name": found_listing.title or _("Without a name"),
            "word": found_listing.get_state_display(),
            "steps": [
                (label, reverse("portal:listings_step", args=[pk, step]))
                for step, label in STEPS.items()
            ],
            "returned": returned,
            "remarks": [
                (
                    label_of(name), text,
                    reverse("portal:listings_step", args=[pk, step_of(name)]),
                )
                for name, text in returned.remarks.items()
            ]
            if returned
            else [],
            "missing": still_missing(found_listing, clock.today())
            if state in (ListingState.DRAFT, ListingState.SUSPENDED)
            else [],
            "suspended": last if state == ListingState.SUSPENDED and last and last.reason else None,
            "differences": differences(revision) if revision else [],
            "declined": declined,
            "declined_differences": differences(declined) if declined else [],
            "may_write": state not in (ListingState.SUBMITTED, ListingState.DISCARDED),
            "may_preview": state != ListingState.DISCARDED,
            "may_submit": state == ListingState.DRAFT,
            "may_discard": state == ListingState.DRAFT,
            "may_bring_back": state == ListingState.DISCARDED,
            "may_withdraw": state == ListingState.SUBMITTED,
            "may_rest": state == ListingState.PUBLISHED,
            "may_resume": state == ListingState.SUSPENDED
            and last is not None and last.acted_as == ListingActor.PRODUCER,
            "shop_url": found_listing.get_absolute_url() if found_listing.is_public else "",
        },
    )


@at_desk
@require_POST
def step_state(request: HttpRequest, desk: Desk, pk: int, step: str) -> HttpResponse:
    """Hand in, take back, take off sale, put back, withdraw a change, copy, throw away."""
    target = own_listing(desk, pk)
    try:
        match step:
            case "submit":
                if target.half_steps.exists():
                    messages.error(
                        request, _("Some steps are not right yet. Please finish them first.")
                    )
                    return redirect("portal:listing", pk)
                state_actions.submit(listing=target, actor=request.user)
                done = _("Handed in. The office looks at it and tells you.")
            case "discard":
                state_actions.discard(listing=target, actor=request.user)
                request.session[DISCARDED] = {"listing": pk, "name": target.title}
                return redirect("portal:listings")
            case "bring-back":
                state_actions.bring_back(listing=target, actor=request.user)
                done = _("The draft is back.")
            case "copy":
                made = draft_actions.copy_listing(listing=target, actor=request.user)
                messages.success(
                    request,
                    _("This is a copy to change. Give it its own name; the stock starts at 0."),
                )
                return redirect("portal:listings_step", made.pk, "what")
            case "withdraw":
                state_actions.withdraw(listing=target, actor=request.user)
                done = _("It is a draft again.")
            case "rest":
                state_actions.suspend(
                    listing=target, acted_as=ListingActor.PRODUCER, actor=request.user
                )
                done = _("Buyers no longer see it. Orders already placed stay.")
            case "resume":
                state_actions.resume(listing=target, actor=request.user)
                done = _("It is on sale again.")
            case "withdraw-change":
                revision = get_object_or_404(target.revisions, state=Revision.State.PENDING)
                revision_actions.withdraw_revision(revision=revision, actor=request.user)
                done = _("Your change was withdrawn.")
            case _:
                raise Http404
    except CatalogueError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return redirect("portal:listing", pk)


