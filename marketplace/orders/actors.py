"""In which capacity somebody acts on a consignment."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.orders.models import Consignment
from marketplace.orders.states import ActorKind
from marketplace.producers.models import Membership
from marketplace.producers.queries import may_act_for

_OF_MEMBERSHIP = {
    Membership.Role.OWNER: ActorKind.OWNER,
    Membership.Role.STAFF: ActorKind.STAFF,
    Membership.Role.PACKER: ActorKind.PACKER,
}


@dataclass(frozen=True)
class Actor:
    """Somebody with the capacities that the caller has made sure of."""

    kinds: frozenset[ActorKind]
    user: User | None = None

    @classmethod
    def clock(cls) -> Actor:
        """A periodic task: the time is up."""
        return cls(frozenset({ActorKind.CLOCK}))

    @classmethod
    def buyer(cls, user: User | None = None) -> Actor:
        """Whoever showed the order's secret or its number with the phone, or is its customer."""
        return cls(frozenset({ActorKind.BUYER}), user)

    @classmethod
    def office(cls, user: User) -> Actor:
        """Staff, in a place that has judged the permission itself."""
        return cls(frozenset({ActorKind.OFFICE}), user)


def capacities(user: User, consignment: Consignment) -> frozenset[ActorKind]:
    """All capacities of a signed-in person towards one consignment, read now."""
    if not user.is_active:
        return frozenset()
    kinds = {
        _OF_MEMBERSHIP[role]
        for role in Membership.objects.filter(
            producer=consignment.producer_id, user=user
        ).values_list("role", flat=True)
    }
    if may_act_for(user, consignment.producer_id, clock.today()):
        kinds.add(ActorKind.STAFF)
    if user.has_perm("orders.change_consignment"):
        kinds.add(ActorKind.OFFICE)
    if consignment.order.user_id == user.pk:
        kinds.add(ActorKind.BUYER)
    return frozenset(kinds)
