"""Races in a team: two invitations at once, the two last owners at once. Each with its twin."""

import threading
from functools import partial

import pytest

from marketplace.kernel import clock
from marketplace.producers import team_actions
from marketplace.producers.models import Invitation, Membership, Producer
from tests.concurrency.rivals import all_at_once
from tests.factories.accounts import PASSWORD, make_user
from tests.factories.catalogue import make_producer

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = "+84912345678"


def without_the_lock(monkeypatch, rivals=2):
    """The producer is read, not held; both rivals have looked before either writes."""
    both_have_looked = threading.Barrier(rivals, timeout=20)
    monkeypatch.setattr(
        team_actions, "locked_producer", lambda pk: Producer.objects.get(pk=pk)
    )
    look = team_actions._refuse_last_owner

    def looked(membership):
        look(membership)
        both_have_looked.wait()

    monkeypatch.setattr(team_actions, "_refuse_last_owner", looked)


def two_owners():
    producer = make_producer()
    return producer, [
        Membership.objects.create(producer=producer, user=make_user(), role="owner")
        for _owner in range(2)
    ]


def step_down(owners):
    return [
        partial(
            team_actions.change_role, membership=owner, role=Membership.Role.STAFF,
            actor=owner.user,
        )
        for owner in owners
    ]


@pytest.mark.parametrize("times", range(3))
def test_of_the_two_last_owners_one_stays(times):
    producer, owners = two_owners()
    results = all_at_once(step_down(owners))
    assert sorted(type(r).__name__ for r in results) == ["LastOwner", "Membership"]
    assert producer.memberships.filter(role="owner").count() == 1


def test_one_leaves_while_the_other_steps_down():
    producer, (first, second) = two_owners()
    all_at_once(
        [partial(team_actions.remove, membership=first, actor=first.user), *step_down([second])]
    )
    assert producer.memberships.filter(role="owner").count() == 1


def test_the_twin_leaves_a_team_without_an_owner(monkeypatch):
    producer, owners = two_owners()
    without_the_lock(monkeypatch)
    all_at_once(step_down(owners))
    assert producer.memberships.filter(role="owner").count() == 0


def invited(producer, actor, **to):
    invitation, code = team_actions.invite(
        producer=producer, role=Membership.Role.STAFF, language="vi", actor=actor,
        now=clock.now(), **to,
    )
    return invitation, code


def test_two_invitations_at_once_make_one_member():
    producer, (owner, _other) = two_owners()
    lan = make_user("lan@example.test", phone=PHONE)
    by_mail, _ = invited(producer, owner.user, email="lan@example.test")
    _, code = invited(producer, owner.user, phone=PHONE)
    results = all_at_once(
        [
            partial(team_actions.accept, invitation=by_mail, user=lan, now=clock.now()),
            partial(
                team_actions.accept_code, phone=PHONE, code=code, password=PASSWORD,
                now=clock.now(),
            ),
        ]
    )
    assert not [r for r in results if isinstance(r, Exception)]
    assert Membership.objects.filter(producer=producer, user=lan).count() == 1
    assert Invitation.objects.filter(accepted_by=lan).count() == 2


def test_two_producers_codes_at_once_open_one_account():
    calls = []
    for _producer in range(2):
        producer, (owner, _other) = two_owners()
        _, code = invited(producer, owner.user, phone=PHONE)
        calls.append(
            partial(
                team_actions.accept_code, phone=PHONE, code=code, password="vườn nhà Út 1998",
                now=clock.now(),
            )
        )
    first, second = all_at_once(calls)
    assert first == second
    assert Membership.objects.filter(user=first).count() == 2


def test_inviting_twice_at_once_is_one_invitation():
    producer, (owner, _other) = two_owners()
    results = all_at_once([partial(invited, producer, owner.user, email="a@example.test")] * 2)
    assert not [r for r in results if isinstance(r, Exception)]
    assert Invitation.objects.count() == 1
