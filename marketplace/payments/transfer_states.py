"""The states of a transfer, and who may move it: the one table (``docs/states.md``).

Derived from receipts wherever money decides: a clerk records what the bank shows, and the
amounts say whether it is all, too little or too much.
"""

from enum import StrEnum

from django.db import models
from django.utils.translation import pgettext_lazy


class TransferState(models.TextChoices):
    """Where the payment of one order by bank transfer stands."""

    AWAITING = "awaiting", pgettext_lazy("transfer", "Waiting for the transfer")
    CLAIMED = "claimed", pgettext_lazy("transfer", "The buyer says it was sent")
    RECEIVED = "received", pgettext_lazy("transfer", "Received")
    UNDER = "under", pgettext_lazy("transfer", "Received in part")
    OVER = "over", pgettext_lazy("transfer", "Received, too much")
    LATE = "late", pgettext_lazy("transfer", "Came after the end")
    EXPIRED = "expired", pgettext_lazy("transfer", "Not paid in time")
    WITHDRAWN = "withdrawn", pgettext_lazy("transfer", "No longer expected")


class By(StrEnum):
    """Who moves a transfer."""

    BUYER = "buyer"
    CLERK = "clerk"
    CLOCK = "clock"


S = TransferState

#: Money is expected in these; each order has at most one such transfer.
OPEN = frozenset({S.AWAITING, S.CLAIMED, S.UNDER})
#: All that was asked for has come.
PAID = frozenset({S.RECEIVED, S.OVER})

_ARRIVES = {S.RECEIVED, S.UNDER, S.OVER}

#: (from, to) → who. Undoing a receipt takes the transfer back to what its other receipts say.
TRANSITIONS: dict[tuple[TransferState, TransferState], frozenset[By]] = {
    (S.AWAITING, S.CLAIMED): frozenset({By.BUYER}),
    (S.UNDER, S.CLAIMED): frozenset({By.BUYER}),
    (S.CLAIMED, S.AWAITING): frozenset({By.CLERK}),
    **{
        (start, end): frozenset({By.CLERK}) for start in OPEN for end in _ARRIVES if start != end
    },
    **{(start, S.EXPIRED): frozenset({By.CLOCK}) for start in (S.AWAITING, S.UNDER)},
    # Cancelled, or paid another way.
    **{(start, S.WITHDRAWN): frozenset({By.BUYER, By.CLERK}) for start in OPEN},
    (S.EXPIRED, S.LATE): frozenset({By.CLERK}),
    (S.WITHDRAWN, S.LATE): frozenset({By.CLERK}),
    # Late money that finds the goods still there buys them after all.
    **{(start, end): frozenset({By.CLERK}) for start in (S.EXPIRED, S.LATE) for end in PAID},
    # Undone.
    **{(start, S.AWAITING): frozenset({By.CLERK}) for start in (*PAID, S.UNDER)},
    **{(start, S.UNDER): frozenset({By.CLERK}) for start in PAID},
    (S.OVER, S.RECEIVED): frozenset({By.CLERK}),
    # Paid twice.
    (S.RECEIVED, S.OVER): frozenset({By.CLERK}),
    (S.LATE, S.EXPIRED): frozenset({By.CLERK}),
    (S.LATE, S.WITHDRAWN): frozenset({By.CLERK}),
}
