"""How much is left, in the words a buyer reads; the number is said only when it is small."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

#: From this many units down the exact number is shown.
FEW = 5


@dataclass(frozen=True)
class StockState:
    """What pages tell of a stock: ``in``, ``few`` (with the count) or ``out``."""

    state: str
    count: int | None = None

    @property
    def word(self) -> str:
        """The state in the reader's language."""
        if self.state == "few":
            return ngettext("Only %(count)s left", "Only %(count)s left", self.count) % {
                "count": self.count
            }
        return {"in": _("In stock"), "out": _("Sold out")}[self.state]


def stock_state(available: int) -> StockState:
    """The state of ``available`` units; whatever is not above nothing is sold out."""
    if available <= 0:
        return StockState("out")
    if available <= FEW:
        return StockState("few", available)
    return StockState("in")
