"""Moving a listing through its states (``catalogue.states``), each step logged and audited.

Going on sale is ``actions.publish`` and ``resume``. Every function is one transaction that
holds the listing's row.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from catalogue.errors import (
    ListingIncomplete,
    ListingMoveRefused,
    PapersMissing,
    ProducerNotIdentified,
    ReasonMissing,
)
from catalogue.models import ListingEvent, Product
from catalogue.queries import product_sets_of
from catalogue.requirements import missing_fields
from catalogue.signals import collected
from catalogue.states import ListingActor, ListingState, Move, move_for
from catalogue.telling import tell_of_step
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.platform import audit
from marketplace.producers.checklist import checklist


@transaction.atomic
def submit(*, listing: Product, actor: User | None, now: datetime | None = None) -> Product:
    """Hand a draft in. Raises ListingIncomplete naming each field, PapersMissing,
    ListingMoveRefused."""
    day = clock.local_date(now or clock.now())
    papers = checklist(listing.producer, day=day, product_sets=product_sets_of(listing.producer))
    if not papers.is_complete:
        raise PapersMissing
    return move(
        listing=listing, to=ListingState.SUBMITTED, acted_as=ListingActor.PRODUCER,
        actor=actor, now=now,
    )


@transaction.atomic
def withdraw(*, listing: Product, actor: User | None, now: datetime | None = None) -> Product:
    """Take back what the office has not judged yet. Raises ListingMoveRefused."""
    return move(
        listing=listing, to=ListingState.DRAFT, acted_as=ListingActor.PRODUCER,
        actor=actor, now=now,
    )


@transaction.atomic
def discard(*, listing: Product, actor: User | None, now: datetime | None = None) -> Product:
    """Throw a draft away; it can be brought back. Raises ListingMoveRefused."""
    return move(
        listing=listing, to=ListingState.DISCARDED, acted_as=ListingActor.PRODUCER,
        actor=actor, now=now,
    )


@transaction.atomic
def bring_back(*, listing: Product, actor: User | None, now: datetime | None = None) -> Product:
    """Make a draft again of what was thrown away. Raises ListingMoveRefused."""
    locked = Product.objects.select_for_update().get(pk=listing.pk)
    if locked.state != ListingState.DISCARDED:
        raise ListingMoveRefused(locked.state)
    return withdraw(listing=locked, actor=actor, now=now)


@transaction.atomic
def send_back(
    *,
    listing: Product,
    remarks: Mapping[str, str],
    reason: str = "",
    actor: User | None,
    now: datetime | None = None,
) -> Product:
    """Return a submitted listing to its draft. ``remarks``: field → what to change there.

    Raises ReasonMissing when neither a field nor the whole has one, ListingMoveRefused.
    """
    return move(
        listing=listing, to=ListingState.DRAFT, acted_as=ListingActor.OFFICE, actor=actor,
        reason=reason, remarks={name: text for name, text in remarks.items() if text}, now=now,
    )


@transaction.atomic
def suspend(
    *,
    listing: Product,
    acted_as: ListingActor,
    reason: str = "",
    actor: User | None,
    now: datetime | None = None,
) -> Product:
    """Take a published listing off sale. The office says why. Orders stay as they are.

    Raises ReasonMissing, ListingMoveRefused.
    """
    if acted_as == ListingActor.OFFICE and not reason.strip():
        raise ReasonMissing
    return move(
        listing=listing, to=ListingState.SUSPENDED, acted_as=acted_as, actor=actor,
        reason=reason, now=now,
    )


@transaction.atomic
def resume(*, listing: Product, actor: User | None, now: datetime | None = None) -> Product:
    """Put back on sale what the producer took off; not what the office suspended.

    Raises ListingIncomplete, ProducerNotIdentified, ListingMoveRefused.
    """
    return move(
        listing=listing, to=ListingState.PUBLISHED, acted_as=ListingActor.PRODUCER,
        actor=actor, now=now,
    )


@transaction.atomic
def move(
    *,
    listing: Product,
    to: ListingState,
    acted_as: ListingActor,
    actor: User | None,
    reason: str = "",
    remarks: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> Product:
    """One step of the table, judged while the row is held."""
    now = now or clock.now()
    locked = Product.objects.select_for_update().get(pk=listing.parent_id or listing.pk)
    step = move_for(locked.state, to, acted_as)
    if step is None or (step.own_only and not _stepped_by_producer(locked)):
        raise ListingMoveRefused(locked.state)
    _judge(locked, step, reason, remarks, now)
    return log_move(
        listing=locked, to=to, acted_as=acted_as, actor=actor, reason=reason, remarks=remarks,
        now=now,
    )


def log_move(
    *,
    listing: Product,
    to: ListingState,
    acted_as: ListingActor,
    actor: User | None,
    reason: str = "",
    remarks: Mapping[str, str] | None = None,
    now: datetime,
) -> Product:
    """Write a step that was judged already, on a locked row, in the caller's transaction."""
    from_state = listing.state
    was_public = listing.is_public
    with collected():
        listing.state = to
        listing.is_public = to == ListingState.PUBLISHED
        if listing.is_public:
            listing.published_at = listing.published_at or now
        listing.save()
        event = ListingEvent.objects.create(
            listing=listing, from_state=from_state, to_state=to, actor=actor,
            acted_as=acted_as, reason=reason[:500], remarks=dict(remarks or {}), at=now,
        )
        audit.record(
            action=_AUDITED[to], actor=actor, target=listing,
            before={"state": str(from_state), "is_public": was_public},
            after={"state": str(to), "is_public": listing.is_public}, reason=reason,
        )
        tell_of_step(event)
    return listing


def _judge(
    listing: Product,
    step: Move,
    reason: str,
    remarks: Mapping[str, str] | None,
    now: datetime,
) -> None:
    if step.needs_reason and not reason.strip() and not remarks:
        raise ReasonMissing
    if step.needs_fields and (missing := missing_fields(listing, clock.local_date(now))):
        raise ListingIncomplete(missing)
    if step.to_state == ListingState.PUBLISHED and not listing.producer.is_identified:
        raise ProducerNotIdentified


def _stepped_by_producer(listing: Product) -> bool:
    last = listing.events.order_by("pk").last()
    return last is not None and last.acted_as == ListingActor.PRODUCER


_AUDITED = {
    ListingState.DRAFT: "catalogue.listing_returned",
    ListingState.DISCARDED: "catalogue.listing_discarded",
    ListingState.SUBMITTED: "catalogue.listing_submitted",
    ListingState.PUBLISHED: "catalogue.published",
    ListingState.SUSPENDED: "catalogue.unpublished",
}
