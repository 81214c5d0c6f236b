"""Following an order, and the producers' desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from theme.components.base import Part
from theme.components.basket import BasketLine


@dataclass(frozen=True)
class RiverStop:
    """One stop. `state`: done, now, todo, miss (skipped) or halt (stopped)."""

    title: str
    text: str = ""
    state: str = "done"
    at: str = ""
    at_iso: str = ""

    @property
    def css(self) -> str:
        return {"done": "", "now": "now", "todo": "todo", "miss": "miss", "halt": "halt"}[
            self.state
        ]


@dataclass(frozen=True)
class RiverLine(Part):
    """Things that happen in order, as stops along a river."""

    template_name = "components/river_line.html"

    stops: Sequence[RiverStop]
    label: str = ""


@dataclass(frozen=True)
class MissingQuestion(Part):
    """Goods are missing, and what the buyer may choose: (value, label, what it means)."""

    template_name = "components/missing_question.html"

    title: str
    text: str
    action: str
    choices: Sequence[tuple[str, str, str]]
    lines: Sequence[str] = ()
    until: str = ""
    hidden: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Parcel(Part):
    """One consignment as its buyer sees it.

    `state_kind` colours the word: "" good, "w" waiting or late, "e" ended badly, "i" under way.
    `cancel_action` posts `hidden` (name, value) pairs; empty once the goods are packed.
    """

    template_name = "components/parcel.html"

    title: str
    state_word: str
    lines: Sequence[BasketLine] = ()
    producer_name: str = ""
    state_kind: str = ""
    promise: str = ""
    notice: str = ""
    question: MissingQuestion | None = None
    facts: Sequence[tuple[str, str]] = ()
    photo_url: str = ""
    report_url: str = ""
    fee: str = ""
    fee_off: str = ""
    invoice_url: str = ""
    stops: RiverLine | None = None
    phone: str = ""
    cancel_action: str = ""
    hidden: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class TaskCard(Part):
    """One thing to do on the desk: number first, then what and by when, then one button.

    `urgent` makes the button lotus; only the first task of a page is. With `action` the button
    posts `hidden` (name, value) pairs there, else it links to `url`. `title_url` is the thing's
    own page. `money` says how it is paid.
    """

    template_name = "components/task_card.html"

    title: str
    title_url: str = ""
    text: str = ""
    lines: Sequence[str] = ()
    deadline: str = ""
    icon: str = "box"
    tint: str = "la"
    button: str = ""
    action: str = ""
    url: str = ""
    hidden: Sequence[tuple[str, str]] = ()
    other_label: str = ""
    other_url: str = ""
    state_word: str = ""
    money: str = ""
    urgent: bool = False
