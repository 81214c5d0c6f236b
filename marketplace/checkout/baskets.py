"""Every change of a basket: putting in, changing, taking out, and merging at sign-in.

Nothing is held by lying in a basket. Limits are judged here for the buyer's sake and judged
again, for good, when the order is placed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from oscar.apps.basket.models import Basket, Line

from catalogue.models import Product, ShippingClass
from catalogue.strategy import Strategy

MOST = settings.OSCAR_MAX_BASKET_QUANTITY_THRESHOLD


class BasketRefused(Exception):
    """Nothing was changed; ``str()`` is a sentence in the reader's language."""


class UnitNotForSale(BasketRefused):
    """There is no such sellable unit, or nobody may buy it now."""


class UnitNotChosen(BasketRefused):
    """A listing with variants was asked for, not one of them; ``listing`` shows the choice."""

    def __init__(self, listing: Product) -> None:
        self.listing = listing
        super().__init__(_("Please choose a size first."))


class NotEnough(BasketRefused):
    """Fewer are left than were asked for; ``left`` may still be bought."""

    def __init__(self, title: str, left: int, have: int = 0) -> None:
        self.left = left
        message = ngettext(
            "Only %(count)s left of “%(title)s”.", "Only %(count)s left of “%(title)s”.", left
        ) % {"count": left, "title": title}
        if have:
            message += " " + ngettext(
                "You already have %(count)s in the basket.",
                "You already have %(count)s in the basket.",
                have,
            ) % {"count": have}
        super().__init__(message)


class TooMany(BasketRefused):
    """More than one order can hold."""

    def __init__(self) -> None:
        super().__init__(
            _("One order holds at most %(most)s pieces. For more, please call us.")
            % {"most": MOST}
        )


class LineGone(BasketRefused):
    """The line is not, or no longer, in this basket."""

    def __init__(self) -> None:
        super().__init__(_("This is no longer in your basket."))


class BasketClosed(BasketRefused):
    """The basket is being ordered at this moment, or has been."""

    def __init__(self) -> None:
        super().__init__(_("This basket has just been ordered; it can no longer be changed."))


@dataclass(frozen=True)
class Removed:
    """What was taken out, so that it can be put back."""

    unit_id: int
    title: str
    quantity: int


def title_of(unit: Product) -> str:
    """A unit as buyers know it: a variant with its listing's name."""
    listing = unit.listing
    return listing.title if listing is unit or not unit.title else f"{listing.title} – {unit.title}"


@transaction.atomic
def put_in(*, basket: Basket, unit_id: int, quantity: int, now: datetime) -> Line:
    """Add ``quantity`` of a sellable unit to what lies there already; its line.

    Raises UnitNotForSale, UnitNotChosen, NotEnough, TooMany, BasketClosed.
    """
    unit = (
        Product.objects.filter(pk=unit_id)
        .select_related(
            "product_class", "producer", "parent__product_class", "parent__producer"
        )
        .prefetch_related("stockrecords__sale_prices")
        .first()
    )
    if unit is None or unit.listing.producer is None:
        raise UnitNotForSale(_("This is not sold here any more."))
    strategy = Strategy(now=now)
    if unit.is_parent:
        if not unit.is_public or not unit.producer.is_public:
            raise UnitNotForSale(_("This is not sold here any more."))
        raise UnitNotChosen(unit)
    info = strategy.fetch_for_product(unit)
    if not info.price.exists or not info.availability.is_available_to_buy:
        raise UnitNotForSale(
            _("“%(title)s” cannot be bought now: %(reason)s.")
            % {"title": title_of(unit), "reason": str(info.availability.message).lower()}
            if unit.is_public and unit.listing.is_public
            else _("This is not sold here any more.")
        )
    hold(basket)
    known = Line.objects.filter(basket=basket, stockrecord=info.stockrecord).first()
    have = known.quantity if known else 0
    _judge(info.availability, title_of(unit), have + quantity, have)
    if _pieces(basket) + quantity > MOST:
        raise TooMany
    basket.strategy = strategy
    line, _created = basket.add_product(unit, quantity)
    return line


@transaction.atomic
def change(*, basket: Basket, line_id: int, quantity: int, now: datetime) -> Line:
    """Set how many of a line are wanted (at least one); the line, with its price of now.

    Raises LineGone, NotEnough, TooMany, BasketClosed.
    """
    line = _line(basket, line_id)
    strategy = Strategy(now=now)
    price = strategy.pricing_policy(line.product, line.stockrecord)
    availability = strategy.availability_policy(line.product, line.stockrecord)
    # Fewer of what has become scarce, or is not sold any more, is always a step forward.
    if quantity > line.quantity:
        _judge(availability, title_of(line.product), quantity, 0)
    if _pieces(basket) - line.quantity + quantity > MOST:
        raise TooMany
    line.quantity = quantity
    if price.exists:
        line.price_excl_tax, line.price_incl_tax = price.excl_tax, price.incl_tax
    line.save(update_fields=["quantity", "price_excl_tax", "price_incl_tax", "date_updated"])
    return line


@transaction.atomic
def take_out(*, basket: Basket, line_id: int) -> Removed:
    """Remove a line. Raises LineGone, BasketClosed."""
    line = _line(basket, line_id)
    removed = Removed(line.product_id, title_of(line.product), line.quantity)
    line.delete()
    return removed


@transaction.atomic
def merge(*, into: Basket, other: Basket, now: datetime) -> list[str]:
    """Move another open basket's lines here; the titles of what had to be cut.

    Quantities of the same unit are added, as far as stock and the largest order allow. What
    was there already is never made less.
    """
    held = dict(
        Basket.objects.select_for_update()
        .filter(pk__in=[into.pk, other.pk])
        .order_by("pk")
        .values_list("pk", "status")
    )
    if held.get(other.pk) != Basket.OPEN or held.get(into.pk) != Basket.OPEN:
        return []
    strategy = Strategy(now=now)
    known = {line.line_reference: line for line in into.lines.all()}
    pieces = sum(line.quantity for line in known.values())
    cut = []
    for line in _with_prices(other.lines.all()):
        mine = known.get(line.line_reference)
        have = mine.quantity if mine else 0
        wanted = have + min(line.quantity, max(MOST - pieces, 0))
        availability = strategy.availability_policy(line.product, line.stockrecord)
        if not availability.is_purchase_permitted(wanted)[0]:
            # What is sold out stays as it was, so that the buyer learns of it in the basket.
            left = getattr(availability, "num_available", 0) or have or line.quantity
            wanted = min(wanted, max(left, have))
        if wanted < have + line.quantity:
            cut.append(title_of(line.product))
        pieces += wanted - have
        if mine is not None:
            if wanted != have:
                mine.quantity = wanted
                mine.save(update_fields=["quantity", "date_updated"])
            line.delete()
        elif wanted:
            line.basket, line.quantity = into, wanted
            line.save(update_fields=["basket", "quantity", "date_updated"])
        else:
            line.delete()
    if not into.vouchers.exists():
        into.vouchers.set(other.vouchers.all())
    Basket.objects.filter(pk=other.pk).update(status=Basket.MERGED, date_merged=now)
    other.status, other._lines, into._lines = Basket.MERGED, None, None
    return cut


def hold(basket: Basket) -> None:
    """Lock an open basket until the end of the transaction; a new one is made first."""
    if basket.pk is None:
        basket.save()
    elif (
        not Basket.objects.select_for_update().filter(pk=basket.pk, status=Basket.OPEN).first()
    ):
        raise BasketClosed


def _line(basket: Basket, line_id: int) -> Line:
    if basket.pk is None:
        raise LineGone
    hold(basket)
    line = _with_prices(Line.objects.filter(basket=basket.pk, pk=line_id)).first()
    if line is None:
        raise LineGone
    line.basket = basket
    return line


def _with_prices(lines: object) -> object:
    return lines.select_related(
        "stockrecord",
        "product__product_class",
        "product__producer",
        "product__parent__product_class",
        "product__parent__producer",
    ).prefetch_related("stockrecord__sale_prices")


def _judge(availability: object, title: str, wanted: int, have: int) -> None:
    permitted, reason = availability.is_purchase_permitted(wanted)
    if permitted:
        return
    left = getattr(availability, "num_available", None)
    if left:
        raise NotEnough(title, left, have)
    raise UnitNotForSale(f"{title}: {reason}")


def _pieces(basket: Basket) -> int:
    return Line.objects.filter(basket=basket.pk).aggregate(n=Sum("quantity"))["n"] or 0


def pieces(basket: Basket) -> int:
    """How many pieces lie in a basket; one query, none for a basket that was never saved."""
    return _pieces(basket) if basket.pk else 0


def is_sent(basket: Basket) -> bool:
    """Whether anything in a basket has to be delivered. One query."""
    own, of_listing = Q(product__parent__isnull=True), Q(product__parent__isnull=False)
    return (
        Line.objects.filter(basket=basket.pk)
        .filter(
            own & ~Q(product__shipping_class=ShippingClass.NONE)
            | of_listing & ~Q(product__parent__shipping_class=ShippingClass.NONE)
        )
        .exists()
    )
