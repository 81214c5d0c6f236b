"""What one person's producers have to do."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.orders.models import ArrivalReport, Consignment, Handover
from marketplace.orders.queries import invoices_due, normalise_number
from marketplace.orders.states import UNDOS, ActorKind, State, transitions_from
from marketplace.producers.models import Invitation, Membership, Producer
from marketplace.producers.queries import delegated_to

_KINDS = {
    Membership.Role.OWNER: ActorKind.OWNER,
    Membership.Role.STAFF: ActorKind.STAFF,
    Membership.Role.PACKER: ActorKind.PACKER,
}
#: Longer lists are worked off from the top; the counts tell how many there are.
MOST_SHOWN = 50
#: What is still under way, the nearest to leaving first.
UNDER_WAY = (State.CONFIRMED, State.SHORT_PACKED, State.PACKED, State.HANDED_OVER)


@dataclass(frozen=True)
class Desk:
    """The producers that somebody works for, with their part in each."""

    user: User
    roles: dict[int, Membership.Role]
    producers: tuple[Producer, ...]
    #: Somebody else's desk, opened with their consent.
    is_for_another: bool = False

    def consignments(self) -> QuerySet[Consignment]:
        """Their released consignments, and nobody else's."""
        return (
            Consignment.objects.filter(producer__in=self.roles, released_at__isnull=False)
            .select_related(
                "producer",
                "order__details__commune",
                "order__details__province",
                "order__voucher_use__voucher",
                "order__invoice_wish",
                "invoice",
            )
            .prefetch_related("lines__line")
        )

    @property
    def may_see_money(self) -> bool:
        """Whether there is any producer whose money this person may see."""
        return bool(self.producers_with_money)

    @property
    def producers_with_money(self) -> list[Producer]:
        """Those for which this person is more than a packer."""
        return [p for p in self.producers if self.roles[p.pk] != Membership.Role.PACKER]

    @property
    def owned(self) -> list[Producer]:
        """Those whose team this person decides on: nobody else's, whoever helps whom."""
        return [p for p in self.producers if self.roles[p.pk] == Membership.Role.OWNER]

    @property
    def owns_any(self) -> bool:
        """Whether there is any."""
        return bool(self.owned)

    def sees_money(self, consignment: Consignment) -> bool:
        """Packers see parcels but no money."""
        return self.roles[consignment.producer_id] != Membership.Role.PACKER

    def may_move_to(self, consignment: Consignment) -> set[State]:
        """What this person may make of it now."""
        kinds = {_KINDS[self.roles[consignment.producer_id]]}
        return {
            transition.to_state
            for transition in transitions_from(
                consignment.state, kinds, is_parcel=consignment.needs_delivery
            )
        }

    def may_undo(self, consignment: Consignment) -> bool:
        """Whether this person may take its last step back, were it not too late."""
        kind = _KINDS[self.roles[consignment.producer_id]]
        return any(
            kind in transition.actors
            for (start, _to), transition in UNDOS.items()
            if start == consignment.state
        )

    def may_ask_and_answer(self, consignment: Consignment) -> bool:
        """Whether this person may speak to the buyer: everybody but packers."""
        return self.sees_money(consignment)

    def counts(self) -> Counter[str]:
        """State → how many. One query."""
        return Counter(
            dict(
                Consignment.objects.filter(producer__in=self.roles, released_at__isnull=False)
                .order_by()
                .values_list("state")
                .annotate(n=Count("pk"))
            )
        )


def desk_of(user: User) -> Desk | None:
    """The desk of somebody who works for a producer; None for everybody else. One query."""
    memberships = list(
        Membership.objects.filter(user=user)
        .select_related("producer")
        .order_by("producer__sort_key", "pk")
    )
    if not memberships:
        return None
    return Desk(
        user=user,
        roles={m.producer_id: Membership.Role(m.role) for m in memberships},
        producers=tuple(m.producer for m in memberships),
    )


def desk_for_another(user: User, producer_id: int, day: date) -> Desk | None:
    """A grower's desk as somebody may use it whom they have asked; None when they have not.

    Such a person does what staff do: everything but the team. One query.
    """
    producer = delegated_to(user, day).filter(pk=producer_id).first()
    if producer is None:
        return None
    return Desk(
        user=user,
        roles={producer.pk: Membership.Role.STAFF},
        producers=(producer,),
        is_for_another=True,
    )


def may_help_others(user: User, day: date) -> bool:
    """Whether any grower has asked this person, or their co-operative, to act for them."""
    return delegated_to(user, day).exists()


def invitations_to(user: User, now: datetime) -> QuerySet[Invitation]:
    """Open invitations to the confirmed address of ``user``, the oldest first."""
    if user.email_confirmed_at is None or not user.email or user.works_here:
        return Invitation.objects.none()
    return (
        Invitation.objects.filter(
            email=user.email, accepted_at=None, withdrawn_at=None, expires_at__gt=now
        )
        .select_related("producer")
        .order_by("pk")
    )


def found_by(rows: QuerySet[Consignment], query: str) -> QuerySet[Consignment]:
    """Parcels by number, name or phone, whatever was typed.

    Before it is confirmed a parcel has neither name nor phone for its producer.
    """
    query = query.replace("\x00", "").strip()[:100]
    if not query:
        return rows
    digits = re.sub(r"\D", "", query)
    labelled = ~Q(state=State.NEW)
    found = Q(number__istartswith=query) | (
        labelled & Q(order__details__recipient__icontains=query)
    )
    if len(digits) >= 4 and re.fullmatch(r"[\d\s.+()-]+", query):
        bare = digits.removeprefix("84") if query.startswith("+") else digits.lstrip("0")
        found |= labelled & Q(order__details__phone__contains=bare)
    elif re.search(r"\d", query):
        found |= Q(order__number__startswith=normalise_number(re.sub(r"-\d{1,3}$", "", query)))
    return rows.filter(found)


def open_reports(desk: Desk) -> QuerySet[ArrivalReport]:
    """What buyers miss and nobody has answered, the oldest first."""
    return (
        ArrivalReport.objects.filter(consignment__producer__in=desk.roles, answered_at=None)
        .select_related("consignment__producer")
        .order_by("pk")
    )


def invoices_to_issue(desk: Desk) -> QuerySet[Consignment]:
    """What left and whose buyers wait for a VAT invoice; not for packers, who see no money."""
    return invoices_due(desk.consignments().filter(producer__in=desk.producers_with_money))


def carriers_used(desk: Desk) -> list[str]:
    """The carriers named lately, to choose from."""
    named = (
        Handover.objects.filter(consignment__producer__in=desk.roles)
        .exclude(carrier="")
        .order_by("-at")
        .values_list("carrier", flat=True)[:200]
    )
    return list(dict.fromkeys(named))[:8]


def works_for_a_producer(user: User) -> bool:
    """Whether there is a desk for this person, their own or somebody's whom they help."""
    return Membership.objects.filter(user=user).exists() or may_help_others(user, clock.today())
