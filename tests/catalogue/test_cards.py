"""Cards: two queries for any number, and the words a buyer reads."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from catalogue.cards import product_cards
from catalogue.queries import offers
from marketplace.kernel import clock
from tests.factories.catalogue import make_producer, make_product, make_sale

pytestmark = pytest.mark.django_db
NOW = clock.datetime(2026, 11, 24, 3, 0, tzinfo=clock.UTC)


def test_any_number_of_cards_takes_two_queries(django_assert_max_num_queries):
    ids = [make_product(f"Xoài {n}", variants=[("1 kg", 9000, 2), ("2 kg", 17000, 2)]).pk
           for n in range(6)]
    make_product("Không có trong danh sách")

    with django_assert_max_num_queries(2), clock.frozen(NOW):
        cards = product_cards(ids)

    assert [card.name for card in cards] == [f"Xoài {n}" for n in range(6)]


def test_a_card_says_price_unit_price_and_origin():
    product = make_product(price=285_000, producer=make_producer("Vườn Út Lành"))
    with translation.override("vi"):
        (card,) = product_cards([product.pk])

    assert card.price == "285.000\u00a0₫"
    assert card.unit_price == "95.000\u00a0₫/kg"
    assert (card.producer_name, card.commune_name) == ("Vườn Út Lành", "phường Cao Lãnh")
    assert (card.stock_state, card.stock_word, card.price_from) == ("in", "", False)


def test_a_sale_shows_the_old_price_and_says_until_when_that_is_true():
    product = make_product(price=330_000)
    make_sale(product, 285_000, NOW - timedelta(days=1), NOW + timedelta(days=1))

    (before,) = offers([product.pk], NOW - timedelta(days=2))
    (during,) = offers([product.pk], NOW)
    (after,) = offers([product.pk], NOW + timedelta(days=1))

    assert (before.lead.price.incl_tax, before.valid_until) == (330_000, NOW - timedelta(days=1))
    assert (during.lead.price.incl_tax, during.valid_until) == (285_000, NOW + timedelta(days=1))
    assert during.lead.price.old_price_incl_tax == 330_000
    assert (after.lead.price.incl_tax, after.valid_until) == (330_000, None)


def test_variants_are_priced_from_the_cheapest_that_can_be_bought():
    product = make_product(variants=[("500 g", 90_000, 0), ("1 kg", 170_000, 4)])
    (card,) = product_cards([product.pk])

    assert (card.price_from, card.stock_state) == (True, "few")
    assert "170" in card.price


def test_closed_and_sold_out_are_said():
    day = date(2026, 11, 24)
    closed = make_product(producer=make_producer(paused=(day, day)))
    empty = make_product(stock=0)
    states = [card.stock_state for card in product_cards([closed.pk, empty.pk], NOW)]
    (tomorrow,) = product_cards([closed.pk], NOW + timedelta(days=1))

    assert states == ["paused", "out"]
    assert tomorrow.stock_state == "in"


def test_strangers_and_unpublished_goods_have_no_card():
    hidden = make_product(published=False)
    stranger = make_product(producer=make_producer(verified=False))

    assert product_cards([hidden.pk, stranger.pk]) == []
