"""What the buyer and the clock do to a payment by transfer.

Locks: the phone's (where cash on delivery is judged), the order with its consignments, the
transfer. A clerk's receipts are in ``receipt_actions``.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from oscar.apps.order.models import Order

from marketplace.orders import actions as orders
from marketplace.orders import locks
from marketplace.orders.models import Consignment, OrderDetails, Reservation
from marketplace.orders.states import DEAD, State
from marketplace.payments import cod, ledger, tasks
from marketplace.payments.errors import CodNotAllowed, NoMoreTime, NotCollecting, NotNow
from marketplace.payments.models import (
    Account,
    CallTask,
    Method,
    PaymentAttempt,
    Receipt,
    Transfer,
)
from marketplace.payments.queries import (
    collector_on,
    methods_offered,
    must_be_paid_ahead,
    terms_of,
)
from marketplace.payments.transfer_states import OPEN, TRANSITIONS, By, TransferState
from marketplace.platform import audit


def open_transfer(*, order: Order, amount: Decimal, now: datetime) -> Transfer:
    """Write down one more try to pay, by transfer. Raises NotCollecting."""
    collector = collector_on(now)
    if collector is None:
        raise NotCollecting
    attempt_no = PaymentAttempt.objects.filter(order=order).count() + 1
    attempt = PaymentAttempt.objects.create(
        order=order,
        method=Method.VIETQR,
        attempt_no=attempt_no,
        amount=amount,
        idempotency_key=f"{order.number}:{attempt_no}",
        created_at=now,
        state_changed_at=now,
    )
    return Transfer.objects.create(
        attempt=attempt,
        order=order,
        collector=collector,
        reference=order.number if attempt_no == 1 else f"{order.number}{attempt_no}",
        state_changed_at=now,
    )


def due_of(order: Order | int) -> Decimal:
    """What the buyer of an order still owes, in whole đồng: what the ledger says."""
    return ledger.balances(order).get(Account.BUYER_RECEIVABLE, Decimal(0))


def lock(order_id: int) -> tuple[Order, list[Consignment], Transfer]:
    """The order, its consignments and its newest transfer, held; raises NotNow without one."""
    order, consignments = locks.order_with_consignments(order_id)
    transfer = Transfer.objects.select_for_update().filter(order=order_id).first()
    if transfer is None:
        raise NotNow
    return order, consignments, transfer


def step(transfer: Transfer, to: TransferState, by: By, now: datetime) -> None:
    """Move a locked transfer along the table; raises NotNow. Repeating it does nothing."""
    if transfer.state == to:
        return
    if by not in TRANSITIONS.get((TransferState(transfer.state), to), ()):
        raise NotNow
    transfer.state, transfer.state_changed_at = to, now
    transfer.save(update_fields=["state", "state_changed_at"])


@transaction.atomic
def claim(*, order_id: int, now: datetime) -> Transfer:
    """The buyer says that it was sent: the clock stands still until a clerk has looked.

    Raises NotNow once it ended.
    """
    order, _consignments, transfer = lock(order_id)
    if transfer.state == TransferState.CLAIMED:
        return transfer
    before = transfer.state
    step(transfer, TransferState.CLAIMED, By.BUYER, now)
    Reservation.objects.filter(pk=order_id, ended_at=None).update(paused_at=now)
    audit.record(
        action="transfer.claimed", actor=None, target=order,
        before={"state": before}, after={"state": transfer.state},
    )
    return transfer


@transaction.atomic
def more_time(*, order_id: int, now: datetime) -> Reservation:
    """Hold the goods longer, as often and as long as the terms allow. Raises NoMoreTime, NotNow."""
    order, _consignments, transfer = lock(order_id)
    reservation = Reservation.objects.get(pk=order_id)
    if (
        transfer.state not in (TransferState.AWAITING, TransferState.UNDER)
        or reservation.ended_at
        or reservation.ends_at is None
    ):
        raise NotNow
    terms = terms_of(Method.VIETQR, now)
    if terms is None or transfer.extensions >= terms.extensions_max:
        raise NoMoreTime
    transfer.extensions += 1
    transfer.save(update_fields=["extensions"])
    # Reckoned from now when the end has passed and the clock has not come round yet.
    reservation.ends_at = max(reservation.ends_at, now) + timedelta(
        minutes=terms.extension_minutes
    )
    reservation.save(update_fields=["ends_at"])
    audit.record(
        action="transfer.extended", actor=None, target=order,
        before=None, after={"ends_at": reservation.ends_at},
    )
    return reservation


@transaction.atomic
def pay_at_the_door(*, order_id: int, now: datetime) -> cod.CodDecision:
    """Pay cash on delivery after all, as far as the limits trust the phone number.

    Then the producers start, or we call first. Raises CodNotAllowed; NotNow when a part has been
    paid already, or it has ended.
    """
    phone = OrderDetails.objects.values_list("phone", flat=True).get(pk=order_id)
    cod.hold_phone(phone)
    order, consignments, transfer = lock(order_id)
    if transfer.state not in OPEN or _received(transfer):
        raise NotNow
    if all(terms.method != Method.COD for terms in methods_offered(now)):
        raise NotNow
    if must_be_paid_ahead(order_id):
        raise CodNotAllowed(_("Some of this order must be paid ahead, not at the door."))
    due = due_of(order_id)
    decision = cod.cod_decision(phone, due, now, order_id=order_id)
    if decision.outcome is cod.Outcome.REFUSED:
        raise CodNotAllowed(decision.reason)
    _withdraw(transfer, now)
    PaymentAttempt.objects.create(
        order=order,
        method=Method.COD,
        attempt_no=transfer.attempt.attempt_no + 1,
        amount=due,
        idempotency_key=f"{order.number}:{transfer.attempt.attempt_no + 1}",
        created_at=now,
        state_changed_at=now,
    )
    Reservation.objects.filter(pk=order_id).update(ends_at=None, paused_at=None)
    _audit_method(order, Method.VIETQR, Method.COD)
    waits = any(c.released_at is None and c.state not in DEAD for c in consignments)
    if waits and decision.outcome is cod.Outcome.CALL_FIRST:
        CallTask.objects.get_or_create(
            order=order,
            defaults={
                "reasons": [limit.value for limit in decision.limits], "created_at": now,
            },
        )
    else:
        orders.release(order_id=order_id, now=now)
    return decision


@transaction.atomic
def pay_by_transfer(*, order_id: int, now: datetime) -> Transfer:
    """Pay by transfer what was to be paid at the door: a new try with a new reference.

    The order goes on meanwhile; whatever has not come before the parcel is paid at the door.
    Raises NotNow once a parcel has left or nothing is due, NotCollecting.
    """
    order, consignments = locks.order_with_consignments(order_id)
    due = due_of(order_id)
    if not due or not may_change_to_transfer(order, consignments):
        raise NotNow
    if all(terms.method != Method.VIETQR for terms in methods_offered(now)):
        raise NotCollecting
    if Transfer.objects.filter(order=order_id, state__in=OPEN).exists():
        raise NotNow
    PaymentAttempt.objects.filter(
        order=order_id, method=Method.COD, state=PaymentAttempt.State.PENDING
    ).update(state=PaymentAttempt.State.VOID, state_changed_at=now)
    transfer = open_transfer(order=order, amount=due, now=now)
    _audit_method(order, Method.COD, Method.VIETQR)
    return transfer


def may_change_to_transfer(order: Order, consignments: list[Consignment]) -> bool:
    """Nothing is on its way yet, and nobody waits to be called about cash on delivery."""
    alive = [c for c in consignments if c.state not in DEAD]
    return bool(alive) and all(
        c.released_at and c.state in (State.NEW, State.CONFIRMED, State.PACKED) for c in alive
    )


def nothing_due(*, order_id: int, is_by_clock: bool, now: datetime) -> None:
    """Close an open transfer of a locked order of which nothing is due any more.

    What had come in part and is enough now, because the rest was cancelled, is a payment; the
    parcels that are left are released by a task, after this transaction.
    """
    transfer = (
        Transfer.objects.select_for_update().filter(order=order_id, state__in=OPEN).first()
    )
    if transfer is None:
        return
    alive = Consignment.objects.filter(order=order_id).exclude(state__in=DEAD).exists()
    if alive and _received(transfer):
        paid(transfer, TransferState.RECEIVED, now)
        tasks.release_paid.defer(order_id=order_id)
    elif is_by_clock and not alive and transfer.state != TransferState.CLAIMED:
        step(transfer, TransferState.EXPIRED, By.CLOCK, now)
        _void(transfer, now)
    else:
        _withdraw(transfer, now)


def paid(transfer: Transfer, state: TransferState, now: datetime) -> None:
    """All has come: nothing is held for want of money any more."""
    step(transfer, state, By.CLERK, now)
    PaymentAttempt.objects.filter(pk=transfer.pk).update(
        state=PaymentAttempt.State.PAID, state_changed_at=now
    )
    Reservation.objects.filter(pk=transfer.order_id).update(ended_at=now, paused_at=None)


def _withdraw(transfer: Transfer, now: datetime) -> None:
    step(transfer, TransferState.WITHDRAWN, By.BUYER, now)
    _void(transfer, now)


def _void(transfer: Transfer, now: datetime) -> None:
    PaymentAttempt.objects.filter(pk=transfer.pk).update(
        state=PaymentAttempt.State.VOID, state_changed_at=now
    )


def _received(transfer: Transfer) -> bool:
    return Receipt.objects.filter(transfer=transfer, undone_at=None).exists()


def _audit_method(order: Order, before: Method, after: Method) -> None:
    audit.record(
        action="payment.method_changed", actor=None, target=order,
        before={"method": before.value}, after={"method": after.value},
    )
