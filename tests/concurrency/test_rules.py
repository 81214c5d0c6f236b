"""Two clerks who add dated rows to one table at the same second."""

from datetime import date, timedelta
from functools import partial

import pytest
from django.db import IntegrityError

from marketplace.payments.models import CodLimits
from marketplace.platform import dated_actions
from marketplace.platform.audit import AuditEntry
from marketplace.platform.dated_actions import BeginsAlready, ChangedMeanwhile, Strand
from tests.concurrency.rivals import all_at_once
from tests.factories.accounts import make_staff

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 11, 24)
STRAND = Strand(CodLimits, label="limits")


def columns():
    hidden = ("id", "effective_from", "effective_through")
    row = CodLimits.objects.get()
    return {
        field.name: getattr(row, field.name)
        for field in CodLimits._meta.fields
        if field.name not in hidden
    }


def adding(clerk, values, days, seen=None):
    return partial(
        dated_actions.begin, strand=STRAND, on=TODAY + timedelta(days=days), values=[values],
        actor=clerk, today=TODAY, seen=seen,
    )


def chain():
    return list(
        CodLimits.objects.order_by("effective_from").values_list(
            "effective_from", "effective_through"
        )
    )


def follows(rows):
    """Whether each begins the day after the one before has ended, and the last has no end."""
    ends = [through for _first, through in rows]
    return ends[-1] is None and all(
        first == before + timedelta(days=1)
        for before, (first, _through) in zip(ends[:-1], rows[1:], strict=True)
    )


def test_three_clerks_add_three_days_and_all_fit_together(db):
    clerk, values = make_staff(), columns()
    results = all_at_once([adding(clerk, values, days) for days in (7, 2, 30)])
    assert not [r for r in results if isinstance(r, Exception)], results
    rows = chain()
    assert len(rows) == 4
    assert follows(rows)
    assert AuditEntry.objects.filter(action="rule.added").count() == 3


def test_of_one_day_there_is_one(db):
    clerk, values = make_staff(), columns()
    results = all_at_once([adding(clerk, values, 7) for _clerk in range(3)])
    assert sum(isinstance(r, BeginsAlready) for r in results) == 2, results
    assert follows(chain())
    assert len(chain()) == 2


def test_who_looked_before_the_other_saved_looks_again(db):
    clerk, values, seen = make_staff(), columns(), STRAND.mark()
    results = all_at_once([adding(clerk, values, days, seen) for days in (2, 7)])
    assert sum(isinstance(r, ChangedMeanwhile) for r in results) == 1, results
    assert len(chain()) == 2


def test_without_the_lock_the_second_clerk_gets_an_error_of_the_database(db, monkeypatch):
    """The twin: both have read what stands there, and both end the same row."""
    import threading

    clerk, values = make_staff(), columns()
    monkeypatch.setattr(Strand, "hold", lambda self: None)
    seen = threading.Barrier(2, timeout=30)
    last_day = dated_actions.last_day

    def read_by_both(strand, on):
        found = last_day(strand, on)
        seen.wait()
        return found

    monkeypatch.setattr(dated_actions, "last_day", read_by_both)
    results = all_at_once([adding(clerk, values, days) for days in (2, 7)])
    assert sum(isinstance(r, IntegrityError) for r in results) == 1, results
