"""The table of states: every move by everybody, and what a move does."""

import itertools
import re
from pathlib import Path

import pytest
from django.db import transaction

from catalogue.models import ShippingClass
from marketplace.orders import actions, states
from marketplace.orders.actors import Actor, capacities
from marketplace.orders.errors import MoveForbidden, MoveNotAllowed, ReasonMissing
from marketplace.orders.models import Consignment, ConsignmentEvent
from marketplace.orders.states import ActorKind, OrderStatus, State, StockEffect, order_status
from marketplace.platform.models import AuditEntry
from marketplace.producers.models import Membership
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_order
from tests.factories.payments import make_transfer_order, receive
from tests.orders.conftest import ANYBODY, NOW, bring

#: Written out by hand once more, so that a slip in the table is a difference: (from, to) → who.
#: o owner, s staff, p packer, f office, b buyer, c clock.
MAY = {
    ("new", "confirmed"): "osf",
    ("new", "declined"): "osf",
    ("new", "cancelled"): "bfc",
    ("new", "short_packed"): "osf",
    ("confirmed", "short_packed"): "osf",
    ("short_packed", "confirmed"): "osbfc",
    ("short_packed", "declined"): "obfc",
    ("short_packed", "cancelled"): "bf",
    ("confirmed", "packed"): "ospf",
    ("confirmed", "declined"): "of",
    ("confirmed", "cancelled"): "bf",
    ("packed", "handed_over"): "ospf",
    ("packed", "cancelled"): "f",
    ("handed_over", "delivered"): "osf",
    ("handed_over", "refused"): "osf",
    ("handed_over", "returned"): "osf",
    ("delivered", "completed"): "fc",
    ("delivered", "returned"): "of",
}
SERVICES_TOO = {
    ("new", "confirmed"), ("new", "declined"), ("new", "cancelled"),
    ("confirmed", "declined"), ("confirmed", "cancelled"), ("delivered", "completed"),
}
LETTERS = {
    "o": ActorKind.OWNER, "s": ActorKind.STAFF, "p": ActorKind.PACKER,
    "f": ActorKind.OFFICE, "b": ActorKind.BUYER, "c": ActorKind.CLOCK,
}


def what_happens(parcel: Consignment, to: str, letter: str) -> str:
    try:
        actions.move(
            consignment_id=parcel.pk, to=to, actor=Actor(frozenset({LETTERS[letter]})),
            reason="test", now=NOW,
        )
    except MoveNotAllowed:
        return "no such move"
    except MoveForbidden:
        return "not for you"
    return "moved"


@pytest.mark.parametrize("start", State.values)
def test_every_move_of_a_parcel_by_everybody(tariff, start):
    parcel = bring(make_order(make_product(), now=NOW).consignments.get(), start)
    events = parcel.events.count()
    for to, letter in itertools.product(State.values, LETTERS):
        expected = (
            "no such move"
            if (start, to) not in MAY
            else "moved"
            if letter in MAY[start, to]
            else "not for you"
        )
        before_the_move = transaction.savepoint()
        assert what_happens(parcel, to, letter) == expected, (start, to, letter)
        parcel.refresh_from_db()
        assert parcel.state == (to if expected == "moved" else start)
        assert parcel.events.count() == events + (expected == "moved")
        transaction.savepoint_rollback(before_the_move)


@pytest.mark.parametrize("to", State)
@pytest.mark.parametrize("start", ["new", "confirmed", "delivered"])
def test_a_service_is_rendered_not_sent(tariff, start, to):
    stay = make_product("Homestay", shipping_class=ShippingClass.NONE, set_number=26)
    order = make_transfer_order(stay, now=NOW)
    receive(order, int(order.total_incl_tax), now=NOW)
    parcel = order.consignments.get()
    for step in {"new": (), "confirmed": ("confirmed",), "delivered": ("confirmed", "delivered")}[
        start
    ]:
        actions.move(consignment_id=parcel.pk, to=step, actor=ANYBODY, reason="x", now=NOW)
    allowed = (start, to) in SERVICES_TOO | {("confirmed", "delivered")}
    outcomes = {what_happens(parcel, to, "f")}
    assert outcomes == {"moved" if allowed else "no such move"}


def test_the_table_is_closed():
    assert set(states.TRANSITIONS) == set(MAY) | {("confirmed", "delivered")}
    assert {t.to_state for t in states.TRANSITIONS.values()} == set(State) - {State.NEW}
    assert {State.NEW, State.CONFIRMED, State.SHORT_PACKED} == states.CANCELLABLE_BY_BUYER
    # Nothing leaves an ended state.
    assert not {source for source, _to in states.TRANSITIONS} & states.ENDED


def test_stock_is_settled_exactly_once_on_every_way():
    """From placing to any end, what was allocated is given back or consumed, and only once."""

    def walk(state: State, settled: int, seen: tuple) -> None:
        assert settled <= 1, seen
        assert (settled == 0) == (state in states.HOLDS_STOCK), seen
        for transition in states.TRANSITIONS.values():
            # The buyer may be asked more than once; going round once is enough.
            if transition.from_state == state and transition.to_state not in seen:
                walk(
                    transition.to_state,
                    settled + (transition.stock in (StockEffect.CONSUME, StockEffect.GIVE_BACK)),
                    (*seen, transition.to_state),
                )

    walk(State.NEW, 0, (State.NEW,))


def test_the_document_says_what_the_code_does():
    text = (Path(__file__).parents[2] / "docs" / "states.md").read_text(encoding="utf-8")
    # Transfers and listings have chapters of their own.
    text = text.split("\n# ")[0]
    rows = [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in text.splitlines()
        if re.match(r"\| *`", line)
    ]
    told = {(row[0].strip("`"), row[1].strip("`")): row[2:] for row in rows}
    words = {
        ActorKind.OWNER: "owner", ActorKind.STAFF: "staff", ActorKind.PACKER: "packer",
        ActorKind.OFFICE: "office", ActorKind.BUYER: "buyer", ActorKind.CLOCK: "clock",
    }
    for (source, to), transition in (states.TRANSITIONS | states.UNDOS).items():
        actors = ", ".join(words[k] for k in words if k in transition.actors)
        only = {True: "parcels", False: "services", None: ""}[transition.for_parcels]
        effect = "" if transition.stock is StockEffect.NONE else transition.stock.value
        assert told.pop((source.value, to.value)) == (actors, only, effect)
    assert not told


@pytest.mark.parametrize(
    ("of", "is_released", "status"),
    [
        (["new"], False, OrderStatus.PENDING),
        (["new", "new"], True, OrderStatus.PLACED),
        (["new", "confirmed"], True, OrderStatus.IN_PROGRESS),
        (["delivered", "packed"], True, OrderStatus.IN_PROGRESS),
        (["delivered", "completed"], True, OrderStatus.DELIVERED),
        (["completed", "cancelled"], True, OrderStatus.COMPLETED),
        (["completed", "refused"], True, OrderStatus.COMPLETED),
        (["cancelled", "declined"], True, OrderStatus.CANCELLED),
        (["cancelled"], False, OrderStatus.CANCELLED),
        (["refused", "returned", "cancelled"], True, OrderStatus.RETURNED),
    ],
)
def test_the_order_follows_its_parcels(of, is_released, status):
    assert order_status(of, is_released=is_released) is status


class TestWhoActs:
    """Rights are read when the row is held, from the person, not from the page."""

    @pytest.fixture
    def parcel(self, tariff):
        return make_order(make_product(), now=NOW).consignments.get()

    @pytest.fixture
    def person(self, django_user_model):
        return django_user_model.objects.create_user("ai-do@example.test")

    def test_a_stranger_may_nothing(self, parcel, person):
        assert capacities(person, parcel) == frozenset()
        with pytest.raises(MoveForbidden):
            actions.move(consignment_id=parcel.pk, to="confirmed", actor=person, now=NOW)

    @pytest.mark.parametrize("role", Membership.Role.values)
    def test_the_producers_team(self, parcel, person, role):
        Membership.objects.create(producer=parcel.producer, user=person, role=role)
        assert capacities(person, parcel) == {ActorKind(f"producer_{role}")}

    def test_another_producers_owner_may_nothing(self, parcel, person):
        Membership.objects.create(producer=make_producer(), user=person, role="owner")
        with pytest.raises(MoveForbidden):
            actions.move(consignment_id=parcel.pk, to="confirmed", actor=person, now=NOW)

    def test_the_office_and_a_dismissed_clerk(self, parcel, django_user_model):
        chief = django_user_model.objects.create_superuser("sep@example.test", "x")
        assert capacities(chief, parcel) == {ActorKind.OFFICE}
        chief.is_active = False
        assert capacities(chief, parcel) == frozenset()

    def test_a_signed_in_buyer_cancels_but_does_not_confirm(self, tariff, person):
        order = make_order(make_product(), user=person, now=NOW)
        parcel = order.consignments.get()
        with pytest.raises(MoveForbidden):
            actions.move(consignment_id=parcel.pk, to="confirmed", actor=person, now=NOW)
        actions.move(consignment_id=parcel.pk, to="cancelled", actor=person, now=NOW)

    def test_a_producer_cannot_touch_what_is_not_released(self, parcel, person):
        Consignment.objects.update(released_at=None)
        Membership.objects.create(producer=parcel.producer, user=person, role="owner")
        with pytest.raises(MoveForbidden):
            actions.move(consignment_id=parcel.pk, to="confirmed", actor=person, now=NOW)

    def test_what_was_done_by_whom_is_kept(self, parcel, person):
        Membership.objects.create(producer=parcel.producer, user=person, role="owner")
        actions.move(
            consignment_id=parcel.pk, to="declined", actor=person, reason="Hết trái", now=NOW
        )
        event = ConsignmentEvent.objects.get(to_state="declined")
        assert (event.from_state, event.actor, event.actor_kind, event.reason, event.at) == (
            "new", person, "producer_owner", "Hết trái", NOW
        )
        entry = AuditEntry.objects.get(action="consignment.declined")
        assert (entry.user_id, entry.before, entry.after) == (
            person.pk, {"state": "new"}, {"state": "declined", "as": "producer_owner"}
        )

    @pytest.mark.parametrize("reason", ["", "   "])
    def test_declining_must_say_why(self, parcel, reason):
        with pytest.raises(ReasonMissing):
            actions.move(
                consignment_id=parcel.pk, to="declined", actor=ANYBODY, reason=reason, now=NOW
            )
