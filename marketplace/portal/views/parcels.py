"""The parcels: all of them, one of them, and the steps on its way."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.kernel import clock, formats
from marketplace.orders import actions
from marketplace.orders.errors import MoveNotAllowed, OrdersError, WrongInvoice
from marketplace.orders.models import Consignment
from marketplace.orders.states import DEAD, ENDED, State
from marketplace.portal.parcel_forms import FORM_OF, AnswerForm, InvoiceForm
from marketplace.portal.paying import payment_words
from marketplace.portal.queries import Desk, found_by
from marketplace.portal.views.common import (
    at_desk,
    deadline,
    frame,
    goods,
    own_parcel,
    shows_label,
)
from marketplace.portal.views.parcel_page import facts, page_of
from theme.components import EmptyState, Link, Pager, TaskCard

PER_PAGE = 20
#: What the list can be narrowed to; "ended" joins all ends but completion.
GONE_WRONG = "ended"
_LISTED = (
    State.NEW,
    State.CONFIRMED,
    State.SHORT_PACKED,
    State.PACKED,
    State.HANDED_OVER,
    State.DELIVERED,
    State.COMPLETED,
)


@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All parcels, the newest first, by state and by what was searched for."""
    state, query = request.GET.get("state", ""), request.GET.get("q", "")[:100]
    rows = desk.consignments().order_by("-pk")
    if state in _LISTED:
        rows = rows.filter(state=state)
    elif state == GONE_WRONG:
        rows = rows.filter(state__in=ENDED - {State.COMPLETED})
    else:
        state = ""
    paginator = Paginator(found_by(rows, query), PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    counts = desk.counts()
    money = payment_words(desk, page.object_list)
    here = {name: value for name, value in (("state", state), ("q", query)) if value}
    return render(
        request,
        "portal/parcels.html",
        {
            **frame(request, desk),
            "filters": _filters(counts, state, query),
            "query": query,
            "state": state,
            "day_url": reverse("portal:parcels_day"),
            "today": clock.today().isoformat(),
            "parcels": [_row(desk, consignment, money) for consignment in page.object_list],
            "pager": (
                Pager.of(
                    page.number,
                    paginator.num_pages,
                    lambda n: f"?{urlencode({**here, 'page': n})}",
                )
                if paginator.num_pages > 1
                else None
            ),
            "empty": EmptyState(
                title=_("No parcel here"),
                text=_("Try another word or another state."),
                links=[Link(label=_("All parcels"), url=reverse("portal:parcels"))],
            ),
        },
    )


def _filters(counts: dict[str, int], chosen: str, query: str) -> list[tuple[str, str, bool]]:
    """Label, address and whether it is chosen; states without a parcel are left out."""
    searched = {"q": query} if query else {}
    bad = sum(counts[state] for state in ENDED - {State.COMPLETED})
    entries = [("", _("All"), sum(counts.values()))]
    entries += [(s.value, str(s.label), counts[s]) for s in _LISTED]
    entries += [(GONE_WRONG, _("Cancelled or come back"), bad)]
    return [
        (
            _("%(state)s (%(count)s)") % {"state": label, "count": formats.number(count)},
            f"?{urlencode({**searched, **({'state': value} if value else {})})}",
            value == chosen,
        )
        for value, label, count in entries
        if count or value == chosen
    ]


def _row(desk: Desk, consignment: Consignment, money: dict[int, str]) -> TaskCard:
    title = [consignment.number]
    if shows_label(consignment):
        title.append(consignment.order.details.recipient)
    if len(desk.producers) > 1:
        title.append(consignment.producer.name)
    return TaskCard(
        title=", ".join(title),
        title_url=reverse("portal:parcels_one", args=[consignment.number]),
        lines=goods(consignment),
        deadline=deadline(consignment),
        icon="truck" if consignment.state == State.HANDED_OVER else "box",
        state_word=str(State(consignment.state).label),
        money=money.get(consignment.pk, ""),
    )


@at_desk
def one(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """One parcel: what goes where, what happened, and the next step as a large button."""
    return shown(request, desk, own_parcel(desk, number))


def shown(
    request: HttpRequest,
    desk: Desk,
    consignment: Consignment,
    *,
    bound: dict[State, forms.Form] | None = None,
    answer: AnswerForm | None = None,
    invoice: InvoiceForm | None = None,
) -> HttpResponse:
    """The page, with forms as they were sent where something was wrong."""
    return render(
        request,
        "portal/parcel.html",
        {
            **frame(request, desk),
            **page_of(desk, consignment, bound=bound or {}, answer=answer, invoice=invoice),
            "facts": facts(desk, consignment),
        },
        status=422 if bound or answer or invoice else 200,
    )


def _to(consignment: Consignment) -> HttpResponse:
    return redirect("portal:parcels_one", number=consignment.number)


@at_desk
def step(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Take a step. The address alone does nothing."""
    consignment = own_parcel(desk, number)
    if request.method != "POST":
        return _to(consignment)
    to = request.POST.get("to", "")
    if to not in State.values or to in DEAD | {State.NEW, State.COMPLETED, State.SHORT_PACKED}:
        raise Http404
    to = State(to)
    more: dict[str, Any] = {}
    if to in FORM_OF:
        form = FORM_OF[to](request.POST, request.FILES)
        if not form.is_valid():
            return shown(request, desk, consignment, bound={to: form})
        if to is State.HANDED_OVER:
            more = {"handover": form.details}
        else:
            more = {"reason": form.cleaned_data["reason"], "put_back": form.goes_on_sale}
    tried_move(request, consignment, to, done=_DONE[to](), **more)
    return _to(consignment)


_DONE = {
    State.CONFIRMED: lambda: _("%(number)s is confirmed."),
    State.PACKED: lambda: _("%(number)s is packed."),
    State.HANDED_OVER: lambda: _("%(number)s is handed over."),
    State.DELIVERED: lambda: _("%(number)s is delivered; the buyer has been told."),
    State.REFUSED: lambda: _("%(number)s was refused; the buyer has been told."),
    State.RETURNED: lambda: _("%(number)s came back; the buyer has been told."),
}


@at_desk
def undo(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Take the last step back while nobody outside knows of it."""
    consignment = own_parcel(desk, number)
    if request.method == "POST":
        try:
            actions.undo(consignment_id=consignment.pk, actor=request.user, now=clock.now())
        except OrdersError as refused:
            messages.error(request, str(refused))
        else:
            messages.success(
                request, _("%(number)s: the step is taken back.") % {"number": number}
            )
    return _to(consignment)


@at_desk
def confirm(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Say that it will be delivered. The address alone does nothing."""
    consignment = own_parcel(desk, number)
    if request.method == "POST":
        tried_move(
            request,
            consignment,
            State.CONFIRMED,
            done=_("%(number)s is confirmed; the buyer has been told."),
        )
        if request.POST.get("next") == "parcel":
            return _to(consignment)
    return redirect("portal:home")


@at_desk
def answer_report(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Answer what the buyer reported."""
    consignment = own_parcel(desk, number)
    if request.method != "POST":
        return _to(consignment)
    report = get_object_or_404(
        consignment.arrival_reports.order_by("-pk"), pk=_number(request.POST.get("report", ""))
    )
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return shown(request, desk, consignment, answer=form)
    try:
        actions.answer_report(
            report_id=report.pk,
            answer=form.cleaned_data["answer"],
            actor=request.user,
            now=clock.now(),
        )
    except OrdersError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The buyer has your answer."))
    return _to(consignment)


@at_desk
def note_invoice(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Say which VAT invoice was issued, or mend what was said."""
    consignment = own_parcel(desk, number)
    if not desk.sees_money(consignment):
        raise Http404
    if request.method != "POST":
        return _to(consignment)
    form = InvoiceForm(request.POST)
    if form.is_valid():
        try:
            actions.note_invoice(
                consignment_id=consignment.pk,
                actor=request.user,
                now=clock.now(),
                **form.cleaned_data,
            )
        except WrongInvoice as wrong:
            if wrong.field is None:
                messages.error(request, str(wrong))
                return _to(consignment)
            form.add_error(wrong.field, str(wrong))
        else:
            messages.success(request, _("The buyer knows of the invoice now."))
            return _to(consignment)
    return shown(request, desk, consignment, invoice=form)


def _number(text: str) -> int:
    """A row's id as it was sent; 0, which is nobody's, for everything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


@at_desk
def photo(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """The photo taken at handing over."""
    handover = getattr(own_parcel(desk, number), "handover", None)
    if handover is None or not handover.photo:
        raise Http404
    return FileResponse(handover.photo.open())


def tried_move(
    request: HttpRequest, consignment: Consignment, to: State, *, done: str, **more: Any
) -> None:
    """Move a parcel and say what came of it."""
    try:
        actions.move(
            consignment_id=consignment.pk, to=to, actor=request.user, now=clock.now(), **more
        )
    except MoveNotAllowed as refused:
        consignment.refresh_from_db(fields=["state"])
        if consignment.state == to and to != State.CONFIRMED:
            # Two packers at one parcel: the second has nothing to mend.
            messages.info(
                request,
                _("%(number)s: somebody was quicker, this is done already.")
                % {"number": consignment.number},
            )
        else:
            messages.error(request, str(refused))
    except OrdersError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done % {"number": consignment.number})
