"""Changing rows that hold between two days: a new version, a last day, what never comes.

A strand (``dated``) is changed here alone: its lock is held, the version before is ended, the
audit written. What was ever in force is never edited: an old order can be explained by it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, ProtectedError, QuerySet
from django.utils.translation import gettext as _

from marketplace.kernel import formats
from marketplace.platform import audit, page_versions
from marketplace.platform.dated import in_force

ONE_DAY = timedelta(days=1)


class DatedError(Exception):
    """A change of dated rows that is refused; its words are for the clerk."""


class BeginsInThePast(DatedError):
    """The first day lies before today."""

    def __str__(self) -> str:
        return _("The first day is today or later: what was in force is not rewritten.")


class BeginsAlready(DatedError):
    """A version of the strand begins on that very day."""

    def __init__(self, on: date) -> None:
        super().__init__(on)
        self.on = on

    def __str__(self) -> str:
        return _(
            "Something begins on %(day)s already. Choose another day, or change that one before "
            "it begins."
        ) % {"day": formats.date(self.on)}


class BegunAlready(DatedError):
    """It is in force, or was: orders stand under it."""

    def __str__(self) -> str:
        return _("It has begun already, so it stays as it is. Add a new one from a later day.")


class EndsTooEarly(DatedError):
    """The last day lies before today or before the first, or after the next one begins."""

    def __str__(self) -> str:
        return _(
            "The last day is today or later, not before the first day, and before the next one "
            "begins."
        )


class ChangedMeanwhile(DatedError):
    """Somebody else has changed the strand since the page was shown."""

    def __str__(self) -> str:
        return _("Somebody else has changed this meanwhile. Please look at it again.")


class InUse(DatedError):
    """Something refers to the row already."""

    def __str__(self) -> str:
        return _("Something refers to it already, so it cannot be withdrawn.")


@dataclass(frozen=True)
class Strand:
    """The rows of ``model`` with these values of its ``key`` columns, which replace each other.

    ``pages`` are the keys of the kept public pages that show them; ``label`` names the strand
    in the audit.
    """

    model: type[Model]
    key: tuple[tuple[str, Any], ...] = ()
    pages: tuple[str, ...] = ()
    label: str = ""

    @property
    def rows(self) -> QuerySet:
        """All of them, past and to come."""
        return self.model._default_manager.filter(**dict(self.key))

    def on(self, day: date) -> list[Model]:
        """The version that holds on ``day``: one row, or the rows of one table."""
        return list(self.rows.filter(in_force(day)).order_by("pk"))

    def from_day(self, day: date) -> list[Model]:
        """The version that begins on ``day``."""
        return list(self.rows.filter(effective_from=day).order_by("pk"))

    def mark(self) -> str:
        """A short text that is another one after any change of the strand. One query."""
        values = repr(list(self.rows.order_by("pk").values_list()))
        return hashlib.sha256(values.encode()).hexdigest()[:20]

    def hold(self) -> None:
        """Let changes of the strand wait for each other until the transaction ends.

        A row that does not exist yet cannot be locked, so it is a lock on the strand's name.
        """
        name = f"dated:{self.model._meta.label_lower}:{self.key}"
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 8))", [name])

    def told(self, rows: Sequence[Model]) -> dict[str, Any]:
        """A version as the audit keeps it: its columns, those that differ from row to row as
        lists."""
        known = [audit.snapshot(row) for row in rows]
        hidden = {"id", *(name for name, _value in self.key)}
        names = [name for name in (known[0] if known else ()) if name not in hidden]
        columns = {name: [row[name] for row in known] for name in names}
        return {
            name: values[0] if all(value == values[0] for value in values) else values
            for name, values in columns.items()
        }


def next_from(strand: Strand, day: date) -> date | None:
    """When the next version after ``day`` begins; None when none is known. One query."""
    return (
        strand.rows.filter(effective_from__gt=day)
        .order_by("effective_from")
        .values_list("effective_from", flat=True)
        .first()
    )


def last_day(strand: Strand, on: date) -> date | None:
    """Until when something that begins on ``on`` will hold: as long as what it replaces, else
    until the next one begins. Two queries at most."""
    before = strand.on(on)
    if before:
        return before[0].effective_through
    following = next_from(strand, on)
    return following - ONE_DAY if following else None


@transaction.atomic
def begin(
    *, strand: Strand, on: date, values: Sequence[Mapping[str, Any]], actor: Any, today: date,
    seen: str | None = None,
) -> list[Model]:
    """Let a new version hold from ``on``; what held then ends the day before.

    Holds the strand. ``values`` are the columns of each row without key and days; ``seen`` is
    the ``mark`` of what the clerk looked at. Raises BeginsInThePast, BeginsAlready,
    ChangedMeanwhile; then nothing has changed.
    """
    if on < today:
        raise BeginsInThePast
    _hold(strand, seen)
    if strand.from_day(on):
        raise BeginsAlready(on)
    before, through = strand.on(on), last_day(strand, on)
    strand.rows.filter(pk__in=[row.pk for row in before]).update(effective_through=on - ONE_DAY)
    rows = _create(strand, on, through, values)
    _record(strand, "rule.added", rows, actor, strand.told(before) or None, strand.told(rows))
    page_versions.bump(*strand.pages)
    return rows


@transaction.atomic
def change(
    *, strand: Strand, on: date, values: Sequence[Mapping[str, Any]], actor: Any, today: date,
    seen: str | None = None,
) -> list[Model]:
    """Write the version that will begin on ``on`` anew; its days stay.

    Holds the strand. Raises BegunAlready, ChangedMeanwhile; then nothing has changed.
    """
    _hold(strand, seen)
    before = _not_begun(strand, on, today)
    told = strand.told(before)
    through = before[0].effective_through
    if len(before) == len(values) == 1:
        rows = before
        for name, value in values[0].items():
            setattr(rows[0], name, value)
        rows[0].save()
        rows = strand.from_day(on)
    else:
        _delete(strand, before)
        rows = _create(strand, on, through, values)
    _record(strand, "rule.changed", rows, actor, told, strand.told(rows))
    page_versions.bump(*strand.pages)
    return rows


@transaction.atomic
def withdraw(
    *, strand: Strand, on: date, actor: Any, today: date, seen: str | None = None
) -> None:
    """Let the version that would begin on ``on`` not come; what it would have replaced goes on.

    Holds the strand. Raises BegunAlready, ChangedMeanwhile, InUse; then nothing has changed.
    """
    _hold(strand, seen)
    rows = _not_begun(strand, on, today)
    through = rows[0].effective_through
    _record(strand, "rule.withdrawn", rows, actor, strand.told(rows), None)
    _delete(strand, rows)
    strand.rows.filter(effective_through=on - ONE_DAY).update(effective_through=through)
    page_versions.bump(*strand.pages)


@transaction.atomic
def end(
    *, strand: Strand, on: date, through: date | None, actor: Any, today: date,
    seen: str | None = None,
) -> list[Model]:
    """Set the last day of the version that began on ``on``; None: until replaced.

    Holds the strand. Raises EndsTooEarly (also for one that has ended), ChangedMeanwhile; then
    nothing has changed.
    """
    _hold(strand, seen)
    rows = strand.from_day(on)
    following = next_from(strand, on)
    latest = following - ONE_DAY if following else None
    if through is None:
        through = latest
    has_ended = not rows or (rows[0].effective_through or today) < today
    too_late = latest is not None and through is not None and through > latest
    if has_ended or too_late or (through is not None and through < max(on, today)):
        raise EndsTooEarly
    told = strand.told(rows)
    for row in rows:
        row.effective_through = through
        row.save(update_fields=["effective_through"])
    _record(strand, "rule.ended", rows, actor, told, strand.told(rows))
    page_versions.bump(*strand.pages)
    return rows


def _hold(strand: Strand, seen: str | None) -> None:
    strand.hold()
    if seen is not None and seen != strand.mark():
        raise ChangedMeanwhile


def _not_begun(strand: Strand, on: date, today: date) -> list[Model]:
    rows = strand.from_day(on)
    if not rows:
        raise ChangedMeanwhile
    if on <= today:
        raise BegunAlready
    return rows


def _create(
    strand: Strand, on: date, through: date | None, values: Sequence[Mapping[str, Any]]
) -> list[Model]:
    for columns in values:
        strand.model._default_manager.create(
            **dict(strand.key), **columns, effective_from=on, effective_through=through
        )
    # As they are stored: the audit compares them with what was read.
    return strand.from_day(on)


def _record(
    strand: Strand, action: str, rows: Sequence[Model], actor: Any,
    before: dict[str, Any] | None, after: dict[str, Any] | None,
) -> None:
    target = rows[0]
    target.audit_label = strand.label
    audit.record(action=action, actor=actor, target=target, before=before, after=after)


def _delete(strand: Strand, rows: Sequence[Model]) -> None:
    try:
        strand.rows.filter(pk__in=[row.pk for row in rows]).delete()
    except ProtectedError as error:
        raise InUse from error
