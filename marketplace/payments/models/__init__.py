"""Payments tried, the ledger of who owes whom, transfers, refunds, fees and payouts."""

from marketplace.payments.models.core import (
    Account,
    CallTask,
    CodLimits,
    LedgerRow,
    LedgerTransaction,
    Method,
    MethodTerms,
    PaymentAttempt,
)
from marketplace.payments.models.settling import (
    FeeTerms,
    Payout,
    PayoutLine,
    ProducerAccount,
    Refund,
    RefundAccount,
)
from marketplace.payments.models.transfers import CollectorAccount, Receipt, Transfer

__all__ = [
    "Account",
    "CallTask",
    "CodLimits",
    "CollectorAccount",
    "FeeTerms",
    "LedgerRow",
    "LedgerTransaction",
    "Method",
    "MethodTerms",
    "PaymentAttempt",
    "Payout",
    "PayoutLine",
    "ProducerAccount",
    "Receipt",
    "Refund",
    "RefundAccount",
    "Transfer",
]
