"""What the clock does for accounts."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt

from marketplace.accounts import tasks
from marketplace.kernel import clock

pytestmark = pytest.mark.django_db


def guess(username, age):
    attempt = AccessAttempt.objects.create(
        username=username, ip_address="192.0.2.1", failures_since_start=1
    )
    AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=clock.now() - age)


def test_old_guesses_are_forgotten_and_recent_ones_kept():
    guess("old@example.test", timedelta(days=8))
    guess("recent@example.test", timedelta(days=6))

    tasks.forget_guesses(timestamp=0)

    assert list(AccessAttempt.objects.values_list("username", flat=True)) == ["recent@example.test"]


def test_the_worker_knows_the_task():
    from procrastinate.contrib.django import app

    names = {name for name, _ in app.periodic_registry.periodic_tasks}
    assert "accounts.forget_guesses" in names
