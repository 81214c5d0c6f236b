"""An offer as the theme's components: words and formatted amounts, no query of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from catalogue.models import ShippingClass
from marketplace.checkout.errors import Change
from marketplace.checkout.queries import Offer, OfferGroup, OfferLine
from marketplace.kernel import formats
from marketplace.media.queries import picture
from marketplace.places.models import Province
from theme.components import (
    BasketGroup,
    BasketLine,
    CodeBox,
    Steps,
    StepsItem,
    SummaryBox,
    SummaryRow,
)

_THUMB = "84px"
_TINTS = {
    "food": "xoai",
    "drink": "nuoc",
    "medicinal": "ma",
    "craft": "phusa",
    "ornamental": "sen",
    "tourism": "la",
}
_STEPS = ("basket", "where", "pay")


@dataclass(frozen=True)
class Showing:
    """How an offer is shown: with changeable lines or not, and what is to be pointed out."""

    province: Province | None = None
    changeable: bool = False
    #: Basket line id → what changed or is wrong with it.
    notices: Mapping[int, str] = field(default_factory=dict)
    #: Producer id → what changed about its delivery.
    group_notices: Mapping[int, str] = field(default_factory=dict)
    #: Basket line id → what is wrong with the quantity, and what was typed and is kept.
    errors: Mapping[int, str] = field(default_factory=dict)
    typed: Mapping[int, str] = field(default_factory=dict)
    #: The code that counts, to name it beside what it takes off.
    code: str = ""

    @classmethod
    def of_changes(cls, changes: Sequence[Change], **options: object) -> Showing:
        """With each change beside the line or producer that it concerns."""
        return cls(
            notices={c.line_id: c.message for c in changes if c.line_id},
            group_notices={c.producer_id: c.message for c in changes if c.producer_id},
            **options,
        )


def groups(offer: Offer, showing: Showing) -> list[BasketGroup]:
    """One part for each producer; lines of nobody come last, under a heading of their own."""
    if offer.code and offer.code.judged:
        showing = replace(showing, code=offer.code.text)
    shown = [
        _group(group, place, showing, is_one_of_many=len(offer.groups) > 1)
        for place, group in enumerate(offer.groups, start=1)
    ]
    if offer.stray:
        shown.append(
            BasketGroup(
                producer_name=_("No longer sold here"),
                lines=[_line(line, showing, "") for line in offer.stray],
            )
        )
    return shown


def _group(
    group: OfferGroup, place: int, showing: Showing, *, is_one_of_many: bool
) -> BasketGroup:
    quote, producer = group.quote, group.producer
    refusals = {r.line.unit.pk: r.reason for r in quote.refusals} if quote else {}
    lines = [_line(line, showing, refusals.get(line.unit.pk, "")) for line in group.lines]
    parts = {
        "producer_name": producer.name,
        "producer_url": reverse("shop:producer", kwargs={"slug": producer.slug}),
        "lines": lines,
        "label": _("Parcel %(number)s") % {"number": place} if is_one_of_many else "",
        "notice": _beside(showing.group_notices.get(producer.pk, ""), producer.name),
        "subtotal": formats.money(group.goods_incl_tax + group.fee_incl_tax),
    }
    if not group.needs_delivery:
        return BasketGroup(**parts, no_province=_("Nothing is sent: the grower will call you."))
    if quote is None:
        return BasketGroup(
            **parts, no_province=_("Choose a province to see the date and the delivery fee.")
        )
    if refusals:
        return BasketGroup(
            **parts,
            refusal=ngettext(
                "%(count)s thing cannot be sent to %(province)s. Take it out, or choose another"
                " province.",
                "%(count)s things cannot be sent to %(province)s. Take them out, or choose another"
                " province.",
                len(refusals),
            )
            % {"count": len(refusals), "province": showing.province.name},
        )
    return BasketGroup(
        **parts,
        promise=_("With you by %(day)s") % {"day": formats.weekday_date(quote.promise_on)},
        promise_note=_way(quote.shipping_class, quote.per_kg_landed),
        fee=formats.money(group.fee_incl_tax) if group.fee_incl_tax else _("Free"),
        fee_off=_off(showing.code, group.fee_discount_incl_tax),
        chilled=quote.shipping_class == ShippingClass.CHILLED,
        free_hint=(
            _("%(amount)s more and this grower delivers free of charge.")
            % {"amount": formats.money(quote.missing_for_free)}
            if quote.missing_for_free
            else ""
        ),
    )


def _off(code: str, amount: Decimal) -> str:
    """What a code, or an offer of the shop, has taken off; nothing for nothing."""
    if not amount:
        return ""
    if not code:
        return _("Discount −%(amount)s") % {"amount": formats.money(amount)}
    return _("Code %(code)s −%(amount)s") % {"code": code, "amount": formats.money(amount)}


def _beside(message: str, name: str) -> str:
    """A message about something that is named right above it: without the name."""
    short = message.removeprefix(f"{name}: ")
    return short[:1].upper() + short[1:]


def _way(shipping_class: str, per_kg_landed: object) -> str:
    """How it travels, and what a kilogram costs at the door."""
    way = {
        ShippingClass.AMBIENT: _("ordinary parcel"),
        ShippingClass.FRESH: _("quick delivery of fresh goods"),
        ShippingClass.CHILLED: _("in a cool box"),
        ShippingClass.FRAGILE: _("packed for fragile goods"),
        ShippingClass.LIVE_PLANT: _("packed for live plants"),
    }.get(shipping_class, "")
    if per_kg_landed is None:
        return way
    return _("%(way)s; with delivery %(price)s per kilogram") % {
        "way": way,
        "price": formats.money(per_kg_landed),
    }


def _line(line: OfferLine, showing: Showing, refusal: str) -> BasketLine:
    row, unit, listing = line.basket_line, line.unit, line.unit.listing
    before = row.price_incl_tax
    notice = _beside(showing.notices.get(row.pk, ""), line.title)
    age = listing.get_product_class().minimum_age if listing.get_product_class() else 0
    if line.problem:
        notice = notice or line.problem
    elif not notice and before is not None and before != line.unit_price_incl_tax:
        notice = _("The price was %(old)s when you put it in.") % {"old": formats.money(before)}
    if not notice and age and showing.changeable:
        notice = _("Only for people of %(age)s and older; you will be asked.") % {"age": age}
    record = line.stockrecord
    is_counted = record is not None and listing.get_product_class().track_stock
    was = line.old_unit_price_incl_tax
    return BasketLine(
        name=listing.title,
        variant=unit.title if unit is not listing else "",
        url=listing.get_absolute_url() if listing.is_public else "",
        total=formats.money(line.total_incl_tax),
        old_total=formats.money(was * line.quantity) if was else "",
        quantity=line.quantity,
        typed=showing.typed.get(row.pk, ""),
        error=showing.errors.get(row.pk, ""),
        quantity_word=""
        if showing.changeable
        else ngettext("%(count)s piece", "%(count)s pieces", line.quantity)
        % {"count": formats.number(line.quantity)},
        unit_price=(
            _("%(price)s each") % {"price": formats.money(line.unit_price_incl_tax)}
            if line.quantity > 1
            else ""
        ),
        picture=picture(next(iter(listing.shown_pictures), None), _THUMB, decorative=True),
        tint=_TINTS.get(listing.product_class.group, "la") if listing.product_class else "la",
        line_id=str(row.pk),
        action=reverse("checkout:update") if showing.changeable else "",
        max_quantity=record.net_stock_level if is_counted else None,
        refusal=refusal,
        notice=str(notice),
        off=" · ".join(
            words
            for words in (
                _off("", line.discount_incl_tax - line.voucher_incl_tax),
                _off(showing.code, line.voucher_incl_tax),
            )
            if words
        ),
    )


def summary(offer: Offer, province: Province | None) -> SummaryBox:
    """Sums; while a fee is unknown it says so instead of hiding it."""
    off = offer.voucher_incl_tax
    before = offer.goods_incl_tax + sum((g.voucher_incl_tax for g in offer.groups), Decimal(0))
    fees = offer.fees_incl_tax + sum(
        (group.fee_discount_incl_tax for group in offer.groups), Decimal(0)
    )
    rows = [SummaryRow(label=_("Goods"), value=formats.money(before))]
    unknown = [group for group in offer.groups if group.needs_delivery and group.quote is None]
    if offer.needs_delivery:
        rows.append(
            SummaryRow(
                label=_("Delivery fee"),
                note=parcels_words(offer),
                value=_("with the province") if unknown else formats.money(fees),
            )
        )
    if off:
        rows.append(
            SummaryRow(
                label=_("Code %(code)s") % {"code": offer.code.text},
                value=f"−{formats.money(off)}",
            )
        )
    return SummaryBox(
        rows=rows,
        total=formats.money(offer.total_incl_tax),
        total_label=_("Goods, without delivery") if unknown else "",
        note=(
            _("All prices include tax.")
            if province is None
            else _("All prices include tax. Delivery to %(province)s.")
            % {"province": province.name}
        ),
    )


def code_box(offer: Offer, *, action: str = "", typed: str = "", error: str = "") -> CodeBox:
    """The code that was entered, with what it takes off; or the field for one."""
    code = offer.code
    if code is None:
        return CodeBox(action=action, typed=typed, error=error)
    off = offer.voucher_incl_tax
    if code.judged is None:
        words = ""
    elif off:
        words = _("takes off %(amount)s") % {"amount": formats.money(off)}
    else:
        words = _("pays for the delivery as soon as you choose a province")
    return CodeBox(action=action, code=code.text, words=words, refused=code.refused)


def parcels_words(offer: Offer) -> str:
    """How many parcels there will be."""
    count = sum(1 for group in offer.groups if group.needs_delivery)
    return ngettext("%(count)s parcel", "%(count)s parcels", count) % {"count": count}


def steps(now: str) -> Steps:
    """Where the buyer stands on the way to an order."""
    labels = {
        "basket": pgettext("checkout step", "Basket"),
        "where": pgettext("checkout step", "Where to"),
        "pay": pgettext("checkout step", "Pay"),
    }
    at = _STEPS.index(now)
    return Steps(
        items=[
            StepsItem(
                label=labels[name],
                state="done" if place < at else "now" if place == at else "todo",
                url=reverse(f"checkout:{name}") if place < at else "",
            )
            for place, name in enumerate(_STEPS)
        ]
    )
