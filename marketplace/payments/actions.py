"""Everything that changes what is owed and paid."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from oscar.apps.order.models import Order

from marketplace.accounts.models import User
from marketplace.orders import actions as orders
from marketplace.orders import locks
from marketplace.orders.actors import Actor
from marketplace.orders.models import Consignment, ConsignmentEvent
from marketplace.orders.states import DEAD, ActorKind, State, Transition
from marketplace.payments import fees, ledger, transfer_actions
from marketplace.payments.errors import AlreadyAnswered, NothingToRemit
from marketplace.payments.models import Account, CallTask, LedgerRow, Method, PaymentAttempt
from marketplace.platform import audit

_GOES_BACK_WHILE_UNPAID = frozenset(
    {State.DECLINED, State.CANCELLED, State.REFUSED, State.RETURNED}
)
#: Where a buyer's money is once it has been paid.
_HOLDS_MONEY = frozenset({Account.CARRIER_CASH, Account.OPERATOR_BANK, Account.CARD_PROVIDER})


def start(
    *, order: Order, method: Method, amount: Decimal, attempt_no: int = 1, now: datetime
) -> PaymentAttempt:
    """Write down one try to get an order paid. Nothing remote happens here."""
    return PaymentAttempt.objects.create(
        order=order,
        method=method,
        attempt_no=attempt_no,
        amount=amount,
        idempotency_key=f"{order.number}:{attempt_no}",
        created_at=now,
        state_changed_at=now,
    )


def post_placing(*, order: Order, consignments: Iterable[Consignment], now: datetime) -> None:
    """Post what the buyer owes and what the producers and the carrier will get."""
    ledger.post(
        order=order,
        kind="placed",
        rows=ledger.entries_of_placing(consignments),
        dedupe_key=f"order:{order.number}:placed",
        occurred_at=now,
    )


def follow_move(
    *, consignment: Consignment, transition: Transition, event: ConsignmentEvent, now: datetime
) -> None:
    """Post what a move of a consignment means; runs inside the move's transaction.

    Delivered: the carrier (or the producer, for a service) holds the cash of what was not paid
    beforehand, and the fees are taken. Cancelled,
    declined, refused or returned before that: everything is reversed. Returned after delivery:
    the buyer is owed all that was paid, the delivery fee too (19/2023/QH15).
    """
    _settle_call(consignment, transition, event, now)
    key = f"consignment:{consignment.number}:{event.pk}"
    standing = ledger.standing(consignment.pk)
    owed = sum((e.amount for e in standing if e.account is Account.BUYER_RECEIVABLE), Decimal(0))
    if transition.to_state == State.DELIVERED:
        rows = [
            ledger.Entry(Account.CARRIER_CASH, owed, None, consignment.pk),
            ledger.Entry(Account.BUYER_RECEIVABLE, -owed, None, consignment.pk),
            *fees.entries(consignment, standing, now),
        ]
    elif transition.to_state in _GOES_BACK_WHILE_UNPAID:
        received = sum((e.amount for e in standing if e.account in _HOLDS_MONEY), Decimal(0))
        rows = [
            ledger.Entry(e.account, -e.amount, e.producer_id, consignment.pk)
            for e in standing
            if e.account not in _HOLDS_MONEY
        ]
        rows.append(ledger.Entry(Account.REFUND_OWED, -received, None, consignment.pk))
    else:
        return
    ledger.post(
        order=consignment.order_id,
        kind=transition.to_state.value,
        rows=rows,
        dedupe_key=key,
        occurred_at=now,
    )
    _settle_attempts(consignment.order_id, event, now)


def _settle_call(
    consignment: Consignment, transition: Transition, event: ConsignmentEvent, now: datetime
) -> None:
    """There is nobody left to call once the office went ahead, or nothing is left to send."""
    if transition.to_state in DEAD:
        alive = Consignment.objects.filter(order=consignment.order_id).exclude(state__in=DEAD)
        if alive.exists():
            return
        outcome = CallTask.Outcome.REJECTED
    else:
        outcome = CallTask.Outcome.CONFIRMED
    CallTask.objects.filter(order=consignment.order_id, outcome=CallTask.Outcome.OPEN).update(
        outcome=outcome, answered_at=now, answered_by=event.actor, note=event.reason
    )


def _settle_attempts(order_id: int, event: ConsignmentEvent, now: datetime) -> None:
    """Close the attempt once nothing is expected any more, at the door or from the bank."""
    due = ledger.balances(order_id).get(Account.BUYER_RECEIVABLE, Decimal(0))
    if due:
        return
    transfer_actions.nothing_due(
        order_id=order_id, is_by_clock=event.actor_kind == ActorKind.CLOCK, now=now
    )
    was_paid = LedgerRow.objects.filter(
        transaction__order=order_id, account__in=_HOLDS_MONEY
    ).exists()
    PaymentAttempt.objects.filter(order=order_id, state=PaymentAttempt.State.PENDING).update(
        state=PaymentAttempt.State.PAID if was_paid else PaymentAttempt.State.VOID,
        state_changed_at=now,
    )


@transaction.atomic
def remit(*, consignment_id: int, reference: str, actor: User, now: datetime) -> Decimal:
    """The carrier has sent the cash of one consignment; the amount, in whole đồng.

    Holds the order's rows. ``reference`` is the carrier's or the bank's. Raises
    NothingToRemit, also the second time.
    """
    consignment, order, _all = locks.consignment_with_order(consignment_id)
    cash = sum(
        (e.amount for e in ledger.standing(consignment_id) if e.account is Account.CARRIER_CASH),
        Decimal(0),
    )
    if cash <= 0:
        raise NothingToRemit
    ledger.post(
        order=order.pk,
        kind="remitted",
        rows=[
            ledger.Entry(Account.OPERATOR_BANK, cash, None, consignment_id),
            ledger.Entry(Account.CARRIER_CASH, -cash, None, consignment_id),
        ],
        dedupe_key=f"consignment:{consignment.number}:remitted",
        occurred_at=now,
    )
    audit.record(
        action="consignment.remitted",
        actor=actor,
        target=consignment,
        before=None,
        after={"amount": int(cash), "reference": reference},
    )
    return cash


@transaction.atomic
def answer_call(
    *, task_id: int, is_confirmed: bool, actor: User, note: str = "", now: datetime
) -> CallTask:
    """Close a call: the producers start, or the order is cancelled.

    Holds the order's rows, then the task. Raises AlreadyAnswered.
    """
    order_id = CallTask.objects.values_list("order", flat=True).get(pk=task_id)
    locks.order_with_consignments(order_id)
    task = CallTask.objects.select_for_update().get(pk=task_id)
    if task.outcome != CallTask.Outcome.OPEN:
        raise AlreadyAnswered
    task.outcome = CallTask.Outcome.CONFIRMED if is_confirmed else CallTask.Outcome.REJECTED
    task.answered_at, task.answered_by, task.note = now, actor, note
    task.save()
    audit.record(
        action="call.answered",
        actor=actor,
        target=task,
        before={"outcome": CallTask.Outcome.OPEN.value},
        after={"outcome": task.outcome},
        reason=note,
    )
    if is_confirmed:
        orders.release(order_id=order_id, now=now)
    else:
        orders.cancel_order(
            order_id=order_id,
            actor=Actor.office(actor),
            reason=note or _("The order was not confirmed by phone."),
            now=now,
        )
    return task
