"""What a basket would cost now: the offer that pages show and that placing judges again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _
from oscar.apps.basket.models import Basket
from oscar.apps.basket.models import Line as BasketLine
from oscar.apps.offer.applicator import Applicator
from oscar.apps.offer.models import ConditionalOffer
from oscar.apps.partner.models import StockRecord

from catalogue import rows
from catalogue.models import Product, ShippingClass
from catalogue.strategy import Strategy
from marketplace.accounts.models import User
from marketplace.checkout.errors import Change
from marketplace.checkout.expected import ExpectedTotals
from marketplace.kernel import formats
from marketplace.kernel.money import Money, round_amount, split_by_largest_remainder
from marketplace.places.models import Commune, Province
from marketplace.platform import statements
from marketplace.producers.models import Producer
from marketplace.shipping import queries as shipping
from marketplace.vouchers import judging
from marketplace.vouchers.errors import VoucherRefused
from marketplace.vouchers.queries import code_with

CURRENCY = "VND"


@dataclass(frozen=True)
class OfferLine:
    """One basket line at today's price. Amounts in whole đồng, VAT included unless named."""

    basket_line: BasketLine
    unit: Product
    producer: Producer | None
    stockrecord: StockRecord | None
    quantity: int
    unit_price_incl_tax: Decimal = Decimal(0)
    unit_price_excl_tax: Decimal = Decimal(0)
    #: The ordinary price of the unit while a sale runs.
    old_unit_price_incl_tax: Decimal | None = None
    #: What offers and vouchers take off the whole line.
    discount_incl_tax: Decimal = Decimal(0)
    #: Of that, what the buyer's code takes off.
    voucher_incl_tax: Decimal = Decimal(0)
    #: Why it cannot be bought as it stands; empty when it can.
    problem: str = ""

    @property
    def title(self) -> str:
        """As the buyer knows it: a variant with its listing's name."""
        listing = self.unit.listing
        own = self.unit.title or ""
        return own if listing is self.unit or not own else f"{listing.title} – {own}"

    @property
    def goods_incl_tax(self) -> Decimal:
        """Of the whole line, before discounts."""
        return self.unit_price_incl_tax * self.quantity

    @property
    def goods_excl_tax(self) -> Decimal:
        """Of the whole line, before discounts and without VAT."""
        return self.unit_price_excl_tax * self.quantity

    @property
    def total_incl_tax(self) -> Decimal:
        """Of the whole line, after discounts."""
        return self.goods_incl_tax - self.discount_incl_tax

    @property
    def total_excl_tax(self) -> Decimal:
        """Of the whole line, after discounts and without VAT."""
        if not self.discount_incl_tax or not self.goods_incl_tax:
            return self.goods_excl_tax
        return round_amount(self.total_incl_tax * self.goods_excl_tax / self.goods_incl_tax)


@dataclass(frozen=True)
class OfferGroup:
    """One producer's lines: a consignment to be."""

    producer: Producer
    lines: tuple[OfferLine, ...]
    #: Empty while no destination is known and something has to be sent.
    quote: shipping.ConsignmentQuote | None = None
    #: What the buyer's code takes off the delivery.
    fee_discount_incl_tax: Decimal = Decimal(0)

    @property
    def goods_incl_tax(self) -> Decimal:
        """After discounts."""
        return sum((line.total_incl_tax for line in self.lines), Decimal(0))

    @property
    def discount_incl_tax(self) -> Decimal:
        """What offers and vouchers take off."""
        return sum((line.discount_incl_tax for line in self.lines), Decimal(0))

    @property
    def voucher_incl_tax(self) -> Decimal:
        """What the buyer's code takes off the goods."""
        return sum((line.voucher_incl_tax for line in self.lines), Decimal(0))

    @property
    def fee_incl_tax(self) -> Decimal:
        """Delivery, after the buyer's code; zero while unknown."""
        return self.quote.fee_incl_tax - self.fee_discount_incl_tax if self.quote else Decimal(0)

    @property
    def needs_delivery(self) -> bool:
        """Whether anything of it is sent."""
        return any(line.unit.listing.shipping_class != ShippingClass.NONE for line in self.lines)


def must_be_paid_ahead(unit: Product) -> bool:
    """Whether a sellable unit is never paid at the door. No query when its type was read."""
    listing = unit.listing
    return (
        listing.shipping_class == ShippingClass.NONE or listing.get_product_class().paid_ahead
    )


@dataclass(frozen=True)
class Code:
    """The code that the buyer has entered, as it stands now."""

    text: str
    #: What it takes off; None while it counts for nothing.
    judged: judging.Judged | None = None
    #: Why it counts for nothing, in words.
    refused: str = ""


@dataclass(frozen=True)
class Offer:
    """A whole basket at this moment, grouped by producer in the order they were put in."""

    groups: tuple[OfferGroup, ...]
    #: Lines that belong to no producer any more and cannot be bought.
    stray: tuple[OfferLine, ...] = ()
    #: Oscar's applied offers, to be written beside the order.
    applications: Sequence[Mapping] = field(default=(), compare=False)
    code: Code | None = None

    @property
    def lines(self) -> list[OfferLine]:
        """All lines that belong to a producer, in basket order."""
        return sorted(
            (line for group in self.groups for line in group.lines),
            key=lambda line: line.basket_line.pk,
        )

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to order."""
        return not self.groups and not self.stray

    @property
    def goods_incl_tax(self) -> Decimal:
        """After discounts."""
        return sum((group.goods_incl_tax for group in self.groups), Decimal(0))

    @property
    def fees_incl_tax(self) -> Decimal:
        """All deliveries."""
        return sum((group.fee_incl_tax for group in self.groups), Decimal(0))

    @property
    def voucher_incl_tax(self) -> Decimal:
        """What the buyer's code takes off, goods and delivery."""
        return sum(
            (group.voucher_incl_tax + group.fee_discount_incl_tax for group in self.groups),
            Decimal(0),
        )

    @property
    def total_incl_tax(self) -> Decimal:
        """What the buyer will pay."""
        return self.goods_incl_tax + self.fees_incl_tax

    @property
    def needs_delivery(self) -> bool:
        """Whether an address is needed."""
        return any(group.needs_delivery for group in self.groups)

    @property
    def minimum_age(self) -> int:
        """The highest age that the law sets for any of the goods; 0 when none."""
        return max(
            (line.unit.listing.get_product_class().minimum_age for line in self.lines), default=0
        )

    @property
    def paid_ahead(self) -> list[OfferLine]:
        """What cannot be paid at the door: services, and goods of a type that is paid ahead.

        Nothing, when a code has left nothing to pay.
        """
        if not self.total_incl_tax:
            return []
        return [line for line in self.lines if must_be_paid_ahead(line.unit)]

    @property
    def problems(self) -> list[Change]:
        """Lines that cannot be bought as they stand, each with its reason."""
        return [
            Change(
                _("%(title)s: %(reason)s")
                % {"title": line.title, "reason": str(line.problem).rstrip(".") + "."},
                line_id=line.basket_line.pk,
            )
            for line in (*self.lines, *self.stray)
            if line.problem
        ]

    @property
    def refusals(self) -> list[shipping.Refusal]:
        """Lines that cannot be sent to the destination."""
        return [r for group in self.groups if group.quote for r in group.quote.refusals]

    @property
    def expected(self) -> ExpectedTotals:
        """What the buyer sees in this offer, to come back with the order."""
        return ExpectedTotals(
            lines={
                line.basket_line.pk: (line.quantity, line.unit_price_incl_tax)
                for line in self.lines
            },
            consignments={
                group.producer.pk: (group.goods_incl_tax, group.fee_incl_tax)
                for group in self.groups
            },
            code=self.code.text if self.code and self.code.judged else "",
        )

    def changes_since(self, expected: ExpectedTotals) -> list[Change]:
        """Everything that is not as the buyer saw it, in words. Empty: nothing has changed."""
        changes = list(self.problems)
        told = {change.line_id for change in changes}
        if expected.code and expected.code != self.expected.code:
            changes.append(
                Change(
                    self.code.refused
                    if self.code and self.code.text == expected.code
                    else _("The code %(code)s is no longer in this order.")
                    % {"code": expected.code}
                )
            )
        for line in self.lines:
            seen = expected.lines.get(line.basket_line.pk)
            if line.basket_line.pk in told or seen == (line.quantity, line.unit_price_incl_tax):
                continue
            changes.append(Change(_line_change(line, seen), line_id=line.basket_line.pk))
        gone = set(expected.lines) - {line.basket_line.pk for line in (*self.lines, *self.stray)}
        if gone:
            changes.append(Change(_("Some goods are no longer in your basket.")))
        for group in self.groups:
            goods, fee = expected.consignments.get(group.producer.pk, (None, None))
            if fee is not None and fee != group.fee_incl_tax:
                changes.append(
                    Change(
                        _("%(producer)s: delivery now costs %(new)s instead of %(old)s.")
                        % {
                            "producer": group.producer.name,
                            "new": formats.money(group.fee_incl_tax),
                            "old": formats.money(fee),
                        },
                        producer_id=group.producer.pk,
                    )
                )
            if goods != group.goods_incl_tax and not changes:
                changes.append(
                    Change(
                        _("%(producer)s: the goods now cost %(new)s.")
                        % {
                            "producer": group.producer.name,
                            "new": formats.money(group.goods_incl_tax),
                        },
                        producer_id=group.producer.pk,
                    )
                )
        return changes


def _line_change(line: OfferLine, seen: tuple[int, Decimal] | None) -> str:
    if seen is None:
        return _("%(title)s: newly in your basket.") % {"title": line.title}
    quantity, price = seen
    if price != line.unit_price_incl_tax:
        return _("%(title)s: the price is now %(new)s instead of %(old)s.") % {
            "title": line.title,
            "new": formats.money(line.unit_price_incl_tax),
            "old": formats.money(price),
        }
    return _("%(title)s: the quantity is now %(new)s instead of %(old)s.") % {
        "title": line.title,
        "new": line.quantity,
        "old": quantity,
    }


def offer(
    *,
    basket: Basket,
    province: Province | None = None,
    commune: Commune | None = None,
    user: User | None = None,
    phone: str = "",
    now: datetime,
) -> Offer:
    """Today's prices, stock, fees and promises of a basket, read afresh.

    Three queries for any number of lines, one of them for delivery; more when offers apply or
    a code was entered, which is judged for ``phone`` (E.164) once that is known. Without a
    province, groups that have to be sent carry no quote.
    """
    found = rows.basket_rows(basket.pk, now) if basket.pk else []
    strategy = Strategy(now=now)
    has_offers, voucher_id = _special(basket) if found else (False, None)
    applications, discounts = (
        _discounts(basket, strategy, user) if has_offers else ((), {})
    )
    lines = [_offer_line(row, strategy, discounts.get(row.pk, Decimal(0))) for row in found]
    code = _judged(voucher_id, lines, phone, now) if voucher_id else None
    if code and code.judged:
        off = code.judged.off
        lines = [_less(line, off.get(line.basket_line.pk, Decimal(0))) for line in lines]
    by_producer: dict[int, list[OfferLine]] = {}
    for line in lines:
        if line.producer is not None:
            by_producer.setdefault(line.producer.pk, []).append(line)
    groups = [OfferGroup(of_one[0].producer, tuple(of_one)) for of_one in by_producer.values()]
    quoted = _quoted(groups, province, commune, now)
    if code and code.judged:
        quoted, code = _with_less_fee(quoted, code)
    return Offer(
        groups=quoted,
        stray=tuple(line for line in lines if line.producer is None),
        applications=applications,
        code=code,
    )


#: Both seldom: asked together, so that an ordinary basket pays one query for both.
_SPECIAL = f"""
    SELECT EXISTS (
        SELECT 1 FROM {ConditionalOffer._meta.db_table} WHERE status = %(open)s
    ),
    (SELECT max(voucher_id) FROM {Basket.vouchers.through._meta.db_table}
     WHERE basket_id = %(basket)s)
"""  # noqa: S608


def _special(basket: Basket) -> tuple[bool, int | None]:
    """Whether any of Oscar's offers is open, and the code that was entered. One query."""
    values = {"open": ConditionalOffer.OPEN, "basket": basket.pk}
    ((has_offers, voucher_id),) = statements.rows(_SPECIAL, values)
    return has_offers, voucher_id


def goods_of(lines: Sequence[OfferLine]) -> list[judging.Goods]:
    """What a code may count for: lines that can be bought, after Oscar's offers."""
    return [
        judging.Goods(
            line.basket_line.pk, line.producer.pk, line.unit.listing.pk, line.total_incl_tax
        )
        for line in lines
        if line.producer is not None and not line.problem
    ]


def _judged(
    voucher_id: int, lines: Sequence[OfferLine], phone: str, now: datetime
) -> Code | None:
    voucher = code_with(voucher_id)
    if voucher is None:
        return None
    try:
        judged = judging.judge(voucher, goods_of(lines), phone=phone, now=now)
    except VoucherRefused as refused:
        return Code(voucher.code, refused=str(refused))
    return Code(voucher.code, judged)


def _less(line: OfferLine, off: Decimal) -> OfferLine:
    return replace(
        line, discount_incl_tax=line.discount_incl_tax + off, voucher_incl_tax=off
    )


def _with_less_fee(
    groups: Sequence[OfferGroup], code: Code
) -> tuple[tuple[OfferGroup, ...], Code]:
    """The groups with what the code takes off their delivery.

    A code for delivery counts for nothing where nothing is to be paid for it.
    """
    known = [group for group in groups if group.quote is not None]
    fees = {group.producer.pk: group.quote.fee_incl_tax for group in known}
    goods = {group.producer.pk: group.goods_incl_tax for group in known}
    off = code.judged.off_fees(fees, goods)
    if code.judged.terms.is_for_delivery and len(known) == len(groups) and not any(off.values()):
        words = _("Delivery of these goods is free already. Keep the code for another order.")
        return tuple(groups), Code(code.text, refused=words)
    return (
        tuple(
            replace(group, fee_discount_incl_tax=off.get(group.producer.pk, Decimal(0)))
            for group in groups
        ),
        code,
    )


def _quoted(
    groups: Sequence[OfferGroup],
    province: Province | None,
    commune: Commune | None,
    now: datetime,
) -> tuple[OfferGroup, ...]:
    wanted = [
        (
            group.producer,
            [shipping.QuoteLine(x.unit, x.quantity, x.unit_price_incl_tax) for x in group.lines],
        )
        for group in groups
    ]
    # Before the buyer's code: it must not make delivery dearer than without it.
    discounts = {
        group.producer.pk: group.discount_incl_tax - group.voucher_incl_tax for group in groups
    }
    if province is not None and groups:
        quotes = shipping.quote_all(
            groups=wanted, province=province, commune=commune, now=now, discounts=discounts
        )
    else:
        # Services need no destination; for the rest there is nothing to say yet.
        quotes = {
            producer.pk: shipping.quote_nothing_sent(producer, lines, discounts[producer.pk])
            for (producer, lines), group in zip(wanted, groups, strict=True)
            if not group.needs_delivery
        }
    return tuple(
        OfferGroup(group.producer, group.lines, quotes.get(group.producer.pk)) for group in groups
    )


def _offer_line(row: BasketLine, strategy: Strategy, discount: Decimal) -> OfferLine:
    unit, record = row.product, row.stockrecord
    price = strategy.pricing_policy(unit, record)
    line = {
        "basket_line": row,
        "unit": unit,
        "producer": unit.listing.producer,
        "stockrecord": record,
        "quantity": row.quantity,
    }
    if not price.exists or price.currency != CURRENCY:
        return OfferLine(**line, problem=_("Not for sale"))
    is_permitted, reason = strategy.availability_policy(unit, record).is_purchase_permitted(
        row.quantity
    )
    if is_permitted and not 1 <= row.quantity <= settings.OSCAR_MAX_BASKET_QUANTITY_THRESHOLD:
        is_permitted, reason = False, _("This quantity cannot be ordered.")
    return OfferLine(
        **line,
        unit_price_incl_tax=round_amount(price.incl_tax),
        unit_price_excl_tax=round_amount(price.excl_tax),
        old_unit_price_incl_tax=price.retail,
        discount_incl_tax=min(discount, round_amount(price.incl_tax) * row.quantity),
        problem="" if is_permitted else str(reason),
    )


class _Offers(Applicator):
    """Oscar's offers alone: codes are judged exactly by ``vouchers.judging``."""

    def get_basket_offers(self, basket: Basket, user: object) -> list:
        """None: a code made in Oscar's dashboard knows no limits and no funder."""
        return []


def _discounts(
    basket: Basket, strategy: Strategy, user: User | None
) -> tuple[Sequence[Mapping], dict[int, Decimal]]:
    """Oscar's offers applied to the lines: the applications, and line → amount.

    Oscar may leave fractions of a đồng on a line; the whole is rounded once and split over the
    lines by largest remainder.
    """
    fresh = Basket.objects.get(pk=basket.pk)
    fresh.strategy = strategy
    _Offers().apply(fresh, user or AnonymousUser())
    exact = {line.pk: Decimal(line.discount_value) for line in fresh.all_lines()}
    total = sum(exact.values(), Decimal(0))
    if not total:
        return list(fresh.offer_applications), {}
    parts = split_by_largest_remainder(
        Money(round_amount(total), CURRENCY), list(exact.values())
    )
    return list(fresh.offer_applications), {
        pk: part.amount for pk, part in zip(exact, parts, strict=True)
    }
