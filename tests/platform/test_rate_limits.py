import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from marketplace.kernel import clock
from marketplace.platform import rate_limits
from marketplace.platform.models import RateLimit

MINUTE = timedelta(minutes=1)


@pytest.mark.django_db
def test_one_too_many_is_refused_until_the_window_ends():
    with clock.frozen(datetime(2026, 11, 24, 8, 0, 30, tzinfo=UTC)) as now:
        tries = [rate_limits.hit("login", "lan", limit=3, per=MINUTE) for _ in range(5)]
        assert tries == [True, True, True, False, False]
        assert rate_limits.hit("login", "other", limit=3, per=MINUTE)
        assert rate_limits.hit("track", "lan", limit=3, per=MINUTE)
        now.move(timedelta(seconds=29))
        assert not rate_limits.hit("login", "lan", limit=3, per=MINUTE)
        now.move(timedelta(seconds=1))
        assert rate_limits.hit("login", "lan", limit=3, per=MINUTE)
        # An hour is another window than a minute that begins at the same moment.
        assert rate_limits.hit("login", "lan", limit=1, per=timedelta(hours=1))


@pytest.mark.django_db
def test_who_tried_cannot_be_read_from_the_table():
    rate_limits.hit("login", "lan@example.test", limit=1, per=MINUTE)
    assert "lan" not in RateLimit.objects.get().caller


@pytest.mark.django_db(transaction=True)
def test_rivals_cannot_pass_together():
    passed = []

    def attempt():
        passed.append(rate_limits.hit("login", "lan", limit=5, per=timedelta(hours=1)))
        connection.close()

    with clock.frozen(datetime(2026, 11, 24, 8, 30, tzinfo=UTC)):
        threads = [threading.Thread(target=attempt) for _ in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert passed.count(True) == 5
    assert passed.count(False) == 25
