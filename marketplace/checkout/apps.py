"""Fork of Oscar's checkout (no models): order first, then pay."""

import oscar.apps.checkout.apps as apps


class CheckoutConfig(apps.CheckoutConfig):
    name = "marketplace.checkout"

    def ready(self) -> None:
        """Let guests' baskets follow them when they sign in."""
        super().ready()
        from marketplace.checkout import middleware

        middleware.connect()
