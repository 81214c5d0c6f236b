"""What a code takes off these goods now, exact to the đồng; or why it takes nothing off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _
from oscar.apps.voucher.models import Voucher

from catalogue.models import Product
from marketplace.kernel import formats
from marketplace.kernel.money import Money, round_amount, split_by_largest_remainder
from marketplace.vouchers.errors import Reason, VoucherRefused
from marketplace.vouchers.models import VoucherTerms, VoucherUse
from marketplace.vouchers.queries import code_of


@dataclass(frozen=True)
class Goods:
    """One line that may be bought: what it costs before the voucher, in whole đồng."""

    key: int
    producer_id: int
    listing_id: int
    amount: Decimal


@dataclass(frozen=True)
class Judged:
    """A code that counts, and what it takes off the goods; the fee is judged when it is known."""

    voucher: Voucher
    terms: VoucherTerms
    #: Line key → whole đồng off.
    off: Mapping[int, Decimal]
    #: Producers of the goods that it counts for.
    producers: frozenset[int]

    @property
    def code(self) -> str:
        """As it is written."""
        return self.voucher.code

    def off_fees(
        self, fees: Mapping[int, Decimal], goods: Mapping[int, Decimal]
    ) -> dict[int, Decimal]:
        """Producer id → what is taken off its delivery fee, by largest remainder up to the cap.

        What the producer pays for is never more than its ``goods``: nobody owes for a sale.
        """
        if not self.terms.is_for_delivery:
            return {}
        open_to = {
            pk: min(fee, goods[pk]) if self.terms.is_own else fee
            for pk, fee in fees.items()
            if pk in self.producers and fee
        }
        whole = sum(open_to.values(), Decimal(0))
        total = min(whole, self.terms.cap_incl_tax) if self.terms.cap_incl_tax else whole
        parts = split_by_largest_remainder(Money(total), list(open_to.values()))
        return {pk: part.amount for pk, part in zip(open_to, parts, strict=True)}


def judge(
    voucher: Voucher, goods: Sequence[Goods], *, phone: str = "", now: datetime
) -> Judged:
    """What a code read by ``queries`` takes off. ``phone`` (E.164) may be unknown yet.

    No query for most; one each for goods or categories chosen, and for a known phone number.
    Raises VoucherRefused.
    """
    terms = voucher.voucher_set.terms
    check_open(voucher, now)
    if phone:
        check_phone(terms, phone)
    listings = _listings(terms, goods)
    fitting = [row for row in goods if _fits(row, terms, listings)]
    if not fitting:
        raise VoucherRefused(Reason.NOTHING_FITS, _nothing_fits(terms))
    total = sum((row.amount for row in fitting), Decimal(0))
    if total < terms.minimum_incl_tax:
        raise VoucherRefused(
            Reason.TOO_LITTLE,
            _("%(code)s counts from %(minimum)s of goods: %(missing)s are missing.")
            % {
                "code": voucher.code,
                "minimum": formats.money(terms.minimum_incl_tax),
                "missing": formats.money(terms.minimum_incl_tax - total),
            },
        )
    parts = split_by_largest_remainder(
        Money(_off_goods(terms, total)), [row.amount for row in fitting]
    )
    return Judged(
        voucher,
        terms,
        {row.key: part.amount for row, part in zip(fitting, parts, strict=True) if part},
        frozenset(row.producer_id for row in fitting),
    )


def check_open(voucher: Voucher, now: datetime) -> None:
    """Days, stop and uses left, as they were read. Raises VoucherRefused. No query."""
    terms = voucher.voucher_set.terms
    State = VoucherTerms.State
    state = terms.state(now)
    if state is State.LIVE and terms.is_batch and voucher.num_orders:
        state = State.USED_UP
    if state is State.LIVE:
        return
    reason, words = {
        State.STOPPED: (Reason.STOPPED, _("The code %(code)s is no longer valid.")),
        State.ENDED: (Reason.ENDED, _("The code %(code)s was valid through %(day)s.")),
        State.NOT_BEGUN: (Reason.NOT_BEGUN, _("The code %(code)s is valid from %(day)s.")),
        State.USED_UP: (Reason.USED_UP, _("The code %(code)s has been used up.")),
    }[state]
    day = terms.begins_at if state is State.NOT_BEGUN else terms.ends_at
    raise VoucherRefused(reason, words % {"code": voucher.code, "day": formats.date(day)})


def check_phone(terms: VoucherTerms, phone: str) -> None:
    """How often this number has used it. Raises VoucherRefused. One query, none without limit."""
    if terms.uses_per_phone is None:
        return
    used = VoucherUse.objects.filter(
        terms=terms, given_back_at=None, order__details__phone=phone
    ).count()
    if used >= terms.uses_per_phone:
        raise VoucherRefused(
            Reason.USED_BY_PHONE,
            _("The phone number %(phone)s has already used this code.")
            % {"phone": formats.phone(phone)},
        )


def _off_goods(terms: VoucherTerms, total: Decimal) -> Decimal:
    if terms.kind == VoucherTerms.Kind.PERCENT:
        off = round_amount(total * terms.percent / 100)
        return min(off, terms.cap_incl_tax) if terms.cap_incl_tax else off
    if terms.kind == VoucherTerms.Kind.AMOUNT:
        return min(terms.amount_incl_tax, total)
    return Decimal(0)


def _listings(terms: VoucherTerms, goods: Iterable[Goods]) -> set[int] | None:
    """Of the listings in ``goods`` those chosen, or below a chosen category; None: any."""
    chosen = {product.pk for product in terms.listings.all()}
    shelves = [category.path for category in terms.categories.all()]
    if not chosen and not shelves:
        return None
    if shelves:
        below = Q()
        for path in shelves:
            below |= Q(category__path__startswith=path)
        chosen |= set(
            Product.categories.through.objects.filter(
                below, product__in={row.listing_id for row in goods}
            ).values_list("product", flat=True)
        )
    return chosen


def _fits(row: Goods, terms: VoucherTerms, listings: set[int] | None) -> bool:
    return (terms.producer_id in (None, row.producer_id)) and (
        listings is None or row.listing_id in listings
    )


def _nothing_fits(terms: VoucherTerms) -> str:
    if terms.producer_id is not None:
        return _("This code counts only for goods of %(producer)s.") % {
            "producer": terms.producer.name
        }
    return _("This code counts for none of the goods in your basket.")


def find(typed: str) -> Voucher:
    """The code that was typed, with its terms. Raises VoucherRefused when there is none."""
    voucher = code_of(typed)
    if voucher is None:
        raise VoucherRefused(
            Reason.UNKNOWN, _("We know no such code. Please look at it once more.")
        )
    return voucher
