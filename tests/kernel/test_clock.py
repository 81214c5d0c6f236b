import threading
from datetime import UTC, date, datetime, timedelta

import pytest

from marketplace.kernel import clock

EVENING = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)


def test_now_is_real_aware_and_utc():
    before = datetime.now(UTC)
    now = clock.now()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


def test_the_day_is_viet_nams():
    with clock.frozen(EVENING):
        assert clock.now() == EVENING
        assert clock.today() == date(2026, 11, 24)
    assert clock.local_date(datetime(2026, 11, 23, 16, 59, tzinfo=UTC)) == date(2026, 11, 23)


def test_a_frozen_clock_stands_in_every_thread_and_is_moved_by_hand():
    seen = []
    with clock.frozen(datetime(2026, 11, 24, 8, 0, tzinfo=clock.TZ)) as frozen:
        assert clock.now() == datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
        frozen.move(timedelta(minutes=30))
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
        with clock.frozen(EVENING):
            assert clock.now() == EVENING
        frozen.move_to(EVENING + timedelta(days=1))
        seen.append(clock.now())
    assert seen == [datetime(2026, 11, 24, 1, 30, tzinfo=UTC), EVENING + timedelta(days=1)]
    assert clock.now() - datetime.now(UTC) < timedelta(seconds=1)


def test_the_clock_may_run_ahead():
    clock.shift(timedelta(days=30))
    try:
        assert clock.now() - datetime.now(UTC) > timedelta(days=29, hours=23)
    finally:
        clock.shift(timedelta(0))


def test_a_moment_without_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        clock.local_date(datetime(2026, 11, 23))
    with pytest.raises(ValueError, match="time zone"), clock.frozen(datetime(2026, 11, 23)):
        pass
