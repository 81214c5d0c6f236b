"""What delivery of a basket costs and when it arrives, for one destination, at one moment."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalogue.models import Product, ShippingClass
from marketplace.kernel import clock, formats
from marketplace.kernel.money import round_amount
from marketplace.places.models import Commune, Province
from marketplace.platform import statements
from marketplace.platform.dated import in_force_sql
from marketplace.producers.models import Producer
from marketplace.shipping.models import (
    STRICTNESS,
    FreeThreshold,
    NotOffered,
    Rate,
    WorkingDayException,
    Zone,
    ZoneMember,
)
from marketplace.shipping.working_days import (
    EXCEPTION_DAYS,
    add_working_days,
    is_working_day,
)

#: Packing on top of the net weight when nobody has weighed the parcel: a tenth.
PACKING_SHARE = Decimal("1.1")
#: Goods that keep only some days wait for a better day to be handed over (Monday, not Friday),
#: but no longer than this: who orders fresh fruit before Tết does not mean the week after it.
LONGEST_WAIT_DAYS = 7
#: Grams of a unit of which neither weight nor volume is known (a craft good, mostly).
UNWEIGHED_G = 500


class QuoteLine(NamedTuple):
    """So many of one sellable unit at a unit price in whole đồng, VAT included."""

    unit: Product
    quantity: int
    unit_price_incl_tax: Decimal


class RefusalCode(StrEnum):
    """Why a line cannot be sent."""

    NOT_OFFERED = "not_offered"
    TOO_SLOW = "too_slow_for_shelf_life"
    TOO_HEAVY = "too_heavy"


@dataclass(frozen=True)
class Refusal:
    """One line that cannot be sent to the destination, with the reason in the reader's words."""

    line: QuoteLine
    code: RefusalCode
    reason: str


@dataclass(frozen=True)
class ConsignmentQuote:
    """Delivery of one producer's goods. Amounts in whole đồng, VAT included."""

    producer: Producer
    lines: tuple[QuoteLine, ...]
    #: False for services: no address, no fee, no promise.
    needs_delivery: bool
    #: After discounts.
    goods_incl_tax: Decimal
    fee_incl_tax: Decimal = Decimal(0)
    #: What the fee would be without the free-delivery threshold.
    ordinary_fee_incl_tax: Decimal = Decimal(0)
    #: Goods amount from which this producer sends for nothing; None: never.
    free_from: Decimal | None = None
    shipping_class: str = ShippingClass.NONE
    weight_g: int = 0
    handover_on: date | None = None
    promise_on: date | None = None
    #: Working days on the way, at least and at most.
    transit_days: tuple[int, int] | None = None
    #: Goods and delivery for one kilogram net; None when a unit has no net weight.
    per_kg_landed: Decimal | None = None
    refusals: tuple[Refusal, ...] = field(default=())

    @property
    def can_send(self) -> bool:
        """Whether every line can be sent as it stands."""
        return not self.refusals

    @property
    def missing_for_free(self) -> Decimal | None:
        """How much more to buy for free delivery; None when there is no threshold or it is met."""
        if self.free_from is None or not self.needs_delivery:
            return None
        missing = self.free_from - self.goods_incl_tax
        return missing if missing > 0 else None

    @property
    def total_incl_tax(self) -> Decimal:
        """Goods and delivery."""
        return self.goods_incl_tax + self.fee_incl_tax


@dataclass(frozen=True)
class _Band:
    through_g: int
    from_g: int
    fee: Decimal
    days: tuple[int, int]


@dataclass(frozen=True)
class Tariff:
    """All that quoting needs for one destination on one day, read in one query."""

    zone: Zone | None
    on: date
    bands: Mapping[str, Sequence[_Band]]
    not_offered: Mapping[str, tuple[str, str]]
    free_from: Mapping[int, Decimal]
    exceptions: Mapping[date, bool]


#: Written out: a basket asks for it at every step, and building it from models takes ten times
#: as long as running it. A commune's own zone wins over its province's.
_TARIFF = f"""
    SELECT zone.id, zone.code, zone.name_vi, zone.name_en,
        (SELECT jsonb_agg(jsonb_build_array(rate.shipping_class, rate.weight_from_g,
            rate.weight_through_g, rate.fee_incl_tax::text, rate.transit_days_min,
            rate.transit_days_max) ORDER BY rate.weight_from_g)
         FROM {Rate._meta.db_table} AS rate
         WHERE rate.zone_id = zone.id AND {in_force_sql("rate")}),
        (SELECT jsonb_agg(jsonb_build_array(refused.shipping_class, refused.reason_vi,
            refused.reason_en))
         FROM {NotOffered._meta.db_table} AS refused
         WHERE refused.zone_id = zone.id AND {in_force_sql("refused")}),
        (SELECT jsonb_object_agg(free.producer_id, free.amount_incl_tax::text)
         FROM {FreeThreshold._meta.db_table} AS free
         WHERE free.producer_id = ANY(%(producers)s) AND {in_force_sql("free")}),
        (SELECT jsonb_object_agg(exception.day, exception.is_working)
         FROM {WorkingDayException._meta.db_table} AS exception
         WHERE exception.day BETWEEN %(on)s AND %(through)s)
    FROM (SELECT 1) AS one
    LEFT JOIN LATERAL (
        SELECT member.zone_id FROM {ZoneMember._meta.db_table} AS member
        WHERE {in_force_sql("member")}
        AND (member.commune_id = %(commune)s OR member.province_id = %(province)s)
        ORDER BY member.commune_id IS NULL LIMIT 1
    ) AS place ON true
    LEFT JOIN {Zone._meta.db_table} AS zone ON zone.id = place.zone_id
"""  # noqa: S608


def tariff(
    *, province: Province | str, commune: Commune | int | None, producers: Sequence[int],
    now: datetime,
) -> Tariff:
    """The rates, refusals and thresholds in force for a destination. One query."""
    on = clock.local_date(now)
    values = {
        "on": on,
        "through": on + timedelta(days=EXCEPTION_DAYS),
        "province": province if isinstance(province, str) else province.pk,
        "commune": commune.pk if isinstance(commune, Commune) else commune,
        "producers": list(producers),
    }
    ((pk, code, name_vi, name_en, *parts),) = statements.rows(_TARIFF, values)
    rates, refused, free_from, exceptions = (
        json.loads(part) if isinstance(part, str) else part for part in parts
    )
    bands: dict[str, list[_Band]] = {}
    for kind, from_g, through_g, fee, fastest, slowest in rates or ():
        bands.setdefault(kind, []).append(
            _Band(through_g, from_g, Decimal(fee), (fastest, slowest))
        )
    return Tariff(
        zone=None if pk is None else Zone(pk=pk, code=code, name_vi=name_vi, name_en=name_en),
        on=on,
        bands=bands,
        not_offered={kind: (vi, en) for kind, vi, en in refused or ()},
        free_from={int(key): Decimal(amount) for key, amount in (free_from or {}).items()},
        exceptions={
            date.fromisoformat(day): worked for day, worked in (exceptions or {}).items()
        },
    )


def free_thresholds(producers: Sequence[int], on: date) -> dict[int, Decimal]:
    """Producer id → amount from which it sends for nothing on the day ``on``. One query."""
    return dict(
        FreeThreshold.objects.in_force(on)
        .filter(producer__in=producers)
        .values_list("producer_id", "amount_incl_tax")
    )


def unit_weight_g(unit: Product) -> int:
    """Grams of one unit as it travels, with packing."""
    if unit.gross_weight_g:
        return unit.gross_weight_g
    net = unit.net_weight_g or unit.net_volume_ml
    return int((net * PACKING_SHARE).to_integral_value()) if net else UNWEIGHED_G


def quote(
    *,
    producer: Producer,
    lines: Sequence[QuoteLine | tuple[Product, int, Decimal]],
    province: Province | str,
    commune: Commune | int | None = None,
    now: datetime,
) -> ConsignmentQuote:
    """Fee, promise and refusals for one producer's goods to one destination. One query."""
    return quote_all(
        groups=[(producer, lines)], province=province, commune=commune, now=now
    )[producer.pk]


def quote_all(
    *,
    groups: Sequence[tuple[Producer, Sequence[QuoteLine | tuple[Product, int, Decimal]]]],
    province: Province | str,
    commune: Commune | int | None = None,
    now: datetime,
    discounts: Mapping[int, Decimal] | None = None,
) -> dict[int, ConsignmentQuote]:
    """Producer id → quote, for all consignments of a basket. One query for any size.

    ``discounts``: producer id → what vouchers took off its goods, in whole đồng.
    """
    known = tariff(
        province=province, commune=commune, producers=[p.pk for p, _lines in groups], now=now
    )
    return {
        producer.pk: quote_with(known, producer, lines, (discounts or {}).get(producer.pk))
        for producer, lines in groups
    }


def quote_with(
    known: Tariff,
    producer: Producer,
    lines: Sequence[QuoteLine | tuple[Product, int, Decimal]],
    discount_incl_tax: Decimal | None = None,
) -> ConsignmentQuote:
    """The quote out of a tariff already read. No query.

    The most demanding class of the goods decides for the whole consignment. Days are working
    days: preparation by the producer, then the slowest transit that the carrier gives. Lines
    that cannot be sent are listed with their reason; those of a class that does not go there
    count neither in the weight nor for the class. What keeps some days only is compared with
    the real days from handing over to arrival, holidays and weekends among them.
    """
    lines = tuple(QuoteLine(*line) for line in lines)
    goods = sum((line.unit_price_incl_tax * line.quantity for line in lines), Decimal(0))
    goods -= discount_incl_tax or 0
    travelling = [
        line for line in lines if line.unit.listing.shipping_class != ShippingClass.NONE
    ]
    if not travelling:
        return quote_nothing_sent(producer, lines, discount_incl_tax)

    refusals = [
        Refusal(line, RefusalCode.NOT_OFFERED, reason)
        for line in travelling
        if (reason := _not_offered(known, line.unit.listing.shipping_class))
    ]
    refused = {id(refusal.line) for refusal in refusals}
    sendable = [line for line in travelling if id(line) not in refused]
    strictest = max(
        (line.unit.listing.shipping_class for line in sendable),
        key=lambda code: STRICTNESS.index(code),
        default=ShippingClass.NONE,
    )
    weight_g = sum(unit_weight_g(line.unit) * line.quantity for line in sendable)
    band = next(
        (b for b in known.bands.get(strictest, ()) if b.from_g <= weight_g <= b.through_g), None
    )
    if sendable and band is None:
        refusals += [Refusal(line, *_no_band(known, strictest, weight_g)) for line in sendable]
    earliest_on = add_working_days(known.on, producer.preparation_days, known.exceptions)
    handover_on = earliest_on
    if band:
        handover_on, too_slow = _in_time(known.exceptions, earliest_on, band.days[1], sendable)
        refusals += too_slow
    free_from = known.free_from.get(producer.pk)
    fee = Decimal(0) if band is None or (free_from and goods >= free_from) else band.fee
    return ConsignmentQuote(
        producer=producer,
        lines=lines,
        needs_delivery=True,
        goods_incl_tax=goods,
        fee_incl_tax=fee,
        ordinary_fee_incl_tax=band.fee if band else Decimal(0),
        free_from=free_from,
        shipping_class=strictest,
        weight_g=weight_g,
        handover_on=handover_on if band else None,
        promise_on=(
            add_working_days(handover_on, band.days[1], known.exceptions) if band else None
        ),
        transit_days=band.days if band else None,
        per_kg_landed=_per_kg(lines, goods + fee) if band else None,
        refusals=tuple(refusals),
    )


def handover_for(
    life_days: int, earliest_on: date, transit_days: int, exceptions: Mapping[date, bool]
) -> date | None:
    """The first day from which goods that keep ``life_days`` arrive in time; None: too late.

    ``transit_days`` are working days. Looks ``LONGEST_WAIT_DAYS`` calendar days ahead.
    """
    if transit_days > life_days:
        return None
    for wait in range(LONGEST_WAIT_DAYS + 1):
        day = earliest_on + timedelta(days=wait)
        if is_working_day(day, exceptions):
            arrival = add_working_days(day, transit_days, exceptions)
            if (arrival - day).days <= life_days:
                return day
    return None


def _in_time(
    exceptions: Mapping[date, bool], earliest_on: date, transit_days: int,
    lines: Sequence[QuoteLine],
) -> tuple[date, list[Refusal]]:
    """The day of handing over that suits the most lines, and the lines that no day suits."""
    keeping = sorted(
        (line for line in lines if line.unit.listing.shelf_life_days is not None),
        key=lambda line: line.unit.listing.shelf_life_days,
    )
    days = (add_working_days(earliest_on, transit_days, exceptions) - earliest_on).days
    refusals: list[Refusal] = []
    for line in keeping:
        life = line.unit.listing.shelf_life_days
        day = handover_for(life, earliest_on, transit_days, exceptions)
        # What keeps longest comes last: the day that suits this line suits the ones to come.
        if day is not None:
            return day, refusals
        refusals.append(
            Refusal(line, RefusalCode.TOO_SLOW, too_slow_words(life, transit_days, days))
        )
    return earliest_on, refusals


def quote_nothing_sent(
    producer: Producer, lines: Sequence[QuoteLine], discount_incl_tax: Decimal | None = None
) -> ConsignmentQuote:
    """The quote of services: no address, no fee, no promise. No query."""
    goods = sum((line.unit_price_incl_tax * line.quantity for line in lines), Decimal(0))
    return ConsignmentQuote(
        producer,
        tuple(lines),
        needs_delivery=False,
        goods_incl_tax=goods - (discount_incl_tax or 0),
    )


def _per_kg(lines: Sequence[QuoteLine], total: Decimal) -> Decimal | None:
    weights = [(line.unit.net_weight_g or 0) * line.quantity for line in lines]
    return round_amount(total * 1000 / sum(weights)) if all(weights) else None


def _not_offered(known: Tariff, shipping_class: str) -> str:
    if known.zone is None:
        return _("We do not deliver to this place yet.")
    if shipping_class not in known.not_offered:
        return ""
    vi, en = known.not_offered[shipping_class]
    return en if (get_language() or "vi").startswith("en") else vi


def _no_band(known: Tariff, shipping_class: str, weight_g: int) -> tuple[RefusalCode, str]:
    bands = known.bands.get(shipping_class, ())
    heaviest = max((band.through_g for band in bands), default=0)
    if weight_g > heaviest > 0:
        return RefusalCode.TOO_HEAVY, _(
            "This parcel would weigh %(weight)s; at most %(limit)s can be sent there."
            " Please order less, or call the grower."
        ) % {"weight": formats.weight(weight_g), "limit": formats.weight(heaviest)}
    return RefusalCode.NOT_OFFERED, _("We do not deliver goods of this kind to this place.")


def too_slow_words(life_days: int, transit_days: int, calendar_days: int) -> str:
    """Why goods that keep so long cannot be sent: the way, or the days off that lengthen it."""
    if transit_days <= life_days:
        return _(
            "With the weekends and holidays ahead it would be on the way for %(days)s days but"
            " keeps only %(shelf_life)s, so it cannot be sent there now."
        ) % {"shelf_life": life_days, "days": calendar_days}
    return _(
        "It may be on the way for %(days)s days but keeps only %(shelf_life)s,"
        " so it cannot be sent there."
    ) % {"shelf_life": life_days, "days": transit_days}
