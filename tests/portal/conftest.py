"""What left the outbox, as for orders."""

from tests.orders.conftest import sent

__all__ = ["sent"]
