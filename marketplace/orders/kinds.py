"""What is taken is a kind: goods take stock; a tree or a seat will take something else.

Placing an order asks each line's kind to take its scarce thing; moving a consignment asks it
to give it back, to let it go, or to take it in again. An app that sells another kind registers
it in its ``AppConfig.ready``.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from catalogue.models import Product
from marketplace.orders import stock


@dataclass(frozen=True)
class Taken:
    """So many of one sellable unit; what is needed to take it and to bring it back."""

    kind: str
    stockrecord_id: int | None
    quantity: int


class Kind(Protocol):
    """One kind of scarce thing. All methods run inside the caller's transaction."""

    code: str

    def is_kind_of(self, unit: Product) -> bool:
        """Whether this unit is sold as this kind. The first registered that says so has it."""

    def take(self, things: Sequence[Taken], *, now: datetime) -> None:
        """Hold these, all or none; raises StockGone or the kind's own refusal."""

    def give_back(self, things: Sequence[Taken], *, now: datetime) -> None:
        """Free what was held."""

    def consume(self, things: Sequence[Taken], *, now: datetime) -> None:
        """Let go for good what was held."""

    def put_back(self, things: Sequence[Taken], *, now: datetime) -> None:
        """Take in again what had gone."""


def _by_record(things: Iterable[Taken]) -> dict[int, int]:
    counted: dict[int, int] = defaultdict(int)
    for thing in things:
        counted[thing.stockrecord_id] += thing.quantity
    return counted


class Goods:
    """Things counted in a stock record."""

    code = "goods"

    def is_kind_of(self, unit: Product) -> bool:
        """Every unit whose product type keeps a count."""
        return unit.listing.get_product_class().track_stock

    def take(self, things: Sequence[Taken], *, now: datetime) -> None:
        """Allocate in stock-record order."""
        stock.take(_by_record(things), now=now)

    def give_back(self, things: Sequence[Taken], *, now: datetime) -> None:
        """Free the allocation."""
        stock.give_back(_by_record(things), now=now)

    def consume(self, things: Sequence[Taken], *, now: datetime) -> None:
        """The allocation leaves the stock."""
        stock.consume(_by_record(things), now=now)

    def put_back(self, things: Sequence[Taken], *, now: datetime) -> None:
        """The stock grows again."""
        stock.put_back(_by_record(things), now=now)


class Uncounted:
    """Services of which there is always another: nothing is taken."""

    code = "uncounted"

    def is_kind_of(self, unit: Product) -> bool:
        """The last resort: whatever no other kind claims."""
        return True

    def take(self, things: Sequence[Taken], *, now: datetime) -> None:
        """Nothing."""

    give_back = consume = put_back = take


_KINDS: list[Kind] = [Goods(), Uncounted()]


def register(kind: Kind) -> None:
    """Make another kind known; it is asked before those known already."""
    if all(known.code != kind.code for known in _KINDS):
        _KINDS.insert(0, kind)


def kind_of(unit: Product) -> Kind:
    """The kind that this unit is sold as."""
    return next(kind for kind in _KINDS if kind.is_kind_of(unit))


def grouped(things: Iterable[Taken]) -> list[tuple[Kind, list[Taken]]]:
    """The things of each kind, kinds always in the same order: one order of locks."""
    groups: dict[str, list[Taken]] = defaultdict(list)
    for thing in things:
        groups[thing.kind].append(thing)
    by_code = {kind.code: kind for kind in _KINDS}
    return [(by_code[code], groups[code]) for code in sorted(groups)]
