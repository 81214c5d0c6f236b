"""Delivery prices, baskets and orders.

``place`` does what the checkout does: it takes the offer of the moment as what the buyer saw.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import uuid4

from oscar.apps.basket.models import Basket
from oscar.apps.basket.models import Line as BasketLine
from oscar.apps.order.models import Order

from catalogue.models import Product, ShippingClass
from marketplace.checkout.actions import ConsentGiven, Destination, place_order
from marketplace.checkout.queries import offer
from marketplace.kernel import clock
from marketplace.orders.queries import consent_texts
from marketplace.places.models import Commune, Province
from marketplace.shipping.models import NotOffered, Rate, Zone, ZoneMember
from tests.factories.catalogue import make_commune, make_province

SINCE = date(2025, 7, 1)
#: Class → fee of the first band, transit days, in the zone "same"; other zones cost more.
FEES = {
    ShippingClass.AMBIENT: (20_000, 1, 2),
    ShippingClass.FRAGILE: (28_000, 1, 2),
    ShippingClass.FRESH: (32_000, 1, 1),
    ShippingClass.CHILLED: (45_000, 1, 1),
    ShippingClass.LIVE_PLANT: (50_000, 1, 1),
}


def make_zone(code: str = "same", *places: Province | Commune) -> Zone:
    """A zone with these places; with the same code again, the same one."""
    zone = Zone.objects.get_or_create(code=code, defaults={"name_vi": code, "name_en": code})[0]
    for place in places:
        field = "province" if isinstance(place, Province) else "commune"
        ZoneMember.objects.get_or_create(
            **{field: place}, defaults={"zone": zone, "effective_from": SINCE, "source": "tests"}
        )
    return zone


def make_rate(
    zone: Zone,
    shipping_class: str = ShippingClass.AMBIENT,
    fee: int = 20_000,
    *,
    days: tuple[int, int] = (1, 2),
    weights: tuple[int, int] = (0, 30_000),
    since: date = SINCE,
    through: date | None = None,
) -> Rate:
    """One band."""
    return Rate.objects.create(
        zone=zone,
        shipping_class=shipping_class,
        weight_from_g=weights[0],
        weight_through_g=weights[1],
        fee_incl_tax=fee,
        transit_days_min=days[0],
        transit_days_max=days[1],
        effective_from=since,
        effective_through=through,
        source="tests",
    )


def make_tariff() -> Zone:
    """Đồng Tháp as the zone "same" with two bands of every class, up to 20 kg."""
    zone = make_zone("same", make_province())
    if not zone.rates.exists():
        for shipping_class, (fee, first, last) in FEES.items():
            make_rate(zone, shipping_class, fee, days=(first, last), weights=(0, 5_000))
            make_rate(
                zone, shipping_class, fee * 2, days=(first, last), weights=(5_001, 20_000)
            )
    return zone


def make_not_offered(zone: Zone, shipping_class: str) -> NotOffered:
    """A class that does not go to a zone."""
    return NotOffered.objects.create(
        zone=zone,
        shipping_class=shipping_class,
        reason_vi="Không gửi được.",
        reason_en="Cannot be sent.",
        effective_from=SINCE,
        source="tests",
    )


def make_basket(*units: Product | tuple[Product, int], owner: object | None = None) -> Basket:
    """An open basket with these sellable units, one of each unless told."""
    basket = Basket.objects.create(owner=owner)
    for unit in units:
        unit, quantity = unit if isinstance(unit, tuple) else (unit, 1)
        record = unit.stockrecords.get()
        BasketLine.objects.create(
            basket=basket,
            line_reference=f"{unit.pk}-{record.pk}",
            product=unit,
            stockrecord=record,
            quantity=quantity,
            price_currency="VND",
            price_excl_tax=record.price,
            price_incl_tax=record.price,
        )
    return basket


def make_destination(**fields: object) -> Destination:
    """A household in Cao Lãnh."""
    commune = fields.pop("commune", None) or make_commune()
    return Destination(
        **{
            "recipient": "Trần Văn Bảy",
            "phone": "+84912345678",
            "province": commune.province,
            "commune": commune,
            "street": "12 ấp Tịnh Châu",
            "email": "bay@example.test",
            **fields,
        }
    )


def all_consents(now: datetime | None = None) -> list[ConsentGiven]:
    """Everything ticked."""
    return [
        ConsentGiven(text.purpose, text.version)
        for text in consent_texts(clock.local_date(now or clock.now()))
    ]


def arguments(basket: Basket, **given: object) -> dict[str, object]:
    """What the checkout would hand to ``place_order`` for this basket now."""
    now = given.get("now") or clock.now()
    destination = given.get("destination") or make_destination()
    return {
        "basket": basket,
        "destination": destination,
        "consents": all_consents(now),
        "expected": given.get("expected")
        or offer(
            basket=basket,
            province=destination.province,
            commune=destination.commune,
            user=given.get("user"),
            now=now,
        ).expected,
        "idempotency_key": uuid4().hex,
        "now": now,
        **given,
    }


def place(basket: Basket, **given: object) -> Order:
    """Place an order for this basket."""
    return place_order(**arguments(basket, **given))


def make_order(*units: Product | tuple[Product, int], **given: object) -> Order:
    """An order for these units, placed by cash on delivery; needs ``make_tariff`` for goods."""
    make_tariff()
    return place(make_basket(*units), **given)


def dong(amount: int) -> Decimal:
    """Whole đồng."""
    return Decimal(amount)
