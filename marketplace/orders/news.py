"""What a buyer or a producer is told on a parcel's way: one table of words, one template.

``mail/parcel_news`` and ``sms/parcel_news`` get finished words. What begins, declines or
cancels an order has messages of its own (``mails``).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from oscar.apps.order.models import Order

from marketplace.kernel import formats
from marketplace.orders import queries
from marketplace.orders.models import (
    ArrivalReport,
    Consignment,
    Handover,
    InvoiceReference,
    ShortPack,
)
from marketplace.orders.states import State
from marketplace.orders.telling import (
    lines_of,
    parcel_words,
    tell_buyer,
    tell_producer,
    tracking_url,
)

TEMPLATE = "parcel_news"


@dataclass(frozen=True)
class News:
    """One kind of message. Words may use %(number)s, %(producer)s and %(day)s."""

    subject: Promise
    text: Promise
    #: Whether a buyer without e-mail hears of it by SMS.
    by_sms: bool = False


NEWS: dict[str, News] = {
    "handed_over": News(
        gettext_lazy("Parcel %(number)s is on its way"),
        gettext_lazy("%(producer)s has handed it over. It should be with you by %(day)s."),
        by_sms=True,
    ),
    "delivered": News(
        gettext_lazy("Parcel %(number)s has been delivered"),
        gettext_lazy(
            "We hope that everything is as it should be. If something is missing or you have "
            "nothing in hand, please tell us on the page below."
        ),
    ),
    "refused": News(
        gettext_lazy("Parcel %(number)s was not accepted at the door"),
        gettext_lazy("It goes back to %(producer)s. You pay nothing for it."),
    ),
    "returned": News(
        gettext_lazy("Parcel %(number)s has come back to the grower"),
        gettext_lazy("You pay nothing for it; what you have paid is paid back."),
    ),
    "completed": News(
        gettext_lazy("Parcel %(number)s is completed"),
        gettext_lazy("Thank you for buying from %(producer)s."),
    ),
    "asked": News(
        gettext_lazy("Something is missing in parcel %(number)s: please choose"),
        gettext_lazy(
            "%(producer)s cannot send everything. Please tell us by %(day)s what you wish. "
            "If we hear nothing, you get the money back for what is missing and the rest is sent."
        ),
        by_sms=True,
    ),
    "asked_all": News(
        gettext_lazy("Parcel %(number)s cannot be sent as ordered: please choose"),
        gettext_lazy(
            "%(producer)s cannot send it now. Please tell us by %(day)s what you wish. If we hear "
            "nothing, the parcel is cancelled and what you have paid for it is paid back."
        ),
        by_sms=True,
    ),
    "silence": News(
        gettext_lazy("Parcel %(number)s goes on without what is missing"),
        gettext_lazy(
            "We have not heard from you, so you do not pay for what is missing. What you have "
            "paid for it is paid back."
        ),
        by_sms=True,
    ),
    "report_answered": News(
        gettext_lazy("An answer about parcel %(number)s"),
        gettext_lazy("You told us that something was wrong with this parcel."),
        by_sms=True,
    ),
    "invoice_noted": News(
        gettext_lazy("VAT invoice for parcel %(number)s"),
        gettext_lazy("%(producer)s has issued the invoice that you asked for."),
    ),
    "invoice_mended": News(
        gettext_lazy("VAT invoice for parcel %(number)s, corrected"),
        gettext_lazy("%(producer)s has corrected what it told you of its invoice."),
    ),
    "answered": News(
        gettext_lazy("Parcel %(number)s: the buyer has answered"),
        gettext_lazy("Please pack it as it now stands on your desk."),
    ),
    "not_wanted": News(
        gettext_lazy("Parcel %(number)s is cancelled: please do not send it"),
        gettext_lazy("The buyer does not take what you offered, or did not answer in time."),
    ),
    "reported": News(
        gettext_lazy("Parcel %(number)s has not arrived as it should"),
        gettext_lazy("The buyer has told us so. Please answer on your desk, or call us."),
    ),
    "reminder": News(
        gettext_lazy("Parcel %(number)s still waits for your confirmation"),
        gettext_lazy(
            "Please say today whether you can send it. The buyer waits, and so do your goods."
        ),
    ),
}


def _words(kind: str, consignment: Consignment, day: str) -> dict[str, str]:
    values = {
        "number": consignment.number,
        "producer": consignment.producer.name,
        "day": day,
    }
    news = NEWS[kind]
    return {"subject": str(news.subject) % values, "text": str(news.text) % values}


def _to_buyer(
    order: Order,
    consignment: Consignment,
    kind: str,
    *,
    key: str,
    day: str = "",
    facts: list[tuple[str, str]] | None = None,
) -> None:
    """In the buyer's language; the caller has switched to it for ``day`` and ``facts``."""
    tell_buyer(
        order,
        template=TEMPLATE,
        context={
            **_words(kind, consignment, day),
            "facts": facts or [],
            "parcel": parcel_words(consignment, lines_of([consignment])[consignment.pk]),
            "show_prices": True,
            "button_url": tracking_url(order),
            "button_label": _("Follow the order"),
        },
        dedupe_key=f"consignment:{consignment.number}:{kind}:{key}:buyer",
        by_sms=NEWS[kind].by_sms,
    )


def _to_producer(
    consignment: Consignment,
    kind: str,
    *,
    key: str,
    facts: list[tuple[str, str]] | None = None,
) -> None:
    tell_producer(
        consignment,
        template=TEMPLATE,
        context={
            **_words(kind, consignment, ""),
            "facts": facts or [],
            "parcel": parcel_words(consignment, lines_of([consignment])[consignment.pk]),
            "show_prices": False,
            "button_url": settings.SITE_URL
            + reverse("portal:parcels_one", args=[consignment.number]),
            "button_label": _("Open your desk"),
        },
        dedupe_key=f"consignment:{consignment.number}:{kind}:{key}:producer",
    )


def tell_of_move(order: Order, consignment: Consignment, kind: str, reason: str) -> None:
    """A step that matters to the buyer."""
    with override(order.details.language):
        facts = [(_("Reason:"), reason)] if reason else []
        _to_buyer(
            order, consignment, kind,
            key=f"{consignment.state_changed_at:%Y%m%d%H%M%S}", facts=facts,
        )


def handed_over(order: Order, consignment: Consignment, handover: Handover) -> None:
    """It is on its way, with whom and under which number."""
    with override(order.details.language):
        facts = []
        if handover.carrier:
            facts.append((_("Carrier:"), handover.carrier))
        if handover.tracking_number:
            facts.append((_("Tracking number:"), handover.tracking_number))
        _to_buyer(
            order, consignment, "handed_over",
            key=f"{handover.at:%Y%m%d%H%M%S}",
            day=formats.weekday_date(consignment.promise_on),
            facts=facts,
        )


def ask_about_missing(order: Order, consignment: Consignment, asked: ShortPack) -> None:
    """The question, with a link to the page where it is answered."""
    with override(order.details.language):
        rows = asked.lines.select_related("line__line")
        _to_buyer(
            order, consignment,
            "asked" if queries.leaves_something(consignment, asked) else "asked_all",
            key=str(asked.pk),
            day=formats.datetime_(asked.answer_by),
            facts=[
                (_("Missing:"), f"{formats.number(row.missing)} × {row.line.line.title}")
                for row in rows
            ]
            + [(_("Reason:"), asked.note)],
        )


def missing_answered(order: Order, consignment: Consignment, asked: ShortPack) -> None:
    """Tell the producer what the buyer chose; the buyer, what silence meant."""
    with override("vi"):
        _to_producer(
            consignment,
            "not_wanted" if consignment.state == State.DECLINED else "answered",
            key=str(asked.pk),
            facts=[(_("Answer:"), str(ShortPack.Answer(asked.answer).label))],
        )
    # When nothing is left the move itself has told the buyer.
    if asked.answer == ShortPack.Answer.SILENCE and consignment.goods_left_incl_tax:
        with override(order.details.language):
            _to_buyer(order, consignment, "silence", key=str(asked.pk))


def reported(consignment: Consignment, report: ArrivalReport) -> None:
    """Tell the producer that the buyer misses something."""
    with override("vi"):
        _to_producer(
            consignment, "reported", key=str(report.pk),
            facts=[(_("The buyer says:"), str(ArrivalReport.Reason(report.reason).label))],
        )


def report_answered(order: Order, consignment: Consignment, report: ArrivalReport) -> None:
    """Tell the buyer what was found out."""
    with override(order.details.language):
        _to_buyer(
            order, consignment, "report_answered", key=str(report.pk),
            facts=[(_("Answer:"), report.answer)],
        )


def tell_of_invoice(
    order: Order, consignment: Consignment, invoice: InvoiceReference, *, is_mended: bool
) -> None:
    """Which invoice the seller has issued, and where it is looked up."""
    with override(order.details.language):
        facts = [
            (_("Invoice:"), str(invoice)),
            (_("Issued on:"), formats.date(invoice.issued_on)),
        ]
        if invoice.lookup_url:
            facts.append((_("Look it up at:"), invoice.lookup_url))
        if invoice.lookup_code:
            facts.append((_("Code to look it up:"), invoice.lookup_code))
        _to_buyer(
            order, consignment, "invoice_mended" if is_mended else "invoice_noted",
            key=f"{invoice.noted_at:%Y%m%d%H%M%S}", facts=facts,
        )


def remind(consignment: Consignment) -> None:
    """Ask the producer once more to confirm."""
    with override("vi"):
        _to_producer(consignment, "reminder", key="1")
