"""Working days of Viet Nam: Monday to Friday without public holidays, Tết among them.

Promises to buyers and deadlines of producers count these. The holidays come from the
``holidays`` package; what the government decides late is a row of ``WorkingDayException``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import holidays

from marketplace.kernel import clock
from marketplace.shipping.models import WorkingDayException

#: How far ahead exceptions are looked for: no promise reaches further.
EXCEPTION_DAYS = 90


@lru_cache(maxsize=16)
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("VN", years=year))


def exceptions(since: date, days: int = EXCEPTION_DAYS) -> dict[date, bool]:
    """Day → whether worked, for the exceptions in ``days`` days from ``since``. One query."""
    return dict(
        WorkingDayException.objects.filter(
            day__range=(since, since + timedelta(days=days))
        ).values_list("day", "is_working")
    )


def is_working_day(day: date, exceptions: Mapping[date, bool]) -> bool:
    """Whether ``day`` is worked; an exception wins over the calendar."""
    if day in exceptions:
        return exceptions[day]
    return day.weekday() < 5 and day not in _public_holidays(day.year)


def add_working_days(day: date, count: int, exceptions: Mapping[date, bool]) -> date:
    """The ``count``-th working day after ``day``; with 0 the first one from ``day`` on."""
    if count == 0:
        while not is_working_day(day, exceptions):
            day += timedelta(days=1)
        return day
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day, exceptions)
    return day


def working_days_before(day: date, count: int) -> date:
    """The ``count``-th working day before ``day``: who waits since then has waited ``count``."""
    known = exceptions(day - timedelta(days=60 + 7 * count), 60 + 7 * count)
    while count:
        day -= timedelta(days=1)
        count -= is_working_day(day, known)
    return day


@dataclass(frozen=True)
class Hours:
    """Between which full hours of a working day people work: 8 and 17."""

    begins: int
    ends: int

    def of(self, day: date) -> tuple[datetime, datetime]:
        """The first moment and the end of that day's work, local time."""
        start = datetime.combine(day, time(), clock.TZ)
        return start + timedelta(hours=self.begins), start + timedelta(hours=self.ends)


def is_working_time(at: datetime, hours: Hours, exceptions: Mapping[date, bool]) -> bool:
    """Whether somebody is at work at this moment."""
    day = clock.local_date(at)
    begins, ends = hours.of(day)
    return is_working_day(day, exceptions) and begins <= at < ends


def working_hours_before(
    at: datetime, count: int, hours: Hours, exceptions: Mapping[date, bool]
) -> datetime:
    """The moment since which ``count`` working hours have passed at ``at``.

    Nights, weekends and holidays do not count. Looks back as far as sixty days.
    """
    left = timedelta(hours=count)
    day = clock.local_date(at)
    for _day in range(60):
        if is_working_day(day, exceptions):
            begins, ends = hours.of(day)
            until = min(at, ends)
            worked = max(until - begins, timedelta())
            if worked and worked >= left:
                return until - left
            left -= worked
        day -= timedelta(days=1)
    return datetime.combine(day, time(), clock.TZ)
