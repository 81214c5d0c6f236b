"""Sending back what is owed to buyers. Locks: the order with its consignments."""

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from marketplace.accounts.models import User
from marketplace.orders import locks
from marketplace.payments import ledger, mails
from marketplace.payments.errors import AccountMissing, NothingOwed, NotNow, ReferenceUsed
from marketplace.payments.models import Account, Refund, RefundAccount
from marketplace.platform import audit


@transaction.atomic
def tell_account(
    *, order_id: int, bank_bin: str, account_no: str, holder: str, now: datetime
) -> RefundAccount:
    """Keep to which account the buyer wants the money; the last word counts."""
    locks.order_with_consignments(order_id)
    account, _created = RefundAccount.objects.update_or_create(
        order_id=order_id,
        defaults={
            "bank_bin": bank_bin, "account_no": account_no, "holder": holder, "told_at": now,
        },
    )
    return account


@transaction.atomic
def send(
    *, order_id: int, amount: Decimal, reference: str, actor: User, now: datetime
) -> Refund:
    """Note that all that is owed for one order was sent; ``amount`` is what the clerk saw.

    Raises NotNow when it is not what is owed now, NothingOwed, AccountMissing, ReferenceUsed.
    """
    order, _consignments = locks.order_with_consignments(order_id)
    owed = -ledger.balances(order).get(Account.REFUND_OWED, Decimal(0))
    if owed <= 0:
        raise NothingOwed
    if amount != owed:
        raise NotNow
    to = RefundAccount.objects.filter(pk=order_id).first()
    if to is None:
        raise AccountMissing
    try:
        with transaction.atomic():
            refund = Refund.objects.create(
                order=order,
                amount=owed,
                bank_bin=to.bank_bin,
                account_no=to.account_no,
                holder=to.holder,
                reference=reference,
                sent_at=now,
                sent_by=actor,
                state_changed_at=now,
            )
    except IntegrityError:
        raise ReferenceUsed from None
    ledger.post(
        order=order,
        kind="refunded",
        rows=[
            ledger.Entry(Account.REFUND_OWED, owed), ledger.Entry(Account.OPERATOR_BANK, -owed),
        ],
        dedupe_key=f"refund:{refund.pk}",
        occurred_at=now,
    )
    audit.record(
        action="refund.sent", actor=actor, target=order,
        before=None, after={"amount": int(owed), "reference": reference},
    )
    mails.refund_sent(order, refund)
    return refund


@transaction.atomic
def confirm(*, refund_id: int, actor: User, now: datetime) -> Refund:
    """The bank's statement shows it. Raises NotNow when it was confirmed or undone."""
    refund = _held(refund_id)
    _step(refund, Refund.State.CONFIRMED, "refund.confirmed", actor, now)
    return refund


@transaction.atomic
def undo(*, refund_id: int, actor: User, now: datetime) -> Refund:
    """It was not sent after all: owed again. Raises NotNow once confirmed."""
    refund = _held(refund_id)
    _step(refund, Refund.State.UNDONE, "refund.undone", actor, now)
    ledger.post(
        order=refund.order_id,
        kind="refund_undone",
        rows=[
            ledger.Entry(Account.REFUND_OWED, -refund.amount),
            ledger.Entry(Account.OPERATOR_BANK, refund.amount),
        ],
        dedupe_key=f"refund:{refund.pk}:undone",
        occurred_at=now,
    )
    return refund


def _held(refund_id: int) -> Refund:
    locks.order_with_consignments(
        Refund.objects.values_list("order", flat=True).get(pk=refund_id)
    )
    return Refund.objects.select_for_update().get(pk=refund_id)


def _step(
    refund: Refund, to: Refund.State, action: str, actor: User, now: datetime
) -> None:
    if refund.state != Refund.State.SENT:
        raise NotNow
    refund.state, refund.state_changed_at = to, now
    refund.save(update_fields=["state", "state_changed_at"])
    audit.record(
        action=action, actor=actor, target=refund.order,
        before={"state": Refund.State.SENT.value}, after={"state": refund.state},
    )
