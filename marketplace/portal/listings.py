"""A desk's listings: which there are, and what is still under way with them."""

from __future__ import annotations

from datetime import date

from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from catalogue.models import Product, ProductImage, Revision, SalePrice
from catalogue.requirements import missing_fields
from marketplace.kernel import clock
from marketplace.kernel.fold import fold
from marketplace.portal.listing_forms import STEPS, step_of
from marketplace.portal.queries import Desk
from marketplace.producers.models import Producer


def sellers(desk: Desk) -> list[Producer]:
    """The producers whose goods this person may write; packers see none: 404."""
    found = desk.producers_with_money
    if not found:
        raise Http404
    return found


def listings_of(desk: Desk) -> QuerySet[Product]:
    """Their listings in every state, and nobody else's."""
    return Product.objects.filter(parent__isnull=True, producer__in=sellers(desk)).select_related(
        "producer", "product_class"
    )


def units_of(desk: Desk) -> QuerySet[Product]:
    """Their sellable units."""
    owned = Q(producer__in=sellers(desk), parent__isnull=True) | Q(
        parent__producer__in=sellers(desk)
    )
    return Product.objects.filter(owned).exclude(structure=Product.PARENT).select_related("parent")


def with_rows(rows: QuerySet[Product]) -> QuerySet[Product]:
    """With units, stock, sales, pictures and open revisions: a fixed number of queries."""
    sales = Prefetch(
        "stockrecords__sale_prices",
        queryset=SalePrice.objects.filter(ends_at__gt=clock.now()).order_by("starts_at"),
    )
    of_children = Prefetch(
        "children__stockrecords__sale_prices",
        queryset=SalePrice.objects.filter(ends_at__gt=clock.now()).order_by("starts_at"),
    )
    return rows.prefetch_related(
        Prefetch("children", queryset=Product.objects.order_by("pk")),
        "stockrecords", "children__stockrecords", sales, of_children,
        Prefetch(
            "images",
            queryset=ProductImage.objects.select_related("original").order_by("display_order"),
        ),
        Prefetch(
            "revisions",
            queryset=Revision.objects.filter(state=Revision.State.PENDING),
            to_attr="open_revisions",
        ),
        "events",
    )


def found(rows: QuerySet[Product], words: str) -> QuerySet[Product]:
    """Those whose Vietnamese name holds the words, with accents or without."""
    wanted = fold(words).split()
    if not wanted:
        return rows
    names = rows.values_list("pk", "title_vi")
    return rows.filter(
        pk__in=[pk for pk, name in names if all(word in fold(name or "") for word in wanted)]
    )


def still_missing(listing: Product, day: date) -> list[tuple[str, str]]:
    """What keeps it from being handed in, each with the address of the step that asks for it.

    Steps that were typed and are not right yet stand first.
    """
    def address(step: str) -> str:
        return reverse("portal:listings_step", args=[listing.pk, step])

    half = set(listing.half_steps.values_list("step", flat=True))
    return [
        *(
            (_("Not right yet: %(step)s") % {"step": words}, address(step))
            for step, words in STEPS.items()
            if step in half
        ),
        *((str(field), address(step_of(field.field))) for field in missing_fields(listing, day)),
    ]
