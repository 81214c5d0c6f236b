"""Parcels that nobody confirms: a reminder, then a call; and what was said on the phone."""

from datetime import datetime

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.orders import locks, news, queries
from marketplace.orders.models import CallNote, Chase, Consignment
from marketplace.orders.states import State
from marketplace.platform import audit


@transaction.atomic
def chase(*, consignment_id: int, now: datetime) -> str:
    """Remind the producer, or put the parcel on the call list: "reminded", "escalated" or "".

    Holds the order's rows; each happens once however often this is repeated.
    """
    since = queries.waiting_since(now)
    consignment, _order, _all = locks.consignment_with_order(consignment_id)
    released = consignment.released_at
    if since is None or consignment.state != State.NEW or released is None:
        return ""
    remind_before, call_before = since
    if released > remind_before:
        return ""
    row = Chase.objects.get_or_create(consignment=consignment)[0]
    if released <= call_before and row.escalated_at is None:
        # Whoever is called now needs no reminder any more.
        row.escalated_at = now
        row.reminded_at = row.reminded_at or now
        row.save(update_fields=["escalated_at", "reminded_at"])
        return "escalated"
    if row.reminded_at is None:
        row.reminded_at = now
        row.save(update_fields=["reminded_at"])
        news.remind(consignment)
        return "reminded"
    return ""


@transaction.atomic
def note_call(
    *,
    consignment_id: int,
    about: str,
    said: str,
    is_done: bool,
    again_at: datetime | None,
    actor: User,
    now: datetime,
) -> CallNote:
    """Keep what was said on the phone about one consignment, and whether to call again."""
    consignment = Consignment.objects.get(pk=consignment_id)
    note = CallNote.objects.create(
        consignment=consignment,
        about=CallNote.About(about),
        at=now,
        by=actor,
        said=said,
        is_done=is_done,
        again_at=None if is_done else again_at,
    )
    audit.record(
        action="consignment.called",
        actor=actor,
        target=consignment,
        before=None,
        after={"about": note.about, "done": is_done},
    )
    return note
