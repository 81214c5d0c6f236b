"""What can stand in the way of a payment."""

from django.utils.translation import gettext as _


class PaymentsError(Exception):
    """Nothing was written."""


class Unbalanced(PaymentsError):
    """The rows of a ledger transaction do not sum to zero: a fault of ours, never of a user."""


class AlreadyAnswered(PaymentsError):
    """Somebody else has made this call."""


class NothingToRemit(PaymentsError):
    """The carrier holds no cash for this consignment."""


class PaymentRefused(PaymentsError):
    """A person asked for what cannot be done now; ``str()`` is a sentence for them."""


class NotNow(PaymentRefused):
    """The transfer is in a state in which this is not possible any more."""

    def __init__(self) -> None:
        super().__init__(_("This is not possible any more: something has changed meanwhile."))


class NoMoreTime(PaymentRefused):
    """More time was asked for as often as it may be."""

    def __init__(self) -> None:
        super().__init__(_("You have had more time already. Please call us if you need help."))


class CodNotAllowed(PaymentRefused):
    """This order cannot be paid at the door."""


class NotCollecting(PaymentRefused):
    """The operator receives no transfers now."""

    def __init__(self) -> None:
        super().__init__(_("Transfers are not possible now. Please pay at the door."))


class AlreadyRecorded(PaymentRefused):
    """This transaction of the bank has been recorded before; ``receipt`` says where."""

    def __init__(self, receipt: object) -> None:
        self.receipt = receipt
        super().__init__(
            _("This transaction of the bank has been recorded already, for %(reference)s.")
            % {"reference": receipt.transfer.reference}
            if receipt.transfer
            else _("This transaction of the bank has been recorded already.")
        )


class UndoTooLate(PaymentRefused):
    """What followed from it has happened already."""

    def __init__(self) -> None:
        super().__init__(
            _("This cannot be undone any more: goods have left, or money was sent.")
        )


class NothingOwed(PaymentRefused):
    """There is nothing to send."""

    def __init__(self) -> None:
        super().__init__(_("Nothing is owed any more."))


class AccountMissing(PaymentRefused):
    """Nobody has said to which account the money goes."""

    def __init__(self) -> None:
        super().__init__(_("Nobody has said yet to which account the money goes."))


class ReferenceUsed(PaymentRefused):
    """Another transfer has this number."""

    def __init__(self) -> None:
        super().__init__(_("Another transfer has this number already."))
