"""What each line of an offer takes: the kinds themselves live in ``orders.kinds``."""

from collections.abc import Iterable
from datetime import datetime

from marketplace.checkout.queries import OfferLine
from marketplace.orders import kinds


def taken_by(line: OfferLine) -> kinds.Taken:
    """The scarce thing that one line takes."""
    kind = kinds.kind_of(line.unit)
    record = line.stockrecord.pk if line.stockrecord is not None else None
    return kinds.Taken(kind.code, record, line.quantity)


def take(lines: Iterable[OfferLine], *, now: datetime) -> None:
    """Ask each kind to take its things, kinds in one order; all or none.

    Runs inside the caller's transaction. Raises orders.errors.StockGone.
    """
    for kind, things in kinds.grouped(taken_by(line) for line in lines):
        kind.take(things, now=now)
