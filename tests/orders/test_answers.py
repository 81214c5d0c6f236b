"""What the buyer answers, sees and reports from the tracking page; nothing for guessers."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from oscar.apps.partner.models import StockRecord

from marketplace.kernel import clock
from marketplace.orders import actions, queries, tasks
from marketplace.orders.actions import HandoverDetails, Missing
from marketplace.orders.errors import NothingToReport
from marketplace.orders.models import ArrivalReport, Handover
from marketplace.payments import ledger
from tests.factories.buying import form_with, forms_of, send
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_order
from tests.orders.conftest import ANYBODY, bring

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def grower():
    return make_producer("Vườn Út Lành", email="vuon@example.test")


@pytest.fixture
def parcel(tariff, grower):
    mango = make_product("Xoài", 95_000, 10, producer=grower)
    return bring(make_order((mango, 3)).consignments.get(), "confirmed", clock.now())


def address(parcel, name="track", secret=None):
    order = parcel.order
    more = [] if name == "track" else [parcel.number]
    return reverse(f"orders:{name}", args=[order.number, secret or order.details.secret, *more])


def ask(parcel, can_send=1, **more):
    line = parcel.lines.get()
    return actions.ask_buyer(
        consignment_id=parcel.pk,
        lines=[Missing(line.pk, can_send, replacement_id=more.pop("replacement_id", None))],
        note="Mưa <b>lớn</b>", actor=ANYBODY, now=clock.now(), **more,
    )


def test_the_question_is_asked_and_answered_on_the_page(parcel, grower, client):
    guava = make_product("Ổi", 80_000, 10, producer=grower)
    ask(
        parcel, new_handover_on=clock.today() + timedelta(days=5),
        replacement_id=StockRecord.objects.get(product=guava).pk,
    )
    page = client.get(address(parcel))
    body = page.content.decode()
    for words in ("Something is missing", "Mưa &lt;b&gt;", "2 × Xoài is missing", "2 × Ổi instead"):
        assert words in body
    form = form_with(page, "question")
    # Without a choice nothing happens.
    send(client, page, form)
    parcel.refresh_from_db()
    assert parcel.state == "short_packed"
    assert send(client, page, form, answer="replace").url == address(parcel)
    body = client.get(address(parcel)).content.decode()
    assert "The grower has your answer" in body
    assert "1 piece (2 not sent)" in body
    assert "What is not sent is no longer counted" in body
    # What is left to pay: 95,000 + 2 × 80,000 + delivery.
    parcel.refresh_from_db()
    assert parcel.total_incl_tax == 95_000 + 160_000 + parcel.fee_incl_tax
    assert f"₫{parcel.total_incl_tax:,}" in body
    send(client, page, form, answer="money_back")
    assert "answered already" in client.get(address(parcel)).content.decode()


def test_money_back_for_all_ends_the_parcel(parcel, client):
    ask(parcel, 0, new_handover_on=clock.today() + timedelta(days=5))
    page = client.get(address(parcel))
    send(client, page, form_with(page, "question"), answer="money_back")
    assert "you pay nothing for this parcel" in client.get(address(parcel)).content.decode()
    assert ledger.balances(parcel.order) == {}


@pytest.mark.parametrize("answer", ["silence", "withdrawn", "wait", "x", "", "\x00"])
def test_answers_that_were_not_offered(parcel, client, answer):
    asked = ask(parcel)
    client.post(address(parcel, "missing"), {"question": asked.pk, "answer": answer})
    parcel.refresh_from_db()
    assert (parcel.state, parcel.reduced_incl_tax) == ("short_packed", 0)


@pytest.mark.parametrize("name", ["missing", "report", "photo"])
def test_guessers_and_other_orders_get_nothing(parcel, client, tariff, name):
    other = make_order(make_product("Bánh", 60_000, 5)).consignments.get()
    asked = ask(parcel)
    told = {"question": asked.pk, "answer": "money_back", "reason": "other"}
    for secret in ("x", "đ", "A" * 43):
        for answer in (
            client.get(address(parcel, name, secret)),
            client.post(address(parcel, name, secret), told),
        ):
            assert answer.status_code == 404
            assert "Trần Văn Bảy" not in answer.content.decode()
    # The secret of one order opens no parcel of another.
    mixed = reverse(
        f"orders:{name}", args=[other.order.number, other.order.details.secret, parcel.number]
    )
    assert client.post(mixed, told).status_code == 404
    parcel.refresh_from_db()
    assert parcel.state == "short_packed"
    assert not ArrivalReport.objects.exists()


def test_a_question_of_another_parcel_is_not_answered(parcel, client, tariff):
    other = bring(
        make_order((make_product("Bánh", 60_000, 5), 3)).consignments.get(), "confirmed",
        clock.now(),
    )
    theirs = ask(other)
    ask(parcel)
    answer = client.post(
        address(parcel, "missing"), {"question": theirs.pk, "answer": "money_back"}
    )
    assert answer.status_code == 404
    other.refresh_from_db()
    assert other.state == "short_packed"


def test_the_river_line_tells_carrier_and_number(parcel, client):
    actions.move(consignment_id=parcel.pk, to="packed", actor=ANYBODY, now=clock.now())
    actions.move(
        consignment_id=parcel.pk, to="handed_over", actor=ANYBODY, now=clock.now(),
        handover=HandoverDetails("Viettel Post", "VTP99"),
    )
    body = client.get(address(parcel)).content.decode()
    assert "Viettel Post" in body
    assert "VTP99" in body
    assert body.count("<time") == 4


def test_the_buyer_hears_of_a_handover_once_it_cannot_be_taken_back(parcel, sent, monkeypatch):
    bring(parcel, "new")
    for step in ("packed", "handed_over"):
        actions.move(consignment_id=parcel.pk, to=step, actor=ANYBODY, now=clock.now())
    left = Handover.objects.get().at
    sent.clear()
    monkeypatch.setattr(tasks.clock, "now", lambda: left + timedelta(minutes=9, seconds=59))
    assert tasks.tell_of_handovers(0) == 0
    monkeypatch.setattr(tasks.clock, "now", lambda: left + timedelta(minutes=10))
    assert tasks.tell_of_handovers(0) == 1
    assert tasks.tell_of_handovers(0) == 0
    assert [m["to"] for m in sent] == ["bay@example.test"]


class TestReports:
    """Something has not arrived as it should."""

    def test_from_the_page(self, parcel, client, sent):
        bring(parcel, "new")
        for step in ("packed", "handed_over", "delivered"):
            actions.move(consignment_id=parcel.pk, to=step, actor=ANYBODY, now=clock.now())
        assert address(parcel, "report") in client.get(address(parcel)).content.decode()
        page = client.get(address(parcel, "report"))
        form = form_with(page, "note")
        answer = send(client, page, form, note="x")
        assert 'href="#id_reason"' in answer.content.decode()
        sent.clear()
        done = send(client, page, form, reason="part", note="Thiếu một trái \u200b")
        assert done.url == address(parcel)
        report = ArrivalReport.objects.get()
        assert (report.reason, report.note) == ("part", "Thiếu một trái")
        assert [m["to"] for m in sent] == ["vuon@example.test"]
        assert "Trần Văn Bảy" not in str(sent)
        # Once until it is answered.
        body = client.get(address(parcel)).content.decode()
        assert "We look into it" in body
        assert address(parcel, "report") not in body
        send(client, page, form, reason="other")
        assert ArrivalReport.objects.count() == 1
        actions.answer_report(
            report_id=report.pk, answer="Mai gửi bù", actor=ANYBODY, now=clock.now()
        )
        body = client.get(address(parcel)).content.decode()
        assert "Mai gửi bù" in body
        assert address(parcel, "report") in body

    @pytest.mark.parametrize(
        ("state", "promise_in_days", "may"),
        [
            ("confirmed", -9, False), ("packed", -9, False), ("handed_over", 0, False),
            ("handed_over", -1, True), ("delivered", 9, True), ("completed", -9, False),
            ("refused", -9, False),
        ],
    )
    def test_when_it_can_be_reported(self, parcel, state, promise_in_days, may):
        type(parcel).objects.filter(pk=parcel.pk).update(
            state=state, promise_on=clock.today() + timedelta(days=promise_in_days)
        )
        told = {"consignment_id": parcel.pk, "reason": "late", "now": clock.now()}
        if may:
            actions.report_not_arrived(**told)
        else:
            with pytest.raises(NothingToReport):
                actions.report_not_arrived(**told)
        assert ArrivalReport.objects.exists() == may

    def test_an_open_report_keeps_the_clock_from_completing(self, parcel):
        type(parcel).objects.update(state="delivered", state_changed_at=clock.now())
        later = clock.now() + timedelta(days=4)
        assert queries.to_complete(later) == [parcel.pk]
        report = actions.report_not_arrived(
            consignment_id=parcel.pk, reason="shown", now=clock.now()
        )
        assert queries.to_complete(later) == []
        actions.answer_report(report_id=report.pk, answer="Đã tới", actor=ANYBODY, now=later)
        assert queries.to_complete(later) == [parcel.pk]

    def test_reports_are_limited(self, parcel, client):
        type(parcel).objects.update(state="delivered")
        for _number in range(5):
            client.post(address(parcel, "report"), {"reason": "other"})
            ArrivalReport.objects.update(answered_at=clock.now())
        answer = Client(REMOTE_ADDR="10.1.1.1").post(address(parcel, "report"), {"reason": "part"})
        assert answer.status_code == 429
        assert "Too many reports" in answer.content.decode()
        assert ArrivalReport.objects.count() == 5


def test_following_costs_no_more_queries_with_more_parcels(
    tariff, client, django_assert_max_num_queries
):
    order = make_order(*(make_product(f"Món {n}", 50_000, 5) for n in range(5)))
    track = reverse("orders:track", args=[order.number, order.details.secret])
    client.get(track)
    with django_assert_max_num_queries(22):
        assert len(forms_of(client.get(track))) >= 5


def test_a_new_promise_is_shown(parcel, client):
    later = clock.today() + timedelta(days=6)
    asked = ask(parcel, new_handover_on=later)
    page = client.get(address(parcel))
    send(client, page, form_with(page, "question"), answer="wait")
    parcel.refresh_from_db()
    assert (parcel.state, parcel.promise_on) == ("confirmed", asked.new_promise_on)
    assert isinstance(parcel.promise_on, date)
