"""Suspending a producer: what hangs on it is said, parcels are decided about, the owner hears."""

import pytest
from django.test import Client
from django.urls import reverse
from oscar.apps.partner.models import StockRecord
from procrastinate.contrib.django.models import ProcrastinateJob

from catalogue import queries as catalogue
from marketplace.accounts.roles import Role
from marketplace.orders import tasks
from marketplace.orders.models import Consignment
from marketplace.orders.states import State
from marketplace.payments.queries import refund_owed
from marketplace.platform.audit import AuditEntry
from marketplace.producers.models import Membership
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_basket, make_order
from tests.factories.payments import make_transfer_order, receive
from tests.orders.conftest import NOW, bring

pytestmark = pytest.mark.django_db


@pytest.fixture
def mails(monkeypatch):
    """Mails put into the outbox."""
    from marketplace.platform import outbox

    mails = []
    monkeypatch.setattr(outbox, "send_mail", lambda **mail: mails.append(mail))
    return mails


@pytest.fixture
def grower(db):
    """A producer with an owner, a listing, and parcels in four states; one is paid."""
    producer = make_producer("Vườn Sáu Thảnh")
    owner = make_user("chu@example.test")
    Membership.objects.create(producer=producer, user=owner, role=Membership.Role.OWNER)
    packer = make_user("goi@example.test")
    Membership.objects.create(producer=producer, user=packer, role=Membership.Role.PACKER)
    producer.listing = make_product(producer=producer, price=100_000, stock=50)
    paid = make_transfer_order(producer.listing, now=NOW)
    receive(paid, 120_000, now=NOW)
    producer.paid = paid
    for state in (State.CONFIRMED, State.PACKED, State.HANDED_OVER):
        bring(make_order(producer.listing, now=NOW).consignments.get(), state)
    make_basket(producer.listing)
    producer.owner = owner
    return producer


def run_tasks():
    """What the worker would do now."""
    for job in ProcrastinateJob.objects.filter(task_name="orders.cancel_of_suspended"):
        tasks.cancel_of_suspended(**job.args)


def states():
    return sorted(Consignment.objects.values_list("state", flat=True))


def url(producer):
    return reverse("office_producers:suspend", args=(producer.pk,))


def test_the_page_says_what_hangs_on_it(operator, grower):
    page = operator.get(url(grower))
    found = page.context["found"]
    assert [(g.code, g.count, g.paid) for g in found.groups] == [
        ("new", 1, 1), ("confirmed", 1, 0), ("packed", 1, 0),
    ]
    assert (found.on_the_way.count, found.listings, found.baskets) == (1, 1, 1)
    text = page.content.decode()
    assert "1 kiện chưa xác nhận, trong đó 1 đã trả tiền" in text
    assert "1 tin bán biến khỏi chợ ngay" in text


def test_suspended_nothing_is_sold_and_the_chosen_parcels_are_cancelled(
    operator, grower, mails
):
    page = operator.post(
        url(grower),
        {"do": "suspend", "reason": "Giấy an toàn thực phẩm bị thu hồi", "new": "cancel",
         "confirmed": "finish", "packed": "finish"},
    )
    assert page.status_code == 302
    grower.refresh_from_db()
    assert grower.suspended_by == operator.user
    assert not catalogue.public_listings().exists()
    shop = Client()
    assert shop.get(grower.listing.get_absolute_url()).status_code in (404, 410)
    assert shop.get(reverse("shop:producer", args=(grower.slug,))).status_code == 404
    entry = AuditEntry.objects.get(action="producer.suspended")
    assert (entry.user_id, entry.reason) == (
        operator.user.pk, "Giấy an toàn thực phẩm bị thu hồi",
    )
    (told,) = [mail for mail in mails if mail["template"] == "producer_suspended"]
    assert told["to"] == "chu@example.test"
    assert told["context"]["reason"] == "Giấy an toàn thực phẩm bị thu hồi"

    run_tasks()
    assert states() == ["cancelled", "confirmed", "handed_over", "packed"]
    assert refund_owed(grower.paid.pk) == 120_000
    assert any(mail["template"] in ("order_cancelled", "consignment_cancelled") for mail in mails)
    assert StockRecord.objects.get().num_allocated == 2
    run_tasks()
    assert refund_owed(grower.paid.pk) == 120_000


def test_what_moved_on_before_the_worker_came_is_left_alone(operator, grower, mails):
    operator.post(
        url(grower), {"do": "suspend", "reason": "x", "confirmed": "cancel", "packed": "cancel"}
    )
    bring_on = Consignment.objects.get(state=State.CONFIRMED)
    from marketplace.orders import actions
    from marketplace.orders.actors import Actor

    actions.move(
        consignment_id=bring_on.pk, to=State.PACKED, actor=Actor.office(operator.user), now=NOW
    )
    run_tasks()
    assert states() == ["cancelled", "handed_over", "new", "packed"]


def test_lifted_before_the_worker_came_nothing_is_cancelled(operator, grower, mails):
    operator.post(url(grower), {"do": "suspend", "reason": "x", "new": "cancel"})
    assert operator.post(url(grower), {"do": "lift", "reason": ""}).status_code == 422
    operator.post(url(grower), {"do": "lift", "reason": "Giấy mới đã có"})
    run_tasks()
    assert "cancelled" not in states()
    grower.refresh_from_db()
    assert not grower.is_suspended
    assert catalogue.public_listings().exists()
    assert AuditEntry.objects.get(action="producer.reinstated").reason == "Giấy mới đã có"
    assert [m["template"] for m in mails if "producer_" in m["template"]] == [
        "producer_suspended", "producer_reinstated",
    ]


def test_while_suspended_the_rest_can_still_be_decided(operator, grower, mails):
    operator.post(url(grower), {"do": "suspend", "reason": "x"})
    assert not ProcrastinateJob.objects.filter(
        task_name="orders.cancel_of_suspended"
    ).exists()
    again = operator.post(url(grower), {"do": "suspend", "reason": "y"})
    assert again.status_code == 422
    operator.post(url(grower), {"do": "parcels", "packed": "cancel"})
    run_tasks()
    assert states() == ["cancelled", "confirmed", "handed_over", "new"]


def test_without_a_reason_nothing_happens(operator, grower):
    page = operator.post(url(grower), {"do": "suspend", "reason": " \u200b ", "new": "cancel"})
    assert page.status_code == 422
    assert "reason" in page.context["suspend_form"].errors
    assert operator.post(url(grower), {"do": "x"}).status_code == 422
    grower.refresh_from_db()
    assert not grower.is_suspended
    wrong = operator.post(url(grower), {"do": "suspend", "reason": "x", "new": "burn"})
    assert wrong.status_code == 422


def test_an_officer_suspends_and_leaves_the_parcels_alone(officer, grower, mails):
    page = officer.get(url(grower))
    assert set(page.context["suspend_form"].fields) == {"reason"}
    officer.post(url(grower), {"do": "suspend", "reason": "x", "new": "cancel"})
    run_tasks()
    assert "cancelled" not in states()
    grower.refresh_from_db()
    assert grower.is_suspended
    officer.post(url(grower), {"do": "parcels", "new": "cancel"})
    run_tasks()
    assert "cancelled" not in states()


@pytest.mark.parametrize("role", [Role.FINANCE, Role.TRANSLATOR, Role.AREA_OFFICER])
def test_others_only_see_that_it_is_suspended(role, desk, operator, grower, mails):
    client = desk(role)
    assert client.get(url(grower)).status_code == 403
    assert client.post(url(grower), {"do": "suspend", "reason": "x"}).status_code == 403
    operator.post(url(grower), {"do": "suspend", "reason": "Lý do riêng"})
    if role != Role.AREA_OFFICER:
        page = client.get(reverse("office_producers:edit", args=(grower.pk,))).content.decode()
        assert "Lý do riêng" in page
        assert url(grower) not in page


def test_the_desk_says_that_and_why(operator, grower, mails):
    desk = sign_in(Client(), grower.owner)
    assert "tạm đình chỉ" not in desk.get(reverse("portal:home")).content.decode()
    operator.post(url(grower), {"do": "suspend", "reason": "Nhãn sai <b>nặng</b>"})
    for name in ("portal:home", "portal:parcels", "portal:money"):
        page = desk.get(reverse(name))
        assert page.status_code == 200
        assert "Nhãn sai &lt;b&gt;nặng&lt;/b&gt;" in page.content.decode(), name


def test_a_basket_filled_before_cannot_be_ordered(operator, grower, mails):
    from catalogue.strategy import Strategy

    record = StockRecord.objects.get()
    policy = Strategy(now=NOW).fetch_for_product(grower.listing).availability
    assert policy.is_available_to_buy
    operator.post(url(grower), {"do": "suspend", "reason": "x"})
    record.product.refresh_from_db()
    listing = type(grower.listing).objects.get(pk=grower.listing.pk)
    assert not Strategy(now=NOW).fetch_for_product(listing).availability.is_available_to_buy


def test_the_list_filters_the_suspended(operator, grower, mails):
    make_producer("Vườn Khác")
    operator.post(url(grower), {"do": "suspend", "reason": "x"})
    for value, found in (("yes", {"Vườn Sáu Thảnh"}), ("no", {"Vườn Khác"})):
        rows = operator.get(reverse("office_producers:index"), {"suspended": value})
        assert {p.name_vi for p in rows.context["object_list"]} == found
