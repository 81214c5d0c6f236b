"""Recording and withdrawing a grower's consent that somebody else acts for them."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction

from marketplace.accounts.models import User
from marketplace.platform import audit
from marketplace.producers.errors import (
    AlreadyDelegated,
    ConsentDatesWrong,
    NotACooperative,
    OutsideTheArea,
)
from marketplace.producers.models import AreaAssignment, Delegation, Producer


@transaction.atomic
def delegate(
    *,
    producer: Producer,
    agent: User | None = None,
    agent_producer: Producer | None = None,
    how: str,
    consented_on: date,
    valid_through: date | None = None,
    note: str = "",
    actor: User,
    now: datetime,
    today: date,
) -> Delegation:
    """Record that a grower lets one officer of their area, or one co-operative, act for them.

    Raises OutsideTheArea, NotACooperative, ConsentDatesWrong, AlreadyDelegated.
    """
    if (agent is None) == (agent_producer is None):
        raise ValueError("a delegation is to one officer or to one co-operative")
    if consented_on > today or (valid_through is not None and valid_through < today):
        raise ConsentDatesWrong
    if agent is not None and not AreaAssignment.objects.filter(
        user=agent, commune=producer.commune_id
    ).exists():
        raise OutsideTheArea
    if agent_producer is not None and (
        agent_producer.kind != Producer.Kind.COOPERATIVE or agent_producer.pk == producer.pk
    ):
        raise NotACooperative
    try:
        with transaction.atomic():
            delegation = Delegation.objects.create(
                producer=producer,
                agent=agent,
                agent_producer=agent_producer,
                how=how,
                consented_on=consented_on,
                valid_through=valid_through,
                note=note,
                recorded_at=now,
                recorded_by=actor,
            )
    except IntegrityError as error:
        raise AlreadyDelegated from error
    audit.record(
        action="producer.delegated", actor=actor, target=producer,
        before=None, after=_told(delegation),
    )
    return delegation


@transaction.atomic
def withdraw(*, delegation_id: int, actor: User, now: datetime) -> Delegation:
    """End a delegation now: the next request of its agent is refused. Repeating changes nothing."""
    delegation = (
        Delegation.objects.select_for_update(of=("self",))
        .select_related("producer")
        .get(pk=delegation_id)
    )
    if delegation.withdrawn_at is not None:
        return delegation
    before = _told(delegation)
    delegation.withdrawn_at, delegation.withdrawn_by = now, actor
    delegation.save(update_fields=["withdrawn_at", "withdrawn_by"])
    audit.record(
        action="producer.delegation_withdrawn", actor=actor, target=delegation.producer,
        before=before, after=_told(delegation),
    )
    return delegation


@transaction.atomic
def set_area(*, user: User, commune_ids: set[int], actor: User) -> None:
    """Say which communes an officer looks after; delegations outside them rest from now on."""
    before = set(
        AreaAssignment.objects.select_for_update()
        .filter(user=user)
        .values_list("commune", flat=True)
    )
    if before == commune_ids:
        return
    AreaAssignment.objects.filter(user=user).exclude(commune__in=commune_ids).delete()
    AreaAssignment.objects.bulk_create(
        AreaAssignment(user=user, commune_id=pk) for pk in sorted(commune_ids - before)
    )
    audit.record(
        action="account.area_set", actor=actor, target=user,
        before={"communes": sorted(before)}, after={"communes": sorted(commune_ids)},
    )


def _told(delegation: Delegation) -> dict[str, object]:
    through = delegation.valid_through
    return {
        "agent": delegation.agent_id,
        "agent_producer": delegation.agent_producer_id,
        "how": delegation.how,
        "consented_on": delegation.consented_on.isoformat(),
        "valid_through": through.isoformat() if through else None,
        "withdrawn": delegation.withdrawn_at is not None,
    }
