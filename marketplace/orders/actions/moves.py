"""Moving consignments along the table of states, and orders through their consignments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from oscar.apps.order.models import Line, Order, OrderStatusChange

from catalogue import actions as catalogue
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.media.encoding import CleanImage
from marketplace.orders import locks, mails, promises, queries
from marketplace.orders.actions.stock_effects import allocation_after, move_stock
from marketplace.orders.actors import Actor, capacities
from marketplace.orders.errors import (
    MoveForbidden,
    MoveNotAllowed,
    ReasonMissing,
    UndoTooLate,
)
from marketplace.orders.models import (
    Consignment,
    ConsignmentEvent,
    Handover,
    OrderDetails,
    Reservation,
    ShortPack,
)
from marketplace.orders.signals import consignment_moved
from marketplace.orders.states import (
    CANCELLABLE_BY_BUYER,
    DEAD,
    ENDED,
    TRANSITIONS,
    UNDOS,
    ActorKind,
    OrderStatus,
    State,
    StockEffect,
    Transition,
    order_status,
)
from marketplace.platform import audit
from marketplace.vouchers import actions as vouchers

#: Moves that must say why.
_NEEDS_REASON = frozenset({State.DECLINED, State.REFUSED, State.RETURNED, State.SHORT_PACKED})


@dataclass(frozen=True)
class HandoverDetails:
    """With whom a parcel leaves. ``photo`` is a picture that was encoded anew."""

    carrier: str = ""
    tracking_number: str = ""
    photo: CleanImage | None = None


@dataclass(frozen=True)
class Planned:
    """A move that has been judged and is about to be made."""

    consignment: Consignment
    transition: Transition
    actor_kind: ActorKind
    user: User | None


@transaction.atomic
def move(
    *,
    consignment_id: int,
    to: str,
    actor: Actor | User,
    reason: str = "",
    put_back: bool | None = None,
    handover: HandoverDetails | None = None,
    now: datetime,
) -> Consignment:
    """Move one consignment along the table ``states.TRANSITIONS``.

    Holds the order's and its consignments' rows. Writes the event, the audit, what it means
    for stock, ledger (``payments`` hears the signal) and order status, and the mails, in one
    transaction. ``put_back`` says whether goods that came back go on sale again; None: all but
    fresh, chilled and living goods do. ``handover`` says with whom it leaves. ``actor`` is a
    person, whose capacities are read here, or an ``Actor`` made by a caller that has made sure
    (the buyer's secret, the clock). What is missing is asked by ``ask_buyer``, not here.
    Raises Consignment.DoesNotExist, MoveNotAllowed, MoveForbidden, ReasonMissing; then nothing
    has changed.
    """
    consignment, order, consignments = locks.consignment_with_order(consignment_id)
    planned = plan(consignment, to, actor, reason)
    carry_out(
        order, consignments, [planned],
        reason=reason, put_back=put_back, handover=handover, now=now,
    )
    return consignment


@transaction.atomic
def undo(*, consignment_id: int, actor: Actor | User, now: datetime) -> Consignment:
    """Take the last step back, where ``states.UNDOS`` knows how and its minutes are not over.

    Holds the order's and its consignments' rows. Whoever may make the step may take it back.
    Raises UndoTooLate, MoveNotAllowed, MoveForbidden; then nothing has changed.
    """
    consignment, order, consignments = locks.consignment_with_order(consignment_id)
    to = next((to for start, to in UNDOS if start == consignment.state), None)
    if to is None:
        raise MoveNotAllowed(consignment.state, "")
    if not queries.may_still_undo(consignment, now):
        raise UndoTooLate
    planned = plan(consignment, to, actor, "", table=UNDOS)
    photo = ""
    if planned.transition.stock is StockEffect.TAKE_AGAIN:
        photo = _forget_handover(consignment)
    with override("vi"):
        reason = _("Taken back: the step was made by mistake.")
    carry_out(order, consignments, [planned], reason=reason, put_back=None, now=now)
    if photo:
        transaction.on_commit(lambda: default_storage.delete(photo))
    return consignment


def _forget_handover(consignment: Consignment) -> str:
    """It did not leave; the name of the photo that can go, or nothing."""
    handover = Handover.objects.filter(pk=consignment.pk).first()
    if handover is None:
        return ""
    handover.delete()
    return handover.photo.name


@transaction.atomic
def cancel_order(
    *, order_id: int, actor: Actor | User, reason: str = "", now: datetime
) -> list[Consignment]:
    """Cancel all consignments of an order that the actor may still cancel; those cancelled.

    Raises MoveNotAllowed when none can be cancelled any more, MoveForbidden when the actor may
    cancel none.
    """
    order, consignments = locks.order_with_consignments(order_id)
    open_ones = [c for c in consignments if (State(c.state), State.CANCELLED) in TRANSITIONS]
    if not open_ones:
        raise MoveNotAllowed(order.status, OrderStatus.CANCELLED)
    planned = []
    for consignment in open_ones:
        try:
            planned.append(plan(consignment, State.CANCELLED, actor, reason))
        except MoveForbidden:
            continue
    if not planned:
        raise MoveForbidden
    carry_out(order, consignments, planned, reason=reason, put_back=None, now=now)
    return [step.consignment for step in planned]


@transaction.atomic
def release(*, order_id: int, now: datetime) -> None:
    """Show an order's consignments to their producers: it is paid, or was confirmed by phone.

    Repeating it does nothing.
    """
    order, consignments = locks.order_with_consignments(order_id)
    waiting = _release(consignments, now)
    if waiting:
        _settle_status(order, consignments, now)
        mails.new_consignments(order, waiting)


@transaction.atomic
def hold_again(*, order_id: int, now: datetime) -> None:
    """Take back a release by mistake: what no producer has begun is hidden from them again."""
    order, consignments = locks.order_with_consignments(order_id)
    for consignment in consignments:
        if consignment.state == State.NEW and consignment.released_at:
            consignment.released_at = None
            consignment.save(update_fields=["released_at"])
    _settle_status(order, consignments, now)


def _release(consignments: Sequence[Consignment], now: datetime) -> list[Consignment]:
    """Let the producers see what they could not see yet; those consignments.

    They begin only now, so what was promised at placing moves with it.
    """
    waiting = [c for c in consignments if c.released_at is None and c.state not in ENDED]
    if waiting:
        promises.begin(waiting, clock.local_date(now))
    for consignment in waiting:
        consignment.released_at = now
    Consignment.objects.filter(pk__in=[c.pk for c in waiting]).update(released_at=now)
    return waiting


@transaction.atomic
def release_expired(*, order_id: int, now: datetime) -> bool:
    """Cancel an order whose reservation has run out unpaid; whether it had. Idempotent."""
    order, consignments = locks.order_with_consignments(order_id)
    reservation = Reservation.objects.get(pk=order_id)
    if (
        reservation.ended_at
        or reservation.paused_at
        or reservation.ends_at is None
        or reservation.ends_at > now
    ):
        return False
    with override(order.details.language):
        reason = _("It was not paid in time.")
    unpaid = [c for c in consignments if c.state == State.NEW]
    _cancel_late(order, consignments, unpaid, reason, now)
    Reservation.objects.filter(pk=order_id, ended_at=None).update(ended_at=now)
    return True


@transaction.atomic
def cancel_unconfirmed(*, consignment_id: int, waiting_before: datetime, now: datetime) -> bool:
    """Cancel a consignment that nobody confirmed in time; whether it was. Idempotent.

    Holds the order's and its consignments' rows: whoever confirms at the same second comes
    before and keeps it, or after and is refused. What was paid becomes a refund owed.
    """
    consignment, order, consignments = locks.consignment_with_order(consignment_id)
    since = consignment.released_at or consignment.state_changed_at
    if consignment.state != State.NEW or since >= waiting_before:
        return False
    if consignment.released_at is None and _waits_for_money(order):
        return False
    with override(order.details.language):
        reason = (
            _("The producer did not confirm it in time.")
            if consignment.released_at
            else _("We could not reach you by phone in time.")
        )
    _cancel_late(order, consignments, [consignment], reason, now)
    return True


def _cancel_late(
    order: Order,
    every: Sequence[Consignment],
    late: Sequence[Consignment],
    reason: str,
    now: datetime,
) -> None:
    planned = [plan(c, State.CANCELLED, Actor.clock(), reason) for c in late]
    if planned:
        carry_out(order, every, planned, reason=reason, put_back=None, now=now)


def plan(
    consignment: Consignment,
    to: str,
    actor: Actor | User,
    reason: str,
    *,
    table: Mapping[tuple[State, State], Transition] = TRANSITIONS,
) -> Planned:
    """Judge one move of a locked consignment."""
    if isinstance(actor, Actor):
        capable, user = actor.kinds, actor.user
    else:
        capable, user = capacities(actor, consignment), actor
    transition = table.get((consignment.state, to))
    if transition is None or transition.for_parcels not in (None, consignment.needs_delivery):
        raise MoveNotAllowed(consignment.state, to)
    allowed = [kind for kind in ActorKind if kind in transition.actors & capable]
    if not allowed:
        raise MoveForbidden
    kind = allowed[0]
    if consignment.released_at is None and to not in DEAD and not _may_release(consignment, kind):
        raise MoveForbidden
    if to in _NEEDS_REASON and not reason.strip():
        raise ReasonMissing
    return Planned(consignment, transition, kind, user)


def _may_release(consignment: Consignment, kind: ActorKind) -> bool:
    """The office may let producers start what is paid at the door; what is prepaid, nobody."""
    return kind is ActorKind.OFFICE and not _waits_for_money(consignment.order)


def _waits_for_money(order: Order) -> bool:
    """Whether it ends by itself unless it is paid. One query."""
    return Reservation.objects.filter(
        pk=order.pk, ends_at__isnull=False, ended_at__isnull=True
    ).exists()


def carry_out(
    order: Order,
    every: Sequence[Consignment],
    planned: Sequence[Planned],
    *,
    reason: str,
    put_back: bool | None,
    handover: HandoverDetails | None = None,
    now: datetime,
) -> None:
    """Make judged moves of locked consignments of one order.

    Moving one part of an order that waited for a call releases the others to their producers.
    """
    freed = move_stock({s.consignment.pk: s.transition.stock for s in planned}, put_back, now)
    for step in planned:
        consignment, transition = step.consignment, step.transition
        before = {"state": consignment.state}
        consignment.state, consignment.state_changed_at = transition.to_state, now
        consignment.save(update_fields=["state", "state_changed_at"])
        event = ConsignmentEvent.objects.create(
            consignment=consignment,
            from_state=transition.from_state,
            to_state=transition.to_state,
            at=now,
            actor_kind=step.actor_kind,
            actor=step.user,
            reason=reason,
            put_back=put_back if transition.stock is StockEffect.COME_BACK else None,
        )
        Line.objects.filter(consignment_line__consignment=consignment).update(
            status=transition.to_state,
            **allocation_after(transition.stock),
        )
        if transition.to_state is State.HANDED_OVER:
            _note_handover(consignment, handover or HandoverDetails(), now)
        if transition.from_state is State.SHORT_PACKED:
            _close_question(consignment, transition.to_state, now)
        consignment_moved.send(
            Consignment, consignment=consignment, transition=transition, event=event, now=now
        )
        audit.record(
            action=f"consignment.{transition.to_state.value}",
            actor=step.user,
            target=consignment,
            before=before,
            after={"state": transition.to_state.value, "as": step.actor_kind.value},
            # A buyer's words may name somebody; the audit keeps nothing about a person.
            reason="" if step.actor_kind is ActorKind.BUYER else reason,
        )
    starts = any(
        p.consignment.released_at is None and p.transition.to_state not in DEAD for p in planned
    )
    released = _release(every, now) if starts else []
    _settle_status(order, every, now)
    mails.moved(order, every, [(p.consignment, p.transition) for p in planned], reason)
    mails.new_consignments(order, [c for c in released if c.state == State.NEW])
    if freed:
        catalogue.stock_moved(taken={pk: -quantity for pk, quantity in freed.items()})


def _note_handover(consignment: Consignment, details: HandoverDetails, now: datetime) -> None:
    Handover.objects.create(
        consignment=consignment,
        carrier=details.carrier,
        tracking_number=details.tracking_number,
        photo=details.photo or "",
        at=now,
    )


def _close_question(consignment: Consignment, to: State, now: datetime) -> None:
    """A question that is still open is no longer one; an answer has closed it before."""
    ShortPack.objects.filter(consignment=consignment, answer=ShortPack.Answer.OPEN).update(
        answer=ShortPack.Answer.WITHDRAWN if to is State.CONFIRMED else ShortPack.Answer.ENDED,
        answered_at=now,
    )


def _settle_status(order: Order, consignments: Sequence[Consignment], now: datetime) -> None:
    """Keep Oscar's order status, our cancellation moment and the reservation true."""
    status = order_status(
        (c.state for c in consignments),
        is_released=any(c.released_at for c in consignments if c.state not in DEAD),
    )
    if status == order.status:
        return
    OrderStatusChange.objects.create(order=order, old_status=order.status, new_status=status)
    Order.objects.filter(pk=order.pk).update(status=status)
    order.status = status.value
    if status is OrderStatus.CANCELLED:
        OrderDetails.objects.filter(pk=order.pk).update(cancelled_at=now)
        order.details.cancelled_at = now
        Reservation.objects.filter(pk=order.pk, ended_at=None).update(ended_at=now)
        vouchers.give_back(order_id=order.pk, now=now)


def may_buyer_cancel(consignments: Sequence[Consignment]) -> bool:
    """Whether a buyer can still cancel anything of an order. No query."""
    return any(c.state in CANCELLABLE_BY_BUYER for c in consignments)
