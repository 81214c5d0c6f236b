"""What the buyer saw when the order was sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation


@dataclass(frozen=True)
class ExpectedTotals:
    """What the buyer saw and agreed to: any difference at placing is shown and confirmed anew.

    It travels through the form as text. A buyer who changes it gets only what a changed price
    gets: the true offer to confirm.
    """

    #: Basket line id → quantity, unit price.
    lines: Mapping[int, tuple[int, Decimal]]
    #: Producer id → goods after discounts, delivery fee.
    consignments: Mapping[int, tuple[Decimal, Decimal]]
    #: The code that counted; empty for none.
    code: str = ""

    def to_text(self) -> str:
        """For a hidden field."""
        return json.dumps(
            [
                [[pk, quantity, str(price)] for pk, (quantity, price) in self.lines.items()],
                [[pk, str(goods), str(fee)] for pk, (goods, fee) in self.consignments.items()],
                self.code,
            ],
            separators=(",", ":"),
        )

    @classmethod
    def from_text(cls, text: str) -> ExpectedTotals:
        """Out of a hidden field; nonsense expects nothing, so that all is shown anew."""
        try:
            lines, consignments, code = json.loads(text[:20_000])
            return cls(
                lines={int(pk): (int(q), Decimal(str(price))) for pk, q, price in lines},
                consignments={
                    int(pk): (Decimal(str(goods)), Decimal(str(fee)))
                    for pk, goods, fee in consignments
                },
                code=str(code)[:40],
            )
        except (ValueError, TypeError, InvalidOperation, RecursionError):
            return cls({}, {})
