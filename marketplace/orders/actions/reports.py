"""The buyer misses something; the producer or the office answers."""

from datetime import datetime

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.orders import locks, news, queries
from marketplace.orders.actors import Actor, capacities
from marketplace.orders.errors import (
    AnsweredAlready,
    MoveForbidden,
    NothingToReport,
    ReasonMissing,
)
from marketplace.orders.models import ArrivalReport
from marketplace.orders.states import ActorKind
from marketplace.platform import audit

_MAY_ANSWER = frozenset({ActorKind.OWNER, ActorKind.STAFF, ActorKind.OFFICE})


@transaction.atomic
def report_not_arrived(
    *, consignment_id: int, reason: str, note: str = "", now: datetime
) -> ArrivalReport:
    """Keep that the buyer misses something, once until it is answered; tell the producer.

    The caller has made sure that this is the buyer. Holds the order's rows. An open report
    keeps the clock from completing the consignment. Raises NothingToReport.
    """
    consignment, _order, _all = locks.consignment_with_order(consignment_id)
    if not queries.may_be_reported(consignment, clock.local_date(now)):
        raise NothingToReport
    report = ArrivalReport.objects.create(
        consignment=consignment,
        reason=ArrivalReport.Reason(reason),
        note=note,
        reported_at=now,
    )
    audit.record(
        action="consignment.reported",
        actor=None,
        target=consignment,
        before=None,
        after={"reason": report.reason},
    )
    news.reported(consignment, report)
    return report


@transaction.atomic
def answer_report(
    *, report_id: int, answer: str, actor: Actor | User, now: datetime
) -> ArrivalReport:
    """Answer a report; the buyer reads it. Raises AnsweredAlready, MoveForbidden, ReasonMissing."""
    order_id = ArrivalReport.objects.values_list("consignment__order", flat=True).get(
        pk=report_id
    )
    order, consignments = locks.order_with_consignments(order_id)
    report = ArrivalReport.objects.get(pk=report_id)
    consignment = next(c for c in consignments if c.pk == report.consignment_id)
    if isinstance(actor, Actor):
        kinds, user = actor.kinds, actor.user
    else:
        kinds, user = capacities(actor, consignment), actor
    if not kinds & _MAY_ANSWER:
        raise MoveForbidden
    if report.answered_at is not None:
        raise AnsweredAlready
    if not answer.strip():
        raise ReasonMissing
    report.answer, report.answered_at, report.answered_by = answer.strip(), now, user
    report.save(update_fields=["answer", "answered_at", "answered_by"])
    audit.record(
        action="consignment.report_answered",
        actor=user,
        target=consignment,
        before=None,
        after={"report": report.pk},
        reason=report.answer,
    )
    news.report_answered(order, consignment, report)
    return report
