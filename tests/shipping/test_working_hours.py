"""Working hours: nights, weekends and Tết do not count."""

from datetime import date, datetime

import pytest

from marketplace.kernel import clock
from marketplace.shipping.working_days import Hours, is_working_time, working_hours_before

HOURS = Hours(8, 17)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.TZ)


@pytest.mark.parametrize(
    ("now", "works"),
    [
        ("2026-11-17T07:59", False), ("2026-11-17T08:00", True), ("2026-11-17T16:59", True),
        ("2026-11-17T17:00", False), ("2026-11-21T10:00", False), ("2026-11-22T10:00", False),
        ("2027-02-05T10:00", False),  # the last day of the year of the Horse
    ],
)
def test_when_people_work(now, works):
    assert is_working_time(at(now), HOURS, {}) is works


@pytest.mark.parametrize(
    ("now", "hours", "since"),
    [
        ("2026-11-17T12:00", 2, "2026-11-17T10:00"),
        ("2026-11-17T10:00", 2, "2026-11-17T08:00"),
        # Over the night, and over a weekend.
        ("2026-11-17T09:00", 2, "2026-11-16T16:00"),
        ("2026-11-16T09:00", 2, "2026-11-13T16:00"),
        ("2026-11-16T09:00", 4, "2026-11-13T14:00"),
        # More than a day's work.
        ("2026-11-17T12:00", 13, "2026-11-16T08:00"),
        # At night and on a Sunday the last working time counts.
        ("2026-11-17T23:00", 2, "2026-11-17T15:00"),
        ("2026-11-15T10:00", 2, "2026-11-13T15:00"),
        ("2026-11-17T06:00", 1, "2026-11-16T16:00"),
        # Tết 2027: Thursday 4 to Wednesday 10 February is free.
        ("2027-02-11T09:00", 2, "2027-02-03T16:00"),
    ],
)
def test_since_when_so_many_hours_were_worked(now, hours, since):
    assert working_hours_before(at(now), hours, HOURS, {}) == at(since)


def test_what_the_government_decides_wins():
    saturday = {date(2026, 11, 21): True, date(2026, 11, 20): False}
    assert is_working_time(at("2026-11-21T10:00"), HOURS, saturday)
    assert working_hours_before(at("2026-11-21T09:00"), 2, HOURS, saturday) == at(
        "2026-11-19T16:00"
    )
