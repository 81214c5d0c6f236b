"""What a clerk does with money that came by transfer: record it, match it, undo it.

Locks: the order with its consignments, the transfer, then the receipt. Everything is judged
under the order's lock, so that the clock and a second clerk come before or after, never between.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from oscar.apps.order.models import Order

from marketplace.accounts.models import User
from marketplace.orders import actions as orders
from marketplace.orders import locks, revival
from marketplace.orders.models import Consignment, Reservation
from marketplace.orders.states import DEAD, State
from marketplace.payments import ledger, mails, transfer_actions
from marketplace.payments.errors import AlreadyRecorded, NotNow, UndoTooLate
from marketplace.payments.models import (
    Account,
    LedgerRow,
    Method,
    PaymentAttempt,
    Receipt,
    Transfer,
)
from marketplace.payments.queries import terms_of
from marketplace.payments.transfer_states import OPEN, PAID, By, TransferState
from marketplace.platform import audit

#: Time for the rest, or to look again, where the terms name none.
_GRACE = timedelta(hours=12)


@transaction.atomic
def record(
    *,
    bank_id: str,
    amount: Decimal,
    received_at: datetime,
    transfer_id: int | None,
    note: str = "",
    actor: User,
    now: datetime,
) -> Receipt:
    """Write down one amount as the bank shows it, and let it pay what it is for.

    Without a transfer it waits to be matched. Raises AlreadyRecorded when this transaction of
    the bank stands already, also when two clerks record it at once; Transfer.DoesNotExist.
    """
    live = Receipt.objects.filter(bank_id=bank_id, undone_at=None).select_related("transfer")
    known = live.first()
    if known is not None:
        raise AlreadyRecorded(known)
    held = _held(transfer_id) if transfer_id is not None else None
    try:
        with transaction.atomic():
            receipt = Receipt.objects.create(
                bank_id=bank_id,
                amount=amount,
                received_at=received_at,
                note=note,
                recorded_at=now,
                recorded_by=actor,
            )
    except IntegrityError:
        known = live.first()
        if known is None:
            raise
        raise AlreadyRecorded(known) from None
    audit.record(
        action="receipt.recorded", actor=actor, target=receipt,
        before=None, after={"amount": int(amount), "bank_id": bank_id},
    )
    if held is not None:
        _apply(receipt, *held, actor=actor, now=now)
    return receipt


@transaction.atomic
def match(*, receipt_id: int, transfer_id: int, actor: User, now: datetime) -> Receipt:
    """Say whose an unmatched receipt is. Raises NotNow when it is matched or undone already."""
    held = _held(transfer_id)
    receipt = Receipt.objects.select_for_update().get(pk=receipt_id)
    if receipt.transfer_id is not None or receipt.undone_at:
        raise NotNow
    _apply(receipt, *held, actor=actor, now=now)
    return receipt


@transaction.atomic
def not_arrived(*, transfer_id: int, actor: User, now: datetime) -> Transfer:
    """The buyer says it was sent, the bank shows nothing: the clock goes on, with time to look.

    Raises NotNow.
    """
    order, _consignments, transfer = _held(transfer_id)
    if transfer.state != TransferState.CLAIMED:
        raise NotNow
    has_part = transfer.receipts.filter(undone_at=None).exists()
    transfer_actions.step(
        transfer, TransferState.UNDER if has_part else TransferState.AWAITING, By.CLERK, now
    )
    ends_at = _go_on(order, now)
    audit.record(
        action="transfer.not_arrived", actor=actor, target=order,
        before={"state": TransferState.CLAIMED.value}, after={"state": transfer.state},
    )
    mails.not_arrived(order, transfer, transfer_actions.due_of(order), ends_at)
    return transfer


@transaction.atomic
def undo(*, receipt_id: int, actor: User, now: datetime) -> Receipt:
    """Take back a receipt that was recorded by mistake; its postings are reversed.

    Raises NotNow when it was undone before, UndoTooLate once a parcel has left, a payout lists
    it, or the money was sent back.
    """
    transfer_id = Receipt.objects.values_list("transfer", flat=True).get(pk=receipt_id)
    held = _held(transfer_id) if transfer_id is not None else None
    receipt = Receipt.objects.select_for_update().get(pk=receipt_id)
    if receipt.undone_at or receipt.transfer_id != transfer_id:
        raise NotNow
    if held is not None:
        _reverse(receipt, *held, now=now)
    receipt.undone_at, receipt.undone_by = now, actor
    receipt.save(update_fields=["undone_at", "undone_by"])
    audit.record(
        action="receipt.undone", actor=actor, target=receipt,
        before={"amount": int(receipt.amount)}, after=None,
    )
    return receipt


def _held(transfer_id: int) -> tuple[Order, list[Consignment], Transfer]:
    order_id = Transfer.objects.values_list("order", flat=True).get(pk=transfer_id)
    order, consignments = locks.order_with_consignments(order_id)
    transfers = list(Transfer.objects.select_for_update().filter(order=order_id).order_by("pk"))
    transfer = next(t for t in transfers if t.pk == transfer_id)
    if transfer.state == TransferState.WITHDRAWN:
        # Sent with the reference of an earlier try: it pays what is expected now.
        transfer = next((t for t in transfers if t.state in OPEN), transfer)
    return order, consignments, transfer


def _apply(
    receipt: Receipt,
    order: Order,
    consignments: Sequence[Consignment],
    transfer: Transfer,
    *,
    actor: User,
    now: datetime,
) -> None:
    """Post the money, move the transfer, and let follow what follows from the amounts."""
    receipt.transfer = transfer
    receipt.save(update_fields=["transfer"])
    before = transfer.state
    if transfer.state == TransferState.EXPIRED:
        _take_anew(receipt, order, consignments, actor, now)
    due = transfer_actions.due_of(order)
    is_revived = before == TransferState.EXPIRED and due > 0
    counts = transfer.state in OPEN or is_revived
    _post(receipt, order, consignments, pays=counts, now=now)
    excess = receipt.amount - due if counts else receipt.amount
    if not counts:
        to = TransferState.OVER if transfer.state in PAID else TransferState.LATE
        transfer_actions.step(transfer, to, By.CLERK, now)
        mails.late(order, receipt.amount, is_paid_twice=to == TransferState.OVER)
    elif excess < 0:
        transfer_actions.step(transfer, TransferState.UNDER, By.CLERK, now)
        mails.under(order, transfer, receipt.amount, -excess, _go_on(order, now))
    else:
        transfer_actions.paid(
            transfer, TransferState.OVER if excess else TransferState.RECEIVED, now
        )
        orders.release(order_id=order.pk, now=now)
        begun = Consignment.objects.filter(order=order.pk).select_related("producer")
        mails.received(order, receipt.amount, excess, begun.order_by("pk"))
    audit.record(
        action="receipt.matched", actor=actor, target=order,
        before={"transfer": before},
        after={"transfer": transfer.state, "amount": int(receipt.amount), "due": int(due)},
    )


def _take_anew(
    receipt: Receipt,
    order: Order,
    consignments: Sequence[Consignment],
    actor: User,
    now: datetime,
) -> None:
    """Money that came too late buys the goods after all, if it is enough and they are there."""
    gone = revival.expired(consignments)
    if not gone or receipt.amount < sum(c.total_incl_tax for c in gone):
        return
    with override(order.details.language):
        reason = _("The money came after all.")
    events = revival.revive(order=order, consignments=gone, actor=actor, reason=reason, now=now)
    if events:
        ledger.post(
            order=order,
            kind="placed",
            rows=ledger.entries_of_placing(gone),
            dedupe_key=f"order:{order.number}:placed:{events[0].pk}",
            occurred_at=now,
        )


def _post(
    receipt: Receipt,
    order: Order,
    consignments: Sequence[Consignment],
    *,
    pays: bool,
    now: datetime,
) -> None:
    """The money pays consignment after consignment; what is left over is owed to the buyer."""
    left, rows = receipt.amount, []
    for consignment in consignments if pays else ():
        owed = sum(
            (
                e.amount
                for e in ledger.standing(consignment.pk)
                if e.account is Account.BUYER_RECEIVABLE
            ),
            Decimal(0),
        )
        part = min(owed, left)
        left -= part
        rows += [
            ledger.Entry(Account.OPERATOR_BANK, part, None, consignment.pk),
            ledger.Entry(Account.BUYER_RECEIVABLE, -part, None, consignment.pk),
        ]
    rows += [
        ledger.Entry(Account.OPERATOR_BANK, left),
        ledger.Entry(Account.REFUND_OWED, -left),
    ]
    ledger.post(
        order=order,
        kind="received",
        rows=rows,
        dedupe_key=f"receipt:{receipt.pk}",
        occurred_at=now,
    )


def _reverse(
    receipt: Receipt,
    order: Order,
    consignments: Sequence[Consignment],
    transfer: Transfer,
    *,
    now: datetime,
) -> None:
    """Post the opposite, and bring transfer and order back to what is left."""
    state_of = {c.pk: c.state for c in consignments}
    if set(state_of.values()) - DEAD - {State.NEW, State.CONFIRMED, State.PACKED}:
        raise UndoTooLate
    posted = LedgerRow.objects.filter(transaction__dedupe_key=f"receipt:{receipt.pk}")
    rows = []
    for row in posted:
        account = Account(row.account)
        if account is Account.BUYER_RECEIVABLE and state_of[row.consignment_id] in DEAD:
            # What a parcel that died since has turned into money owed to the buyer.
            account = Account.REFUND_OWED
        rows.append(ledger.Entry(account, -row.amount, row.producer_id, row.consignment_id))
    owed = -ledger.balances(order).get(Account.REFUND_OWED, Decimal(0))
    if owed < sum((r.amount for r in rows if r.account is Account.REFUND_OWED), Decimal(0)):
        raise UndoTooLate
    ledger.post(
        order=order,
        kind="received_undone",
        rows=rows,
        dedupe_key=f"receipt:{receipt.pk}:undone",
        occurred_at=now,
    )
    _step_back(receipt, order, consignments, transfer, now)


def _step_back(
    receipt: Receipt,
    order: Order,
    consignments: Sequence[Consignment],
    transfer: Transfer,
    now: datetime,
) -> None:
    others = transfer.receipts.filter(undone_at=None).exclude(pk=receipt.pk)
    due = transfer_actions.due_of(order)
    if transfer.state == TransferState.LATE:
        if not others.exists():
            is_expired = bool(revival.expired(consignments))
            transfer_actions.step(
                transfer,
                TransferState.EXPIRED if is_expired else TransferState.WITHDRAWN,
                By.CLERK, now,
            )
        return
    if not due:
        owes = -ledger.balances(order).get(Account.REFUND_OWED, Decimal(0))
        if transfer.state == TransferState.OVER and not owes:
            transfer_actions.step(transfer, TransferState.RECEIVED, By.CLERK, now)
        return
    if transfer.state in (TransferState.EXPIRED, TransferState.WITHDRAWN):
        return
    if transfer.state != TransferState.CLAIMED:
        to = TransferState.UNDER if others.exists() else TransferState.AWAITING
        transfer_actions.step(transfer, to, By.CLERK, now)
    PaymentAttempt.objects.filter(pk=transfer.pk).update(
        state=PaymentAttempt.State.PENDING, state_changed_at=now
    )
    if all(c.state == State.NEW or c.state in DEAD for c in consignments):
        # No producer has begun: they wait again, for as long as somebody may need to pay.
        orders.hold_again(order_id=order.pk, now=now)
        _go_on(order, now)


def _go_on(order: Order, now: datetime) -> datetime:
    """Let the time run again, with enough of it for the buyer to do something; until when."""
    terms = terms_of(Method.VIETQR, now)
    grace = timedelta(minutes=terms.extension_minutes) if terms else _GRACE
    reservation = Reservation.objects.get(pk=order.pk)
    if reservation.ends_at is not None or reservation.ended_at is not None:
        reservation.ends_at = max(reservation.ends_at or now, now + (grace or _GRACE))
    reservation.paused_at, reservation.ended_at = None, None
    reservation.save(update_fields=["ends_at", "paused_at", "ended_at"])
    return reservation.ends_at
