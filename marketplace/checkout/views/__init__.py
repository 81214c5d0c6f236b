"""Pages of the basket and the checkout. Private: never stored by anybody."""

from marketplace.checkout.views.basket import add, basket, code, update
from marketplace.checkout.views.pay import pay
from marketplace.checkout.views.thanks import thank_you
from marketplace.checkout.views.where import where

__all__ = ["add", "basket", "code", "pay", "thank_you", "update", "where"]
