"""What can stand in the way of an order's life, in words for the person who tried."""

from collections.abc import Sequence

from django.utils.translation import gettext as _


class OrdersError(Exception):
    """Nothing was written. ``str()`` is a sentence in the reader's language."""


class StockGone(OrdersError):
    """Somebody else was quicker: these stock records no longer have enough."""

    def __init__(self, stockrecord_ids: Sequence[int]) -> None:
        self.stockrecord_ids = list(stockrecord_ids)
        super().__init__(_("Some goods have just been sold to somebody else."))


class MoveNotAllowed(OrdersError):
    """The table knows no such move from where the consignment stands now."""

    def __init__(self, from_state: str, to_state: str) -> None:
        self.from_state, self.to_state = from_state, to_state
        super().__init__(_("This parcel has moved on; please look at where it stands now."))


class MoveForbidden(OrdersError):
    """The move exists, but not for whoever asked."""

    def __init__(self) -> None:
        super().__init__(_("You may not make this change."))


class ReasonMissing(OrdersError):
    """Declining, cancelling and taking back must say why."""

    def __init__(self) -> None:
        super().__init__(_("Please say why."))


class UndoTooLate(OrdersError):
    """The minutes for taking a step back are over."""

    def __init__(self) -> None:
        super().__init__(_("It is too late to take this step back. Please call us."))


class WrongShortPack(OrdersError):
    """What was said about missing goods cannot be: ``field`` is where, ``""`` for the whole."""

    def __init__(self, message: str, field: str = "") -> None:
        self.field = field
        super().__init__(message)


class AnsweredAlready(OrdersError):
    """The question or report is no longer open."""

    def __init__(self) -> None:
        super().__init__(_("This has been answered already; please look at where it stands now."))


class NotOffered(OrdersError):
    """The grower has not offered this answer."""

    def __init__(self) -> None:
        super().__init__(_("Please choose one of the answers shown."))


class NothingToReport(OrdersError):
    """The parcel is not on its way, or its day has not passed, or it is reported already."""

    def __init__(self) -> None:
        super().__init__(
            _("This parcel cannot be reported now; please look at where it stands.")
        )


class WrongInvoice(OrdersError):
    """A reference that cannot be; ``field`` is where the form shows it, if it is one field."""

    def __init__(self, message: str, field: str | None = None) -> None:
        self.field = field
        super().__init__(message)


class StockInconsistent(OrdersError):
    """The stock record holds less than what was taken from it; nothing was changed.

    The database checks make this impossible short of somebody editing the table by hand.
    """
