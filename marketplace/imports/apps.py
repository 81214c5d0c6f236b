from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

#: What the actions are called in histories.
ACTIONS = {
    "import.uploaded": _("Table handed in"),
    "import.confirmed": _("Table confirmed"),
    "import.undo_asked": _("Taking a table back was asked for"),
    "import.applied": _("Table taken over"),
    "import.undone": _("Table taken back"),
    "import.given_up": _("Table given up: its work broke off"),
    "import.discarded": _("Table thrown away"),
    "producer.removed": _("Producer removed again"),
    "catalogue.listing_removed": _("Listing removed again"),
}


class ImportsConfig(AppConfig):
    name = "marketplace.imports"
    label = "imports"
    verbose_name = _("Tables")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say in words what histories show."""
        from marketplace.platform import audit

        audit.declare(ACTIONS)
