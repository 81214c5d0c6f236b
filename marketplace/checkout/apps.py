"""Fork of Oscar's checkout (no models): order first, then pay."""

import oscar.apps.checkout.apps as apps


class CheckoutConfig(apps.CheckoutConfig):
    name = "marketplace.checkout"
