"""Basket and checkout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from theme.components.base import Part
from theme.components.cards import Picture


@dataclass(frozen=True)
class BasketLine(Part):
    """One line. With `action` it can be changed, without it is only shown (checkout, order).

    The form posts `line` (its id) with `quantity`; the − and + buttons post `set_quantity`
    instead, and "Remove" posts `remove=1`, so all three work without script.
    `refusal` says why this line cannot be sent; `notice` what changed since it was put in.
    `error` says what is wrong with the quantity, and `typed` is what was typed and is kept.
    `off` says what a code has taken off; `total` is what is left.
    """

    template_name = "components/basket_line.html"

    name: str
    total: str
    quantity: int = 1
    quantity_word: str = ""
    url: str = ""
    picture: Picture | None = None
    tint: str = "la"
    variant: str = ""
    unit_price: str = ""
    old_total: str = ""
    line_id: str = ""
    action: str = ""
    max_quantity: int | None = None
    refusal: str = ""
    notice: str = ""
    typed: str = ""
    error: str = ""
    off: str = ""

    @property
    def one_less(self) -> int:
        return max(self.quantity - 1, 0)

    @property
    def one_more(self) -> int:
        return self.quantity + 1

    @property
    def at_most(self) -> bool:
        return self.max_quantity is not None and self.quantity >= self.max_quantity


@dataclass(frozen=True)
class BasketGroup(Part):
    """One producer's lines with the delivery of that consignment.

    `promise` and `fee` are empty while no province is chosen; then `no_province` says so.
    `free_hint` says how much is missing for free delivery, `fee_off` what a code took off it.
    """

    template_name = "components/basket_group.html"

    producer_name: str
    lines: Sequence[BasketLine]
    label: str = ""
    producer_url: str = ""
    commune_name: str = ""
    promise: str = ""
    promise_note: str = ""
    fee: str = ""
    chilled: bool = False
    no_province: str = ""
    free_hint: str = ""
    fee_off: str = ""
    refusal: str = ""
    subtotal: str = ""
    notice: str = ""


@dataclass(frozen=True)
class CodeBox(Part):
    """A voucher's code: the field to enter one, or the one that was entered, to be removed.

    Posts `code` with `code_do` "use" or "remove" to `action`; without `action` it stands inside
    a larger form. `words` say what the code takes off, `refused` why it takes nothing off;
    `error` is about what was `typed`.
    """

    template_name = "components/code_box.html"

    action: str = ""
    code: str = ""
    words: str = ""
    refused: str = ""
    typed: str = ""
    error: str = ""


@dataclass(frozen=True)
class SummaryRow:
    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class SummaryBox(Part):
    """Sums; the total never hides a fee."""

    template_name = "components/summary_box.html"

    rows: Sequence[SummaryRow]
    total: str
    total_label: str = ""
    note: str = ""


@dataclass(frozen=True)
class StepsItem:
    label: str
    state: str = "todo"
    url: str = ""


@dataclass(frozen=True)
class Steps(Part):
    """Where the buyer stands. States: done, now, todo; a done step with `url` can be revisited."""

    template_name = "components/steps.html"

    items: Sequence[StepsItem]
    label: str = ""
