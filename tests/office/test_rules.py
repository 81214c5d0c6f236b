"""Dated rows: a new version from a day on, looked at first; what was in force is never edited."""

import io
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from catalogue import revision_actions
from catalogue.models import TrustRule
from marketplace.accounts.roles import Role
from marketplace.accounts.second_factor import current_totp_code
from marketplace.kernel import clock
from marketplace.office import rule_tables
from marketplace.orders.models import ConsentText, FulfilmentTerms
from marketplace.payments.models import CodLimits, CollectorAccount, FeeTerms, MethodTerms
from marketplace.platform.audit import AuditEntry
from marketplace.producers.models import ChecklistItem
from marketplace.shipping.models import FreeThreshold, NotOffered, Rate, WorkingDayException
from tests.factories.accounts import sign_in
from tests.factories.catalogue import make_producer, make_product, make_product_class
from tests.factories.orders import make_rate, make_tariff, make_zone
from tests.factories.payments import make_collector

NOON = datetime(2026, 11, 24, 12, tzinfo=clock.TZ)
TODAY = NOON.date()
FIRST = date(2026, 12, 1)


@pytest.fixture(autouse=True)
def _noon():
    with clock.frozen(NOON) as frozen:
        yield frozen


def url(name, table, *args):
    return reverse(f"office_rules:{name}", args=(table, *args))


def posted(form, **changed):
    """What a browser would post of a form that was shown."""
    values = {}
    for field in form:
        value = field.value()
        if value is True:
            value = "on"
        if value is not None and value is not False:
            values[field.html_name] = value
    return {**values, **changed}


def save(client, address, data):
    """Look at it, then save what was looked at; the last answer."""
    looked_at = client.post(address, {**data, "step": "check"})
    assert looked_at.status_code == 200, looked_at.context["form"].errors
    return client.post(
        address, {**data, "step": "save", "seen": looked_at.context["seen"]}
    )


def come_back(client):
    """Sign in again after some hours: the desk was closed meanwhile."""
    client.logout()
    sign_in(client, client.user)


def end(client, table, pk, through):
    """Set a last day as somebody who has just looked at the page."""
    seen = client.get(url("end", table, pk)).context["seen"]
    return client.post(url("end", table, pk), {"effective_through": through, "seen": seen})


def new(client, table, row=None, **changed):
    """A new version written after ``row``."""
    address = url("new", table)
    form = client.get(address, {"like": row.pk} if row else {}).context["form"]
    return save(client, address, posted(form, **changed))


# --- The price list of a zone and class ------------------------------------------------------


def test_a_price_rise_is_one_form_and_is_looked_at_first(operator):
    zone = make_zone("delta")
    light = make_rate(zone, fee=20_000, weights=(0, 1_000))
    make_rate(zone, fee=25_000, weights=(1_001, 3_000))
    address = url("new", "delivery-prices")
    form = operator.get(address, {"like": light.pk}).context["form"]
    data = posted(
        form, effective_from=FIRST.isoformat(), source="Bảng giá 12/2026", fee_incl_tax_1="27.000"
    )
    looked_at = operator.post(address, {**data, "step": "check"})
    text = looked_at.content.decode().replace("\xa0", " ")
    assert "Từ 01/12/2026" in text
    assert "30/11/2026" in text
    (change,) = [c for c in looked_at.context["changes"] if "3\xa0kg" in c[0] and c[1] != c[2]]
    assert "25.000" in change[1]
    assert "27.000" in change[2]
    assert Rate.objects.count() == 2

    saved = operator.post(address, {**data, "step": "save", "seen": looked_at.context["seen"]})
    assert saved.status_code == 302
    assert list(
        Rate.objects.order_by("effective_from", "weight_from_g").values_list(
            "weight_from_g", "weight_through_g", "fee_incl_tax", "effective_from",
            "effective_through",
        )
    ) == [
        (0, 1_000, 20_000, date(2025, 7, 1), date(2026, 11, 30)),
        (1_001, 3_000, 25_000, date(2025, 7, 1), date(2026, 11, 30)),
        (0, 1_000, 20_000, FIRST, None),
        (1_001, 3_000, 27_000, FIRST, None),
    ]
    entry = AuditEntry.objects.get(action="rule.added")
    assert entry.user_id == operator.user.pk
    assert entry.before["fee_incl_tax"] == ["20000", "25000"]
    assert entry.after["fee_incl_tax"] == ["20000", "27000"]
    history = operator.get(url("history", "delivery-prices")).content.decode()
    assert "27.000" in history


def test_a_wrong_price_table_is_said_at_the_field_and_kept(operator):
    zone = make_zone("delta")
    address = url("new", "delivery-prices")
    data = {
        "zone": zone.pk, "shipping_class": "ambient", "effective_from": FIRST.isoformat(),
        "source": "x", "lines": "3", "step": "check",
        "weight_through_g_0": "3000", "fee_incl_tax_0": "25000",
        "transit_days_min_0": "2", "transit_days_max_0": "1",
        "weight_through_g_1": "1000", "fee_incl_tax_1": "-5",
    }
    page = operator.post(address, data)
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {
        "transit_days_max_0", "fee_incl_tax_1",
    }
    assert 'value="-5"' in page.content.decode()
    data |= {"transit_days_max_0": "3", "fee_incl_tax_1": "20000"}
    page = operator.post(address, data)
    assert set(page.context["form"].errors) == {
        "transit_days_min_1", "transit_days_max_1",
    }
    data |= {"transit_days_min_1": "1", "transit_days_max_1": "2"}
    page = operator.post(address, data)
    assert set(page.context["form"].errors) == {"weight_through_g_1"}
    empty = {name: data[name] for name in ("zone", "shipping_class", "effective_from", "source")}
    assert operator.post(address, empty | {"lines": "2"}).status_code == 422
    assert operator.post(address, {"lines": "٣"}).status_code == 422
    assert operator.post(address, {"lines": "99999999999"}).status_code == 422
    assert not Rate.objects.exists()


# --- Days: before today, twice, between two, the end -----------------------------------------


@pytest.fixture
def limits(db):
    return CodLimits.objects.get()


def test_the_past_is_not_rewritten(operator, limits):
    address = url("new", "cash-limits")
    form = operator.get(address, {"like": limits.pk}).context["form"]
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    data = posted(form, open_orders_max="9", source="x", effective_from=yesterday)
    page = operator.post(address, data)
    assert page.status_code == 422
    assert "effective_from" in page.context["form"].errors
    # Also when the day has passed between looking and saving.
    data["effective_from"] = TODAY.isoformat()
    seen = operator.post(address, data).context["seen"]
    with clock.frozen(NOON + timedelta(days=1)):
        come_back(operator)
        late = operator.post(address, {**data, "step": "save", "seen": seen})
    assert late.status_code == 422
    assert CodLimits.objects.get() == limits


def test_from_today_it_holds_at_once(operator, limits):
    new(operator, "cash-limits", limits, open_orders_max="9", source="x",
        effective_from=TODAY.isoformat())
    limits.refresh_from_db()
    assert limits.effective_through == TODAY - timedelta(days=1)
    today = CodLimits.objects.exclude(pk=limits.pk).get()
    assert (today.effective_from, today.open_orders_max) == (TODAY, 9)
    # A second one of the same day would rewrite what orders of this morning stand under.
    page = operator.post(
        url("new", "cash-limits"),
        posted(
            operator.get(url("new", "cash-limits"), {"like": today.pk}).context["form"],
            effective_from=TODAY.isoformat(), open_orders_max="10", source="x",
        ),
    )
    assert page.status_code == 422
    changed = operator.get(url("change", "cash-limits", today.pk), follow=True)
    assert "đã bắt đầu" in changed.content.decode()


def test_between_two_versions_nothing_is_left_and_nothing_overlaps(operator, limits):
    january = date(2027, 1, 1)
    new(operator, "cash-limits", limits, open_orders_max="9", source="x",
        effective_from=january.isoformat())
    new(operator, "cash-limits", limits, open_orders_max="7", source="x",
        effective_from=FIRST.isoformat())
    assert list(
        CodLimits.objects.order_by("effective_from").values_list(
            "open_orders_max", "effective_from", "effective_through"
        )
    ) == [
        (5, date(2026, 1, 1), FIRST - timedelta(days=1)),
        (7, FIRST, january - timedelta(days=1)),
        (9, january, None),
    ]
    middle = CodLimits.objects.get(effective_from=FIRST)
    page = operator.get(url("withdraw", "cash-limits", middle.pk))
    assert "31/12/2026" in page.content.decode()
    operator.post(
        url("withdraw", "cash-limits", middle.pk), {"seen": page.context["seen"]}
    )
    limits.refresh_from_db()
    assert limits.effective_through == january - timedelta(days=1)
    assert CodLimits.objects.count() == 2
    entry = AuditEntry.objects.get(action="rule.withdrawn")
    assert entry.before["open_orders_max"] == 7
    assert entry.after is None


def test_what_is_to_come_is_changed_and_what_has_begun_is_not(operator, limits):
    new(operator, "cash-limits", limits, open_orders_max="9", source="x",
        effective_from=FIRST.isoformat())
    coming = CodLimits.objects.get(effective_from=FIRST)
    address = url("change", "cash-limits", coming.pk)
    form = operator.get(address).context["form"]
    assert "effective_from" not in form.fields
    saved = save(operator, address, posted(form, open_orders_max="8"))
    assert saved.status_code == 302
    coming.refresh_from_db()
    assert (coming.open_orders_max, coming.effective_from) == (8, FIRST)
    entry = AuditEntry.objects.get(action="rule.changed")
    assert (entry.before["open_orders_max"], entry.after["open_orders_max"]) == (9, 8)

    for name in ("change", "withdraw"):
        operator.post(url(name, "cash-limits", limits.pk), posted(form, step="save", seen=""))
    limits.refresh_from_db()
    assert limits.open_orders_max == 5
    assert CodLimits.objects.count() == 2


def test_of_two_clerks_the_second_looks_again(operator, limits, desk):
    other = desk(Role.OPERATOR)
    address = url("new", "cash-limits")
    form = operator.get(address, {"like": limits.pk}).context["form"]
    data = posted(form, open_orders_max="9", source="x", effective_from=FIRST.isoformat())
    seen = operator.post(address, data).context["seen"]
    new(other, "cash-limits", limits, open_orders_max="6", source="y",
        effective_from=(FIRST + timedelta(days=5)).isoformat())
    again = operator.post(address, {**data, "step": "save", "seen": seen})
    assert again.status_code == 422
    assert again.context["last_day"] == FIRST + timedelta(days=4)
    assert CodLimits.objects.count() == 2
    saved = operator.post(address, {**data, "step": "save", "seen": again.context["seen"]})
    assert saved.status_code == 302
    assert CodLimits.objects.count() == 3


def test_back_to_the_form_keeps_what_was_typed(operator, limits):
    address = url("new", "cash-limits")
    form = operator.get(address, {"like": limits.pk}).context["form"]
    data = posted(form, open_orders_max="9", source="Quyết định 7", effective_from="2026-12-01")
    page = operator.post(address, {**data, "step": "back"})
    assert page.status_code == 200
    assert 'value="Quyết định 7"' in page.content.decode()


def test_a_change_that_changes_nothing_is_refused(operator, limits):
    address = url("new", "cash-limits")
    form = operator.get(address, {"like": limits.pk}).context["form"]
    page = operator.post(
        address, posted(form, effective_from=FIRST.isoformat(), source=limits.source)
    )
    assert page.status_code == 422


def test_a_last_day_is_set_moved_and_taken_away(finance):
    fee = FeeTerms.objects.create(
        kind="platform", percent=5, effective_from=date(2026, 1, 1), source="x"
    )
    for wrong in (TODAY - timedelta(days=1), "hôm qua"):
        assert end(finance, "fees", fee.pk, wrong).status_code == 422
    end(finance, "fees", fee.pk, "2026-12-31")
    fee.refresh_from_db()
    assert fee.effective_through == date(2026, 12, 31)
    end(finance, "fees", fee.pk, "")
    fee.refresh_from_db()
    assert fee.effective_through is None
    address = url("end", "fees", fee.pk)
    stale = finance.post(address, {"effective_through": "2026-12-31", "seen": "x"})
    assert stale.status_code == 422
    # What replaces it has begun by then.
    new(finance, "fees", fee, percent="6", source="y", effective_from=FIRST.isoformat())
    assert end(finance, "fees", fee.pk, "2026-12-31").status_code == 422
    assert AuditEntry.objects.filter(action="rule.ended").count() == 2


def test_terms_without_which_nothing_goes_have_no_end(operator, limits, finance):
    assert operator.get(url("end", "cash-limits", limits.pk)).status_code == 404
    assert finance.get(url("end", "cash-limits", limits.pk)).status_code == 403


# --- Every table ------------------------------------------------------------------------------


def rows_of(table):
    """A row in force of each table, and a change of it."""
    zone = make_zone("delta")
    producer = make_producer()
    return {
        "delivery-prices": lambda: (make_rate(zone), {"fee_incl_tax_0": "1000"}),
        "not-sent": lambda: (
            NotOffered.objects.create(
                zone=zone, shipping_class="chilled", reason_vi="a", reason_en="a",
                effective_from=date(2026, 1, 1), source="x",
            ),
            {"reason_vi": "Chưa có xe lạnh"},
        ),
        "free-delivery": lambda: (
            FreeThreshold.objects.create(
                producer=producer, amount_incl_tax=500_000, effective_from=date(2026, 1, 1),
                source="x",
            ),
            {"amount_incl_tax": "600.000"},
        ),
        "fulfilment": lambda: (FulfilmentTerms.objects.get(), {"undo_minutes": "5"}),
        "consents": lambda: (
            ConsentText.objects.get(purpose="marketing"),
            {"version": "2026-12", "text_vi": "Báo tôi biết.", "is_required": ""},
        ),
        "cash-limits": lambda: (CodLimits.objects.get(), {"refusals_max": "2"}),
        "ways-of-paying": lambda: (
            MethodTerms.objects.get(method="vietqr"), {"hold_minutes": "720"},
        ),
        "collector": lambda: (make_collector(), {"holder": "Chợ Đất Sen"}),
        "fees": lambda: (
            FeeTerms.objects.create(
                kind="platform", percent=5, effective_from=date(2026, 1, 1), source="x"
            ),
            {"percent": "2,5", "fixed": "1.000"},
        ),
        "papers": lambda: (
            ChecklistItem.objects.get(code="food-safety-commitment"),
            {"remind_days": "45; 10", "producer_kinds": ["household"], "product_sets": []},
        ),
        "label-fields": lambda: (
            rule_tables.by_slug("label-fields").model.objects.create(
                product_class=make_product_class(), field="storage",
                effective_from=date(2026, 1, 1), source="x",
            ),
            {},
        ),
        "trust": lambda: (
            TrustRule.objects.create(
                producer=producer, fields=["summary_vi"], reason="x",
                effective_from=date(2026, 1, 1),
            ),
            {"fields_trusted": ["summary_vi", "net_weight_g"], "reason": "Ba năm không lỗi"},
        ),
    }[table]()


@pytest.mark.parametrize("slug", [table.slug for table in rule_tables.TABLES])
def test_every_table_takes_a_new_version_and_shows_all(slug, desk):
    table = rule_tables.by_slug(slug)
    keeper = desk(Role.FINANCE if slug in ("collector", "fees") else Role.OPERATOR)
    row, changed = rows_of(slug)
    address = url("new", slug)
    form = keeper.get(address, {"like": row.pk}).context["form"]
    data = posted(form, effective_from=FIRST.isoformat(), source="Quyết định 12", **changed)
    looked_at = keeper.post(address, {**data, "step": "check"})
    assert looked_at.status_code == 200, looked_at.context["form"].errors
    data |= {"step": "save", "seen": looked_at.context["seen"]}
    if table.is_delicate:
        data["code"] = current_totp_code(keeper.user)
    saved = keeper.post(address, data)
    assert saved.status_code == 302, saved.context["form"].errors
    row.refresh_from_db()
    assert row.effective_through == FIRST - timedelta(days=1)
    latest = table.strand_of(row).from_day(FIRST)
    assert len(latest) == 1
    page = keeper.get(url("table", slug), {"state": "all"})
    assert {"now", "coming"} <= {v["standing"] for v in page.context["versions"]}
    # Asked from a fresh form, it is taken as it stands.
    coming = url("change", slug, latest[0].pk)
    assert keeper.get(coming).status_code == 200
    with clock.frozen(NOON + timedelta(days=30)):
        come_back(keeper)
        states = {
            v["row"].pk: v["standing"]
            for v in keeper.get(url("table", slug), {"state": "all"}).context["versions"]
        }
    assert states[row.pk] == "past"
    assert states[latest[0].pk] == "now"


def test_what_was_written_is_what_stands_there(operator, finance):
    item, changed = rows_of("papers")
    new(operator, "papers", item, source="y", effective_from=FIRST.isoformat(), **changed)
    latest = ChecklistItem.objects.get(code=item.code, effective_from=FIRST)
    assert latest.remind_days == [45, 10]
    assert (latest.producer_kinds, latest.product_sets) == (["household"], [])
    fee, changed = rows_of("fees")
    new(finance, "fees", fee, source="y", effective_from=FIRST.isoformat(), **changed)
    latest = FeeTerms.objects.get(effective_from=FIRST)
    assert (latest.percent, latest.fixed) == (Decimal("2.5"), Decimal(1000))


def test_what_cannot_be_is_said_at_the_field(operator):
    terms = FulfilmentTerms.objects.get()
    form = operator.get(url("new", "fulfilment"), {"like": terms.pk}).context["form"]
    page = operator.post(
        url("new", "fulfilment"),
        posted(form, effective_from="2026-12-01", source="x", work_begins_hour="18",
               remind_after_working_hours="9"),
    )
    assert set(page.context["form"].errors) == {
        "work_ends_hour", "escalate_after_working_hours",
    }
    qr = MethodTerms.objects.get(method="vietqr")
    form = operator.get(url("new", "ways-of-paying"), {"like": qr.pk}).context["form"]
    page = operator.post(
        url("new", "ways-of-paying"),
        posted(form, effective_from="2026-12-01", source="x", hold_minutes=""),
    )
    assert set(page.context["form"].errors) == {"hold_minutes"}
    text = ConsentText.objects.get(purpose="terms")
    form = operator.get(url("new", "consents"), {"like": text.pk}).context["form"]
    page = operator.post(
        url("new", "consents"), posted(form, effective_from="2026-12-01", text_vi="Khác")
    )
    assert set(page.context["form"].errors) == {"version"}


def test_text_that_a_spreadsheet_would_compute_is_not(operator):
    NotOffered.objects.create(
        zone=make_zone("delta"), shipping_class="chilled", reason_vi="=1+1", reason_en="@x",
        effective_from=date(2026, 1, 1), source="+x",
    )
    text = operator.get(url("export", "not-sent", "csv")).content.decode()
    assert "'=1+1" in text
    assert "'@x" in text
    book = load_workbook(io.BytesIO(operator.get(url("export", "not-sent", "xlsx")).content))
    (_heads, row) = book.active.iter_rows()
    assert {cell.data_type for cell in row if isinstance(cell.value, str)} == {"s"}
    assert operator.get(url("export", "not-sent", "pdf")).status_code == 404


@pytest.mark.parametrize("table", ["delivery-prices", "not-sent", "trust"])
def test_a_list_costs_the_same_however_long(table, operator, django_assert_num_queries):
    def make(number):
        for place in range(number):
            zone = make_zone(f"z{number}{place}")
            make_rate(zone, weights=(0, 1000))
            make_rate(zone, weights=(1001, 2000))
            NotOffered.objects.create(
                zone=zone, shipping_class="chilled", reason_vi="a", reason_en="a",
                effective_from=date(2026, 1, 1), source="x",
            )
            TrustRule.objects.create(
                producer=make_producer(), fields=["summary_vi"], reason="x",
                effective_from=date(2026, 1, 1),
            )

    make(2)
    operator.get(url("table", table))
    with CaptureQueriesContext(connection) as few:
        operator.get(url("table", table))
    make(40)
    with django_assert_num_queries(len(few)):
        page = operator.get(url("table", table))
    assert len(page.context["versions"]) == 30
    assert page.context["page"].paginator.num_pages == 2


# --- Who --------------------------------------------------------------------------------------

KEEPS = {
    Role.OPERATOR: {t.slug for t in rule_tables.TABLES} - {"collector", "fees"},
    Role.FINANCE: {"collector", "fees"},
    Role.OCOP_OFFICER: set(),
}
READS = {
    Role.OPERATOR: {t.slug for t in rule_tables.TABLES},
    Role.FINANCE: {t.slug for t in rule_tables.TABLES},
    Role.OCOP_OFFICER: {"papers", "label-fields", "trust"},
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_keeps_its_tables_and_reads_no_more_than_it_should(role, desk):
    client = desk(role)
    reads = KEEPS.get(role, set())
    slugs = [table.slug for table in rule_tables.TABLES]
    opened = {s for s in slugs if client.get(url("table", s)).status_code == 200}
    assert opened == READS.get(role, set())
    assert {s for s in slugs if client.get(url("new", s)).status_code == 200} == reads
    for slug in set(slugs) - reads:
        assert client.get(url("new", slug)).status_code == 403
        for name in ("change", "withdraw", "end"):
            assert client.get(url(name, slug, 1)).status_code == 403, (slug, name)
            assert client.post(url(name, slug, 1)).status_code == 403, (slug, name)
    overview = client.get(reverse("office_rules:index"))
    assert overview.status_code == (200 if role in READS else 403)
    unknown = client.get(url("table", "nothing"))
    assert unknown.status_code == (404 if role in READS else 403)
    days = client.get(reverse("office_rules:working_days")).status_code
    assert days == (200 if role in (Role.OPERATOR, Role.FINANCE) else 403)


def test_a_new_collector_needs_the_second_factor_again(finance):
    account = make_collector()
    address = url("new", "collector")
    form = finance.get(address, {"like": account.pk}).context["form"]
    data = posted(
        form, account_no="0099 8877", source="x", effective_from=FIRST.isoformat()
    )
    seen = finance.post(address, data).context["seen"]
    data |= {"step": "save", "seen": seen}
    for code in ("", "000000"):
        page = finance.post(address, {**data, "code": code})
        assert page.status_code == 422
        assert "code" in page.context["code_form"].errors
    assert CollectorAccount.objects.get() == account
    page = end(finance, "collector", account.pk, "2026-12-31")
    assert page.status_code == 422
    assert "code" in page.context["code_form"].errors
    saved = finance.post(address, {**data, "code": current_totp_code(finance.user)})
    assert saved.status_code == 302
    latest = CollectorAccount.objects.get(effective_from=FIRST)
    assert (latest.account_no, latest.bank_name) == ("00998877", "Vietcombank")


# --- Pages that show them ---------------------------------------------------------------------


def test_a_kept_page_shows_the_new_price_at_its_midnight(operator, client, _noon, settings):
    zone = make_tariff()
    product = make_product(price=100_000)
    page = product.get_absolute_url() + "?giao-den=82"

    def fee():
        text = client.get(page).content.decode().replace("\xa0", " ")
        return next((fee for fee in ("20.000 ₫", "22.000 ₫", "23.000 ₫") if fee in text), "")

    before = fee()
    assert before == "20.000 ₫"
    first = zone.rates.filter(shipping_class=product.shipping_class).order_by("pk").first()
    new(operator, "delivery-prices", first, source="y", fee_incl_tax_0="22000",
        effective_from=(TODAY + timedelta(days=1)).isoformat())
    assert fee() == "20.000 ₫"
    _noon.move_to(datetime(2026, 11, 25, 0, 0, 1, tzinfo=clock.TZ))
    assert fee() == "22.000 ₫"
    tomorrow = zone.rates.filter(effective_from=clock.today()).order_by("pk").first()
    _noon.move_to(datetime(2026, 11, 26, 9, tzinfo=clock.TZ))
    come_back(operator)
    assert fee() == "22.000 ₫"
    new(operator, "delivery-prices", tomorrow, source="z", fee_incl_tax_0="23000",
        effective_from=clock.today().isoformat())
    assert fee() == "23.000 ₫"


# --- Trust ------------------------------------------------------------------------------------


def test_trust_given_by_the_page_lets_a_change_pass_until_its_last_day(operator):
    listing = make_product()
    address = url("new", "trust")
    data = {
        "producer": listing.producer_id, "effective_from": TODAY.isoformat(),
        "fields_trusted": ["summary_vi"], "reason": "Ba năm không lỗi",
    }
    assert operator.post(address, {**data, "fields_trusted": ["price"]}).status_code == 422
    assert operator.post(address, {**data, "reason": " "}).status_code == 422
    saved = save(operator, address, data)
    assert saved.status_code == 302
    rule = TrustRule.objects.get()
    assert rule.set_by == operator.user
    passed = revision_actions.propose(
        listing=listing, values={"summary_vi": "Mới"}, actor=None, now=NOON
    )
    assert passed.trust_rule == rule
    end(operator, "trust", rule.pk, TODAY.isoformat())
    waits = revision_actions.propose(
        listing=listing, values={"summary_vi": "Mới hơn"}, actor=None,
        now=NOON + timedelta(days=1),
    )
    assert waits.state == "pending"


# --- Working days -----------------------------------------------------------------------------


def test_a_working_day_is_noted_once_and_taken_off_before_it_comes(operator, finance):
    address = reverse("office_rules:working_days")
    data = {"day": "2026-12-24", "is_working": "no", "name": "Nghỉ bù", "source": "CV 12"}
    assert operator.post(address, {**data, "day": "2026-11-23"}).status_code == 422
    assert operator.post(address, {**data, "name": ""}).status_code == 422
    assert operator.post(address, data).status_code == 302
    row = WorkingDayException.objects.get()
    assert (row.day, row.is_working) == (date(2026, 12, 24), False)
    again = operator.post(address, data)
    assert again.status_code == 422
    assert "day" in again.context["form"].errors
    remove = reverse("office_rules:working_days_remove", args=(row.pk,))
    assert operator.get(remove).status_code == 404
    assert finance.get(remove).status_code == 403
    assert finance.post(remove).status_code == 403
    assert finance.post(address, data).status_code == 403
    with clock.frozen(datetime(2026, 12, 24, 9, tzinfo=clock.TZ)):
        come_back(operator)
        assert operator.post(remove).status_code == 302
    assert WorkingDayException.objects.exists()
    come_back(operator)
    operator.post(remove)
    assert not WorkingDayException.objects.exists()
    assert operator.post(remove).status_code == 404
    history = operator.get(reverse("office_rules:working_days_history")).content.decode()
    assert "24/12/2026 Nghỉ bù" in history
    export = operator.get(reverse("office_rules:working_days_export", args=("csv",)))
    assert export.status_code == 200
