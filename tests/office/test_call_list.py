"""The call list: who stands on it, what is noted, who may look."""

from datetime import timedelta

import pytest
from django.urls import reverse

from marketplace.accounts.roles import Role
from marketplace.kernel import clock
from marketplace.orders import actions
from marketplace.orders.actions import Missing
from marketplace.orders.models import ArrivalReport, CallNote, Chase
from tests.factories.accounts import make_staff
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_destination, make_order
from tests.orders.conftest import ANYBODY, bring

pytestmark = pytest.mark.django_db
INDEX = "office_call_list:index"


def unconfirmed(**given):
    grower = make_producer(phone="+84911222333")
    parcel = make_order(make_product(producer=grower), **given).consignments.get()
    Chase.objects.create(
        consignment=parcel, reminded_at=clock.now(),
        escalated_at=clock.now() - timedelta(minutes=5),
    )
    return parcel


def note(operator, parcel, **fields):
    return operator.post(
        reverse("office_call_list:note", args=[parcel.pk]),
        {"about": "unconfirmed", "said": "Đang hái, chiều nhận", "then": "1", **fields},
    )


def body(operator):
    return operator.get(reverse(INDEX)).content.decode()


def test_three_kinds_of_calls(operator):
    first = unconfirmed()
    second = bring(make_order(make_product()).consignments.get(), "delivered", clock.now())
    actions.report_not_arrived(
        consignment_id=second.pk, reason="shown", note="Hỏi <b>", now=clock.now()
    )
    third = bring(make_order((make_product(), 2)).consignments.get(), "confirmed", clock.now())
    actions.ask_buyer(
        consignment_id=third.pk, lines=[Missing(third.lines.get().pk, 1)], note="Mưa",
        actor=ANYBODY, now=clock.now(),
    )
    shown = body(operator)
    for parcel in (first, second, third):
        assert parcel.number in shown
    assert "0911 222 333" in shown
    assert "Hỏi &lt;b&gt;" in shown
    assert "0912 345 678" in shown


def test_a_call_is_noted_put_off_and_done(operator):
    parcel = unconfirmed()
    assert note(operator, parcel).url == reverse(INDEX)
    kept = CallNote.objects.get()
    assert (kept.said, kept.is_done) == ("Đang hái, chiều nhận", False)
    assert "office-card" not in body(operator)
    CallNote.objects.update(again_at=clock.now() - timedelta(seconds=1))
    assert "Đang hái, chiều nhận" in body(operator)
    note(operator, parcel, then="done", said="Đã nhận")
    assert "office-card" not in body(operator)


def test_what_is_confirmed_leaves_the_list(operator):
    parcel = unconfirmed()
    actions.move(consignment_id=parcel.pk, to="confirmed", actor=ANYBODY, now=clock.now())
    assert "office-card" not in body(operator)


@pytest.mark.parametrize(
    "fields",
    [{"said": ""}, {"said": "x" * 501}, {"said": "\x00"}, {"then": "99"}, {"about": "x"},
     {"then": ""}],
)
def test_bad_notes_are_refused_and_kept(operator, fields):
    parcel = unconfirmed()
    answer = note(operator, parcel, **fields)
    assert answer.status_code == 422
    assert not CallNote.objects.exists()


def test_reports_are_answered_for_the_grower(operator):
    parcel = bring(make_order(make_product()).consignments.get(), "delivered", clock.now())
    actions.report_not_arrived(consignment_id=parcel.pk, reason="part", now=clock.now())
    address = reverse("office_call_list:answer", args=[parcel.pk])
    assert operator.post(address, {"answer": ""}).status_code == 422
    operator.post(address, {"answer": "Đã gửi bù"})
    report = ArrivalReport.objects.get()
    assert (report.answer, report.answered_by is not None) == ("Đã gửi bù", True)
    assert operator.post(address, {"answer": "Nữa"}).url == reverse(INDEX)
    report.refresh_from_db()
    assert report.answer == "Đã gửi bù"


def test_only_the_operator(desk):
    parcel = unconfirmed()
    for role in set(Role) - {Role.OPERATOR}:
        clerk = desk(role)
        assert clerk.get(reverse(INDEX)).status_code in (302, 403)
        assert note(clerk, parcel).status_code in (302, 403)
    assert not CallNote.objects.exists()
    assert make_staff(Role.FINANCE).has_perm("orders.change_consignment") is False


def test_many_calls_cost_no_more_queries(operator, django_assert_max_num_queries):
    for at in range(12):
        unconfirmed(destination=make_destination(phone=f"+8491234560{at:02}"[:12]))
    operator.get(reverse(INDEX))
    with django_assert_max_num_queries(45):
        assert body(operator).count("office-card") == 12
