"""The producers' desk: new parcels, to be confirmed or declined. The rest is only shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache

from marketplace.kernel import clock, formats
from marketplace.orders import actions
from marketplace.orders.errors import OrdersError
from marketplace.orders.models import Consignment
from marketplace.orders.states import State
from marketplace.portal.forms import DeclineForm
from marketplace.portal.queries import MOST_SHOWN, UNDER_WAY, Desk, desk_of
from theme.components import EmptyState, Link, TaskCard

View = Callable[..., HttpResponse]


def at_desk(view: View) -> View:
    """For members of a producer's team; gives the view their desk. Others are told kindly."""

    @never_cache
    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        desk = desk_of(request.user)
        if desk is None:
            return render(request, "portal/not_a_member.html", status=403)
        return view(request, desk, *args, **kwargs)

    return wrapped


@at_desk
def home(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Today: new parcels first, then what is under way, and how many there are of each."""
    counts = desk.counts()
    new = list(
        desk.consignments()
        .filter(state=State.NEW)
        .order_by("handover_on", "pk")[:MOST_SHOWN]
    )
    under_way = list(
        desk.consignments()
        .filter(state__in=UNDER_WAY)
        .order_by("handover_on", "pk")[:MOST_SHOWN]
    )
    return render(
        request,
        "portal/home.html",
        {
            **_frame(desk),
            "title": ngettext(
                "%(count)s new parcel", "%(count)s new parcels", counts[State.NEW]
            )
            % {"count": formats.number(counts[State.NEW])}
            if counts[State.NEW]
            else _("Nothing new"),
            "intro": _("%(day)s. The most urgent is on top.")
            % {"day": formats.weekday_date(clock.today())},
            "tasks": [_task(desk, c, is_first=at == 0) for at, c in enumerate(new)],
            "later": [_task_shown(desk, c) for c in under_way],
            "stats": [
                (formats.number(counts[state]), str(state.label))
                for state in State
                if state != State.NEW and counts[state]
            ],
            "empty": EmptyState(
                title=_("No new parcel"),
                text=_("We tell you by mail as soon as somebody orders from you."),
                links=[
                    Link(label=_("See your page in the shop"), url=_public_url(desk))
                ],
            ),
        },
    )


def _frame(desk: Desk) -> dict[str, object]:
    return {
        "producer_name": ", ".join(producer.name for producer in desk.producers),
        "home_url": reverse("portal:home"),
    }


def _public_url(desk: Desk) -> str:
    return reverse("shop:producer", kwargs={"slug": desk.producers[0].slug})


def _task(desk: Desk, consignment: Consignment, *, is_first: bool) -> TaskCard:
    """A new parcel, with the buttons that this person may press."""
    may = desk.may_move_to(consignment)
    urls = {
        name: reverse(f"portal:{name}", args=[consignment.number])
        for name in ("confirm", "decline")
    }
    return TaskCard(
        title=_title(desk, consignment),
        lines=_goods(consignment),
        text=_text(desk, consignment),
        deadline=(
            _("Hand over by %(day)s") % {"day": formats.weekday_date(consignment.handover_on)}
            if consignment.handover_on
            else ""
        ),
        icon="gift" if consignment.order.details.gift_text else "box",
        tint="sen" if consignment.order.details.gift_text else "la",
        button=pgettext("consignment", "Confirm") if State.CONFIRMED in may else "",
        action=urls["confirm"] if State.CONFIRMED in may else "",
        other_label=_("Cannot deliver") if State.DECLINED in may else "",
        other_url=urls["decline"] if State.DECLINED in may else "",
        state_word="" if may else _("Waits for the owner to confirm"),
        urgent=is_first,
    )


def _task_shown(desk: Desk, consignment: Consignment) -> TaskCard:
    """A parcel under way, with what is written on its label."""
    details = consignment.order.details
    address = ", ".join([details.recipient, formats.phone(details.phone), *details.address_lines])
    return TaskCard(
        title=_title(desk, consignment),
        text=address,
        lines=_goods(consignment),
        deadline=(
            _("Hand over by %(day)s") % {"day": formats.weekday_date(consignment.handover_on)}
            if consignment.handover_on and consignment.state != State.HANDED_OVER
            else ""
        ),
        icon="truck" if consignment.state == State.HANDED_OVER else "box",
        state_word=str(State(consignment.state).label),
    )


def _title(desk: Desk, consignment: Consignment) -> str:
    parts = [consignment.number]
    if consignment.order.details.province:
        parts.append(consignment.order.details.province.name)
    if len(desk.producers) > 1:
        parts.append(consignment.producer.name)
    return ", ".join(parts)


def _goods(consignment: Consignment) -> list[str]:
    return [
        _("%(count)s × %(title)s")
        % {"count": formats.number(line.quantity), "title": line.line.title}
        for line in consignment.lines.all()
    ]


def _text(desk: Desk, consignment: Consignment) -> str:
    details = consignment.order.details
    words = []
    if desk.sees_money(consignment):
        words.append(
            _("Goods for %(amount)s.") % {"amount": formats.money(consignment.goods_incl_tax)}
        )
    if details.gift_text:
        words.append(_("A present: a card goes with it."))
    if details.hide_prices:
        words.append(_("Delivery note without prices."))
    if details.note:
        words.append(_("Note: %(note)s") % {"note": details.note})
    return " ".join(words)


@at_desk
def confirm(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Say that it will be delivered. The address alone does nothing."""
    consignment = _own(desk, number)
    if request.method == "POST":
        _move(
            request,
            consignment,
            State.CONFIRMED,
            done=_("%(number)s is confirmed; the buyer has been told."),
        )
    return redirect("portal:home")


@at_desk
def decline(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Say why it cannot be delivered."""
    consignment = _own(desk, number)
    if State.DECLINED not in desk.may_move_to(consignment):
        messages.error(
            request,
            _("%(number)s cannot be declined any more, or not by you.")
            % {"number": consignment.number},
        )
        return redirect("portal:home")
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        _move(
            request,
            consignment,
            State.DECLINED,
            reason=form.cleaned_data["reason"],
            done=_("%(number)s is declined; the buyer has been told why."),
        )
        return redirect("portal:home")
    return render(
        request,
        "portal/decline.html",
        {
            **_frame(desk),
            "form": form,
            "number": consignment.number,
            "lines": _goods(consignment),
        },
    )


def _own(desk: Desk, number: str) -> Consignment:
    """One of theirs; anybody else's does not exist."""
    if "\x00" in number:
        number = ""
    return get_object_or_404(desk.consignments(), number=number)


def _move(
    request: HttpRequest, consignment: Consignment, to: State, *, done: str, reason: str = ""
) -> None:
    try:
        actions.move(
            consignment_id=consignment.pk,
            to=to,
            actor=request.user,
            reason=reason,
            now=clock.now(),
        )
    except OrdersError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done % {"number": consignment.number})
