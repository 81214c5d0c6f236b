"""What moves do to the stock that was taken at placing."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from catalogue.models import ShippingClass
from marketplace.orders import kinds
from marketplace.orders.models import ConsignmentLine
from marketplace.orders.states import StockEffect

#: Goods that are written off when they come back, unless the producer says otherwise.
SPOILS = frozenset({ShippingClass.FRESH, ShippingClass.CHILLED, ShippingClass.LIVE_PLANT})
#: What these free can be bought by others.
_FREES = frozenset({StockEffect.GIVE_BACK, StockEffect.COME_BACK})


def allocation_after(effect: StockEffect) -> dict[str, object]:
    """What a move means for the allocation on Oscar's own line."""
    match effect:
        case StockEffect.GIVE_BACK | StockEffect.CONSUME:
            return {
                "num_allocated": 0,
                "allocation_cancelled": effect is StockEffect.GIVE_BACK,
            }
        case StockEffect.TAKE_AGAIN:
            left = ConsignmentLine.objects.filter(line=OuterRef("pk"), kind="goods").values(
                left=F("quantity") - F("dropped")
            )
            return {"num_allocated": Coalesce(Subquery(left), 0)}
    return {}


def move_stock(
    effects: Mapping[int, StockEffect], put_back: bool | None, now: datetime
) -> dict[int, int]:
    """Change the stock for moves of several consignments (by id) at once, in stock-record order.

    Returns by stock-record id how many units can be bought again.
    """
    moving = [pk for pk, effect in effects.items() if effect is not StockEffect.NONE]
    if not moving:
        return {}
    things: dict[StockEffect, list[kinds.Taken]] = {}
    freed: dict[int, int] = {}
    lines = ConsignmentLine.objects.filter(consignment__in=moving, dropped__lt=F("quantity"))
    for line in lines.order_by("stockrecord", "pk"):
        effect = effects[line.consignment_id]
        if effect is StockEffect.COME_BACK and not (
            put_back if put_back is not None else line.shipping_class not in SPOILS
        ):
            continue
        things.setdefault(effect, []).append(
            kinds.Taken(line.kind, line.stockrecord_id, line.quantity_left)
        )
        # Others change stock and allocation alike: what is on sale stays the same.
        if line.stockrecord_id is not None and effect in _FREES:
            freed[line.stockrecord_id] = freed.get(line.stockrecord_id, 0) + line.quantity_left
    for effect, taken in things.items():
        for kind, of_kind in kinds.grouped(taken):
            match effect:
                case StockEffect.GIVE_BACK:
                    kind.give_back(of_kind, now=now)
                case StockEffect.CONSUME:
                    kind.consume(of_kind, now=now)
                case StockEffect.COME_BACK:
                    kind.put_back(of_kind, now=now)
                case StockEffect.TAKE_AGAIN:
                    kind.put_back(of_kind, now=now)
                    kind.take(of_kind, now=now)
    return freed
