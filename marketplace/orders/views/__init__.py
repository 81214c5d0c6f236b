"""Pages about orders for whoever bought them."""

from marketplace.orders.views.following import (
    behind_secret,
    cancel,
    mine,
    one_of_mine,
    own_orders,
    panel,
    rows,
    track,
    track_form,
    wrong_link,
)

__all__ = [
    "behind_secret",
    "cancel",
    "mine",
    "one_of_mine",
    "own_orders",
    "panel",
    "rows",
    "track",
    "track_form",
    "wrong_link",
]
