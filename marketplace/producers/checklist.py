"""What a producer still lacks before it may hand in a listing, judged for one day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db.models import Q

from marketplace.platform.dated import in_force
from marketplace.producers.models import ChecklistItem, Paper, Producer

#: Days before its last day from which a paper is shown as ending.
ENDING_DAYS = 60


class Standing(StrEnum):
    """How one item stands for one producer."""

    DONE = "done"
    #: Stated by the producer; good enough for this item, or waiting for the office.
    STATED = "stated"
    MISSING = "missing"
    REFUSED = "refused"
    ENDED = "ended"


@dataclass(frozen=True)
class Entry:
    """One item of the list with the paper that shows it, if there is one."""

    item: ChecklistItem
    standing: Standing
    paper: Paper | None = None
    is_enough: bool = False
    #: Days until the paper ends, when that is soon.
    ends_in_days: int | None = None


@dataclass(frozen=True)
class Checklist:
    """All items that hold for a producer on a day."""

    entries: tuple[Entry, ...]

    @property
    def is_complete(self) -> bool:
        """Whether listings may be handed in."""
        return not self.open

    @property
    def open(self) -> tuple[Entry, ...]:
        """What is still in the way."""
        return tuple(entry for entry in self.entries if not entry.is_enough)

    @property
    def done_count(self) -> int:
        return len(self.entries) - len(self.open)


def items_on(day: date) -> list[ChecklistItem]:
    """The items in force on ``day``. One query."""
    return list(ChecklistItem.objects.filter(in_force(day)))


def checklist(producer: Producer, *, day: date, product_sets: Iterable[int]) -> Checklist:
    """Judge one producer that sells goods of these OCOP product sets. Two queries.

    The newest paper of an item counts; a paper of an older row of the same item counts too.
    """
    sets = frozenset(product_sets)
    items = [item for item in items_on(day) if item.holds_for(producer.kind, sets)]
    newest: dict[str, Paper] = {}
    for paper in (
        Paper.objects.filter(producer=producer).select_related("item").order_by("pk")
    ):
        newest[paper.item.code] = paper
    return Checklist(
        tuple(_judge(producer, item, newest.get(item.code), day) for item in items)
    )


def _judge(
    producer: Producer, item: ChecklistItem, paper: Paper | None, day: date
) -> Entry:
    match item.proof:
        case ChecklistItem.Proof.IDENTITY:
            return _plain(item, producer.is_identified)
        case ChecklistItem.Proof.TAX_CODE:
            return _plain(item, bool(producer.tax_code or producer.registration_no))
    if paper is None:
        return Entry(item, Standing.MISSING)
    if paper.state == Paper.State.REFUSED:
        return Entry(item, Standing.REFUSED, paper)
    if not paper.holds_on(day):
        return Entry(item, Standing.ENDED, paper)
    left = (paper.valid_through - day).days if paper.valid_through else None
    is_verified = paper.state == Paper.State.VERIFIED
    return Entry(
        item,
        Standing.DONE if is_verified else Standing.STATED,
        paper,
        is_enough=is_verified or not item.needs_verification,
        ends_in_days=left if left is not None and left <= ENDING_DAYS else None,
    )


def _plain(item: ChecklistItem, is_done: bool) -> Entry:
    return Entry(item, Standing.DONE if is_done else Standing.MISSING, is_enough=is_done)


def papers_to_remind(day: date) -> list[tuple[Paper, int]]:
    """Papers in use that end soon, with the reminder that is due: the fewest days not passed.

    A paper that a newer one has replaced is nobody's worry any more.
    """
    longest = max(
        (days for item in items_on(day) for days in item.remind_days), default=0
    )
    found = []
    replaced = set()
    for paper in (
        Paper.objects.exclude(state=Paper.State.REFUSED)
        .filter(
            Q(valid_through__isnull=True) | Q(valid_through__gte=day),
            producer_id__in=Paper.objects.filter(
                valid_through__range=(day, day + timedelta(days=longest))
            ).values("producer"),
        )
        .select_related("item", "producer")
        .order_by("-pk")
    ):
        key = (paper.producer_id, paper.item.code)
        if key in replaced:
            continue
        replaced.add(key)
        if paper.valid_through is None:
            continue
        left = (paper.valid_through - day).days
        due = [days for days in paper.item.remind_days if left <= days]
        if due:
            found.append((paper, min(due)))
    return found
