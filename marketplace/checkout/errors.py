"""Why an order was not placed. Nothing was written; each says what the buyer can do."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from oscar.apps.order.models import Order


class CheckoutError(Exception):
    """Base of all that can keep an order from being placed."""


class CheckoutRefused(CheckoutError):
    """The buyer has to change or decide something; ``messages`` say what, in their language."""

    def __init__(self, *messages: str) -> None:
        self.messages = [str(message) for message in messages]
        super().__init__(" ".join(self.messages))


class AlreadyPlaced(CheckoutError):
    """This basket, or this submission, has become an order: show that order."""

    def __init__(self, order: Order) -> None:
        self.order = order
        super().__init__(order.number)


class BasketBusy(CheckoutRefused):
    """Another submission of this basket, or of its last goods, is under way: try again."""

    def __init__(self) -> None:
        super().__init__(_("Your order is being handled. Please wait a moment and try again."))


class BasketEmpty(CheckoutRefused):
    """Nothing to order."""

    def __init__(self) -> None:
        super().__init__(_("Your basket is empty."))


@dataclass(frozen=True)
class Change:
    """One difference between what the buyer saw and what holds now."""

    message: str
    #: The basket line concerned, if it is one.
    line_id: int | None = None
    #: The producer whose delivery or subtotal changed, if it is that.
    producer_id: int | None = None


class OfferChanged(CheckoutRefused):
    """A price, fee, quantity or stock is not what the buyer saw: to be confirmed anew."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self.changes = list(changes)
        super().__init__(*(change.message for change in changes))


class StockGone(OfferChanged):
    """Somebody else took the last ones at this very moment."""


class CodeGone(OfferChanged):
    """The code has been used up, or stopped, at this very moment."""


class CannotSend(CheckoutRefused):
    """Some goods cannot be sent to this address."""


class DestinationIncomplete(CheckoutRefused):
    """Goods need a name, a phone number and a whole address in force."""


class AgeNotConfirmed(CheckoutRefused):
    """The law sets an age for some of the goods."""

    def __init__(self, minimum_age: int) -> None:
        self.minimum_age = minimum_age
        super().__init__(
            _("Please confirm that you are at least %(age)s years old.") % {"age": minimum_age}
        )


class ConsentMissing(CheckoutRefused):
    """A text that is needed for an order was not agreed to, or has changed since."""

    def __init__(self, purposes: Sequence[str]) -> None:
        self.purposes = list(purposes)
        super().__init__(_("Please read and accept what is needed to place an order."))


class MethodNotOffered(CheckoutRefused):
    """This way of paying cannot be chosen."""

    def __init__(self) -> None:
        super().__init__(_("Please choose another way of paying."))


class NothingToPay(MethodNotOffered):
    """A code has taken off everything: no bank moves nothing."""

    def __init__(self) -> None:
        CheckoutRefused.__init__(
            self, _("There is nothing to pay: please choose payment on delivery.")
        )


class CodRefused(CheckoutRefused):
    """Cash on delivery is not offered for this order."""


class PaidAhead(CheckoutRefused):
    """Some of it must be paid before anybody begins, so not at the door."""

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__(
            _("%(titles)s must be paid ahead. Please pay this order by transfer.")
            % {"titles": ", ".join(titles)}
        )


class UnpaidOrdersWait(CheckoutRefused):
    """So many orders of this phone number wait for their money that one more would be too many."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Earlier orders from this phone number still wait for their transfer, and we keep "
                "goods for them. Please pay or cancel one of them first."
            )
        )


class TooMuch(CheckoutRefused):
    """Larger than any order can be."""

    def __init__(self) -> None:
        super().__init__(_("This order is too large for the shop. Please call us."))
