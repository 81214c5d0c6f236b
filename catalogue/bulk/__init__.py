"""Many listings, prices and stocks in a few statements: what an import of tables needs.

The rules are those of ``catalogue.actions`` and ``catalogue.listing_actions``: the same limits,
one row of the audit for each thing, the same signal to pages and search. What is different is
that every change says what it expects to find: one that finds something else raises
``FoundDifferent``, and with it nothing is written.
"""

from catalogue.bulk.base import FoundDifferent, plain
from catalogue.bulk.changing import ListingChange, change_listings
from catalogue.bulk.creating import NewListing, create_listings, remove_drafts
from catalogue.bulk.records import RecordChange, change_prices_and_stock

__all__ = [
    "FoundDifferent",
    "ListingChange",
    "NewListing",
    "RecordChange",
    "change_listings",
    "change_prices_and_stock",
    "create_listings",
    "plain",
    "remove_drafts",
]
