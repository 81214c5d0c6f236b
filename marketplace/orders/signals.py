"""What apps above hear of. Sent inside the transaction: a receiver that raises undoes it."""

from django.dispatch import Signal

#: ``consignment`` (locked, already in its new state), ``transition``, ``event``, ``now``.
consignment_moved = Signal()
