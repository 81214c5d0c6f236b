"""Why a code does not count, in words for the buyer."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """What stands in the way."""

    UNKNOWN = "unknown"
    STOPPED = "stopped"
    NOT_BEGUN = "not_begun"
    ENDED = "ended"
    USED_UP = "used_up"
    USED_BY_PHONE = "used_by_phone"
    NOTHING_FITS = "nothing_fits"
    TOO_LITTLE = "too_little"
    NO_FEE = "no_fee"
    TOO_MANY_TRIES = "too_many_tries"


class VoucherRefused(Exception):
    """A code takes nothing off; ``str()`` is a sentence in the reader's language."""

    def __init__(self, reason: Reason, message: str) -> None:
        self.reason = reason
        super().__init__(message)


class WrongTerms(Exception):
    """Terms that cannot be; ``field`` is where the form shows ``str()``."""

    def __init__(self, message: str, field: str | None = None) -> None:
        self.field = field
        super().__init__(message)
