"""Keeps the documents true: in the transaction of the change, and by the clock at reading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import connection, transaction
from oscar.apps.analytics.models import ProductRecord

from catalogue.models import Category, ProductCategory
from catalogue.queries import ListingOffer, public_listings, whole_offers
from catalogue.signals import listings_changed
from marketplace.kernel import clock
from marketplace.kernel.fold import fold
from marketplace.platform import page_versions
from search.models import ProductDocument
from search.seasons import season_ranks, spread
from search.words import index_words, title_words

#: Version of everything that filters count; see ``page_versions``.
FACETS = "facets"
BATCH = 500
_WRITTEN = [
    field.name
    for field in ProductDocument._meta.concrete_fields
    if field.name not in ("product", "vector")
]
#: What filters count, and the names that stand beside the counts.
_COUNTED = (
    "category_ids", "commune_id", "producer_id", "price_from", "season_months", "words_names",
)


@transaction.atomic
def refresh(listing_ids: Collection[int], now: datetime | None = None) -> bool:
    """Write the documents of these listings anew; those not public any more lose theirs.

    Returns whether anything changed that a filter counts. Takes six queries for any number up
    to 500 (``rebuild`` goes in batches).
    """
    now = now or clock.now()
    before = {
        row[0]: row[1:]
        for row in ProductDocument.objects.filter(pk__in=listing_ids).values_list("pk", *_COUNTED)
    }
    documents = list(_documents(list(listing_ids), now))
    after = {
        document.pk: tuple(getattr(document, name) for name in _COUNTED) for document in documents
    }
    gone = before.keys() - after.keys()
    if gone:
        ProductDocument.objects.filter(pk__in=gone).delete()
    if documents:
        ProductDocument.objects.bulk_create(
            documents, update_conflicts=True, unique_fields=["product"], update_fields=_WRITTEN
        )
    return before != after


def refresh_due(now: datetime) -> tuple[datetime | None, int]:
    """Refresh the documents that the clock made untrue.

    Returns when the next one will be, and the version of what filters count. One query when
    nothing is due, which is nearly always.
    """
    soonest, version = _state()
    while soonest is not None and soonest <= now:
        with transaction.atomic():
            due = list(
                ProductDocument.objects.filter(valid_until__lte=now)
                .order_by("pk")
                .values_list("pk", flat=True)[:BATCH]
            )
            if refresh(due, now):
                page_versions.bump(FACETS)
        soonest, version = _state()
    return soonest, version


def _state() -> tuple[datetime | None, int]:
    """When the next document becomes untrue, and the version of what filters count."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT min(valid_until) FROM search_productdocument),"
            " (SELECT version FROM platform_pageversion WHERE key = %s)",
            [FACETS],
        )
        soonest, version = cursor.fetchone()
    return soonest, version or 0


def rebuild(now: datetime | None = None) -> int:
    """Write every document anew and drop the others; returns how many listings there are."""
    now = now or clock.now()
    ids = list(public_listings().order_by("pk").values_list("pk", flat=True))
    ProductDocument.objects.exclude(pk__in=public_listings().values("pk")).delete()
    for start in range(0, len(ids), BATCH):
        refresh(ids[start : start + BATCH], now)
    page_versions.bump(FACETS, "catalogue")
    return len(ids)


def follow(listing_ids: set[int], **kwargs: object) -> set[str]:
    """What ``listings_changed`` calls; returns the page versions that must rise as well."""
    ids = sorted(listing_ids)
    changed = False
    for start in range(0, len(ids), BATCH):
        changed |= refresh(ids[start : start + BATCH])
    return {FACETS} if changed else set()


def connect() -> None:
    """Listen to the catalogue."""
    listings_changed.connect(follow, dispatch_uid="search.indexing")


def _documents(listing_ids: list[int], now: datetime) -> Iterable[ProductDocument]:
    shelves = _shelves(listing_ids)
    bought = dict(
        ProductRecord.objects.filter(product__in=listing_ids).values_list(
            "product", "num_purchases"
        )
    )
    for offer in whole_offers(listing_ids, now):
        if offer.lead is not None:
            listing = offer.listing
            yield _document(offer, shelves[listing.pk], bought.get(listing.pk, 0))


def _document(offer: ListingOffer, shelves: dict[int, Category], bought: int) -> ProductDocument:
    listing = offer.listing
    producer = listing.producer
    commune = listing.origin_commune or producer.commune
    names = [producer.name_vi, producer.name_en, commune.full_name]
    names += [name for shelf in shelves.values() for name in (shelf.name_vi, shelf.name_en)]
    can_be_bought = offer.can_be_bought
    months = {*listing.harvest_main, *listing.harvest_side}
    return ProductDocument(
        product=listing,
        title=fold(listing.title_vi or "")[:600],
        title_en=fold(listing.title_en or "")[:600],
        words_title=title_words(listing.title_vi, listing.title_en),
        words_names=index_words(*names),
        words_body=index_words(
            listing.summary_vi, listing.summary_en,
            listing.ingredients_vi, listing.ingredients_en,
            listing.description_vi, listing.description_en,
        ),
        category_ids=sorted(shelves),
        commune_id=commune.pk,
        producer_id=producer.pk,
        price_from=int(offer.lead.price.incl_tax),
        season_months=sum(1 << month for month in months),
        season_ranks=season_ranks(
            listing.harvest_main, listing.harvest_side, can_be_bought=can_be_bought
        ),
        spread=spread(listing.pk, listing.priority or 0),
        can_be_bought=can_be_bought,
        popularity=(listing.priority or 0) * 10_000 + min(bought, 9_999),
        published_at=listing.published_at or listing.date_created,
        valid_until=offer.valid_until,
    )


def _shelves(listing_ids: list[int]) -> dict[int, dict[int, Category]]:
    """For each listing its public shelves and those above them, by id."""
    placed = ProductCategory.objects.filter(product__in=listing_ids).values_list(
        "product_id", "category__path"
    )
    paths: dict[int, set[str]] = defaultdict(set)
    for product_id, path in placed:
        steps = range(Category.steplen, len(path) + 1, Category.steplen)
        paths[product_id] |= {path[:end] for end in steps}
    wanted = set().union(*paths.values()) if paths else set()
    public = Category.objects.filter(is_public=True, ancestors_are_public=True)
    by_path = {shelf.path: shelf for shelf in public.filter(path__in=wanted)}
    found: dict[int, dict[int, Category]] = defaultdict(dict)
    for product_id, steps in paths.items():
        for path in steps:
            if path in by_path:
                found[product_id][by_path[path].pk] = by_path[path]
    return found
