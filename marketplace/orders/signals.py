"""What apps above hear of. Sent inside the transaction: a receiver that raises undoes it."""

from django.dispatch import Signal

#: ``consignment`` (locked, already in its new state), ``transition``, ``event``, ``now``.
consignment_moved = Signal()

#: Part of a consignment will not be sent: ``consignment`` (locked), ``net`` taken off what the
#: buyer pays, ``discount`` that lapses with it, ``replaced`` what goes instead, all in whole
#: đồng and not negative, ``key`` naming the event, ``now``.
lines_dropped = Signal()
