"""Pages of the basket and the checkout. Private: never stored by anybody."""

from marketplace.checkout.views.basket import add, basket, update
from marketplace.checkout.views.steps import pay, where
from marketplace.checkout.views.thanks import thank_you

__all__ = ["add", "basket", "pay", "thank_you", "update", "where"]
