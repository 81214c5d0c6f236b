"""Today: what waits for this person, the most urgent on top."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from marketplace.kernel import clock, formats
from marketplace.orders.models import ArrivalReport, Consignment
from marketplace.orders.states import State
from marketplace.portal.paying import payment_words
from marketplace.portal.queries import (
    MOST_SHOWN,
    UNDER_WAY,
    Desk,
    invoices_to_issue,
    open_reports,
)
from marketplace.portal.views.common import at_desk, deadline, frame, goods
from theme.components import EmptyState, Link, TaskCard


@at_desk
def home(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Today: new parcels first, then what is under way, and how many there are of each."""
    counts = desk.counts()
    reports = list(open_reports(desk)[:MOST_SHOWN])
    invoices = list(invoices_to_issue(desk)[:MOST_SHOWN]) if desk.may_see_money else []
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
    money = payment_words(desk, [*new, *under_way])
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
            "tasks": [_report(desk, report) for report in reports]
            + [_invoice_task(c) for c in invoices]
            + [
                _task(desk, c, money, is_first=at == 0 and not reports)
                for at, c in enumerate(new)
            ],
            "later": [_task_shown(desk, c, money) for c in under_way],
            "stats": [
                (formats.number(counts[state]), str(state.label))
                for state in State
                if state != State.NEW and counts[state]
            ],
            "empty": EmptyState(
                title=_("No new parcel"),
                text=_("We tell you by e-mail or SMS as soon as somebody orders from you."),
                links=[
                    Link(label=_("See your page in the shop"), url=_public_url(desk))
                ],
            ),
        },
    )


def _public_url(desk: Desk) -> str:
    return reverse("shop:producer", kwargs={"slug": desk.producers[0].slug})


def page_url(consignment: Consignment) -> str:
    """The parcel's own page."""
    return reverse("portal:parcels_one", args=[consignment.number])


def _report(desk: Desk, report: ArrivalReport) -> TaskCard:
    """A buyer misses something."""
    url = page_url(report.consignment)
    may = desk.may_ask_and_answer(report.consignment)
    return TaskCard(
        title=_("%(number)s: the buyer reports") % {"number": report.consignment.number},
        title_url=url,
        text=str(report.get_reason_display()),
        deadline=formats.ago(report.reported_at),
        icon="warning",
        tint="xoai",
        button=_("Answer the buyer") if may else "",
        url=url,
        urgent=may,
    )


def _invoice_task(consignment: Consignment) -> TaskCard:
    """A buyer waits for a VAT invoice."""
    url = f"{page_url(consignment)}#invoice"
    return TaskCard(
        title=_("%(number)s: the buyer waits for a VAT invoice") % {"number": consignment.number},
        title_url=url,
        text=consignment.order.invoice_wish.company,
        deadline=formats.ago(consignment.state_changed_at),
        icon="document",
        tint="xoai",
        button=_("Give its number"),
        url=url,
    )


def _task(
    desk: Desk, consignment: Consignment, money: dict[int, str], *, is_first: bool
) -> TaskCard:
    """A new parcel, with the buttons that this person may press."""
    may = desk.may_move_to(consignment)
    urls = {
        name: reverse(f"portal:{name}", args=[consignment.number])
        for name in ("confirm", "decline")
    }
    return TaskCard(
        title=_title(desk, consignment),
        title_url=page_url(consignment),
        lines=goods(consignment),
        text=_text(desk, consignment),
        deadline=deadline(consignment),
        icon="gift" if consignment.order.details.gift_text else "box",
        tint="sen" if consignment.order.details.gift_text else "la",
        button=pgettext("consignment", "Confirm") if State.CONFIRMED in may else "",
        action=urls["confirm"] if State.CONFIRMED in may else "",
        other_label=_("Cannot deliver") if State.DECLINED in may else "",
        other_url=urls["decline"] if State.DECLINED in may else "",
        state_word="" if may else _("Waits for the owner to confirm"),
        money=money.get(consignment.pk, ""),
        urgent=is_first,
    )


def _task_shown(desk: Desk, consignment: Consignment, money: dict[int, str]) -> TaskCard:
    """A parcel under way, with what is written on its label."""
    details = consignment.order.details
    address = ", ".join([details.recipient, formats.phone(details.phone), *details.address_lines])
    return TaskCard(
        title=_title(desk, consignment),
        text=address,
        lines=goods(consignment),
        deadline=deadline(consignment),
        title_url=page_url(consignment),
        icon="truck" if consignment.state == State.HANDED_OVER else "box",
        state_word=str(State(consignment.state).label),
        money=money.get(consignment.pk, ""),
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
