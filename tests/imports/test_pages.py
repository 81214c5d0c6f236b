"""Tables at both desks, over HTTP: hand in, wait, look, mend, confirm, take back."""

import io

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from catalogue.models import Product
from marketplace.accounts.roles import Role
from marketplace.imports import working
from marketplace.imports.models import Import, ImportProgress, ImportRow
from marketplace.producers.models import Membership, Producer
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.catalogue import make_producer, make_product
from tests.imports.conftest import codes, upload, workbook

pytestmark = pytest.mark.django_db
KEYS = ("producer", "sku", "price")


def member(role, *producers):
    user = make_user()
    for producer in producers:
        Membership.objects.create(producer=producer, user=user, role=role)
    return sign_in(Client(), user)


def office(role=Role.OCOP_OFFICER):
    client = sign_in(Client(), make_staff(role))
    client.get("/cms/")
    return client


def sku(product):
    return product.stockrecords.get().partner_sku


def test_a_grower_hands_in_prices_mends_confirms_and_takes_back():
    mango = make_product("Xoài cát", 100_000, 5)
    desk = member("owner", mango.producer)
    home = reverse("portal:imports")
    template = desk.get(reverse("portal:imports_template", args=["prices"]) + "?filled=1")
    book = load_workbook(io.BytesIO(template.content))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == [
        "Article number", "Article", "Price when downloaded", "Price (₫)",
    ]  # fmt: skip
    assert [cell.value for cell in sheet[3]] == [sku(mango), "Xoài cát", 100_000, 100_000]
    sheet["D3"] = "125.000"
    sheet.append(["KHONG-CO", "", None, 5])
    out = io.BytesIO()
    book.save(out)
    answer = desk.post(home, {"kind": "prices", "file": upload(out.getvalue(), "giá.xlsx")})
    table = Import.objects.get()
    address = reverse("portal:imports_table", args=[table.pk])
    assert answer.url == address
    waiting = desk.get(address).content.decode()
    assert "Being checked" in waiting
    assert "<progress" in waiting
    assert '<noscript><meta http-equiv="refresh"' in waiting
    working.judge(table_id=table.pk)
    body = desk.get(address).content.decode()
    assert "<del>100,000</del> → <ins>125,000</ins>" in body
    assert "There is no article with this number." in body
    assert "<progress" not in body
    # Errors must be left out knowingly.
    confirm = reverse("portal:imports_confirm", args=[table.pk])
    desk.post(confirm)
    assert "Please tick" in desk.get(address).content.decode()
    desk.post(confirm, {"without_errors": "on"})
    working.apply(table_id=table.pk)
    assert mango.stockrecords.get().price == 125_000
    assert "Taken over" in desk.get(address).content.decode()
    desk.post(reverse("portal:imports_undo", args=[table.pk]))
    working.undo(table_id=table.pk)
    assert mango.stockrecords.get().price == 100_000
    assert "giá.xlsx" in desk.get(home).content.decode()


def test_the_errors_come_back_as_a_workbook_with_reasons_and_are_neutral():
    mango = make_product("Xoài cát", 100_000, 5)
    desk = member("staff", mango.producer)
    data = workbook(("sku", "title", "price"), ("+84", "@SUM(A1)", "x"), (sku(mango), "", 5))
    desk.post(reverse("portal:imports"), {"kind": "prices", "file": upload(data)})
    table = Import.objects.get()
    working.judge(table_id=table.pk)
    answer = desk.get(reverse("portal:imports_errors", args=[table.pk]))
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:3] == ("Row", "What is wrong", "Article number")
    assert rows[1][0] == 2
    assert "Price (₫): Enter a whole number from 1" in rows[1][1]
    assert rows[1][2:4] == ("'+84", "'@SUM(A1)")
    assert len(rows) == 2
    only = desk.get(reverse("portal:imports_table", args=[table.pk]) + "?fate=error")
    assert "Row 2" in only.content.decode()
    assert "Row 3" not in only.content.decode()


@pytest.mark.parametrize("step", ["table", "errors", "confirm", "undo", "discard"])
def test_somebody_elses_table_does_not_exist(step):
    mine, theirs = make_producer(), make_producer()
    table = Import.objects.create(
        kind="prices", producer=theirs, file="x.xlsx", file_name="x.xlsx", state="judged",
        n_changed=1, uploaded_by=make_user(), uploaded_at="2026-11-01T00:00Z",
    )  # fmt: skip
    ImportProgress.objects.create(table=table)
    address = reverse(f"portal:imports_{step}", args=[table.pk])
    desk = member("owner", mine)
    method = desk.get if step in ("table", "errors") else desk.post
    assert method(address).status_code == 404
    packer = member("packer", theirs)
    method = packer.get if step in ("table", "errors") else packer.post
    assert method(address).status_code == 403
    table.refresh_from_db()
    assert table.state == "judged"
    assert "x.xlsx" not in desk.get(reverse("portal:imports")).content.decode()


def test_a_producer_cannot_hand_in_producers_or_name_another():
    mango, tea = make_product("Xoài", 100_000, 5), make_product("Trà", 50_000, 5)
    desk = member("owner", mango.producer)
    data = workbook(KEYS, (tea.producer.slug, sku(tea), 1))
    home = reverse("portal:imports")
    assert desk.post(home, {"kind": "producers", "file": upload(data)}).status_code == 422
    asked = {"kind": "prices", "producer": tea.producer_id, "file": upload(data)}
    assert desk.post(home, asked).status_code == 302
    table = Import.objects.get()
    assert table.producer == mango.producer
    working.judge(table_id=table.pk)
    table.refresh_from_db()
    assert (table.n_errors, table.n_to_write) == (1, 0)
    other = reverse("portal:imports_template", args=["prices"]) + f"?producer={tea.producer_id}"
    assert desk.get(other).status_code == 404


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "a.xlsx", "The file is empty."),
        (b"x", "a.exe", "Please send an Excel file"),
        (b"PK", "a.xlsm", "macros"),
    ],
)
def test_a_file_that_is_no_table_is_refused_at_the_field(data, name, words):
    desk = member("owner", make_producer())
    answer = desk.post(
        reverse("portal:imports"), {"kind": "stock", "file": upload(data, name)}
    )
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Import.objects.exists()


def test_the_office_loads_producers_then_their_goods():
    clerk = office()
    make_product("Có sẵn")
    head = (
        "kind", "name_vi", "representative", "registration_no", "street", "commune", "phone",
    )  # fmt: skip
    data = workbook(
        head,
        ("Household business", "Vườn Bảy Xoài", "Trần Văn Bảy", "HKD-1", "Ấp 1", "Cao Lãnh",
         912345678),
        ("Household business", "Vườn Không Số", "Trần Văn Tám", None, "Ấp 1", "Ở đâu", "12"),
    )  # fmt: skip
    home = reverse("office_imports:index")
    answer = clerk.post(home, {"kind": "producers", "file": upload(data)})
    table = Import.objects.get()
    address = reverse("office_imports:table", args=[table.pk])
    assert answer.url == address
    assert 'data-import-state="waiting" data-at-work' in clerk.get(address).content.decode()
    working.judge(table_id=table.pk)
    assert codes(table) == {
        3: [("commune", "commune"), ("phone", "phone"), ("tax_code", "registration")]
    }
    body = clerk.get(address).content.decode()
    assert 'data-import-state="judged"' in body
    assert "data-at-work" not in body
    clerk.post(reverse("office_imports:confirm", args=[table.pk]), {"without_errors": "on"})
    working.apply(table_id=table.pk)
    table.refresh_from_db()
    assert table.state == "applied"
    producer = Producer.objects.get(name_vi="Vườn Bảy Xoài")
    assert (producer.phone, producer.is_identified) == ("+84912345678", False)
    assert producer.sort_key
    clerk.post(reverse("office_imports:undo", args=[table.pk]))
    working.undo(table_id=table.pk)
    assert not Producer.objects.filter(pk=producer.pk).exists()


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AREA_OFFICER])
def test_others_of_the_office_have_no_tables(role):
    clerk = office(role)
    assert clerk.get(reverse("office_imports:index")).status_code == 403
    posted = clerk.post(
        reverse("office_imports:index"), {"kind": "prices", "file": upload(b"x")}
    )
    assert posted.status_code == 403
    assert Product.objects.count() == 0


def test_the_history_costs_the_same_for_any_number(django_assert_max_num_queries):
    clerk = office(Role.OPERATOR)
    for number in range(15):
        table = Import.objects.create(
            kind="prices", file="x.xlsx", file_name=f"bang-{number}.xlsx", state="judged",
            uploaded_by=make_user(), uploaded_at="2026-11-01T00:00Z",
        )  # fmt: skip
        ImportProgress.objects.create(table=table)
    ImportRow.objects.bulk_create(
        ImportRow(table=table, number=n, fate="unchanged") for n in range(200)
    )
    with django_assert_max_num_queries(22):
        assert "bang-14.xlsx" in clerk.get(reverse("office_imports:index")).content.decode()
    with django_assert_max_num_queries(22):
        clerk.get(reverse("office_imports:table", args=[table.pk]))


def test_throwing_away_and_templates():
    mango = make_product("Xoài", 100_000, 5)
    clerk = office()
    for kind in ("producers", "listings", "prices", "stock"):
        for filled in ("", "?filled=1"):
            answer = clerk.get(reverse("office_imports:template", args=[kind]) + filled)
            book = load_workbook(io.BytesIO(answer.content))
            assert book.worksheets[1].sheet_state == "hidden"
            assert book.worksheets[0].max_row >= 3
    assert clerk.get(reverse("office_imports:template", args=["pictures"])).status_code == 404
    data = workbook(KEYS, (mango.producer.slug, sku(mango), 5))
    clerk.post(reverse("office_imports:index"), {"kind": "prices", "file": upload(data)})
    table = Import.objects.get()
    working.judge(table_id=table.pk)
    clerk.post(reverse("office_imports:discard", args=[table.pk]))
    clerk.post(reverse("office_imports:confirm", args=[table.pk]))
    working.apply(table_id=table.pk)
    table.refresh_from_db()
    assert table.state == "discarded"
    assert mango.stockrecords.get().price == 100_000
