"""What the tracking page says about an order's money."""

from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from oscar.apps.order.models import Order

from marketplace.kernel import clock, formats
from marketplace.orders.paying import Paying
from marketplace.payments import transfer_actions
from marketplace.payments.models import Method, Refund, RefundAccount, Transfer
from marketplace.payments.queries import methods_offered, refund_owed
from marketplace.payments.transfer_states import OPEN, PAID, TransferState


def tell(order: Order) -> Paying | None:
    """Transfers and refunds; None for an order that is paid at the door and owes nothing back."""
    args = [order.number, order.details.secret]
    transfer = Transfer.objects.filter(order=order.pk).first()
    owed = refund_owed(order.pk)
    label = _("In all") if transfer is None else _("By transfer")
    if owed:
        has_account = RefundAccount.objects.filter(pk=order.pk).exists()
        return Paying(
            total_label=label,
            words=refund_words(owed, has_account=has_account),
            url=reverse("payments:refund", args=args),
            link_label=_("Change the account") if has_account else _("Tell us the account"),
            is_urgent=not has_account,
            owes_back=True,
        )
    sent = Refund.objects.filter(order=order.pk).exclude(state=Refund.State.UNDONE).first()
    if sent is not None:
        return Paying(
            total_label=label,
            words=_("%(amount)s were sent back to you on %(day)s, number %(reference)s.")
            % {
                "amount": formats.money(sent.amount),
                "day": formats.date(sent.sent_at),
                "reference": sent.reference,
            },
        )
    if transfer is None or transfer.state == TransferState.WITHDRAWN:
        return _at_the_door(order, args)
    if transfer.state in OPEN:
        return Paying(
            total_label=label,
            words=_("We look for your transfer.")
            if transfer.state == TransferState.CLAIMED
            else _("Waiting for your transfer."),
            url=reverse("payments:pay", args=args),
            link_label=_("See the payment")
            if transfer.state == TransferState.CLAIMED
            else _("Pay now"),
            is_urgent=transfer.state != TransferState.CLAIMED,
        )
    if transfer.state in PAID:
        return Paying(total_label=label, words=_("Paid by transfer."))
    return Paying(total_label=label, words=_("It was not paid in time."))


def refund_words(owed: Decimal, *, has_account: bool) -> str:
    """That money goes back, and what is still to be said for it."""
    return (
        _("We send %(amount)s back to the account you have told us.")
        if has_account
        else _("We owe you %(amount)s. To which account may we send it?")
    ) % {"amount": formats.money(owed)}


def _at_the_door(order: Order, args: list[str]) -> Paying | None:
    """Cash on delivery; a transfer instead is offered while nothing has left."""
    consignments = list(order.consignments.all())
    if not transfer_actions.may_change_to_transfer(order, consignments):
        return None
    if all(terms.method != Method.VIETQR for terms in methods_offered(clock.now())):
        return None
    return Paying(
        total_label=_("On delivery"),
        words=_("Paid in cash on delivery."),
        change_url=reverse("payments:change", args=args),
        change_to=Method.VIETQR.value,
        change_label=_("Pay by transfer instead"),
    )
