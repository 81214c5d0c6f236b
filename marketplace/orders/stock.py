"""The quantity on sale: counters changed by conditional UPDATEs, in stock-record order.

Never through ``save()``: an object read a moment ago would write an old count back. One order
of rows for everybody, so no two transactions wait for each other.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import F
from django.db.models.functions import Coalesce
from oscar.apps.partner.models import StockRecord

from marketplace.orders.errors import StockGone, StockInconsistent

_ALLOCATED = Coalesce(F("num_allocated"), 0)


def take(quantities: Mapping[int, int], *, now: datetime) -> None:
    """Allocate so many of each stock record, or raise StockGone with those that lack."""
    gone = [
        pk for pk, quantity in sorted(quantities.items()) if not take_one(pk, quantity, now=now)
    ]
    if gone:
        raise StockGone(gone)


def take_one(stockrecord_id: int, quantity: int, *, now: datetime) -> bool:
    """Allocate if enough is free at this moment; whether it was. The guard against overselling.

    The condition and the change are one statement: a rival's uncommitted change is waited for,
    and the condition judged anew after it.
    """
    return bool(
        StockRecord.objects.filter(
            pk=stockrecord_id, num_in_stock__gte=_ALLOCATED + quantity
        ).update(num_allocated=_ALLOCATED + quantity, date_updated=now)
    )


def give_back(quantities: Mapping[int, int], *, now: datetime) -> None:
    """Free what was allocated and never left."""
    for pk, quantity in sorted(quantities.items()):
        _expect_one(
            StockRecord.objects.filter(pk=pk, num_allocated__gte=quantity).update(
                num_allocated=F("num_allocated") - quantity, date_updated=now
            ),
            pk,
        )


def consume(quantities: Mapping[int, int], *, now: datetime) -> None:
    """What was allocated leaves for good."""
    for pk, quantity in sorted(quantities.items()):
        _expect_one(
            StockRecord.objects.filter(
                pk=pk, num_allocated__gte=quantity, num_in_stock__gte=quantity
            ).update(
                num_in_stock=F("num_in_stock") - quantity,
                num_allocated=F("num_allocated") - quantity,
                date_updated=now,
            ),
            pk,
        )


def put_back(quantities: Mapping[int, int], *, now: datetime) -> None:
    """What had left came back in a state to be sold again."""
    for pk, quantity in sorted(quantities.items()):
        _expect_one(
            StockRecord.objects.filter(pk=pk).update(
                num_in_stock=Coalesce(F("num_in_stock"), 0) + quantity, date_updated=now
            ),
            pk,
        )


def _expect_one(rows: int, stockrecord_id: int) -> None:
    if rows != 1:
        raise StockInconsistent(f"stock record {stockrecord_id}")
