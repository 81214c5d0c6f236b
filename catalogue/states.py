"""The states of a listing and the one table of who may move it where.

``docs/states.md`` shows the same table to people; a test compares the two. What buyers see is
Oscar's ``is_public``; a constraint keeps it equal to the state ``published``.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class ListingState(models.TextChoices):
    """Where a listing stands."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waits for the office")
    PUBLISHED = "published", _("On sale")
    SUSPENDED = "suspended", _("Off sale")
    DISCARDED = "discarded", _("Deleted")


class ListingActor(models.TextChoices):
    """As whom somebody moves a listing."""

    PRODUCER = "producer", _("The producer")
    OFFICE = "office", _("The office")


@dataclass(frozen=True)
class Move:
    """One step that is allowed. ``own_only``: only if the producer made the step before."""

    from_state: ListingState
    to_state: ListingState
    actors: tuple[ListingActor, ...]
    needs_reason: bool = False
    needs_fields: bool = False
    own_only: bool = False


S, A = ListingState, ListingActor
MOVES = (
    Move(S.DRAFT, S.SUBMITTED, (A.PRODUCER,), needs_fields=True),
    Move(S.DRAFT, S.PUBLISHED, (A.OFFICE,), needs_fields=True),
    Move(S.DRAFT, S.DISCARDED, (A.PRODUCER,)),
    Move(S.DISCARDED, S.DRAFT, (A.PRODUCER,)),
    Move(S.SUBMITTED, S.DRAFT, (A.PRODUCER,)),
    Move(S.SUBMITTED, S.DRAFT, (A.OFFICE,), needs_reason=True),
    Move(S.SUBMITTED, S.PUBLISHED, (A.OFFICE,), needs_fields=True),
    Move(S.PUBLISHED, S.SUSPENDED, (A.PRODUCER, A.OFFICE)),
    Move(S.SUSPENDED, S.PUBLISHED, (A.PRODUCER,), needs_fields=True, own_only=True),
    Move(S.SUSPENDED, S.PUBLISHED, (A.OFFICE,), needs_fields=True),
)


def move_for(from_state: str, to_state: str, actor: ListingActor) -> Move | None:
    """The row of the table that allows this step, or None."""
    for move in MOVES:
        if (move.from_state, move.to_state) == (from_state, to_state) and actor in move.actors:
            return move
    return None
