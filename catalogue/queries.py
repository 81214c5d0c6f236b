"""What the public may see of the goods, and what a card needs of them in two queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from oscar.apps.partner.models import StockRecord

from catalogue import rows
from catalogue.models import Product
from catalogue.states import ListingState
from catalogue.stock_words import StockState, stock_state
from catalogue.strategy import PriceInclTax, Strategy
from marketplace.kernel import clock
from marketplace.media.models import LibraryImage
from marketplace.producers.models import Producer


def public_listings() -> QuerySet[Product]:
    """Listings that anybody may look at: published, of a producer whose identity was verified
    and that is not suspended.

    Variants are left out: they are shown on their listing's page. A producer's pause hides
    nothing, it only stops selling.
    """
    return Product.objects.filter(
        parent__isnull=True, is_public=True, producer__identity_verified_at__isnull=False,
        producer__suspended_at__isnull=True,
    )


def on_sale(now: datetime) -> QuerySet[Product]:
    """Public listings whose producer is not closed on the day of ``now``."""
    today = clock.local_date(now)
    return public_listings().exclude(
        producer__paused_from__lte=today, producer__paused_through__gte=today
    )


@dataclass(frozen=True)
class UnitOffer:
    """One sellable unit at one moment: its price (None when it has none) and what is left."""

    unit: Product
    record: StockRecord | None
    price: PriceInclTax | None
    available: int
    can_be_bought: bool
    #: False for services that are not counted.
    is_counted: bool = True

    @property
    def stock(self) -> StockState:
        """What pages say of the stock."""
        return stock_state(self.available) if self.is_counted else StockState("in")


@dataclass(frozen=True)
class ListingOffer:
    """A listing with everything a card or the product page tells of price and stock, now.

    ``lead`` is the unit whose price stands for the listing: the cheapest that can be bought,
    else the cheapest. ``valid_until`` is the first moment at which any of this may change by
    the clock alone (a sale begins or ends, a pause begins or ends); None when none is known.
    """

    listing: Product
    units: Sequence[UnitOffer] = ()
    picture: LibraryImage | None = None
    is_paused: bool = False
    valid_until: datetime | None = None
    lead: UnitOffer | None = field(default=None)

    @property
    def is_priced_from(self) -> bool:
        """Whether variants differ in price, so that the lowest one needs the word "from"."""
        return len({unit.price.incl_tax for unit in self.units if unit.price}) > 1

    @property
    def stock(self) -> StockState:
        """The best state of any unit: sold out only when every unit is."""
        counted = [unit for unit in self.units if unit.price]
        if not counted:
            return StockState("out")
        if len(counted) == 1:
            return counted[0].stock
        return stock_state(sum(max(unit.available, 0) for unit in counted)) if all(
            unit.is_counted for unit in counted
        ) else StockState("in")

    @property
    def can_be_bought(self) -> bool:
        """Whether any unit can be bought at this moment."""
        return any(unit.can_be_bought for unit in self.units)


def offers(listing_ids: Sequence[int], now: datetime) -> list[ListingOffer]:
    """The public listings with these ids, in this order, with prices and stock of now.

    Two queries for any number (``rows``). What is not public is left out. Only what cards show
    is read; the rest of a listing would cost a query each (see ``whole_offers``).
    """
    return _offers(rows.listing_rows(listing_ids), listing_ids, now)


def whole_offers(listing_ids: Sequence[int], now: datetime) -> list[ListingOffer]:
    """The same with every field of the listing, the grower and their places."""
    return _offers(rows.listing_rows(listing_ids, whole=True), listing_ids, now)


def offer_of(listing: Product, now: datetime) -> ListingOffer:
    """The same for one listing at hand, public or not (previews of the office, baskets)."""
    return _offers([listing], [listing.pk], now)[0]


def _offers(
    listings: list[Product], order: Sequence[int], now: datetime
) -> list[ListingOffer]:
    by_id = {listing.pk: listing for listing in listings}
    units: dict[int, dict[int, StockRecord]] = {pk: {} for pk in by_id}
    for record in rows.stock_rows(by_id, now):
        units[record.product.parent_id or record.product_id].setdefault(record.product_id, record)
    strategy = Strategy(now=now)
    return [
        _listing_offer(by_id[pk], list(units[pk].values()), strategy)
        for pk in order
        if pk in by_id
    ]


def _listing_offer(
    listing: Product, records: list[StockRecord], strategy: Strategy
) -> ListingOffer:
    offered = []
    for record in records:
        unit = record.product
        if unit.parent_id:
            unit.parent = listing
        else:
            unit = record.product = listing
        offered.append(unit_offer(unit, record, strategy))
    priced = [unit for unit in offered if unit.price]
    lead = min(
        priced, key=lambda unit: (not unit.can_be_bought, unit.price.incl_tax), default=None
    )
    producer = listing.producer
    today = clock.local_date(strategy.now)
    moments = [unit.price.valid_until for unit in priced if unit.price.valid_until]
    moments += pause_moments(producer.paused_from, producer.paused_through, strategy.now)
    return ListingOffer(
        listing=listing,
        units=offered,
        picture=next(iter(getattr(listing, "shown_pictures", ())), None),
        is_paused=producer.is_paused(today),
        valid_until=min(moments, default=None),
        lead=lead,
    )


def unit_offer(unit: Product, record: StockRecord | None, strategy: Strategy) -> UnitOffer:
    """Price and availability of one unit, by the strategy that the basket asks too."""
    price = strategy.pricing_policy(unit, record)
    availability = strategy.availability_policy(unit, record)
    is_counted = bool(unit.get_product_class() and unit.get_product_class().track_stock)
    return UnitOffer(
        unit=unit,
        record=record,
        price=price if price.exists else None,
        available=record.net_stock_level if record else 0,
        can_be_bought=bool(price.exists and availability.is_available_to_buy),
        is_counted=is_counted,
    )


def pause_moments(
    paused_from: date | None, paused_through: date | None, now: datetime
) -> list[datetime]:
    """When, after ``now``, a pause begins and when it is over."""
    if paused_from is None or paused_through is None:
        return []
    edges = (start_of(paused_from), start_of(paused_through + timedelta(days=1)))
    return [edge for edge in edges if edge > now]


def start_of(day: date) -> datetime:
    """The first moment of a day in Viet Nam."""
    return datetime.combine(day, datetime.min.time(), tzinfo=clock.TZ)


def next_midnight(now: datetime) -> datetime:
    """When today ends in Viet Nam: no page that says a date is true for longer."""
    return start_of(clock.local_date(now) + timedelta(days=1))


def is_in_season(listing: Product, month: int) -> bool:
    """Whether ``month`` is in a crop of the listing; goods without seasons have none."""
    return month in listing.harvest_main or month in listing.harvest_side


def first_of(shown: Iterable[ListingOffer]) -> datetime | None:
    """The soonest moment at which any of these rows may change by the clock alone."""
    return min((row.valid_until for row in shown if row.valid_until), default=None)


def product_sets_of(producer: Producer) -> frozenset[int]:
    """Numbers of the OCOP product sets of which a producer has listings, drafts included."""
    return frozenset(
        Product.objects.filter(
            producer=producer, parent__isnull=True, product_class__set_number__isnull=False
        )
        .exclude(state=ListingState.DISCARDED)
        .order_by()
        .values_list("product_class__set_number", flat=True)
        .distinct()
    )
