"""What payments hear from orders, inside the transaction of what is told."""

from django.dispatch import receiver

from marketplace.orders.signals import consignment_moved
from marketplace.payments import actions


@receiver(consignment_moved, dispatch_uid="payments.follow_move")
def follow_move(sender: type, **told: object) -> None:
    """Post the ledger's part of a move."""
    actions.follow_move(
        consignment=told["consignment"],
        transition=told["transition"],
        event=told["event"],
        now=told["now"],
    )
