"""Unconfirmed parcels: one reminder, then the call list, in working hours, however often."""

from datetime import datetime, timedelta

import pytest

from marketplace.kernel import clock
from marketplace.orders import actions, queries, tasks
from marketplace.orders.models import Chase, Consignment, FulfilmentTerms
from marketplace.platform import outbox
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_order
from tests.orders.conftest import ANYBODY

pytestmark = pytest.mark.usefixtures("tariff")
#: A Tuesday without a holiday, nine o'clock.
NINE = datetime(2026, 11, 17, 9, tzinfo=clock.TZ)


@pytest.fixture
def parcel(sent):
    grower = make_producer("Vườn Út Lành", email="vuon@example.test")
    found = make_order(make_product(producer=grower), now=NINE).consignments.get()
    sent.clear()
    return found


def at(monkeypatch, moment):
    monkeypatch.setattr(tasks.clock, "now", lambda: moment)
    return tasks.chase_unconfirmed(0)


def test_reminded_once_then_on_the_list_once(parcel, sent, monkeypatch):
    assert at(monkeypatch, NINE + timedelta(hours=1, minutes=59)) == 0
    for more in range(0, 115, 5):
        at(monkeypatch, NINE + timedelta(hours=2, minutes=more))
    assert [m["to"] for m in sent] == ["vuon@example.test"]
    assert "chờ cô/chú nhận" in sent[0]["context"]["subject"]
    chase = Chase.objects.get()
    assert (chase.reminded_at, chase.escalated_at) == (NINE + timedelta(hours=2), None)
    for more in range(0, 60, 5):
        at(monkeypatch, NINE + timedelta(hours=4, minutes=more))
    chase.refresh_from_db()
    assert chase.escalated_at == NINE + timedelta(hours=4)
    assert len(sent) == 1


def test_nobody_is_reminded_at_night_or_on_a_holiday(parcel, monkeypatch):
    for moment in (
        NINE.replace(hour=20), datetime(2026, 11, 21, 10, tzinfo=clock.TZ),
        datetime(2026, 11, 24, 10, tzinfo=clock.TZ),
    ):
        assert at(monkeypatch, moment) == 0
    assert not Chase.objects.exists()


def test_the_night_does_not_count(parcel, monkeypatch):
    Consignment.objects.update(released_at=NINE.replace(hour=16))
    assert at(monkeypatch, (NINE + timedelta(days=1)).replace(hour=8, minute=59)) == 0
    assert at(monkeypatch, (NINE + timedelta(days=1)).replace(hour=9)) == 1


@pytest.mark.parametrize("state", ["confirmed", "cancelled", "declined", "short_packed"])
def test_what_has_moved_on_is_left_alone(parcel, sent, state):
    actions.move(consignment_id=parcel.pk, to=state, actor=ANYBODY, reason="x", now=NINE)
    sent.clear()
    later = NINE + timedelta(hours=5)
    assert queries.to_chase(later) == []
    # Read into the list a moment before it moved.
    assert actions.chase(consignment_id=parcel.pk, now=later) == ""
    assert sent == []


def test_what_is_not_released_waits_for_nobody(parcel):
    Consignment.objects.update(released_at=None)
    assert queries.to_chase(NINE + timedelta(hours=5)) == []


def test_the_hours_are_dated_data(parcel):
    FulfilmentTerms.objects.update(remind_after_working_hours=1, escalate_after_working_hours=1)
    assert actions.chase(consignment_id=parcel.pk, now=NINE + timedelta(hours=1)) == "escalated"


def test_a_grower_without_e_mail_is_told_by_sms(parcel, monkeypatch):
    texts = []
    monkeypatch.setattr(outbox, "send_sms", lambda **sms: texts.append(sms))
    type(parcel.producer).objects.update(email="")
    at(monkeypatch, NINE + timedelta(hours=2))
    assert [(t["to"], t["template"]) for t in texts] == [(parcel.producer.phone, "parcel_news")]


def test_a_killed_worker_reminds_once(parcel, sent, monkeypatch):
    """It dies after the reminder's transaction, or within it: the next run neither
    repeats nor forgets."""
    def die(**_mail):
        raise SystemExit

    later = NINE + timedelta(hours=2)
    monkeypatch.setattr(outbox, "send_mail", die)
    with pytest.raises(SystemExit):
        actions.chase(consignment_id=parcel.pk, now=later)
    assert not Chase.objects.exists()
    monkeypatch.setattr(outbox, "send_mail", lambda **mail: sent.append(mail))
    assert actions.chase(consignment_id=parcel.pk, now=later) == "reminded"
    assert actions.chase(consignment_id=parcel.pk, now=later) == ""
    assert len(sent) == 1
