"""Orders at the office: finding, moving along the table of moves, calls, and the carrier's cash."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.accounts.roles import Role
from marketplace.kernel import clock
from marketplace.office.views.orders import office_moves
from marketplace.orders import actions
from marketplace.orders.actors import Actor
from marketplace.orders.models import Consignment
from marketplace.orders.states import TRANSITIONS, ActorKind, State
from marketplace.payments import ledger
from marketplace.payments.models import Account, CallTask, CodLimits
from marketplace.platform.audit import AuditEntry
from tests.factories.accounts import make_staff, sign_in
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import SINCE, make_order

#: A way to each state that a parcel can reach.
PATHS = {
    State.NEW: (),
    State.CONFIRMED: (State.CONFIRMED,),
    State.SHORT_PACKED: (State.SHORT_PACKED,),
    State.PACKED: (State.CONFIRMED, State.PACKED),
    State.HANDED_OVER: (State.CONFIRMED, State.PACKED, State.HANDED_OVER),
    State.DELIVERED: (State.CONFIRMED, State.PACKED, State.HANDED_OVER, State.DELIVERED),
    State.COMPLETED: (
        State.CONFIRMED, State.PACKED, State.HANDED_OVER, State.DELIVERED, State.COMPLETED,
    ),
    State.DECLINED: (State.DECLINED,),
    State.CANCELLED: (State.CANCELLED,),
    State.REFUSED: (State.CONFIRMED, State.PACKED, State.HANDED_OVER, State.REFUSED),
    State.RETURNED: (State.CONFIRMED, State.PACKED, State.HANDED_OVER, State.RETURNED),
}  # fmt: skip


@pytest.fixture
def limits(db):
    """Generous limits, so that orders go to their producers at once."""
    CodLimits.objects.all().delete()
    return CodLimits.objects.create(
        effective_from=SINCE, order_amount_max=10**8, new_phone_amount_max=10**8,
        open_orders_max=100, refusals_max=5, refusal_window_days=90, source="tests",
    )  # fmt: skip


def parcel(state=State.NEW, user=None):
    consignment = make_order(make_product(stock=10)).consignments.get()
    for step in PATHS[state]:
        actions.move(
            consignment_id=consignment.pk,
            to=step,
            actor=Actor(frozenset(ActorKind), user),
            reason="vì thế",
            now=clock.now(),
        )
    return Consignment.objects.get(pk=consignment.pk)


def move(client, consignment, to, **more):
    url = reverse("office_orders:move", args=(consignment.pk,))
    return client.post(url, {"to": to, **more})


@pytest.mark.parametrize("state", list(State))
def test_the_page_offers_exactly_the_offices_moves(operator, limits, state):
    consignment = parcel(state)
    page = operator.get(reverse("office_orders:order", args=(consignment.order_id,)))
    (told,) = page.context["consignments"]
    # What is missing is said line by line on the producers' desk.
    wanted = {
        str(to.value)
        for (origin, to), t in TRANSITIONS.items()
        if origin == state and ActorKind.OFFICE in t.actors and t.for_parcels in (None, True)
        and to is not State.SHORT_PACKED
    }
    assert {button["to"] for button in told["buttons"]} == wanted
    text = page.content.decode()
    for to in State:
        assert (f'name="to" value="{to.value}"' in text) == (to.value in wanted)


@pytest.mark.parametrize("state", list(State))
def test_every_other_move_is_refused_and_changes_nothing(operator, limits, state):
    consignment = parcel(state)
    allowed = {t.to_state for t in office_moves(consignment)}
    audits = AuditEntry.objects.count()
    for to in [*(s.value for s in State if s not in allowed), "", "x", "NEW", "completed\x00"]:
        page = move(operator, consignment, to, reason="vì thế")
        assert page.status_code == 422, to
        consignment.refresh_from_db()
        assert consignment.state == state
    assert AuditEntry.objects.count() == audits


def test_a_parcel_goes_its_way_with_one_audit_row_each(operator, limits):
    consignment = parcel()
    record = consignment.lines.get().stockrecord
    for to in ("confirmed", "packed", "handed_over", "delivered", "completed"):
        page = move(operator, consignment, to)
        assert page.url.endswith(f"#c{consignment.pk}")
        entry = AuditEntry.objects.get(action=f"consignment.{to}")
        assert entry.user_id == operator.user.pk
        assert entry.after == {"state": to, "as": "office"}
    record.refresh_from_db()
    assert (record.num_in_stock, record.num_allocated) == (9, 0)
    assert ledger.balances(consignment.order_id)[Account.CARRIER_CASH] > 0


def test_declining_asks_why_and_keeps_what_was_chosen(operator, limits):
    consignment = parcel()
    page = move(operator, consignment, "declined")
    assert page.status_code == 422
    (told,) = page.context["consignments"]
    assert told["error"]
    (button,) = [b for b in told["buttons"] if b["to"] == "declined"]
    assert button["form"].is_bound
    assert move(operator, consignment, "declined", reason="Hết trái").status_code == 302
    assert AuditEntry.objects.get(action="consignment.declined").reason == "Hết trái"


@pytest.mark.parametrize(("choice", "left"), [("yes", 10), ("no", 9), ("", 10)])
def test_goods_that_came_back_are_put_back_or_written_off(operator, limits, choice, left):
    consignment = parcel(State.HANDED_OVER)
    move(operator, consignment, "refused", reason="Khách đi vắng", put_back=choice)
    record = consignment.lines.get().stockrecord
    record.refresh_from_db()
    assert record.num_in_stock == left


def test_an_order_is_cancelled_with_a_reason(operator, limits):
    consignment = parcel()
    url = reverse("office_orders:cancel", args=(consignment.order_id,))
    assert operator.post(url, {"reason": ""}).status_code == 422
    consignment.refresh_from_db()
    assert consignment.state == State.NEW
    assert operator.post(url, {"reason": "Khách gọi đổi ý"}).status_code == 302
    consignment.refresh_from_db()
    assert consignment.state == State.CANCELLED
    assert operator.post(url, {"reason": "nữa"}).status_code == 422


def test_posted_state_owner_and_amounts_are_ignored(operator, limits):
    consignment = parcel()
    move(
        operator, consignment, "confirmed", state="completed", producer="1", actor="1",
        goods_incl_tax="1", fee_incl_tax="0", order="1", released_at="",
    )  # fmt: skip
    after = Consignment.objects.get(pk=consignment.pk)
    assert after.state == State.CONFIRMED
    for name in ("producer_id", "order_id", "goods_incl_tax", "fee_incl_tax", "released_at"):
        assert getattr(after, name) == getattr(consignment, name), name


def test_a_call_first_order_waits_until_the_buyer_confirmed(operator):
    CodLimits.objects.all().delete()  # no data is no trust
    order = make_order(make_product())
    call = CallTask.objects.get(order=order)
    assert order.consignments.get().released_at is None
    page = operator.get(reverse("office_calls:index"))
    assert order.number in page.content.decode()
    url = reverse("office_calls:answer", args=(call.pk,))
    assert operator.post(url, {"answer": "maybe"}).status_code == 422
    operator.post(url, {"answer": "yes", "note": "Chị Bảy nhận hàng chiều"})
    call.refresh_from_db()
    assert (call.outcome, call.answered_by) == (CallTask.Outcome.CONFIRMED, operator.user)
    assert order.consignments.get().released_at is not None
    entry = AuditEntry.objects.get(action="call.answered")
    assert (entry.before, entry.after) == ({"outcome": "open"}, {"outcome": "confirmed"})
    operator.post(url, {"answer": "no"})
    call.refresh_from_db()
    assert call.outcome == CallTask.Outcome.CONFIRMED


def test_a_call_not_confirmed_cancels_the_order(operator):
    CodLimits.objects.all().delete()
    product = make_product(stock=3)
    order = make_order(product)
    call = CallTask.objects.get(order=order)
    operator.post(reverse("office_calls:answer", args=(call.pk,)), {"answer": "no"})
    assert order.consignments.get().state == State.CANCELLED
    record = product.stockrecords.get()
    assert (record.num_in_stock, record.num_allocated) == (3, 0)
    assert ledger.balances(order) == {}


def test_the_carriers_cash_is_noted_once(operator, limits):
    consignment = parcel(State.DELIVERED)
    url = reverse("office_orders:remit", args=(consignment.pk,))
    assert operator.post(url, {"reference": ""}).status_code == 422
    for _ in range(2):
        assert operator.post(url, {"reference": "FT26328"}).status_code == 302
    balances = ledger.balances(consignment.order_id)
    assert Account.CARRIER_CASH not in balances
    assert balances[Account.OPERATOR_BANK] == Decimal(consignment.total_incl_tax)
    assert AuditEntry.objects.filter(action="consignment.remitted").count() == 1


def test_finance_sees_orders_and_money_and_changes_nothing(finance, limits):
    consignment = parcel(State.DELIVERED)
    url = reverse("office_orders:order", args=(consignment.order_id,))
    page = finance.get(url)
    assert page.status_code == 200
    assert page.context["balances"]
    assert 'name="to"' not in page.content.decode()
    audits = AuditEntry.objects.count()
    assert move(finance, consignment, "completed").status_code == 403
    for name, pk in (
        ("office_orders:cancel", consignment.order_id), ("office_orders:remit", consignment.pk),
    ):  # fmt: skip
        answer = finance.post(reverse(name, args=(pk,)), {"reason": "x", "reference": "x"})
        assert answer.status_code == 403
    assert AuditEntry.objects.count() == audits


@pytest.mark.parametrize(
    "role",
    [Role.OCOP_OFFICER, Role.TRANSLATOR, Role.TOURISM_EDITOR, Role.TOURISM_PUBLISHER],
)
def test_others_neither_see_nor_move_orders(role, limits):
    consignment = parcel()
    call_url = reverse("office_calls:answer", args=(1,))
    client = sign_in(Client(), make_staff(role))
    for url in (
        reverse("office_orders:order", args=(consignment.order_id,)),
        reverse("office_orders:history", args=(consignment.order_id,)),
    ):
        assert client.get(url).status_code == 403
    assert move(client, consignment, "confirmed").status_code == 403
    assert client.post(call_url, {"answer": "yes"}).status_code == 403
    consignment.refresh_from_db()
    assert consignment.state == State.NEW


def test_the_history_tells_the_orders_story(operator, limits):
    consignment = parcel()
    move(operator, consignment, "confirmed")
    page = operator.get(reverse("office_orders:history", args=(consignment.order_id,)))
    assert str(State.CONFIRMED.label) in page.content.decode()


def test_the_order_page_costs_the_same_for_many_parcels(operator, limits):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    one = make_order(make_product())
    three = make_order(*(make_product(f"Xoài {n}") for n in range(3)))
    counts = []
    for order in (one, one, three):
        with CaptureQueriesContext(connection) as queries:
            operator.get(reverse("office_orders:order", args=(order.pk,)))
        counts.append(len(queries))
    assert counts[1] == counts[2] <= 34, counts


def test_what_waits_stands_on_the_home_page(operator, desk, limits):
    make_product("Sắp hết", stock=1)
    make_product("Nháp", published=False)
    make_producer(verified=False)
    parcel()
    page = operator.get(reverse("wagtailadmin_home")).content.decode()
    for part in ("?state=new", "?low=on", "?verified=no", "/cms/market/calls/"):
        assert part in page, part
    officer_page = desk(Role.OCOP_OFFICER).get(reverse("wagtailadmin_home")).content.decode()
    assert "?public=no" in officer_page
    assert "?state=new" not in officer_page
    assert "?low=on" not in officer_page
    editor = desk(Role.TOURISM_EDITOR).get(reverse("wagtailadmin_home")).content.decode()
    assert "?state=new" not in editor
    assert "?low=on" not in editor


def test_orders_filter_by_state_producer_and_day(operator, limits):
    new, packed = parcel(), parcel(State.PACKED)
    today = clock.today()
    index = reverse("office_orders:index")
    for parameters, found in (
        ({"state": "packed"}, {packed}),
        ({"producer": new.producer_id}, {new}),
        ({"placed_from": today, "placed_to": today}, {new, packed}),
        ({"placed_from": "2020-01-01", "placed_to": "2020-01-02"}, set()),
        ({"waits": "yes"}, set()),
    ):
        assert set(operator.get(index, parameters).context["object_list"]) == found, parameters


def test_the_office_asks_the_buyer_for_a_producer_on_the_phone(operator, desk):
    mango = make_product("Xoài", 95_000, 10)
    order = make_order((mango, 3))
    parcel = order.consignments.get()
    line = parcel.lines.get()
    ask = reverse("office_orders:ask", args=[parcel.pk])
    shown = reverse("office_orders:order", args=[order.pk])
    assert ask in operator.get(shown).content.decode()
    day = clock.today() + timedelta(days=5)
    said = {"reason": "Hết trái", f"can_send_{line.pk}": "0"}
    for wrong in ({}, {f"can_send_{line.pk}": "x"}, {"new_handover_on": "2020-01-01"},
                  {"decline": "1"}, {"reason": " ", "new_handover_on": day.isoformat()}):
        assert operator.post(ask, {**said, **wrong}).status_code == 422, wrong
    assert desk(Role.FINANCE).post(ask, said).status_code == 403
    assert operator.get(reverse("office_orders:ask", args=[0])).status_code == 404
    answer = operator.post(ask, {**said, "new_handover_on": day.isoformat()})
    assert answer.url == f"{shown}#c{parcel.pk}"
    parcel.refresh_from_db()
    assert (parcel.state, parcel.short_packs.get().new_handover_on) == ("short_packed", day)
    body = operator.get(shown).content.decode()
    assert "3 × Xoài" in body and "Hết trái" in body and ask not in body
    # Asked already: led back, nothing asked twice.
    assert operator.post(ask, said).url == answer.url
    assert parcel.short_packs.count() == 1
