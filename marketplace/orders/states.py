"""The states of a consignment, and who may move it: the one table.

``docs/states.md`` is written from it; ``actions.move`` obeys nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    """Where one producer's part of an order stands."""

    NEW = "new", pgettext_lazy("consignment", "New")
    CONFIRMED = "confirmed", pgettext_lazy("consignment", "Confirmed")
    SHORT_PACKED = "short_packed", pgettext_lazy("consignment", "Goods missing, buyer asked")
    PACKED = "packed", pgettext_lazy("consignment", "Packed")
    HANDED_OVER = "handed_over", pgettext_lazy("consignment", "Handed to the carrier")
    DELIVERED = "delivered", pgettext_lazy("consignment", "Delivered")
    COMPLETED = "completed", pgettext_lazy("consignment", "Completed")
    DECLINED = "declined", pgettext_lazy("consignment", "Declined by the producer")
    CANCELLED = "cancelled", pgettext_lazy("consignment", "Cancelled")
    REFUSED = "refused", pgettext_lazy("consignment", "Refused at the door")
    RETURNED = "returned", pgettext_lazy("consignment", "Returned")


class OrderStatus(models.TextChoices):
    """What the whole order is, told from its consignments; kept in Oscar's ``Order.status``."""

    PENDING = "pending", pgettext_lazy("order", "Waiting for payment or for our call")
    PLACED = "placed", pgettext_lazy("order", "Placed")
    IN_PROGRESS = "in_progress", pgettext_lazy("order", "Being prepared or on its way")
    DELIVERED = "delivered", pgettext_lazy("order", "Delivered")
    COMPLETED = "completed", pgettext_lazy("order", "Completed")
    CANCELLED = "cancelled", pgettext_lazy("order", "Cancelled")
    RETURNED = "returned", pgettext_lazy("order", "Refused or returned")


class ActorKind(StrEnum):
    """In which capacity somebody moves a consignment."""

    BUYER = "buyer"
    OWNER = "producer_owner"
    STAFF = "producer_staff"
    PACKER = "producer_packer"
    OFFICE = "office"
    CLOCK = "clock"


class StockEffect(StrEnum):
    """What a move does to the stock taken at placing."""

    NONE = "none"
    #: Allocated goods become saleable again.
    GIVE_BACK = "give back"
    #: Allocated goods leave the stock for good.
    CONSUME = "consume"
    #: Goods that had left come back: put on the shelf again, or written off.
    COME_BACK = "come back"
    #: Goods noted as gone are still here: allocated again for the same buyer.
    TAKE_AGAIN = "take again"


@dataclass(frozen=True)
class Transition:
    """One allowed move, who may make it, and what it does to the stock."""

    from_state: State
    to_state: State
    actors: frozenset[ActorKind]
    stock: StockEffect = StockEffect.NONE
    #: True: only for parcels; False: only for services, which are rendered, not sent.
    for_parcels: bool | None = None
    #: The message that tells the buyer; how it reads stands in ``news`` or its own templates.
    template: str = ""


_PRODUCER = {ActorKind.OWNER, ActorKind.STAFF}
_ANY_HAND = {*_PRODUCER, ActorKind.PACKER}
_OFFICE = {ActorKind.OFFICE}


def _move(
    from_state: State, to_state: State, actors: Iterable[ActorKind], **more: object
) -> Transition:
    return Transition(from_state, to_state, frozenset(actors), **more)


TRANSITIONS: dict[tuple[State, State], Transition] = {
    (t.from_state, t.to_state): t
    for t in (
        _move(
            State.NEW, State.CONFIRMED, _PRODUCER | _OFFICE, template="consignment_confirmed"
        ),
        _move(
            State.NEW, State.DECLINED, _PRODUCER | _OFFICE,
            stock=StockEffect.GIVE_BACK, template="consignment_cancelled",
        ),
        _move(
            State.NEW, State.CANCELLED, {ActorKind.BUYER, ActorKind.CLOCK} | _OFFICE,
            stock=StockEffect.GIVE_BACK, template="consignment_cancelled",
        ),
        _move(
            State.NEW, State.SHORT_PACKED, _PRODUCER | _OFFICE, for_parcels=True,
        ),
        _move(
            State.CONFIRMED, State.SHORT_PACKED, _PRODUCER | _OFFICE, for_parcels=True,
        ),
        # Answered, by the buyer or by silence; or the producer found all of it after all.
        _move(
            State.SHORT_PACKED, State.CONFIRMED,
            {ActorKind.BUYER, ActorKind.CLOCK} | _PRODUCER | _OFFICE, for_parcels=True,
        ),
        # Nothing is left to send.
        _move(
            State.SHORT_PACKED, State.DECLINED,
            {ActorKind.OWNER, ActorKind.BUYER, ActorKind.CLOCK} | _OFFICE,
            stock=StockEffect.GIVE_BACK, for_parcels=True, template="consignment_cancelled",
        ),
        _move(
            State.SHORT_PACKED, State.CANCELLED, {ActorKind.BUYER} | _OFFICE,
            stock=StockEffect.GIVE_BACK, for_parcels=True, template="consignment_cancelled",
        ),
        _move(State.CONFIRMED, State.PACKED, _ANY_HAND | _OFFICE, for_parcels=True),
        _move(
            State.CONFIRMED, State.DELIVERED, _PRODUCER | _OFFICE,
            stock=StockEffect.CONSUME, for_parcels=False, template="delivered",
        ),
        _move(
            State.CONFIRMED, State.DECLINED, {ActorKind.OWNER} | _OFFICE,
            stock=StockEffect.GIVE_BACK, template="consignment_cancelled",
        ),
        _move(
            State.CONFIRMED, State.CANCELLED, {ActorKind.BUYER} | _OFFICE,
            stock=StockEffect.GIVE_BACK, template="consignment_cancelled",
        ),
        _move(
            State.PACKED, State.HANDED_OVER, _ANY_HAND | _OFFICE,
            stock=StockEffect.CONSUME, for_parcels=True,
        ),
        _move(
            State.PACKED, State.CANCELLED, _OFFICE,
            stock=StockEffect.GIVE_BACK, for_parcels=True, template="consignment_cancelled",
        ),
        _move(
            State.HANDED_OVER, State.DELIVERED, _PRODUCER | _OFFICE,
            for_parcels=True, template="delivered",
        ),
        _move(
            State.HANDED_OVER, State.REFUSED, _PRODUCER | _OFFICE,
            stock=StockEffect.COME_BACK, for_parcels=True, template="refused",
        ),
        _move(
            State.HANDED_OVER, State.RETURNED, _PRODUCER | _OFFICE,
            stock=StockEffect.COME_BACK, for_parcels=True, template="returned",
        ),
        _move(
            State.DELIVERED, State.COMPLETED, {ActorKind.CLOCK} | _OFFICE, template="completed"
        ),
        _move(
            State.DELIVERED, State.RETURNED, {ActorKind.OWNER} | _OFFICE,
            stock=StockEffect.COME_BACK, for_parcels=True, template="returned",
        ),
    )
}

#: Steps taken by mistake: (where it stands, where it goes back to). Only these leave nothing
#: behind, because nobody outside was told of them yet, and only for some minutes
#: (``FulfilmentTerms.undo_minutes``).
UNDOS: dict[tuple[State, State], Transition] = {
    (t.from_state, t.to_state): t
    for t in (
        _move(State.PACKED, State.CONFIRMED, _ANY_HAND | _OFFICE, for_parcels=True),
        _move(
            State.HANDED_OVER, State.PACKED, _ANY_HAND | _OFFICE,
            stock=StockEffect.TAKE_AGAIN, for_parcels=True,
        ),
    )
}

#: States that a buyer may still cancel from ("while not yet packed").
CANCELLABLE_BY_BUYER = frozenset(
    t.from_state
    for t in TRANSITIONS.values()
    if t.to_state == State.CANCELLED and ActorKind.BUYER in t.actors
)

#: Nothing more will be sold or earned by these.
DEAD = frozenset({State.DECLINED, State.CANCELLED})
CAME_BACK = frozenset({State.REFUSED, State.RETURNED})
ENDED = frozenset({State.COMPLETED}) | DEAD | CAME_BACK

#: In these the goods are still allocated in the stock record.
HOLDS_STOCK = frozenset({State.NEW, State.CONFIRMED, State.SHORT_PACKED, State.PACKED})


def order_status(states: Iterable[str], *, is_released: bool) -> OrderStatus:
    """The order's status told from its consignments' states; one that died counts no more."""
    every = set(states)
    alive = every - DEAD
    if not alive:
        return OrderStatus.CANCELLED
    if not is_released:
        return OrderStatus.PENDING
    if alive <= CAME_BACK:
        return OrderStatus.RETURNED
    arrived = alive - CAME_BACK
    if arrived == {State.COMPLETED}:
        return OrderStatus.COMPLETED
    if arrived <= {State.DELIVERED, State.COMPLETED}:
        return OrderStatus.DELIVERED
    return OrderStatus.PLACED if arrived == {State.NEW} else OrderStatus.IN_PROGRESS


def transitions_from(
    state: str, kinds: Iterable[ActorKind], *, is_parcel: bool
) -> list[Transition]:
    """The moves that somebody acting as any of ``kinds`` may make now: the buttons to show."""
    kinds = set(kinds)
    return [
        t
        for t in TRANSITIONS.values()
        if t.from_state == state
        and t.actors & kinds
        and t.for_parcels in (None, is_parcel)
    ]


#: Kept for translators: how the capacities are called on pages.
ACTOR_WORDS = {
    ActorKind.BUYER: _("Buyer"),
    ActorKind.OWNER: _("Producer"),
    ActorKind.STAFF: _("Producer's staff"),
    ActorKind.PACKER: _("Packer"),
    ActorKind.OFFICE: _("Marketplace office"),
    ActorKind.CLOCK: _("By itself, when the time is up"),
}
