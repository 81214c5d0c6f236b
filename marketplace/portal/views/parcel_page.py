"""What stands on one parcel's page."""

from __future__ import annotations

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.kernel import clock, formats
from marketplace.orders import parts
from marketplace.orders.actions import SPOILS
from marketplace.orders.models import Consignment, ShortPack
from marketplace.orders.queries import leaves_something, may_still_undo
from marketplace.orders.states import DEAD, HOLDS_STOCK, State
from marketplace.portal.parcel_forms import FORM_OF, AnswerForm, InvoiceForm
from marketplace.portal.paying import payment_words
from marketplace.portal.queries import Desk, carriers_used
from marketplace.portal.views.common import deadline, goods, shows_label
from theme.components import RiverLine

#: From each state the way goes on to; all else stands in folds below.
_NEXT = {
    State.NEW: State.CONFIRMED,
    State.CONFIRMED: State.PACKED,
    State.PACKED: State.HANDED_OVER,
    State.HANDED_OVER: State.DELIVERED,
}
_BUTTON = {
    State.CONFIRMED: lambda: _("Confirm this parcel"),
    State.PACKED: lambda: _("It is packed"),
    State.HANDED_OVER: lambda: _("It is handed over"),
    State.DELIVERED: lambda: _("It has been delivered"),
    State.REFUSED: lambda: _("It was refused at the door"),
    State.RETURNED: lambda: _("It came back"),
}


def page_of(
    desk: Desk,
    consignment: Consignment,
    *,
    bound: dict[State, forms.Form],
    answer: AnswerForm | None,
    invoice: InvoiceForm | None = None,
) -> dict[str, object]:
    """The parts of the page for this person."""
    state, may = State(consignment.state), desk.may_move_to(consignment)
    ways_back = [to for to in (State.REFUSED, State.RETURNED) if to in may]
    next_step = _next_step(consignment)
    now = clock.now()
    return {
        "number": consignment.number,
        "state_word": str(state.label),
        "deadline": deadline(consignment),
        "lines": goods(consignment),
        "details": consignment.order.details if shows_label(consignment) else None,
        "phone": (
            formats.phone(consignment.order.details.phone) if shows_label(consignment) else ""
        ),
        "gift_text": consignment.order.details.gift_text,
        "hide_prices": consignment.order.details.hide_prices,
        "river": RiverLine(
            stops=parts.desk_stops(consignment), label=_("What happened, and by whom")
        ),
        "next": (
            {
                "to": next_step.value,
                "word": _BUTTON[next_step](),
                "form": bound.get(next_step)
                or (FORM_OF[next_step]() if next_step in FORM_OF else None),
                "action": reverse(
                    "portal:confirm" if next_step is State.CONFIRMED else "portal:parcels_step",
                    args=[consignment.number],
                ),
            }
            if next_step in may
            else None
        ),
        "waits_for_owner": bool(next_step) and next_step not in may and state is State.NEW,
        "carriers": carriers_used(desk) if next_step is State.HANDED_OVER else [],
        "ways_back": [
            {
                "to": to.value,
                "word": _BUTTON[to](),
                "form": bound.get(to) or FORM_OF[to](initial={"put_back": _usual(consignment)}),
            }
            for to in ways_back
        ],
        "spoils": consignment.shipping_class in SPOILS,
        "step_url": reverse("portal:parcels_step", args=[consignment.number]),
        "undo_url": (
            reverse("portal:parcels_undo", args=[consignment.number])
            if desk.may_undo(consignment) and may_still_undo(consignment, now)
            else ""
        ),
        "missing_url": (
            reverse("portal:parcels_missing", args=[consignment.number])
            if State.SHORT_PACKED in may
            else ""
        ),
        "decline_url": (
            reverse("portal:decline", args=[consignment.number]) if State.DECLINED in may else ""
        ),
        "question": _question(consignment, may),
        "report": _report(desk, consignment, answer),
        "invoice": _invoice(desk, consignment, invoice),
        "photo_url": _photo_url(consignment),
        "papers": _papers(desk, consignment),
    }


def _next_step(consignment: Consignment) -> State | None:
    """A service is rendered, not packed."""
    if consignment.state == State.CONFIRMED and not consignment.needs_delivery:
        return State.DELIVERED
    return _NEXT.get(State(consignment.state))


def _usual(consignment: Consignment) -> str:
    """What becomes of goods that come back unless the producer says otherwise."""
    return "no" if consignment.shipping_class in SPOILS else "yes"


def facts(desk: Desk, consignment: Consignment) -> list[tuple[str, str]]:
    """What else is to be known, as label and value."""
    found = []
    if desk.sees_money(consignment):
        found += _money(consignment)
        if words := payment_words(desk, [consignment]):
            found.append((_("Payment"), words[consignment.pk]))
    if consignment.promise_on:
        found.append((_("Promised for"), formats.weekday_date(consignment.promise_on)))
    handover = getattr(consignment, "handover", None)
    if handover is not None:
        found += [
            (label, value)
            for label, value in (
                (_("Carrier"), handover.carrier),
                (_("Tracking number"), handover.tracking_number),
            )
            if value
        ]
    return found


def _money(consignment: Consignment) -> list[tuple[str, str]]:
    """What the buyer pays for the goods, and which part of a discount is the grower's own."""
    found = [(_("Goods"), formats.money(consignment.goods_left_incl_tax))]
    off = consignment.discount_left_incl_tax + consignment.fee_discount_incl_tax
    if not off:
        return found
    if consignment.own_discount_incl_tax or consignment.own_fee_discount_incl_tax:
        by_whom = _("your voucher: it comes off what you are owed")
    else:
        by_whom = _("paid by the marketplace: you get the whole price")
    use = getattr(consignment.order, "voucher_use", None)
    label = _("Code %(code)s") % {"code": use.voucher.code} if use else _("Discount")
    return [*found, (label, f"−{formats.money(off)} · {by_whom}")]


def _photo_url(consignment: Consignment) -> str:
    handover = getattr(consignment, "handover", None)
    if handover is None or not handover.photo:
        return ""
    return reverse("portal:parcels_photo", args=[consignment.number])


def _question(consignment: Consignment, may: set[State]) -> dict[str, object] | None:
    """What the buyer was asked and has not answered yet."""
    if consignment.state != State.SHORT_PACKED:
        return None
    asked = (
        consignment.short_packs.filter(answer=ShortPack.Answer.OPEN)
        .prefetch_related("lines__line__line", "lines__replacement__product__parent")
        .first()
    )
    if asked is None:
        return None
    return {
        "lines": [
            _("%(count)s × %(title)s")
            % {"count": formats.number(row.missing), "title": row.line.line.title}
            for row in asked.lines.all()
        ],
        "until": formats.datetime_(asked.answer_by),
        "goes_on": leaves_something(consignment, asked),
        "may_withdraw": State.CONFIRMED in may,
    }


def _report(
    desk: Desk, consignment: Consignment, answer: AnswerForm | None
) -> dict[str, object] | None:
    """What the buyer reported and nobody has answered."""
    report = consignment.arrival_reports.filter(answered_at=None).first()
    if report is None:
        return None
    return {
        "id": report.pk,
        "reason": report.get_reason_display(),
        "note": report.note,
        "at": formats.datetime_(report.reported_at),
        "form": (answer or AnswerForm()) if desk.may_ask_and_answer(consignment) else None,
        "action": reverse("portal:parcels_report", args=[consignment.number]),
    }


def _invoice(
    desk: Desk, consignment: Consignment, bound: InvoiceForm | None
) -> dict[str, object] | None:
    """The VAT invoice that the buyer has asked for; not for packers, who see no money."""
    wish = getattr(consignment.order, "invoice_wish", None)
    if wish is None or not desk.sees_money(consignment) or consignment.state in DEAD:
        return None
    noted = getattr(consignment, "invoice", None)
    form = bound or InvoiceForm(
        initial={
            name: getattr(noted, name)
            for name in ("symbol", "number", "issued_on", "lookup_url", "lookup_code")
        }
        if noted
        else {"issued_on": clock.today()}
    )
    return {
        "wish": [
            (_("Company or name"), wish.company),
            (_("Tax code"), wish.tax_code_words),
            (_("Address"), wish.address),
            *([(_("E-mail address"), wish.email)] if wish.email else []),
        ],
        "noted": str(noted) if noted else "",
        "noted_day": formats.date(noted.issued_on) if noted else "",
        "form": form,
        "action": reverse("portal:parcels_invoice", args=[consignment.number]),
    }


def _papers(desk: Desk, consignment: Consignment) -> list[tuple[str, str]]:
    """What can be printed now: label and address."""
    if not shows_label(consignment) or not consignment.needs_delivery:
        return []
    wanted = []
    if consignment.state in HOLDS_STOCK:
        wanted.append(("packing", _("Packing list")))
    if desk.sees_money(consignment) and not consignment.order.details.hide_prices:
        wanted.append(("note", _("Delivery note")))
    wanted.append(("note-without-prices", _("Delivery note without prices")))
    wanted += [
        ("label", _("Address label, 100 × 150 mm")),
        ("label-a4", _("Address label on A4")),
    ]
    if consignment.order.details.gift_text:
        wanted.append(("card", _("Gift card")))
    return [
        (label, reverse("portal:parcels_paper", args=[consignment.number, paper]))
        for paper, label in wanted
    ]
