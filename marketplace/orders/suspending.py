"""What becomes of the open parcels of a producer that the office takes off sale."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from marketplace.accounts.models import User
from marketplace.orders import tasks
from marketplace.orders.models import Consignment
from marketplace.orders.states import State
from marketplace.producers import suspension_actions
from marketplace.producers.models import Producer

#: What the office may still cancel, in groups that a clerk decides about together.
GROUPS: dict[str, tuple[State, ...]] = {
    "new": (State.NEW,),
    "confirmed": (State.CONFIRMED, State.SHORT_PACKED),
    "packed": (State.PACKED,),
}


@transaction.atomic
def suspend_producer(
    *, producer: Producer, reason: str, cancel: Collection[str], actor: User, now: datetime
) -> int:
    """Suspend a producer and cancel the open parcels of the groups ``cancel``; how many.

    Each parcel is cancelled by a task of its own, which commits with the suspension: one order
    at a time is held. Its buyer is told, its goods are free, what was paid is owed back. What
    moves on meanwhile is left alone. Raises what ``suspend`` raises.
    """
    suspension_actions.suspend(producer=producer, reason=reason, actor=actor, now=now)
    return cancel_open(producer=producer, groups=cancel, actor=actor)


@transaction.atomic
def cancel_open(*, producer: Producer, groups: Collection[str], actor: User) -> int:
    """Let the open parcels of these groups be cancelled; how many were asked for."""
    states = [state for group in groups for state in GROUPS[group]]
    found = Consignment.objects.filter(producer=producer, state__in=states).order_by("pk")
    asked = list(found.values_list("pk", "state", "order__details__language"))
    for pk, state, language in asked:
        with override(language):
            reason = _("The grower is not selling at the moment.")
        tasks.cancel_of_suspended.defer(
            consignment_id=pk, state=state, actor_id=actor.pk, reason=reason
        )
    return len(asked)
