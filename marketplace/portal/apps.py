from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "marketplace.portal"
    label = "portal"
    verbose_name = _("Producers' desk")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Whoever works for a producer, or is asked to, arrives there after signing in."""
        from django.urls import reverse

        from marketplace.accounts import panels
        from marketplace.kernel import clock
        from marketplace.portal.queries import invitations_to, works_for_a_producer

        panels.register_landing(
            lambda user: reverse("portal:home") if works_for_a_producer(user) else None
        )
        panels.register_landing(
            lambda user: reverse("portal:invitations")
            if invitations_to(user, clock.now()).exists()
            else None
        )
