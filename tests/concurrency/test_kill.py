"""R9: workers are killed while they place orders. No acknowledged order is lost, none is half.

Each worker is a child of this process, forked while no connection is open, and dies by SIGKILL
at a random moment. ``--full`` kills two hundred.
"""

import os
import random
import select
import signal
import time
import traceback

import pytest
from django.db import connection, connections
from django.db.models import F, Sum
from oscar.apps.basket.models import Basket
from oscar.apps.order.models import Line, Order
from oscar.apps.partner.models import StockRecord

from marketplace.checkout.actions import place_order
from marketplace.kernel import clock
from marketplace.orders.models import Consignment, ConsignmentLine
from marketplace.orders.states import State
from marketplace.payments.models import CodLimits, LedgerRow, LedgerTransaction
from tests.factories.catalogue import make_product
from tests.factories.orders import arguments, make_basket, make_destination, make_tariff

pytestmark = pytest.mark.django_db(transaction=True)


def _work(acknowledge: int, product_ids: list[int], seed: int) -> None:
    """Place orders until killed; tell the number of each once it is committed."""
    from catalogue.models import Product

    chance = random.Random(seed)
    products = list(Product.objects.filter(pk__in=product_ids))
    while True:
        chance.shuffle(products)
        basket = make_basket(*((p, chance.randint(1, 3)) for p in products[:2]))
        phone = f"+8491{chance.randint(0, 9_999_999):07d}"
        order = place_order(
            **arguments(basket, destination=make_destination(phone=phone), now=clock.now())
        )
        os.write(acknowledge, f"{order.number}\n".encode())


def _start(product_ids: list[int], seed: int) -> tuple[int, int]:
    """A worker's process and the end from which its acknowledgements are read."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    try:
        os.close(reading)
        _work(writing, product_ids, seed)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def _read(reading: int) -> list[str]:
    text = b""
    while chunk := os.read(reading, 65_536):
        text += chunk
    os.close(reading)
    # What was cut off in the middle was not acknowledged.
    return [line.decode() for line in text.split(b"\n")[:-1]]


@pytest.mark.parametrize("kills", [8, pytest.param(200, marks=pytest.mark.full)])
def test_killed_workers_lose_nothing(kills):
    make_tariff()
    CodLimits.objects.update(new_phone_amount_max=10**9)
    products = [
        make_product(f"Món {n}", 10_000, stock=100_000, gross_weight_g=100) for n in range(4)
    ]
    ids = [product.pk for product in products]
    chance = random.Random(11)
    acknowledged: list[str] = []
    connections.close_all()
    for kill in range(kills):
        workers = [_start(ids, seed=kill * 10 + n) for n in range(2)]
        # Killed once it has begun to place, at a moment of its own.
        for _child, reading in workers:
            assert select.select([reading], [], [], 60)[0], "a worker never placed an order"
        time.sleep(chance.uniform(0, 0.15))
        for child, reading in workers:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            acknowledged += _read(reading)
    _wait_for_the_dead()

    placed = set(Order.objects.values_list("number", flat=True))
    assert len(acknowledged) >= 2 * kills
    assert set(acknowledged) <= placed
    # At most the one that each worker was about to acknowledge is there on top.
    assert len(placed) - len(acknowledged) <= 2 * kills
    assert not Basket.objects.filter(status=Basket.FROZEN).exists()
    assert Basket.objects.filter(status=Basket.SUBMITTED).count() == len(placed)
    for product in products:
        taken = ConsignmentLine.objects.filter(
            stockrecord__product=product, consignment__state=State.NEW
        ).aggregate(n=Sum("quantity"))["n"]
        assert StockRecord.objects.get(product=product).num_allocated == taken
    assert Line.objects.aggregate(n=Sum("quantity")) == StockRecord.objects.aggregate(
        n=Sum("num_allocated")
    )
    assert Consignment.objects.filter(lines__isnull=True).count() == 0
    assert LedgerTransaction.objects.count() == len(placed)
    assert LedgerRow.objects.aggregate(n=Sum("amount"))["n"] == 0
    assert (
        Order.objects.filter(details__isnull=False, reservation__isnull=False).count()
        == len(placed)
    )
    assert not Order.objects.filter(total_incl_tax__lte=F("shipping_incl_tax")).exists()


def _wait_for_the_dead() -> None:
    """PostgreSQL notices a dead client at its next word; until then it may hold rows."""
    with connection.cursor() as cursor:
        for _try in range(100):
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'"
            )
            if not cursor.fetchone()[0]:
                return
            time.sleep(0.1)
    raise AssertionError("a killed worker's session lives on")
