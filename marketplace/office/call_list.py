"""Whom the office calls: growers who do not confirm, buyers who miss something or do not answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery

from marketplace.accounts.models import User
from marketplace.office.queries import consignments_visible_to
from marketplace.orders.models import ArrivalReport, CallNote, Consignment, ShortPack
from marketplace.orders.states import State

#: So many of each kind stand on the page; the rest follows when these are done.
MOST_SHOWN = 50

_OPEN_REPORT = ArrivalReport.objects.filter(consignment=OuterRef("pk"), answered_at=None)
_OPEN_QUESTION = ShortPack.objects.filter(
    consignment=OuterRef("pk"), answer=ShortPack.Answer.OPEN
)


@dataclass(frozen=True)
class Section:
    """One kind of call, and the consignments it is about, the longest waiting first."""

    about: CallNote.About
    rows: QuerySet[Consignment]


def sections(user: User, now: datetime) -> Iterator[Section]:
    """What is to be called now; done calls and those put off are left out."""
    every = consignments_visible_to(user)
    starts = {
        CallNote.About.UNCONFIRMED: every.filter(
            state=State.NEW, chase__escalated_at__isnull=False
        ).annotate(since=F("chase__escalated_at")),
        CallNote.About.NOT_ARRIVED: every.annotate(
            since=Subquery(_OPEN_REPORT.values("reported_at")[:1])
        ).filter(since__isnull=False),
        CallNote.About.SHORT_PACK: every.filter(state=State.SHORT_PACKED)
        .annotate(since=Subquery(_OPEN_QUESTION.values("asked_at")[:1]))
        .filter(since__isnull=False),
    }
    for about, rows in starts.items():
        yield Section(about, _still_to_call(rows, about, now).order_by("since", "pk"))


def _still_to_call(
    rows: QuerySet[Consignment], about: CallNote.About, now: datetime
) -> QuerySet[Consignment]:
    """Without those whose last call about this very matter says done, or not yet again."""
    last = CallNote.objects.filter(
        consignment=OuterRef("pk"), about=about, at__gte=OuterRef("since")
    ).order_by("-pk")
    return rows.annotate(
        called_done=Subquery(last.values("is_done")[:1]),
        again_at=Subquery(last.values("again_at")[:1]),
    ).filter(
        Q(called_done__isnull=True) | Q(called_done=False),
        Q(again_at__isnull=True) | Q(again_at__lte=now),
    )


def shown(rows: QuerySet[Consignment]) -> QuerySet[Consignment]:
    """With all that the page says of each: a fixed number of queries."""
    return rows.select_related("producer", "order__details").prefetch_related(
        Prefetch("call_notes", CallNote.objects.select_related("by")),
        "arrival_reports",
        "short_packs",
    )[:MOST_SHOWN]


def how_many(user: User, now: datetime) -> int:
    """Calls to make now. One query for each kind."""
    return sum(section.rows.count() for section in sections(user, now))
