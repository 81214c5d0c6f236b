"""Phone numbers as people type them."""

import pytest
from django.core.exceptions import ValidationError

from marketplace.accounts.phones import normalise


@pytest.mark.parametrize(
    "typed",
    [
        "0912345678",
        "0912 345 678",
        "0912.345.678",
        "091-234-5678",
        "(091) 234 5678",
        "84912345678",
        "+84912345678",
        "+84 (0) 912 345 678".replace("(0) ", ""),
        "0084912345678",
        "０９１２３４５６７８",
        " 0912\u00a0345\u200b678\u202c ",
    ],
)
def test_one_mobile_in_many_writings(typed):
    assert normalise(typed) == "+84912345678"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("02773 851 234", "+842773851234"),
        ("84 277 385 1234", "+842773851234"),
        ("+1 415 555 2671", "+14155552671"),
        ("+33 1 42 68 53 00", "+33142685300"),
    ],
)
def test_landlines_and_foreign_numbers(typed, stored):
    assert normalise(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "113",
        "0912",
        "09123456789",
        "01201234567",
        "+8491234567",
        "không có",
        "0912abc678",
        "0912345678\x00",
        "0" * 100_000,
        "٠٩١٢٣٤٥٦٧٨x",
        "091234567８9９",
        "+",
        "++84912345678",
        "0912345678;DROP TABLE",
    ],
)
def test_what_is_no_number_is_refused_with_an_example(typed):
    with pytest.raises(ValidationError) as refusal:
        normalise(typed)
    assert "0912 345 678" in str(refusal.value)
