"""What each kind of table means: how a row is judged, written and taken back."""

from __future__ import annotations

from marketplace.imports.kinds.base import TableKind
from marketplace.imports.kinds.listings import Listings
from marketplace.imports.kinds.pictures import Pictures
from marketplace.imports.kinds.producers import Producers
from marketplace.imports.kinds.records import Prices, Stock
from marketplace.imports.models import Import

_KINDS: dict[str, type[TableKind]] = {
    Import.Kind.PRODUCERS: Producers,
    Import.Kind.LISTINGS: Listings,
    Import.Kind.PRICES: Prices,
    Import.Kind.STOCK: Stock,
    Import.Kind.PICTURES: Pictures,
}


def kind_of(table: Import) -> TableKind:
    """What can be done with a table of this kind."""
    return _KINDS[table.kind](table)
