"""Dated rows of payments: loading them, and which of them hold on a day."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command

from marketplace.payments import reference
from marketplace.payments.models import CollectorAccount, FeeTerms, MethodTerms
from marketplace.payments.queries import collector_on, methods_offered, to_collect
from tests.factories.catalogue import make_product
from tests.factories.orders import make_order
from tests.factories.payments import make_collector, make_transfer_order, receive

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
FILE = """
[[collector_account]]
bank_bin = "970436"
bank_name = "Vietcombank"
account_no = "{account}"
holder = "DAT SEN"
effective_from = {day}
source = "Decision 12"

[[fee_terms]]
kind = "platform"
percent = 5
effective_from = {day}
source = "Decision 12"
"""


def load(tmp_path, text):
    path = tmp_path / "terms.toml"
    path.write_text(text, encoding="utf-8")
    call_command("load_payment_terms", str(path))


def methods(now=NOW):
    return {terms.method for terms in methods_offered(now)}


def test_a_new_row_ends_the_one_before_and_loading_again_changes_nothing(tmp_path):
    for _again in range(2):
        load(tmp_path, FILE.format(account="1111", day="2026-01-01"))
        load(tmp_path, FILE.format(account="2222", day="2026-11-25"))
    rows = CollectorAccount.objects.order_by("effective_from")
    assert [(r.account_no, r.effective_through) for r in rows] == [
        ("1111", date(2026, 11, 24)), ("2222", None),
    ]
    assert FeeTerms.objects.count() == 2
    assert collector_on(NOW).account_no == "1111"


@pytest.mark.parametrize(
    "text",
    [
        "nonsense", "[[gold]]\na = 1", FILE.format(account="12 34", day="2026-01-01"),
        FILE.format(account="1", day="2026-01-01").replace("source", "sauce"),
        FILE.format(account="1", day="2026-01-01").replace("percent = 5", "percent = 500"),
    ],
)
def test_a_wrong_file_loads_nothing(tmp_path, text):
    with pytest.raises(CommandError):
        load(tmp_path, text)
    assert not CollectorAccount.objects.exists() and not FeeTerms.objects.exists()


def test_transfers_are_offered_while_an_account_receives_them(db):
    assert methods() == {"cod"} and collector_on(NOW) is None
    make_collector(effective_through=date(2026, 11, 23))
    assert methods() == {"cod"}
    CollectorAccount.objects.update(effective_through=date(2026, 11, 24))
    assert methods() == {"cod", "vietqr"}
    MethodTerms.objects.filter(method="vietqr").update(is_offered=False)
    assert methods() == {"cod"}


def test_a_database_from_before_learns_of_transfers(db):
    MethodTerms.objects.filter(method="vietqr").delete()
    MethodTerms.objects.filter(method="cod").update(is_offered=False)
    reference.load()
    assert dict(MethodTerms.objects.values_list("method", "is_offered")) == {
        "cod": False, "vietqr": True,
    }


def test_what_is_paid_is_not_collected_at_the_door(db):
    paid = make_transfer_order(make_product(price=100_000, stock=5), now=NOW)
    receive(paid, 120_000, now=NOW)
    cash = make_order(make_product("Trà", 50_000, 5), now=NOW)
    ids = [order.consignments.get().pk for order in (paid, cash)]
    assert to_collect(ids) == {ids[1]: 70_000}
