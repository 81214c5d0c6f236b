"""R1 and R2 over HTTP: buyers with browsers of their own against a threaded server.

Everybody walks to the last step first; then all send the order at the same moment.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.db import connection
from django.db.models import Sum
from django.urls import reverse
from oscar.apps.order.models import Line, Order
from oscar.apps.partner.models import StockRecord

from marketplace.orders import stock
from tests.factories.buying import ADDRESS, form_with
from tests.factories.catalogue import make_product
from tests.factories.orders import make_tariff

pytestmark = pytest.mark.django_db(transaction=True)


class Buyer:
    """One person with one browser."""

    def __init__(self, server: str, number: int = 0) -> None:
        self.server, self.number = server, number
        self.browser = requests.Session()
        self.page: requests.Response | None = None
        self.fields: dict[str, str] = {}

    def walk(self, product) -> Buyer:
        """As far as the page on which the order is placed."""
        self._post(reverse("checkout:add"), {"product": product.pk, "quantity": "1"})
        where = reverse("checkout:where")
        self.page = self.browser.get(self.server + where, timeout=60)
        phone = f"0912{self.number:06d}"
        self._post(where, {**form_with(self.page, "phone").fields, **ADDRESS, "phone": phone})
        assert self.page.url == self.server + reverse("checkout:pay"), self.page.text[:2000]
        form = form_with(self.page, "payment")
        self.fields = {**form.fields, **form.checkboxes, "payment": "cod"}
        return self

    def place(self) -> requests.Response:
        """Send the order."""
        return self._post(reverse("checkout:pay"), self.fields, keep=False)

    def _post(self, path: str, fields: dict, *, keep: bool = True) -> requests.Response:
        answer = self.browser.post(
            self.server + path, fields, headers={"Origin": self.server}, timeout=60
        )
        assert answer.status_code < 500, answer.text[:2000]
        if keep:
            self.page = answer
        return answer


def together(calls: list) -> list:
    """All at the same moment."""
    start = threading.Barrier(len(calls), timeout=60)

    def run(call):
        try:
            start.wait()
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def is_thanks(answer: requests.Response) -> bool:
    """Whether the buyer stands on the thank-you page of an order."""
    return Order.objects.filter(
        number__in=[part for part in answer.url.split("/") if part.startswith("DT")]
    ).exists()


def sold() -> int:
    """Units in all order lines."""
    return Line.objects.aggregate(n=Sum("quantity"))["n"] or 0


@pytest.fixture
def shop(live_server):
    """The address of a running server on a database with delivery prices."""
    make_tariff()
    return live_server.url


@pytest.mark.parametrize("rivals", [10, pytest.param(50, marks=pytest.mark.full)])
def test_the_last_five_are_sold_five_times(shop, rivals):
    product = make_product("Xoài", stock=5)
    buyers = [Buyer(shop, number).walk(product) for number in range(rivals)]
    answers = together([buyer.place for buyer in buyers])
    assert all(answer.status_code == 200 for answer in answers)
    # Whoever was told to try again does.
    while StockRecord.objects.get().net_stock_level:
        waiting = [b for b, a in zip(buyers, answers, strict=True) if not is_thanks(a)]
        answers = [a for a in answers if is_thanks(a)] + together([b.place for b in waiting])
        buyers = [b for b in buyers if b not in waiting] + waiting
    assert sum(is_thanks(answer) for answer in answers) == 5
    assert sold() == Order.objects.count() == 5
    record = StockRecord.objects.get()
    assert (record.num_in_stock, record.num_allocated) == (5, 5)


def test_without_the_guard_more_are_sold_than_there_are(shop, monkeypatch):
    """The twin: look first, then write what was seen plus one."""

    def look_then_write(stockrecord_id, quantity, *, now):
        record = StockRecord.objects.get(pk=stockrecord_id)
        if record.num_in_stock - (record.num_allocated or 0) < quantity:
            return False
        time.sleep(0.2)
        StockRecord.objects.filter(pk=stockrecord_id).update(
            num_allocated=(record.num_allocated or 0) + quantity
        )
        return True

    product = make_product("Xoài", stock=5)
    buyers = [Buyer(shop, number).walk(product) for number in range(10)]
    monkeypatch.setattr(stock, "take_one", look_then_write)
    together([buyer.place for buyer in buyers])
    assert sold() > 5


@pytest.mark.parametrize(
    "run", [0, *(pytest.param(n, marks=pytest.mark.full) for n in range(1, 50))]
)
def test_ten_clicks_are_one_order(shop, run):
    product = make_product("Xoài", stock=50)
    buyer = Buyer(shop).walk(product)
    cookies = buyer.browser.cookies.get_dict()

    def click():
        # Ten requests of one browser: the same cookies and the same form.
        other = Buyer(shop)
        other.browser.cookies.update(cookies)
        other.fields = buyer.fields
        return other.place()

    answers = together([click] * 10)
    assert Order.objects.count() == 1
    assert StockRecord.objects.get().num_allocated == 1
    assert [is_thanks(answer) for answer in answers] == [True] * 10, [a.url for a in answers]
