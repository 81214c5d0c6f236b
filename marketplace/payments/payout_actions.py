"""Paying producers what they earned. Locks: the producer's row, then the payout.

A consignment is paid out once it is completed and its money is on the operator's account. It
stands in one payout at most (a constraint); the ledger gets one transaction for each order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, Sum

from marketplace.accounts.models import User
from marketplace.orders.states import State
from marketplace.payments import ledger
from marketplace.payments.errors import AccountMissing, NothingOwed, NotNow, ReferenceUsed
from marketplace.payments.models import (
    Account,
    LedgerRow,
    Payout,
    PayoutLine,
    ProducerAccount,
)
from marketplace.platform import audit
from marketplace.producers.models import Producer

#: Money in these has not reached the operator's account.
_NOT_YET = (Account.BUYER_RECEIVABLE, Account.CARRIER_CASH, Account.CARD_PROVIDER)


@dataclass(frozen=True)
class Earned:
    """One consignment that may be paid out, and how much of it."""

    consignment_id: int
    producer_id: int
    amount: Decimal


def ready(producer_id: int | None = None) -> list[Earned]:
    """What may be paid out now, of one producer or of all. One query."""
    rows = LedgerRow.objects.filter(
        ~Exists(PayoutLine.objects.filter(consignment=OuterRef("consignment"), is_void=False)),
        consignment__state=State.COMPLETED,
    )
    if producer_id is not None:
        rows = rows.filter(consignment__producer=producer_id)
    found = (
        rows.order_by("consignment")
        .values("consignment", "consignment__producer")
        .annotate(
            payable=Sum("amount", filter=Q(account=Account.PRODUCER_PAYABLE)),
            missing=Sum("amount", filter=Q(account__in=_NOT_YET)),
        )
    )
    return [
        Earned(row["consignment"], row["consignment__producer"], -row["payable"])
        for row in found
        if row["payable"] and row["payable"] < 0 and not row["missing"]
    ]


@transaction.atomic
def set_account(
    *, producer: Producer, bank_bin: str, account_no: str, holder: str, actor: User, now: datetime
) -> ProducerAccount:
    """Say where a producer's money goes; the caller has judged that the actor is the office.

    The audit keeps only how the number ends.
    """
    Producer.objects.select_for_update().get(pk=producer.pk)
    known = ProducerAccount.objects.filter(pk=producer.pk).first()
    account, _created = ProducerAccount.objects.update_or_create(
        producer=producer,
        defaults={
            "bank_bin": bank_bin, "account_no": account_no, "holder": holder,
            "changed_at": now, "changed_by": actor,
        },
    )
    audit.record(
        action="producer.bank_account_set", actor=actor, target=producer,
        before={"bank": known.bank_bin, "ending": known.account_no[-4:]} if known else None,
        after={"bank": bank_bin, "ending": account_no[-4:]},
    )
    return account


@transaction.atomic
def prepare(*, producer_id: int, actor: User, now: datetime) -> Payout:
    """Put all that one producer may be paid now on the transfer list.

    Raises NothingOwed, AccountMissing; NotNow when a list with this producer waits already.
    """
    producer = Producer.objects.select_for_update().get(pk=producer_id)
    to = ProducerAccount.objects.filter(pk=producer_id).first()
    if to is None:
        raise AccountMissing
    earned = ready(producer_id)
    if not earned:
        raise NothingOwed
    try:
        with transaction.atomic():
            payout = Payout.objects.create(
                producer=producer,
                amount=sum(e.amount for e in earned),
                bank_bin=to.bank_bin,
                account_no=to.account_no,
                holder=to.holder,
                prepared_at=now,
                prepared_by=actor,
            )
            PayoutLine.objects.bulk_create(
                PayoutLine(payout=payout, consignment_id=e.consignment_id, amount=e.amount)
                for e in earned
            )
    except IntegrityError:
        raise NotNow from None
    _audit(payout, "payout.prepared", actor)
    return payout


@transaction.atomic
def cancel(*, payout_id: int, actor: User, now: datetime) -> Payout:
    """Take a payout off the list before it was sent. Raises NotNow."""
    payout = _held(payout_id)
    payout.lines.all().delete()
    payout.state = Payout.State.CANCELLED
    payout.save(update_fields=["state"])
    _audit(payout, "payout.cancelled", actor)
    return payout


@transaction.atomic
def send(*, payout_id: int, reference: str, actor: User, now: datetime) -> Payout:
    """Note that the bank has sent it. Raises NotNow, ReferenceUsed."""
    payout = _held(payout_id)
    try:
        with transaction.atomic():
            payout.state, payout.reference, payout.sent_at = Payout.State.SENT, reference, now
            payout.save(update_fields=["state", "reference", "sent_at"])
    except IntegrityError:
        raise ReferenceUsed from None
    for order_id, lines in _lines_by_order(payout):
        ledger.post(
            order=order_id,
            kind="paid_out",
            rows=_entries(payout, lines),
            dedupe_key=f"payout:{payout.pk}:{order_id}",
            occurred_at=now,
        )
    _audit(payout, "payout.sent", actor)
    return payout


@transaction.atomic
def undo(*, payout_id: int, why: str, actor: User, now: datetime) -> Payout:
    """The bank sent it back, or it went to a wrong account: all of it is owed again.

    Posts the opposite for each order; its parcels can be paid out anew. Raises NotNow when it
    was not sent, or was undone before.
    """
    payout = _held(payout_id, Payout.State.SENT)
    lines = _lines_by_order(payout)
    payout.state, payout.undone_at, payout.undone_why = Payout.State.UNDONE, now, why
    payout.save(update_fields=["state", "undone_at", "undone_why"])
    payout.lines.update(is_void=True)
    for order_id, of_order in lines:
        ledger.post(
            order=order_id,
            kind="payout_undone",
            rows=[replace(row, amount=-row.amount) for row in _entries(payout, of_order)],
            dedupe_key=f"payout:{payout.pk}:{order_id}:undone",
            occurred_at=now,
        )
    _audit(payout, "payout.undone", actor, reason=why)
    return payout


def _lines_by_order(payout: Payout) -> list[tuple[int, list[PayoutLine]]]:
    by_order: dict[int, list[PayoutLine]] = {}
    for line in payout.lines.select_related("consignment").order_by("pk"):
        by_order.setdefault(line.consignment.order_id, []).append(line)
    return sorted(by_order.items())


def _entries(payout: Payout, lines: Sequence[PayoutLine]) -> list[ledger.Entry]:
    rows = []
    for line in lines:
        rows += [
            ledger.Entry(
                Account.PRODUCER_PAYABLE, line.amount, payout.producer_id, line.consignment_id
            ),
            ledger.Entry(Account.OPERATOR_BANK, -line.amount, None, line.consignment_id),
        ]
    return rows


def _held(payout_id: int, state: Payout.State = Payout.State.PREPARED) -> Payout:
    """A payout in this state, held with its producer's row; raises NotNow otherwise."""
    producer_id = Payout.objects.values_list("producer", flat=True).get(pk=payout_id)
    Producer.objects.select_for_update().get(pk=producer_id)
    payout = Payout.objects.select_for_update().get(pk=payout_id)
    if payout.state != state:
        raise NotNow
    return payout


def _audit(payout: Payout, action: str, actor: User, *, reason: str = "") -> None:
    audit.record(
        action=action, actor=actor, target=payout, before=None,
        after={
            "amount": int(payout.amount), "state": payout.state, "reference": payout.reference,
        },
        reason=reason,
    )
