"""What follows a payment after its transaction."""

from procrastinate.contrib.django import app

from marketplace.kernel import clock
from marketplace.orders import actions as orders


@app.task
def release_paid(order_id: int) -> None:
    """Let the producers see what is paid. Repeating it does nothing."""
    orders.release(order_id=order_id, now=clock.now())
