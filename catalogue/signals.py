"""Keeps what is derived from listings true, whoever changes them.

``listings_changed`` tells those above (the search index) inside the transaction of the change;
afterwards the versions of the cached pages are raised. A piece of work that saves many rows
wraps them in ``collected()``, so that each listing is told of once, at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import nh3
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.dispatch import Signal, receiver
from oscar.apps.partner.models import StockRecord

from catalogue.models import Category, Product, ProductCategory, ProductImage, SalePrice
from catalogue.states import ListingState
from marketplace.kernel.fold import clean_text
from marketplace.platform import page_versions
from marketplace.producers.models import Producer

#: Sent with ``listing_ids`` (a set of ids of stand-alone and parent products). A receiver may
#: return further keys of ``page_versions`` that must be raised.
listings_changed = Signal()


@dataclass
class _Gathered:
    """Ids of listings, and of units whose listing is asked for once, at the end."""

    listings: set[int] = field(default_factory=set)
    units: set[int] = field(default_factory=set)


_collecting: ContextVar[_Gathered | None] = ContextVar("catalogue_collecting", default=None)

#: What an editor may use in a description; everything else is taken out on saving.
HTML_TAGS = {"p", "br", "strong", "b", "em", "i", "ul", "ol", "li", "h3", "h4", "a", "blockquote"}
HTML_ATTRIBUTES = {"a": {"href"}}
#: By language only: the name alone is the active language's, and reading it falls back to
#: Vietnamese, so that writing it would make that the English text.
HTML_FIELDS = ("description_vi", "description_en")
_TEXT_FIELDS = tuple(
    f"{name}{suffix}"
    for name in ("title", "summary", "ingredients", "may_contain", "storage", "usage", "warnings")
    for suffix in ("_vi", "_en")
)


def clean_html(html: str) -> str:
    """``html`` without anything that could run or lay itself over the page."""
    return nh3.clean(
        clean_text(html),
        tags=HTML_TAGS,
        attributes=HTML_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="nofollow noopener",
    )


@contextmanager
def collected() -> Iterator[None]:
    """Gather all changes of the block and tell of them once at its end, in one transaction."""
    if _collecting.get() is not None:
        yield
        return
    with transaction.atomic():
        gathered = _Gathered()
        token = _collecting.set(gathered)
        try:
            yield
        finally:
            _collecting.reset(token)
        # A unit that is gone was told of by its own going.
        units = Product.objects.filter(pk__in=gathered.units).values_list("parent", "pk")
        announce(gathered.listings | {parent or pk for parent, pk in units})


def announce(listing_ids: Iterable[int]) -> None:
    """Say that these listings are no longer what they were."""
    ids = {pk for pk in listing_ids if pk is not None}
    if not ids:
        return
    gathered = _collecting.get()
    if gathered is not None:
        gathered.listings |= ids
        return
    with transaction.atomic():
        answers = listings_changed.send(sender=Product, listing_ids=ids)
        further = set().union(*(keys for _, keys in answers if keys))
        # All at once: keys taken in one order cannot block another transaction's.
        page_versions.bump(*(f"product:{pk}" for pk in ids), "catalogue", *further)


@receiver(pre_save, sender=Product)
def clean_listing_text(instance: Product, **kwargs: object) -> None:
    """Descriptions are cleaned HTML; other texts are plain, without invisible characters."""
    for name in HTML_FIELDS:
        if value := getattr(instance, name):
            setattr(instance, name, clean_html(value))
    for name in _TEXT_FIELDS:
        if value := getattr(instance, name):
            setattr(instance, name, clean_text(value).replace("\x00", ""))
    instance.gtin = instance.gtin or None


@receiver(pre_save, sender=Product)
def keep_state(instance: Product, raw: bool = False, **kwargs: object) -> None:
    """Whoever writes Oscar's ``is_public`` alone (its dashboard, a loader) moves the state too."""
    if instance.parent_id is not None:
        return
    published = ListingState.PUBLISHED
    if instance.is_public and instance.state != published:
        instance.state = published
    elif not instance.is_public and instance.state == published:
        instance.state = ListingState.SUSPENDED


@receiver(pre_save, sender=Category)
def clean_category_text(instance: Category, **kwargs: object) -> None:
    """Oscar shows a category's description as it stands, so only clean HTML is kept."""
    for name in HTML_FIELDS:
        if value := getattr(instance, name):
            setattr(instance, name, clean_html(value))


@receiver([post_save, post_delete], sender=Product)
def product_changed(instance: Product, **kwargs: object) -> None:
    """A listing or a variant was saved or deleted."""
    announce([instance.parent_id or instance.pk])


@receiver([post_save, post_delete], sender=StockRecord)
def stockrecord_changed(instance: StockRecord, **kwargs: object) -> None:
    """A price or a stock was saved (orders, which only take stock, tell ``stock_moved``)."""
    gathered = _collecting.get()
    if gathered is not None:
        gathered.units.add(instance.product_id)
        return
    announce([instance.product.parent_id or instance.product_id])


@receiver([post_save, post_delete], sender=SalePrice)
def sale_changed(instance: SalePrice, **kwargs: object) -> None:
    """A sale price came, changed or went."""
    product = instance.stockrecord.product
    announce([product.parent_id or product.pk])


@receiver([post_save, post_delete], sender=ProductImage)
def picture_changed(instance: ProductImage, **kwargs: object) -> None:
    """A picture was added to a listing or taken away."""
    announce([instance.product.parent_id or instance.product_id])


@receiver([post_save, post_delete], sender=ProductCategory)
def shelf_changed(instance: ProductCategory, **kwargs: object) -> None:
    """A listing was put on a shelf or taken from it, by Oscar's through model."""
    announce([instance.product_id])


@receiver(m2m_changed, sender=Product.categories.through)
def shelves_changed(
    instance: Product | Category,
    action: str,
    reverse: bool,
    pk_set: set[int] | None,
    **kwargs: object,
) -> None:
    """The same through ``product.categories`` or ``category.product_set``."""
    if action in ("post_add", "post_remove", "pre_clear", "post_clear"):
        if not reverse:
            announce([instance.pk])
        else:
            announce(pk_set or set(instance.product_set.values_list("pk", flat=True)))


@receiver([post_save, post_delete], sender=Category)
def category_changed(instance: Category, **kwargs: object) -> None:
    """A shelf's name is part of what its goods are found by."""
    announce(
        Product.objects.filter(
            categories__path__startswith=instance.path, parent__isnull=True
        ).values_list("pk", flat=True)
    )
    page_versions.bump("catalogue", "site")


@receiver(post_save, sender=Producer)
def producer_changed(instance: Producer, **kwargs: object) -> None:
    """A name, a pause or a verification stands on every page of the producer's goods."""
    announce(
        Product.objects.filter(producer=instance, parent__isnull=True).values_list("pk", flat=True)
    )
    page_versions.bump(f"producer:{instance.pk}", "catalogue")
