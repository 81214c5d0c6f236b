"""Writing days on which the calendar is wrong."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.kernel import formats
from marketplace.platform import audit, page_versions
from marketplace.shipping.models import WorkingDayException


class WorkingDayError(Exception):
    """A day that cannot be written; its words are for the clerk."""


class DayHasPassed(WorkingDayError):
    """Promises were counted with that day as it was."""

    def __str__(self) -> str:
        return _("The day has come or passed: promises were counted with it as it was.")


class DayKnown(WorkingDayError):
    """There is a row for that day."""

    def __str__(self) -> str:
        return _("This day is on the list already.")


@transaction.atomic
def add_exception(
    *, day: date, is_working: bool, name: str, source: str, actor: User, today: date
) -> WorkingDayException:
    """Say that ``day`` is worked, or is not, whatever the calendar says.

    Promises made from now on count it so; those given stay. Raises DayHasPassed, DayKnown.
    """
    if day < today:
        raise DayHasPassed
    try:
        with transaction.atomic():
            row = WorkingDayException.objects.create(
                day=day, is_working=is_working, name=name, source=source
            )
    except IntegrityError as error:
        raise DayKnown from error
    audit.record(
        action="working_day.added", actor=actor, target=_labelled(row), before=None,
        after=_told(row),
    )
    page_versions.bump("shipping")
    return row


@transaction.atomic
def remove_exception(*, pk: int, actor: User, today: date) -> None:
    """Let the calendar say again what a coming day is. Raises DayHasPassed; a row that is gone
    is gone."""
    row = WorkingDayException.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        return
    if row.day <= today:
        raise DayHasPassed
    audit.record(
        action="working_day.removed", actor=actor, target=_labelled(row), before=_told(row),
        after=None,
    )
    row.delete()
    page_versions.bump("shipping")


def _told(row: WorkingDayException) -> dict[str, object]:
    return {
        "day": row.day, "is_working": row.is_working, "name": row.name, "source": row.source
    }


def _labelled(row: WorkingDayException) -> WorkingDayException:
    row.audit_label = f"{formats.date(row.day, 'vi')} {row.name}"
    return row
