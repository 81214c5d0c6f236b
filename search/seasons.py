"""How near to its season a listing stands in each month, and its place among its equals.

Lists without words show what is in season first. The ranks of all twelve months lie in one
number, with an index for each month: the first page costs the same among 100,000 listings, and
nothing has to be written when a month turns.
"""

from __future__ import annotations

from collections.abc import Collection

#: The ranks: the main crop, the side crop or goods of all the year, out of season, not on sale.
MAIN, SIDE, OUT, UNAVAILABLE = range(4)
#: Goods of one grower were mostly entered one after the other. Multiples of the golden ratio
#: lie as far from their neighbours as can be, so consecutive numbers end up far apart.
_STEPS = 1 << 20
_GOLDEN = 648_055


def season_ranks(
    main: Collection[int], side: Collection[int], *, can_be_bought: bool
) -> int:
    """The ranks of the months 1–12, two bits each, January lowest."""
    ranks = 0
    for month in range(1, 13):
        ranks |= _rank(month, main, side, can_be_bought) << 2 * (month - 1)
    return ranks


def _rank(
    month: int, main: Collection[int], side: Collection[int], can_be_bought: bool
) -> int:
    if not can_be_bought:
        return UNAVAILABLE
    if month in main:
        return MAIN
    if month in side or not (main or side):
        return SIDE
    return OUT


def rank_sql(month: int) -> str:
    """The rank of one month, as its index is written."""
    return f"((season_ranks >> {2 * (month - 1)}) & 3)"


def spread(listing_id: int, priority: int) -> int:
    """A listing's place among its equals; the higher an editor's priority, the lower."""
    return listing_id * _GOLDEN % _STEPS - priority * _STEPS
