"""Banks by the BIN that VietQR and transfers name them by."""

import tomllib
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "banks.toml"


@cache
def names() -> dict[str, str]:
    """BIN → name, in the order of the names."""
    banks = tomllib.loads(FILE.read_text(encoding="utf-8"))["banks"]
    return dict(sorted(banks.items(), key=lambda item: item[1].casefold()))


def name_of(bank_bin: str) -> str:
    """The bank's name, or its number when we do not know it."""
    return names().get(bank_bin, bank_bin)
