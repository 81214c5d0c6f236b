"""Codes as people type them, and new ones that nobody guesses."""

from __future__ import annotations

import re
import secrets
import unicodedata

#: Crockford's: no I, L, O, U, so that a code survives the telephone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: 32 ** 10 is fifty bits.
LENGTH = 10
#: Longer than any code that could be meant.
LONGEST = 40
_CHOSEN = re.compile(r"[A-Z0-9]{4,20}")


def normalise(typed: str) -> str:
    """A code in capitals, without blanks, hyphens and marks: "sen 50" and "SEN-50" are SEN50."""
    plain = unicodedata.normalize("NFKD", typed[:200].upper().replace("Đ", "D"))
    return re.sub(r"[^0-9A-Z]", "", plain)


def is_chosen(code: str) -> bool:
    """Whether a code, normalised, may be given out: 4 to 20 letters and digits."""
    return bool(_CHOSEN.fullmatch(code))


def new_code() -> str:
    """One code of a batch."""
    return "".join(secrets.choice(ALPHABET) for _letter in range(LENGTH))
