"""Every change to what is on sale: publishing, prices, stock.

Each is one transaction, writes one row of the audit and raises the versions of the pages that
show the thing. Stock is changed by one conditional UPDATE, so that a producer counting shelves
and a buyer paying never undo each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from oscar.apps.partner.models import StockRecord

from catalogue import gtin as gtins
from catalogue.errors import (
    ListingIncomplete,
    ListingMoveRefused,
    PriceInvalid,
    ProducerNotIdentified,
    SaleNotLower,
    SaleOverlaps,
    SalePeriodInvalid,
    StockBelowAllocated,
    StockInvalid,
)
from catalogue.models import Product, SalePrice
from catalogue.requirements import missing_fields
from catalogue.signals import announce, collected
from catalogue.state_actions import log_move
from catalogue.states import ListingActor, ListingState
from catalogue.stock_words import stock_state
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.platform import audit, page_versions

HIGHEST_PRICE = Decimal(9_999_999_999)
HIGHEST_STOCK = 1_000_000


@transaction.atomic
def publish(*, product: Product, actor: User | None, now: datetime | None = None) -> Product:
    """Put a listing on sale (a variant is published with its listing).

    Raises ProducerNotIdentified, ListingMoveRefused for what its grower threw away, or
    ListingIncomplete naming each missing field in the active language. Publishing what is public
    already checks again and changes nothing else.
    """
    now = now or clock.now()
    listing = Product.objects.select_for_update().get(pk=product.parent_id or product.pk)
    if listing.state == ListingState.DISCARDED:
        raise ListingMoveRefused(listing.state)
    missing = missing_fields(listing, clock.local_date(now))
    if missing:
        raise ListingIncomplete(missing)
    if not listing.producer.is_identified:
        raise ProducerNotIdentified
    if not listing.is_public:
        log_move(
            listing=listing, to=ListingState.PUBLISHED, acted_as=ListingActor.OFFICE,
            actor=actor, now=now,
        )
    elif listing.published_at is None:
        with collected():
            listing.published_at = now
            listing.save()
    return listing


@transaction.atomic
def unpublish(*, product: Product, actor: User | None, reason: str = "") -> Product:
    """Take a listing off sale; orders already placed stay as they are."""
    listing = Product.objects.select_for_update().get(pk=product.parent_id or product.pk)
    if listing.is_public:
        log_move(
            listing=listing, to=ListingState.SUSPENDED, acted_as=ListingActor.OFFICE,
            actor=actor, reason=reason, now=clock.now(),
        )
    return listing


@transaction.atomic
def set_price(*, unit: Product, price: Decimal | int, actor: User | None) -> StockRecord:
    """Set a unit's ordinary price in whole đồng, VAT included.

    Raises PriceInvalid, and SaleNotLower when a sale that runs or will run would not be lower.
    """
    price = whole_price(price)
    with collected():
        record = _locked_record(unit)
        if _open_sales(record).filter(price_incl_tax__gte=price).exists():
            raise SaleNotLower
        before = record.price
        record.price = price
        record.save(update_fields=["price", "date_updated"])
        audit.record(
            action="catalogue.price_set", actor=actor, target=unit,
            before={"price": _text(before)}, after={"price": _text(price)},
        )
    return record


@transaction.atomic
def set_sale_price(
    *,
    unit: Product,
    price: Decimal | int,
    starts_at: datetime,
    ends_at: datetime,
    actor: User | None,
) -> SalePrice:
    """Sell a unit cheaper from ``starts_at`` until just before ``ends_at``.

    Raises PriceInvalid, SaleNotLower, SalePeriodInvalid or SaleOverlaps.
    """
    price = whole_price(price)
    if ends_at <= starts_at:
        raise SalePeriodInvalid
    with collected():
        record = _locked_record(unit)
        if record.price is None or price >= record.price:
            raise SaleNotLower
        try:
            with transaction.atomic():
                sale = SalePrice.objects.create(
                    stockrecord=record, price_incl_tax=price, starts_at=starts_at, ends_at=ends_at
                )
        except IntegrityError as error:
            raise SaleOverlaps from error
        audit.record(
            action="catalogue.sale_price_set", actor=actor, target=unit, before=None,
            after={
                "price": _text(price),
                "starts_at": starts_at.isoformat(),
                "ends_at": ends_at.isoformat(),
            },
        )
    return sale


@transaction.atomic
def end_sale(*, sale: SalePrice, actor: User | None, now: datetime | None = None) -> None:
    """End a sale now; one that has not begun is removed, one that is over stays as it was."""
    now = now or clock.now()
    with collected():
        if sale.ends_at <= now:
            return
        before = {"ends_at": sale.ends_at.isoformat()}
        unit = sale.stockrecord.product
        if sale.starts_at >= now:
            sale.delete()
        else:
            sale.ends_at = now
            sale.save(update_fields=["ends_at"])
        audit.record(
            action="catalogue.sale_ended", actor=actor, target=unit,
            before=before, after={"ends_at": now.isoformat()},
        )


@transaction.atomic
def set_stock(*, unit: Product, in_stock: int, actor: User | None) -> StockRecord:
    """Set how many units lie on the shelf, promised ones included, after counting them.

    Raises StockInvalid, or StockBelowAllocated when fewer lie there than buyers were promised.
    """
    if isinstance(in_stock, bool) or not isinstance(in_stock, int):
        raise StockInvalid
    return _write_stock(unit, models.Value(in_stock), in_stock, actor)


@transaction.atomic
def change_stock(*, unit: Product, by: int, actor: User | None) -> StockRecord:
    """Add ``by`` units (or take away, when negative): safe beside sales going on.

    Raises StockInvalid, StockBelowAllocated.
    """
    if isinstance(by, bool) or not isinstance(by, int) or abs(by) > HIGHEST_STOCK:
        raise StockInvalid
    return _write_stock(unit, Coalesce(F("num_in_stock"), 0) + by, None, actor)


def _write_stock(
    unit: Product, value: models.expressions.Combinable, wanted: int | None, actor: User | None
) -> StockRecord:
    """One conditional UPDATE: never negative, never below what is promised."""
    if wanted is not None and not 0 <= wanted <= HIGHEST_STOCK:
        raise StockInvalid
    before = _locked_record(unit)
    changed = (
        StockRecord.objects.filter(pk=before.pk)
        .alias(wanted=value)
        .filter(wanted__gte=Coalesce(F("num_allocated"), 0))
        .filter(wanted__range=(0, HIGHEST_STOCK))
        .update(num_in_stock=value, date_updated=clock.now())
    )
    if not changed:
        allocated = before.num_allocated or 0
        if allocated:
            raise StockBelowAllocated(allocated)
        raise StockInvalid
    record = StockRecord.objects.get(pk=before.pk)
    audit.record(
        action="catalogue.stock_set", actor=actor, target=unit,
        before={"in_stock": before.num_in_stock, "allocated": before.num_allocated or 0},
        after={"in_stock": record.num_in_stock, "allocated": record.num_allocated or 0},
    )
    announce([unit.parent_id or unit.pk])
    return record


def stock_moved(*, taken: Mapping[int, int]) -> None:
    """Tell the shop window that orders took stock (or gave it back), in their transaction.

    ``taken`` gives by stock-record id how many units can be bought fewer than before; negative
    when they came back. Only what a page says in words matters: a sale that leaves plenty
    makes no cached page untrue and touches nothing.
    """
    told: set[int] = set()
    sold_out_or_back = False
    for record in StockRecord.objects.filter(pk__in=taken).select_related("product"):
        now = stock_state(record.net_stock_level)
        before = stock_state(record.net_stock_level + taken[record.pk])
        if now != before:
            told.add(record.product.parent_id or record.product_id)
            sold_out_or_back |= "out" in (now.state, before.state)
    if sold_out_or_back:
        # The price "from" of a listing is that of a variant which can be bought: documents too.
        announce(told)
    elif told:
        page_versions.bump("catalogue", *(f"product:{pk}" for pk in told))


@transaction.atomic
def set_gtin(*, unit: Product, text: str, actor: User | None) -> Product:
    """Give a unit its GTIN, or take it away with an empty text. Raises GtinInvalid."""
    digits = gtins.parse_gtin(text)
    before, unit.gtin = unit.gtin, digits
    unit.save(update_fields=["gtin"])
    audit.record(
        action="catalogue.gtin_set", actor=actor, target=unit,
        before={"gtin": before}, after={"gtin": digits},
    )
    return unit


def _locked_record(unit: Product) -> StockRecord:
    """The unit's stock record, locked until the end of the transaction."""
    return StockRecord.objects.select_for_update().get(product=unit)


def _open_sales(record: StockRecord) -> models.QuerySet[SalePrice]:
    return record.sale_prices.filter(ends_at__gt=clock.now())


def whole_price(price: Decimal | int) -> Decimal:
    """The price, if it may be one. Raises PriceInvalid."""
    price = Decimal(price)
    if not price.is_finite() or price != price.to_integral_value() or not (
        0 < price <= HIGHEST_PRICE
    ):
        raise PriceInvalid
    return price


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.0f}"
