"""Every write to orders, by topic."""

from marketplace.orders.actions.calls import chase, note_call
from marketplace.orders.actions.invoices import note_invoice
from marketplace.orders.actions.moves import (
    HandoverDetails,
    cancel_order,
    cancel_unconfirmed,
    hold_again,
    may_buyer_cancel,
    move,
    release,
    release_expired,
    undo,
)
from marketplace.orders.actions.reports import answer_report, report_not_arrived
from marketplace.orders.actions.shortening import (
    Missing,
    answer_short_pack,
    ask_buyer,
    close_silent,
)
from marketplace.orders.actions.stock_effects import SPOILS
from marketplace.orders.actions.telling import tell_of_handover

__all__ = [
    "SPOILS",
    "HandoverDetails",
    "Missing",
    "answer_report",
    "answer_short_pack",
    "ask_buyer",
    "cancel_order",
    "cancel_unconfirmed",
    "chase",
    "close_silent",
    "hold_again",
    "may_buyer_cancel",
    "move",
    "note_call",
    "note_invoice",
    "release",
    "release_expired",
    "report_not_arrived",
    "tell_of_handover",
    "undo",
]
