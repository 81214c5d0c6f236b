"""Which producers may sell, and which of them somebody may act for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from marketplace.accounts.models import User
from marketplace.producers.models import AreaAssignment, Delegation, Membership, Producer

#: Members whose co-operative was asked act for its growers; packers only pack.
_DESK_WORKERS = (Membership.Role.OWNER, Membership.Role.STAFF)


@dataclass(frozen=True)
class Contact:
    """Somebody to whom a producer's news go: by e-mail, else by SMS to ``phone`` (E.164)."""

    email: str
    phone: str
    language: str
    sees_money: bool = True
    #: The member; None for the producer's own address or number.
    user_id: int | None = None


def contacts(
    producers: Iterable[Producer], *, with_packers: bool = False
) -> dict[int, list[Contact]]:
    """Producer's id → who hears of its parcels, each address and each person once. One query.

    First the producer's own address, or its number when it has none; then those members who
    are not reached by it, each by a confirmed address or else by the number they sign in with.
    Packers decide nothing, so they are told only where asked for, and never of money.
    """
    found = {
        producer.pk: [Contact(email=producer.email, phone=producer.phone, language="vi")]
        for producer in producers
    }
    reached = {
        pk: {own.email.lower(), own.phone} for pk, (own,) in found.items()
    }
    roles = [Membership.Role.OWNER, Membership.Role.STAFF]
    if with_packers:
        roles.append(Membership.Role.PACKER)
    for member in (
        Membership.objects.filter(producer__in=found, role__in=roles, user__is_active=True)
        .select_related("user")
        .order_by("pk")
    ):
        user = member.user
        email = user.email if user.email and user.email_confirmed_at else ""
        phone = "" if email else user.phone or ""
        if not {email, phone} - {""} - reached[member.producer_id]:
            continue
        found[member.producer_id].append(
            Contact(
                email=email,
                phone=phone,
                language=user.language,
                sees_money=member.role != Membership.Role.PACKER,
                user_id=user.pk,
            )
        )
    return found


def in_public() -> QuerySet[Producer]:
    """Producers whose identity somebody has checked and that are not suspended: only they appear
    in public."""
    return Producer.objects.filter(
        identity_verified_at__isnull=False, suspended_at__isnull=True
    )


def selling_on(day: date) -> QuerySet[Producer]:
    """Producers in public that are not closed on ``day``."""
    return in_public().exclude(paused_from__lte=day, paused_through__gte=day)


def visible_to(user: User) -> QuerySet[Producer]:
    """The producers for which ``user`` acts, in any part; a foreign one is nobody's business."""
    if not user.is_authenticated:
        return Producer.objects.none()
    return Producer.objects.filter(memberships__user=user).distinct()


def delegations_in_force(day: date) -> QuerySet[Delegation]:
    """Consents that stand on ``day``; one to an officer only while the commune is in the area."""
    in_area = AreaAssignment.objects.filter(
        user=OuterRef("agent"), commune=OuterRef("producer__commune")
    )
    return Delegation.objects.filter(
        Q(valid_through__isnull=True) | Q(valid_through__gte=day), withdrawn_at__isnull=True
    ).filter(Q(agent__isnull=True) | Exists(in_area))


def delegated_to(user: User, day: date) -> QuerySet[Producer]:
    """The growers for whom ``user`` may act on ``day``, in alphabetical order."""
    if not user.is_authenticated or not user.is_active:
        return Producer.objects.none()
    standing = delegations_in_force(day).filter(
        Q(agent=user)
        | Exists(
            Membership.objects.filter(
                user=user, role__in=_DESK_WORKERS, producer=OuterRef("agent_producer")
            )
        ),
        producer=OuterRef("pk"),
    )
    return Producer.objects.filter(Exists(standing)).order_by(F("sort_key"))


def may_act_for(user: User, producer_id: int, day: date) -> bool:
    """Whether ``user`` may do a grower's desk's work, by a consent that stands. One query."""
    return delegated_to(user, day).filter(pk=producer_id).exists()
