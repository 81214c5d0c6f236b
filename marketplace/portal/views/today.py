"""Today: what waits for this person, the most urgent on top."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from marketplace.kernel import clock, formats
from marketplace.orders.models import Consignment
from marketplace.orders.states import State
from marketplace.portal.queries import MOST_SHOWN, UNDER_WAY, Desk
from marketplace.portal.views.common import at_desk, frame, goods
from theme.components import EmptyState, Link, TaskCard


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
            **frame(request, desk),
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
        lines=goods(consignment),
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
        lines=goods(consignment),
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
