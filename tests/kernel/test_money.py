from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.money import (
    MixedCurrencies,
    Money,
    UnknownCurrency,
    round_amount,
    split_by_largest_remainder,
)


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("79566.15", "VND", "79566"),
        ("0.5", "VND", "1"),
        ("1.5", "VND", "2"),
        ("2.5", "VND", "3"),
        ("-2.5", "VND", "-3"),
        ("2.4999", "VND", "2"),
        ("2.345", "USD", "2.35"),
        ("2", "USD", "2.00"),
        ("7.49", None, "7"),
    ],
)
def test_rounding_is_to_the_smallest_unit_halves_away_from_zero(amount, currency, rounded):
    assert str(round_amount(Decimal(amount), currency)) == rounded


def test_oscar_rounds_discounts_with_it(settings):
    from django.utils.module_loading import import_string

    assert import_string(settings.OSCAR_OFFER_ROUNDING_FUNCTION) is round_amount


def test_sums_and_products_keep_every_decimal_until_rounded_once():
    third = Money("100.4") + Money("100.4") - Money(1)
    assert third == Money("199.8")
    assert third.rounded() == Money(200)
    assert Money(85555) * Decimal("0.07") == Money("5988.85")
    assert 3 * Money(5) == Money(15)
    assert sum([Money(1), Money(2)]) == Money(3)
    assert -Money(3) == Money(-3)
    assert abs(Money(-3)) == Money(3)
    assert not Money.zero() and Money(1)
    assert max(Money(2), Money(5)) == Money(5)
    assert Money(2) <= Money("2.0") and Money(2) >= Money("2.0")
    assert str(Money(285000)) == "285000 VND"


def test_currencies_do_not_mix():
    with pytest.raises(MixedCurrencies):
        Money(1, "VND") + Money(1, "USD")
    with pytest.raises(MixedCurrencies):
        Money(1, "VND") < Money(1, "USD")  # noqa: B015
    assert Money(1, "VND") != Money(1, "USD")
    with pytest.raises(UnknownCurrency):
        Money(1, "XXX")


@pytest.mark.parametrize("amount", [1.5, True, None])
def test_only_exact_amounts_are_taken(amount):
    with pytest.raises(TypeError):
        Money(amount)


@pytest.mark.parametrize("amount", ["NaN", "Infinity"])
def test_what_is_no_number_is_refused(amount):
    with pytest.raises(ValueError, match="is not an amount"):
        Money(amount)


def test_money_is_not_multiplied_by_money_or_floats():
    for factor in (1.1, Money(2), True):
        with pytest.raises(TypeError):
            Money(2) * factor
    with pytest.raises(TypeError):
        Money(2) + 1


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (10, [285000, 210000, 72000], [5, 4, 1]),
        (-10, [1, 1, 1], [-4, -3, -3]),
        (2, [1, 1, 1], [1, 1, 0]),
        (7, [0, 5], [0, 7]),
        (0, [0, 0], [0, 0]),
        (0, [], []),
        (1000, [Decimal("1.5"), Decimal("0.5")], [750, 250]),
    ],
)
def test_splitting_by_largest_remainder(total, weights, parts):
    assert split_by_largest_remainder(Money(total), weights) == [Money(p) for p in parts]


def test_splitting_dollars_splits_cents():
    assert split_by_largest_remainder(Money("0.05", "USD"), [1, 1]) == [
        Money("0.03", "USD"),
        Money("0.02", "USD"),
    ]


@pytest.mark.parametrize(
    ("total", "weights"), [(5, [0, 0]), (5, []), (5, [1, -1]), (Decimal("5.5"), [1])]
)
def test_what_cannot_be_split_is_refused(total, weights):
    with pytest.raises(ValueError):
        split_by_largest_remainder(Money(total), weights)


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any),
)
def test_parts_sum_to_the_total_and_are_less_than_one_unit_off(total, weights):
    parts = split_by_largest_remainder(Money(total), weights)
    assert sum(parts) == Money(total)
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(int(part.amount) * whole - total * weight) < whole
