"""Vouchers at the office: given out, changed until used, extended, stopped; codes as tables."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from oscar.apps.voucher.models import Voucher

from marketplace.accounts.roles import Role
from marketplace.kernel import clock
from marketplace.orders import actions as orders
from marketplace.orders.actors import Actor
from marketplace.platform.audit import AuditEntry
from marketplace.vouchers.models import VoucherTerms
from tests.factories.catalogue import make_category, make_producer, make_product
from tests.factories.orders import make_basket, make_tariff, place
from tests.factories.vouchers import enter, make_voucher

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
ADD = "office_vouchers:add"


@pytest.fixture(autouse=True)
def _frozen():
    with clock.frozen(NOW):
        yield


def typed(**changed):
    return {
        "name": "Tết sớm", "code": "sen 50", "batch": "", "kind": "percent", "percent": "7,5",
        "amount_incl_tax": "", "cap_incl_tax": "50.000", "minimum_incl_tax": "200.000",
        "funder": "platform", "producer": "", "listings": "", "first_day": "2026-11-24",
        "last_day": "2026-12-31", "uses_max": "100", "uses_per_phone": "1", **changed,
    }


def edit(pk, name="edit"):
    return reverse(f"office_vouchers:{name}", args=[pk])


def used(code="SEN50", **changed):
    """A voucher that one order has used."""
    make_tariff()
    voucher = make_voucher(code, **changed)
    order = place(enter(make_basket(make_product(price=100_000)), voucher), now=NOW)
    return voucher.voucher_set.terms, order


def test_a_code_is_given_out_changed_and_stopped(operator):
    shelf, goods = make_category("Trà"), make_product()
    sku = goods.stockrecords.get().partner_sku
    answer = operator.post(reverse(ADD), typed(listings=sku, categories=[shelf.pk]))
    row = VoucherTerms.objects.get()
    assert answer.url == edit(row.pk)
    assert Voucher.objects.get().code == "SEN50"
    assert (row.percent, row.cap_incl_tax, row.uses_max) == (7.5, 50_000, 100)
    assert list(row.listings.all()) == [goods]
    page = operator.get(edit(row.pk)).content.decode()
    assert "SEN50" in page
    assert sku in page
    assert operator.post(edit(row.pk), typed(percent="10", listings="")).status_code == 302
    row.refresh_from_db()
    assert row.percent == 10
    assert not row.listings.exists()
    assert operator.post(edit(row.pk, "stop"), {"reason": ""}).status_code == 422
    assert operator.post(edit(row.pk, "stop"), {"reason": "Hết ngân sách"}).status_code == 302
    row.refresh_from_db()
    assert row.stopped_at == NOW
    told = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert [a for a in told if a.startswith("voucher.")] == [
        "voucher.given_out", "voucher.changed", "voucher.stopped",
    ]
    assert "Hết ngân sách" in operator.get(edit(row.pk, "history")).content.decode()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"code": ""}, "code"),
        ({"code": "AB"}, "code"),
        ({"batch": "5"}, "code"),
        ({"code": "", "batch": "5001"}, "batch"),
        ({"code": "", "batch": "x"}, "batch"),
        ({"percent": ""}, "percent"),
        ({"percent": "101"}, "percent"),
        ({"percent": "1e1"}, "percent"),
        ({"kind": "amount"}, "amount_incl_tax"),
        ({"kind": "x"}, "kind"),
        ({"cap_incl_tax": "-1"}, "cap_incl_tax"),
        ({"minimum_incl_tax": "abc"}, "minimum_incl_tax"),
        ({"funder": "producer"}, "producer"),
        ({"producer": "999999"}, "producer"),
        ({"listings": "KHONGCO-1"}, "listings"),
        ({"listings": "\x00"}, "listings"),
        ({"categories": ["999999"]}, "categories"),
        ({"last_day": "2026-11-23"}, "last_day"),
        ({"last_day": "hôm nay"}, "last_day"),
        ({"uses_max": "0"}, "uses_max"),
    ],
)
def test_what_cannot_be_is_said_at_the_field_and_nothing_is_written(operator, changed, field):
    answer = operator.post(reverse(ADD), typed(**changed))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not VoucherTerms.objects.exists()
    assert not Voucher.objects.exists()


def test_a_code_or_a_name_given_out_before_is_refused(operator):
    operator.post(reverse(ADD), typed())
    answer = operator.post(reverse(ADD), typed(name="Khác"))
    assert list(answer.context["form"].errors) == ["code"]
    answer = operator.post(reverse(ADD), typed(code="KHAC"))
    assert list(answer.context["form"].errors) == ["name"]
    assert VoucherTerms.objects.count() == 1


def test_after_the_first_use_amounts_stay_and_the_end_may_move(operator):
    row, order = used()
    form = typed(
        name="Kéo dài", percent="90", kind="delivery", funder="producer", last_day="2037-01-31",
        uses_max="7", uses_per_phone="2",
    )
    assert operator.post(edit(row.pk), form).status_code == 302
    row = VoucherTerms.objects.select_related("voucher_set").get()
    assert (row.kind, row.percent, row.funder) == ("percent", 10, "platform")
    assert (row.uses_max, row.uses_per_phone) == (7, 2)
    assert f"{clock.local_date(row.ends_at)}" == "2037-01-31"
    assert Voucher.objects.get().end_datetime == row.ends_at
    page = operator.get(edit(row.pk)).content.decode()
    assert order.number in page
    assert "10.000" in page


def test_the_limit_is_never_below_what_was_used(operator):
    row, _order = used()
    place(
        enter(make_basket(make_product(price=100_000)), row.voucher_set.vouchers.get()), now=NOW
    )
    answer = operator.post(edit(row.pk), typed(uses_max="1"))
    assert answer.status_code == 422
    assert "uses_max" in answer.context["form"].errors


def test_the_cost_follows_cancellations(operator):
    row, order = used()
    index = reverse("office_vouchers:index")
    assert "10.000" in operator.get(index).content.decode()
    orders.cancel_order(order_id=order.pk, actor=Actor.office(None), reason="x", now=NOW)
    assert "10.000" not in operator.get(index).content.decode()


def test_a_batch_and_its_codes_as_tables(operator):
    operator.post(reverse(ADD), typed(name="=1+1", code="", batch="25"))
    row = VoucherTerms.objects.get()
    codes = set(Voucher.objects.values_list("code", flat=True))
    assert len(codes) == 25
    book = load_workbook(io.BytesIO(operator.get(edit(row.pk, "codes_xlsx")).content))
    cells = list(book.active.values)
    assert {line[0] for line in cells[1:]} == codes
    assert {c.data_type for line in book.active.iter_rows(min_row=2) for c in line[:2]} == {"s"}
    text = operator.get(edit(row.pk, "codes_csv")).content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert {line[0] for line in lines[1:]} == codes
    assert {line[1] for line in lines[1:]} == {"'=1+1"}


@pytest.mark.parametrize("state", VoucherTerms.State.values)
def test_the_list_finds_by_state_word_and_code(operator, state):
    from datetime import date

    make_voucher("DANGCHAY")
    make_voucher("HETHAN", last_day=date(2026, 2, 1))
    make_voucher("CHUADEN", first_day=date(2027, 2, 1))
    stopped = make_voucher("DADUNG")
    VoucherTerms.objects.filter(pk=stopped.voucher_set_id).update(stopped_at=NOW)
    used_up = make_voucher("HETLUOT", uses_max=1)
    VoucherTerms.objects.filter(pk=used_up.voucher_set_id).update(uses=1)
    code = {
        "live": "DANGCHAY", "ended": "HETHAN", "not_begun": "CHUADEN", "stopped": "DADUNG",
        "used_up": "HETLUOT",
    }[state]
    index = reverse("office_vouchers:index")
    page = operator.get(index, {"state": state})
    assert [row.one_code for row in page.context["object_list"]] == [code]
    assert page.context["object_list"][0].state(NOW) == state
    found = operator.get(index, {"q": code.lower()})
    assert [row.one_code for row in found.context["object_list"]] == [code]


def test_finance_looks_and_changes_nothing(finance, operator):
    row, _order = used()
    assert finance.get(reverse("office_vouchers:index")).status_code == 200
    page = finance.get(edit(row.pk))
    assert page.status_code == 200
    assert 'type="submit">Lưu' not in page.content.decode()
    assert finance.post(edit(row.pk), typed()).status_code == 403
    assert finance.post(edit(row.pk, "stop"), {"reason": "x"}).status_code == 403
    assert finance.get(reverse(ADD)).status_code == 403
    assert finance.get(edit(row.pk, "codes_csv")).status_code == 200


def test_others_have_no_desk_of_vouchers(desk):
    row = make_voucher().voucher_set.terms
    officer = desk(Role.OCOP_OFFICER)
    for address in (reverse("office_vouchers:index"), edit(row.pk), edit(row.pk, "codes_csv")):
        assert officer.get(address).status_code == 403


def test_the_list_costs_the_same_however_long(operator, django_assert_max_num_queries):
    index = reverse("office_vouchers:index")
    operator.get(index)
    for number in range(3):
        make_voucher(f"MA{number:04d}", producer=make_producer())
    with django_assert_max_num_queries(22):
        operator.get(index)
    for number in range(3, 20):
        make_voucher(f"MA{number:04d}", producer=make_producer())
    with django_assert_max_num_queries(22):
        operator.get(index)
