"""The one place that knows what time it is, so that tests can move it.

Moments are aware and in UTC; days are those of Viet Nam, where an order placed at 01:00 belongs
to the day that has begun there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

TZ = ZoneInfo("Asia/Ho_Chi_Minh")

_offset = timedelta(0)
_frozen: FrozenClock | None = None


class FrozenClock:
    """A clock that stands at ``at`` until it is moved by hand."""

    def __init__(self, at: datetime) -> None:
        self.at = _aware(at)

    def move(self, by: timedelta) -> datetime:
        """Go on by ``by`` and stand still again; returns the new moment."""
        self.at += by
        return self.at

    def move_to(self, at: datetime) -> None:
        """Jump to a moment."""
        self.at = _aware(at)


def now() -> datetime:
    """This moment, aware, in UTC."""
    return _frozen.at if _frozen is not None else datetime.now(UTC) + _offset


def today() -> date:
    """The day it is now in Viet Nam."""
    return local_date(now())


def local_date(at: datetime) -> date:
    """The day of a moment in Viet Nam. Raises ValueError for a naive moment."""
    return _aware(at).astimezone(TZ).date()


@contextmanager
def frozen(at: datetime) -> Iterator[FrozenClock]:
    """Stop the clock at ``at`` for the whole process, threads included: for tests.

    Yields the clock, which can be moved. May be nested.
    """
    global _frozen
    before, _frozen = _frozen, FrozenClock(at)
    try:
        yield _frozen
    finally:
        _frozen = before


def shift(offset: timedelta) -> None:
    """Run ahead of (or behind) real time by ``offset`` from now on.

    Development settings call this with OCOP_CLOCK_OFFSET_SECONDS, so that one can look at the
    shop of next month; production never does.
    """
    global _offset
    _offset = offset


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at} does not say in which time zone")
    return at.astimezone(UTC)
