"""Amounts of money: one currency each, rounded once, to the currency's smallest unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

#: Decimals of the smallest unit in use (ISO 4217). A currency not named here is refused: a
#: guess would be wrong by a factor of a hundred.
MINOR_UNIT_DECIMALS = {
    "VND": 0,
    "JPY": 0,
    "KRW": 0,
    "USD": 2,
    "EUR": 2,
    "GBP": 2,
    "CHF": 2,
    "CNY": 2,
    "HKD": 2,
    "TWD": 2,
    "SGD": 2,
    "MYR": 2,
    "THB": 2,
    "AUD": 2,
    "CAD": 2,
    "NZD": 2,
}


class UnknownCurrency(ValueError):
    """The currency's smallest unit is not known, so nothing can be rounded to it."""


class MixedCurrencies(TypeError):
    """Two currencies met in one sum or comparison; there is no rate here to join them."""


def minor_unit_decimals(currency: str) -> int:
    """How many decimals the currency's smallest unit has: none for VND, two for USD."""
    try:
        return MINOR_UNIT_DECIMALS[currency]
    except KeyError:
        raise UnknownCurrency(f"{currency!r} is not a currency we deal in") from None


def round_amount(amount: Decimal | int, currency: str | None = "VND") -> Decimal:
    """Round to the currency's smallest unit, halves away from zero.

    Oscar rounds its discounts with this (``OSCAR_OFFER_ROUNDING_FUNCTION``) and passes no
    currency while a basket is empty: then it is the đồng. Raises UnknownCurrency.
    """
    unit = Decimal(1).scaleb(-minor_unit_decimals(currency or "VND"))
    return Decimal(amount).quantize(unit, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Money:
    """An exact amount in one currency.

    Sums and products keep every decimal; ``rounded()`` is called once, at the end. Floats are
    refused: they cannot hold most amounts.
    """

    amount: Decimal
    currency: str = "VND"

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal | int | str) or isinstance(self.amount, bool):
            raise TypeError(f"an amount is a Decimal, int or str, not {self.amount!r}")
        amount = Decimal(self.amount)
        if not amount.is_finite():
            raise ValueError(f"{amount} is not an amount")
        minor_unit_decimals(self.currency)
        object.__setattr__(self, "amount", amount)

    @classmethod
    def zero(cls, currency: str = "VND") -> Money:
        """Nothing, in a currency."""
        return cls(Decimal(0), currency)

    def rounded(self) -> Money:
        """Rounded to the smallest unit, halves away from zero."""
        return Money(round_amount(self.amount, self.currency), self.currency)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"

    def __bool__(self) -> bool:
        return self.amount != 0

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.amount), self.currency)

    def __add__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.amount + self._amount_of(other), self.currency)

    def __radd__(self, other: object) -> Money:
        # ``sum()`` starts with the number 0.
        if other == 0 and isinstance(other, int):
            return self
        return NotImplemented

    def __sub__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.amount - self._amount_of(other), self.currency)

    def __mul__(self, factor: int | Decimal) -> Money:
        if not isinstance(factor, int | Decimal) or isinstance(factor, bool):
            return NotImplemented
        return Money(self.amount * factor, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._amount_of(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._amount_of(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._amount_of(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._amount_of(other)

    def _amount_of(self, other: Money) -> Decimal:
        if not isinstance(other, Money):
            raise TypeError(f"{other!r} is not money")
        if other.currency != self.currency:
            raise MixedCurrencies(f"{self.currency} with {other.currency}")
        return other.amount


def split_by_largest_remainder(total: Money, weights: Sequence[int | Decimal]) -> list[Money]:
    """Split ``total`` in proportion to ``weights``, in whole smallest units, losing none.

    Each part is the exact share rounded towards zero; the units left over go to the largest
    remainders, among equal remainders to the first. The parts sum to ``total``, which must be
    rounded already. All-zero weights can only share nothing. Raises ValueError.
    """
    scale = 10 ** minor_unit_decimals(total.currency)
    if total.rounded() != total:
        raise ValueError(f"{total} is not in whole smallest units")
    shares = [Fraction(weight) for weight in weights]
    if any(share < 0 for share in shares):
        raise ValueError("a weight is negative")
    units = abs(int(total.amount * scale))
    whole = sum(shares)
    if not whole:
        if units:
            raise ValueError(f"there is nothing to split {total} by")
        return [Money.zero(total.currency) for _ in shares]
    quotas = [units * share / whole for share in shares]
    parts = [int(quota) for quota in quotas]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - quotas[i], i))
    for index in by_remainder[: units - sum(parts)]:
        parts[index] += 1
    sign = -1 if total.amount < 0 else 1
    return [Money(sign * Decimal(part) / scale, total.currency) for part in parts]
