"""The factories that every other test stands on make what they say."""

import pytest

from catalogue.strategy import Strategy
from tests.factories.catalogue import make_category, make_producer, make_product

pytestmark = pytest.mark.django_db


def test_a_plain_product_can_be_bought_at_its_price():
    product = make_product(price=285_000, stock=3)

    offer = Strategy().fetch_for_product(product)

    assert offer.price.incl_tax == 285_000
    assert offer.availability.num_available == 3


def test_variants_carry_price_and_stock():
    product = make_product(variants=[("500 g", 90_000, 0), ("1 kg", 170_000, 4)])

    offer = Strategy().fetch_for_parent(product)

    assert offer.price.incl_tax == 170_000
    assert offer.availability.is_available_to_buy


def test_nobody_buys_from_a_stranger():
    product = make_product(producer=make_producer(verified=False))

    assert not Strategy().fetch_for_product(product).availability.is_available_to_buy


def test_the_same_shelf_twice_is_one_shelf():
    fruit = make_category("Trái cây")

    assert make_category("Trái cây") == fruit
    assert make_category("Xoài", parent=fruit) == make_category("Xoài", parent=fruit)
    assert make_category("Xoài", parent=fruit).full_slug == "trai-cay/xoai"
