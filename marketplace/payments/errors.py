"""What can stand in the way of a payment."""


class PaymentsError(Exception):
    """Nothing was written."""


class Unbalanced(PaymentsError):
    """The rows of a ledger transaction do not sum to zero: a fault of ours, never of a user."""


class AlreadyAnswered(PaymentsError):
    """Somebody else has made this call."""


class NothingToRemit(PaymentsError):
    """The carrier holds no cash for this consignment."""
