"""The clock's part in an order's life. Each row is its own transaction, and may be repeated."""

import logging

from procrastinate.contrib.django import app

from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.orders import actions, queries
from marketplace.orders.actors import Actor
from marketplace.orders.errors import MoveNotAllowed
from marketplace.orders.models import Consignment
from marketplace.orders.states import State

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="orders.release_expired", pass_context=False)
def release_expired_reservations(timestamp: int) -> int:
    """Cancel what was not paid in time; how many orders."""
    now = clock.now()
    done = sum(
        actions.release_expired(order_id=order_id, now=now)
        for order_id in queries.expired_reservations(now)
    )
    if done:
        log.info("Reservations expired: %d", done)
    return done


@app.periodic(cron="*/15 * * * *")
@app.task(queueing_lock="orders.cancel_unconfirmed", pass_context=False)
def cancel_unconfirmed(timestamp: int) -> int:
    """Cancel, with a mail, what no producer confirmed in some working days; how many."""
    now = clock.now()
    waiting_before = queries.unconfirmed_before(now)
    if waiting_before is None:
        return 0
    done = sum(
        actions.cancel_unconfirmed(consignment_id=pk, waiting_before=waiting_before, now=now)
        for pk in list(queries.unconfirmed(waiting_before).values_list("pk", flat=True))
    )
    if done:
        log.info("Unconfirmed consignments cancelled: %d", done)
    return done


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="orders.complete_delivered", pass_context=False)
def complete_delivered(timestamp: int) -> int:
    """Complete what was delivered some days ago without complaint; how many."""
    now = clock.now()
    done = 0
    for pk in queries.to_complete(now):
        try:
            actions.move(consignment_id=pk, to=State.COMPLETED, actor=Actor.clock(), now=now)
        except MoveNotAllowed:
            # Returned between reading the list and locking the row.
            continue
        done += 1
    if done:
        log.info("Consignments completed: %d", done)
    return done


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="orders.tell_of_handovers", pass_context=False)
def tell_of_handovers(timestamp: int) -> int:
    """Tell buyers that their parcels left, once it can no longer be taken back; how many."""
    now = clock.now()
    return sum(
        actions.tell_of_handover(consignment_id=pk, now=now)
        for pk in queries.untold_handovers(now)
    )


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="orders.close_silent", pass_context=False)
def close_silent_short_packs(timestamp: int) -> int:
    """Money back where a buyer did not answer about missing goods in time; how many."""
    now = clock.now()
    done = sum(
        actions.close_silent(short_pack_id=pk, now=now) for pk in queries.silent_short_packs(now)
    )
    if done:
        log.info("Short packs closed by silence: %d", done)
    return done


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="orders.chase_unconfirmed", pass_context=False)
def chase_unconfirmed(timestamp: int) -> int:
    """Remind producers of unconfirmed parcels, then put them on the call list; how many."""
    now = clock.now()
    done = sum(
        bool(actions.chase(consignment_id=pk, now=now)) for pk in queries.to_chase(now)
    )
    if done:
        log.info("Unconfirmed consignments chased: %d", done)
    return done


@app.task(name="orders.cancel_of_suspended", retry=5)
def cancel_of_suspended(consignment_id: int, state: str, actor_id: int, reason: str) -> bool:
    """Cancel one parcel of a producer that was suspended; whether it was.

    Left alone when it has moved on, or its producer sells again. Repeating it does nothing.
    """
    consignment = Consignment.objects.select_related("producer").get(pk=consignment_id)
    if consignment.state != state or not consignment.producer.is_suspended:
        return False
    actor = Actor.office(User.objects.get(pk=actor_id))
    try:
        actions.move(
            consignment_id=consignment_id, to=State.CANCELLED, actor=actor, reason=reason,
            now=clock.now(),
        )
    except MoveNotAllowed:
        # Handed over between reading it and locking its row.
        return False
    return True
