"""Orders in any state, and what left the outbox."""

from datetime import UTC, datetime

import pytest

from marketplace.orders import actions
from marketplace.orders.actors import Actor
from marketplace.orders.states import ActorKind, State
from marketplace.platform import outbox
from tests.factories.orders import make_tariff

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)

#: A way to each state that a parcel can reach.
PATHS = {
    State.NEW: (),
    State.CONFIRMED: (State.CONFIRMED,),
    State.SHORT_PACKED: (State.CONFIRMED, State.SHORT_PACKED),
    State.PACKED: (State.CONFIRMED, State.PACKED),
    State.HANDED_OVER: (State.CONFIRMED, State.PACKED, State.HANDED_OVER),
    State.DELIVERED: (State.CONFIRMED, State.PACKED, State.HANDED_OVER, State.DELIVERED),
    State.COMPLETED: (
        State.CONFIRMED, State.PACKED, State.HANDED_OVER, State.DELIVERED, State.COMPLETED,
    ),
    State.DECLINED: (State.DECLINED,),
    State.CANCELLED: (State.CANCELLED,),
    State.REFUSED: (State.CONFIRMED, State.PACKED, State.HANDED_OVER, State.REFUSED),
    State.RETURNED: (State.CONFIRMED, State.PACKED, State.HANDED_OVER, State.RETURNED),
}

#: Whoever may do anything that anybody may: to bring a consignment somewhere.
ANYBODY = Actor(frozenset(ActorKind))


def bring(consignment, state, now=NOW):
    """Move a new parcel along the table until it stands in ``state``."""
    for step in PATHS[State(state)]:
        consignment = actions.move(
            consignment_id=consignment.pk, to=step, actor=ANYBODY, reason="test", now=now
        )
    return consignment


@pytest.fixture
def tariff(db):
    return make_tariff()


@pytest.fixture
def sent(monkeypatch):
    """Mails put into the outbox."""
    mails = []
    monkeypatch.setattr(outbox, "send_mail", lambda **mail: mails.append(mail))
    return mails
