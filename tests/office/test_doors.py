"""Who may enter which desk, and that every list costs the same however long it is."""

import pytest
from django.test import Client
from django.urls import reverse
from oscar.apps.order.models import Order

from marketplace.accounts.roles import Role
from marketplace.office.viewsets import Market
from marketplace.platform.audit import AuditEntry
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.catalogue import make_producer, make_product, make_sale
from tests.factories.orders import make_order

ADD_DESKS = ("office_listings:add", "office_producers:add")
INDEXES = {
    "office_orders:index": {Role.OPERATOR, Role.FINANCE},
    "office_calls:index": {Role.OPERATOR},
    "office_call_list:index": {Role.OPERATOR},
    "office_receipts:index": {Role.OPERATOR, Role.FINANCE},
    "office_refunds:index": {Role.OPERATOR, Role.FINANCE},
    "office_payouts:index": {Role.OPERATOR, Role.FINANCE},
    "office_stock:index": {Role.OPERATOR, Role.OCOP_OFFICER, Role.FINANCE},
    "office_listings:index": {
        Role.OPERATOR, Role.OCOP_OFFICER, Role.FINANCE, Role.TRANSLATOR,
    },
    "office_producers:index": {
        Role.OPERATOR, Role.OCOP_OFFICER, Role.FINANCE, Role.TRANSLATOR, Role.AREA_OFFICER,
    },
    "office_applications:index": {Role.OPERATOR, Role.OCOP_OFFICER},
    "office_papers:index": {Role.OPERATOR, Role.OCOP_OFFICER, Role.AREA_OFFICER},
    "office_helpers:index": {Role.OPERATOR, Role.OCOP_OFFICER},
    "office_imports:index": {Role.OPERATOR, Role.OCOP_OFFICER},
    "office_pages:index": {
        Role.OPERATOR, Role.TOURISM_EDITOR, Role.TOURISM_PUBLISHER, Role.TRANSLATOR,
    },
    "office_vouchers:index": {Role.OPERATOR, Role.FINANCE},
    "office_rules:index": {Role.OPERATOR, Role.FINANCE, Role.OCOP_OFFICER},
    "office_listings:add": {Role.OPERATOR, Role.OCOP_OFFICER},
    "office_producers:add": {Role.OPERATOR, Role.OCOP_OFFICER},
}  # fmt: skip


@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_its_desks_and_no_other(role, desk):
    client = desk(role)
    opened = {name for name in INDEXES if client.get(reverse(name)).status_code == 200}
    assert opened == {name for name, roles in INDEXES.items() if role in roles}
    refused = {client.get(reverse(name)).status_code for name in INDEXES.keys() - opened}
    assert refused <= {403}


@pytest.mark.parametrize("role", list(Role))
def test_the_menu_shows_what_may_be_entered(role, desk):
    client = desk(role)
    page = client.get(reverse("wagtailadmin_home")).content.decode()
    for item in Market().registerables:
        name = f"{item.name}:index"
        assert (f"/cms/{item.url_prefix}/" in page) == (role in INDEXES[name]), name


def test_nobody_enters_without_being_staff(db):
    customer = sign_in(Client(), make_user())
    visitor = Client()
    for name in INDEXES:
        assert customer.get(reverse(name)).status_code == 403
        assert visitor.get(reverse(name)).status_code == 302


def test_a_producers_team_has_no_desk_here(db):
    from marketplace.producers.models import Membership

    owner = make_user()
    Membership.objects.create(producer=make_producer(), user=owner, role=Membership.Role.OWNER)
    client = sign_in(Client(), owner)
    assert {client.get(reverse(name)).status_code for name in INDEXES} == {403}


def test_staff_without_the_second_factor_are_asked_for_it(db):
    client = sign_in(Client(), make_staff(Role.OPERATOR), second_factor=False)
    assert client.get(reverse("office_orders:index")).status_code == 302


def test_what_does_not_exist_is_not_found(operator):
    for name in (
        "office_orders:order", "office_orders:history", "office_listings:edit",
        "office_listings:history", "office_listings:unpublish", "office_producers:edit",
        "office_producers:history",
    ):  # fmt: skip
        assert operator.get(reverse(name, args=(999_999,))).status_code == 404
    for name in (
        "office_orders:move", "office_orders:remit", "office_orders:cancel",
        "office_calls:answer",
    ):  # fmt: skip
        url = reverse(name, args=(999_999,))
        assert operator.post(url, {"to": "confirmed"}).status_code == 404
        assert operator.get(url).status_code == 404


def _fill(count: int) -> None:
    for number in range(count):
        product = make_product(f"Xoài {number}", stock=3, producer=make_producer())
        make_order(product)


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("office_orders:index", 22),
        ("office_calls:index", 18),
        ("office_stock:index", 20),
        ("office_listings:index", 22),
        ("office_producers:index", 20),
        ("wagtailadmin_home", 46),
    ],
)
def test_lists_cost_the_same_however_long(name, most, operator, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    _fill(2)
    operator.get(reverse(name))
    with CaptureQueriesContext(connection, ) as few:
        operator.get(reverse(name))
    _fill(4)
    with CaptureQueriesContext(connection) as many:
        operator.get(reverse(name))
    assert len(many) == len(few)
    assert len(many) <= most, len(many)


def test_an_export_holds_what_the_list_shows_and_no_buyer(operator, desk):
    _fill(1)
    page = operator.get(reverse("office_orders:index"), {"export": "csv"})
    text = b"".join(page.streaming_content).decode()
    assert text.count("\n") >= 2
    assert "Trần Văn Bảy" not in text
    assert "+84912345678" not in text
    refused = desk(Role.OCOP_OFFICER).get(reverse("office_orders:index"), {"export": "csv"})
    assert refused.status_code == 403


@pytest.mark.parametrize("query", ["xoai", "XOÀI 0", "-1", "'", "\x00", "a" * 5000, "\u202e"])
@pytest.mark.parametrize(
    "name",
    ["office_orders:index", "office_stock:index", "office_listings:index",
     "office_producers:index"],
)  # fmt: skip
def test_searching_for_anything_answers(name, query, operator):
    make_product("Xoài 0")
    parameters = {"q": query, "p": query, "producer": query, "listing": query, "state": query}
    assert operator.get(reverse(name), parameters).status_code == 200
    assert operator.get(reverse(name) + "?ordering=" + "x" * 50).status_code == 200


def test_lists_find_folded_words(operator):
    make_product("Xoài cát Hòa Lộc", producer=make_producer("Vườn Út Lành"))
    make_product("Nhãn xuồng")
    for name, words, found, other in (
        ("office_listings:index", "hoa loc", "Xoài cát Hòa Lộc", "Nhãn xuồng"),
        ("office_listings:index", "lanh xoai", "Xoài cát Hòa Lộc", "Nhãn xuồng"),
        ("office_stock:index", "XOAI", "Xoài cát Hòa Lộc", "Nhãn xuồng"),
    ):
        page = operator.get(reverse(name), {"q": words}).content.decode()
        assert found in page
        assert other not in page


def test_orders_are_found_by_number_phone_and_name(operator):
    order = make_order(make_product())
    number = order.consignments.get().number
    index = reverse("office_orders:index")
    for query in (
        order.number, order.number.lower(), number, "0912 345 678", "+84912345678", "345678",
        "tran van bay", "Bảy",
    ):  # fmt: skip
        assert number in operator.get(index, {"q": query}).content.decode(), query
    for query in ("DTZZZZZZZZ", "0999999999", "Nguyễn"):
        assert number not in operator.get(index, {"q": query}).content.decode(), query


def test_a_number_of_letters_alone_is_found(operator):
    order = make_order(make_product())
    Order.objects.filter(pk=order.pk).update(number="DTQWERASDF")
    number = order.consignments.get().number
    index = reverse("office_orders:index")
    assert number in operator.get(index, {"q": "dtqwerasdf"}).content.decode()
    assert number not in operator.get(index, {"q": "dtqwerasdz"}).content.decode()


def test_looking_writes_no_audit(operator):
    make_product()
    before = AuditEntry.objects.count()
    operator.get(reverse("office_listings:index"))
    operator.get(reverse("office_stock:index"))
    assert AuditEntry.objects.count() == before


def test_sales_are_shown_beside_the_price(operator):
    from datetime import timedelta

    from marketplace.kernel import clock

    product = make_product(price=100_000)
    make_sale(product, 80_000, clock.now(), clock.now() + timedelta(days=3))
    assert "80.000" in operator.get(reverse("office_stock:index")).content.decode()
