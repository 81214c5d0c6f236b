"""What is said about the money of an order: told by ``payments``, which stands above.

The registry holds one teller; without one, or when it has nothing to say, an order is paid in
cash at the door.
"""

from collections.abc import Callable
from dataclasses import dataclass

from oscar.apps.order.models import Order


@dataclass(frozen=True)
class Paying:
    """Finished words about the payment of one order, in the reader's language."""

    #: What the sum of the order is called.
    total_label: str
    words: str
    url: str = ""
    link_label: str = ""
    is_urgent: bool = False
    #: Whether money goes back to the buyer.
    owes_back: bool = False
    #: Posts the wish for another way of paying; empty when there is none.
    change_url: str = ""
    change_to: str = ""
    change_label: str = ""


Teller = Callable[[Order], Paying | None]
_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    """Ask ``teller`` about each order; called in ``AppConfig.ready``."""
    if teller not in _tellers:
        _tellers.append(teller)


def paying_of(order: Order) -> Paying | None:
    """The first answer; None: cash on delivery, or nothing is due."""
    return next((said for teller in _tellers if (said := teller(order))), None)
